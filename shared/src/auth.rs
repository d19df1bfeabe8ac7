//! Who is calling: tokens, cookies, passwords and the check of a session.

pub mod api_key;
mod caller;
pub mod cookie;
pub mod hash;
pub mod login;
pub mod password;
pub mod reset;
pub mod session;
pub mod token;
