//! The audit log.

mod query;
mod rejections;
mod write;

pub(super) use rejections::RecentRejections;
pub use rejections::Rejection;
pub(super) use write::{Fields, NewAuditEvent};
