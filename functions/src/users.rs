//! Users: profiles, access and invitations.

pub mod anonymize_user;
pub mod confirm_email;
pub mod create_user;
pub mod current_user;
pub mod deactivate_user;
pub mod dismiss_modal;
pub mod get_user;
pub mod list_recipients;
pub mod list_users;
pub mod reactivate_user;
pub mod release_rate_limits;
pub mod revert_email;
pub mod send_invite;
pub mod update_user;
