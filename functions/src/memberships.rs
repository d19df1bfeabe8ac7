//! Memberships of users in groups.

pub mod create_membership;
pub mod delete_membership;
pub mod list_memberships;
pub mod update_membership;
