//! Every route over the real store: status and exact JSON.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]

mod anonymize_user;
mod api_keys;
mod audit;
mod concurrency;
mod cookies_and_cors;
mod crash_recovery;
mod create_user;
mod current_user;
mod cursor_pagination;
mod deactivate_user;
mod deployment;
mod dismiss_modal;
mod docs;
mod docs_checks;
mod etags;
mod faults;
mod forgot_password;
mod get_user;
mod group_concurrency;
mod groups;
mod health;
mod idempotency;
mod injection;
mod invitations;
mod lambda;
mod list_recipients;
mod list_sessions;
mod list_users;
mod login;
mod logout;
mod logs;
mod malformed_requests;
mod memberships;
mod metabase;
mod model;
mod must_change_password;
mod permissions;
mod policies;
mod reactivate_user;
mod request_counts;
mod reset_password;
mod revoke_session;
mod revoke_sessions;
mod scale;
mod session_properties;
mod setup;
mod sharding;
mod support;
mod update_password;
mod update_user;
mod user_enumeration;
mod wiring;
