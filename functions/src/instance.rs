//! The instance: setup, public settings, health and the audit log.

pub mod health;
pub mod list_audit;
pub mod list_settings;
pub mod session_properties;
pub mod setup;
pub mod test_email;
pub mod update_setting;
