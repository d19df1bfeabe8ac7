//! One handler for each route; [`routes::ROUTES`] is the list of them.
//!
//! A handler reads guard, extract, act, reply. Its Lambda is the binary of the same name in `bin/`.

pub mod anonymize_user;
pub mod clear_group;
pub mod count_api_keys;
pub mod create_api_key;
pub mod create_group;
pub mod create_membership;
pub mod create_user;
pub mod current_user;
pub mod deactivate_user;
pub mod delete_api_key;
pub mod delete_group;
pub mod delete_membership;
pub mod dismiss_modal;
pub mod docs;
pub mod end_session;
pub mod end_sessions;
pub mod forgot_password;
pub mod get_group;
pub mod get_user;
pub mod health;
pub mod list_api_keys;
pub mod list_groups;
pub mod list_memberships;
pub mod list_recipients;
pub mod list_sessions;
pub mod list_users;
pub mod login;
pub mod logout;
pub mod openapi;
pub mod password_check;
pub mod password_reset_url;
pub mod reactivate_user;
pub mod regenerate_api_key;
pub mod reset_password;
pub mod reset_token_valid;
pub mod routes;
pub mod send_invite;
pub mod session_properties;
pub mod setup;
pub mod update_api_key;
pub mod update_group;
pub mod update_membership;
pub mod update_password;
pub mod update_user;
