//! Rules that hold for every route: permissions, malformed requests, browsers, logs.

mod cookies_and_cors;
mod injection;
mod login_waits;
mod logs;
mod malformed_requests;
mod must_change_password;
mod permissions;
mod user_enumeration;
