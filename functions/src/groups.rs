//! Groups and their members.

pub mod clear_group;
pub mod create_group;
pub mod delete_group;
pub mod get_group;
pub mod list_groups;
pub mod update_group;
