//! Authentication: tokens, cookies, passwords and hashes.

pub mod api_key;
pub mod cookie;
pub mod device;
pub mod email_change;
pub mod login;
pub mod metabase_hash;
pub mod password_hash;
pub mod password_policy;
pub mod reset_token;
pub mod session;
pub mod token;
pub mod trusted_proxy;
