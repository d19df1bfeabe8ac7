//! `GET /api/audit`: who did what to whom, newest first.

use shared::{
    domain::TrailFilter,
    http::{ApiResult, Call, EntryLimit, Form, FromForm, QueryText, reply, view::TrailView},
};

const DEFAULT_LIMIT: EntryLimit = EntryLimit(50);

struct Query(TrailFilter);

impl FromForm for Query {
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
        let EntryLimit(limit) = form.ignorable("limit").unwrap_or(DEFAULT_LIMIT);
        Some(Self(TrailFilter {
            actor: form.given("actor").map(|QueryText(actor)| actor),
            target: form.given("target").map(|QueryText(target)| target),
            action: form.given("action").map(|QueryText(action)| action),
            from: form.given("from").map(|QueryText(from)| from),
            to: form.given("to").map(|QueryText(to)| to),
            cursor: form.given("cursor").map(|QueryText(cursor)| cursor),
            limit,
        }))
    }
}

/// Administrators only. A page may have fewer entries than were asked for, and more may follow as
/// long as there is a cursor.
///
/// # Errors
///
/// 400 naming fields of the query, 401, 403.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, beginning) = call.caller_and_beginning().await?;
    let Query(filter) = call.query()?;
    let admin = caller.admin()?;

    let trail = call.store().audit_trail(&admin, &filter, beginning).await?;

    reply::ok(&TrailView::from(&trail))
}
