//! Passwords: changes, resets and the policy.

pub mod check_reset_token;
pub mod forgot_password;
pub mod password_check;
pub mod password_reset_url;
pub mod reset_password;
pub mod update_password;
