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
mod browser;
mod budgets;
mod create_user;
mod current_user;
mod deactivate_user;
mod deployment;
mod dismiss_modal;
mod docs;
mod documents;
mod end_session;
mod end_sessions;
mod enumeration;
mod etags;
mod faults;
mod forgot_password;
mod get_user;
mod group_races;
mod groups;
mod health;
mod hostile;
mod idempotency;
mod injection;
mod invitations;
mod kill;
mod lambda;
mod layout;
mod list_recipients;
mod list_sessions;
mod list_users;
mod login;
mod logout;
mod logs;
mod memberships;
mod metabase;
mod model;
mod must_change_password;
mod permissions;
mod policies;
mod races;
mod reactivate_user;
mod reset_password;
mod scale;
mod session_properties;
mod setup;
mod support;
mod update_password;
mod update_user;
mod walk;
mod wiring;
