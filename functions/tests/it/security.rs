//! Rules that hold for every route: permissions, malformed requests, browsers, logs.

mod cookies_and_cors;
mod credential_cutoff;
mod injection;
mod login_waits;
mod logs;
mod malformed_requests;
mod must_change_password;
mod permissions;
mod session_limits;
mod user_enumeration;
