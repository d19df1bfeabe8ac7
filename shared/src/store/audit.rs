//! The audit log.

mod query;
mod write;

pub(super) use write::{Fields, NewAuditEvent};
