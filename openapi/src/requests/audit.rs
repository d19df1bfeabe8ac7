//! Queries of the audit trail.

use schemars::JsonSchema;
use shared::{
    domain::{Action, UserId},
    http::AuditLimit,
};

use crate::fields::{DateOrDateTime, EntryCursorText, SubjectText};

/// Which entries to list. What is absent does not matter.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "a query is described, not made")]
pub(crate) struct ListAudit {
    /// Whose deeds: the number of an account, or of an API key.
    actor: Option<UserId>,
    /// Done to what: the number of an account, or a kind and a number.
    #[schemars(example = &"group:3")]
    target: Option<SubjectText>,
    /// Which deeds.
    action: Option<Action>,
    /// Those of this moment and later.
    #[schemars(with = "Option<DateOrDateTime>")]
    from: Option<String>,
    /// Those before this moment.
    #[schemars(with = "Option<DateOrDateTime>")]
    to: Option<String>,
    /// Goes on where an answer ended: its `next_cursor`.
    cursor: Option<EntryCursorText>,
    /// How many entries a page has at the most; 50 if it is absent.
    #[schemars(range(min = 1, max = AuditLimit::MAX), example = 10)]
    limit: Option<u64>,
}
