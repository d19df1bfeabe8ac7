//! `GET /api/audit`: lists audit events, newest first.

use openapi::{Access, Examples, Operation, Tag, errors::invalid_value};
use schemars::JsonSchema;
use shared::{
    domain::{
        Action, AuditEvent, AuditEventId, AuditFilter, AuditPage, AuditTarget, AuthMethod,
        RequestMeta, Timestamp, UserId,
    },
    http::{
        ApiResult, AuditLimit, Call, Fields, FromFields, QueryParam, SetupTime, response,
        view::AuditPageView,
    },
};

use crate::route::{Event, Lambda, Permission, Route};

const DEFAULT_LIMIT: AuditLimit = AuditLimit(50);

/// Filters and page. Absent parameters have no effect.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, never constructed")]
struct ListAudit {
    /// Events by this user, or by the service account of an API key.
    actor: Option<UserId>,
    /// Events on this object: a user ID, or a type and an ID.
    #[schemars(example = &"group:3")]
    target: Option<AuditTarget>,
    /// Events with this action.
    action: Option<Action>,
    /// Events at this time or later.
    from: Option<Timestamp>,
    /// Events before this time.
    to: Option<Timestamp>,
    /// The `next_cursor` of the previous response.
    cursor: Option<AuditEventId>,
    /// Maximum number of events in the page, 50 by default.
    #[schemars(example = 10)]
    limit: Option<AuditLimit>,
}

struct Query(AuditFilter);

impl FromFields for Query {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let AuditLimit(limit) = fields.query("limit").unwrap_or(DEFAULT_LIMIT);
        Some(Self(AuditFilter {
            actor: fields.query("actor").map(|QueryParam(actor)| actor),
            target: fields.query("target").map(|QueryParam(target)| target),
            action: fields.query("action").map(|QueryParam(action)| action),
            from: fields.query("from").map(|QueryParam(from)| from),
            to: fields.query("to").map(|QueryParam(to)| to),
            cursor: fields.query("cursor").map(|QueryParam(cursor)| cursor),
            limit,
        }))
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/audit",
    function: "list-audit",
    summary: "List audit events",
    tag: Tag::Instance,
    access: Access::Administrator,
    lambda: Lambda::LIST,
    permissions: &[Permission::BatchGetItem(&["USER#*"]), Permission::Query(&["AUDIT#*"])],
    event: Event::query(&[("action", "login"), ("limit", "10")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let page = AuditPage { events: vec![example(&operation)], next: None };
    let page = AuditPage { next: page.events.first().map(|event| event.id.clone()), ..page };
    let example = response::ok(&AuditPageView::from(&page));
    operation
        .text(
            "Each change writes its audit event in the same transaction, so the log is complete \
            and contains no rolled back change. Failed logins are included. Events contain the \
            names of the changed fields, not their values.",
        )
        .paragraph(
            "A page with a `next_cursor` can be short or empty, because a request reads a limited \
            number of items.",
        )
        .dialects("Metabase has no such route. Both dialects have the same responses.")
        .query::<ListAudit>()
        .response::<AuditPageView<'_>>("The audit events.", &[("page", example)])
        .error("invalid", invalid_value::<QueryParam<AuditEventId>>("cursor"))
}

/// An audit event for the document: an administrator renames a user.
fn example(operation: &Operation<'_>) -> AuditEvent {
    let Examples { jane, now, .. } = operation.examples();
    AuditEvent {
        id: AuditEventId { at: *now, nonce: "bm90IHJhbmRv".to_owned() },
        action: Action::UpdateUser.as_str().to_owned(),
        actor: Some(UserId::INSTALLER),
        method: AuthMethod::Session,
        target: Some(AuditTarget::User(jane.id)),
        request: RequestMeta {
            at: *now,
            source_ip: "192.0.2.1".to_owned(),
            request_id: "JKJaXmPLvHcESHA=".to_owned(),
        },
        fields: vec!["first_name".to_owned(), "last_name".to_owned()],
    }
}

/// Lists audit events, newest first. Allowed for administrators.
///
/// A page may contain fewer events than its limit. More events may follow while the page has a
/// `next_cursor`.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for
/// invalid query parameters.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, set_up_at) = call.authenticate_active(SetupTime).await?;
    let Query(filter) = call.query()?;
    let admin = caller.admin()?;

    let times = (set_up_at, call.now());
    let page = call.store().list_audit_events(&admin, &filter, times).await?;

    response::ok(&AuditPageView::from(&page))
}
