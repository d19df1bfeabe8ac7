//! Sessions: sign-in, sign-out and revocation.

pub mod list_login_history;
pub mod list_sessions;
pub mod login;
pub mod logout;
pub mod revoke_session;
pub mod revoke_sessions;
