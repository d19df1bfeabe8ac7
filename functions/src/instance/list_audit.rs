//! `GET /api/audit`: who did what to whom, newest first.

use shared::{
    domain::AuditFilter,
    http::{
        ApiResult, AuditLimit, Call, Fields, FromFields, QueryParam, SetupTime, response,
        view::AuditPageView,
    },
};

const DEFAULT_LIMIT: AuditLimit = AuditLimit(50);

struct Query(AuditFilter);

impl FromFields for Query {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        let AuditLimit(limit) = form.lenient_query("limit").unwrap_or(DEFAULT_LIMIT);
        Some(Self(AuditFilter {
            actor: form.query("actor").map(|QueryParam(actor)| actor),
            target: form.query("target").map(|QueryParam(target)| target),
            action: form.query("action").map(|QueryParam(action)| action),
            from: form.query("from").map(|QueryParam(from)| from),
            to: form.query("to").map(|QueryParam(to)| to),
            cursor: form.query("cursor").map(|QueryParam(cursor)| cursor),
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
    let (caller, set_up_at) = call.authenticate_active(SetupTime).await?;
    let Query(filter) = call.query()?;
    let admin = caller.admin()?;

    let times = (set_up_at, call.now());
    let page = call.store().list_audit_events(&admin, &filter, times).await?;

    response::ok(&AuditPageView::from(&page))
}
