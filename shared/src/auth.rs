//! Who is calling: tokens, cookies, passwords and the check of a session.

pub mod api_key;
mod caller;
pub mod cookie;
pub mod login;
pub mod password_hash;
pub mod password_policy;
pub mod reset_token;
pub mod session;
pub mod token;
