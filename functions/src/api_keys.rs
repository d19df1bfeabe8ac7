//! API keys.

pub mod count_api_keys;
pub mod create_api_key;
pub mod delete_api_key;
pub mod list_api_keys;
pub mod regenerate_api_key;
pub mod update_api_key;
