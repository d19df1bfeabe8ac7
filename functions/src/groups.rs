//! Groups, their members and their permissions.

pub mod clear_group;
pub mod create_group;
pub mod delete_group;
pub mod get_group;
pub mod get_group_permissions;
pub mod get_permissions_graph;
pub mod list_groups;
pub mod update_group;
pub mod update_permissions_graph;
