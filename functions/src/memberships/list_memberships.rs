//! `GET /api/permissions/membership`: lists the memberships of all users.

use std::collections::BTreeMap;

use openapi::{Access, Examples, Operation, Tag};
use shared::http::{ApiError, ApiResult, Call, response, view::MembershipView};

use crate::{
    page::Page,
    route::{Event, Lambda, Permission, Route},
};

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/permissions/membership",
    function: "list-memberships",
    summary: "List memberships",
    tag: Tag::Memberships,
    access: Access::Administrator,
    lambda: Lambda::LIST,
    permissions: &[
        Permission::BatchGetItem(&["TALLY#*", "USER#*"]),
        Permission::Query(&["APIKEYS"]),
        Permission::QueryIndex(&["USERS#active*", "USERS#inactive*"]),
    ],
    event: Event::EMPTY,
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let Examples { ada, jane, .. } = operation.examples().clone();
    let all = response::ok(&MembershipView::by_user(&[ada, jane]));
    operation
        .text("Returns the memberships of every user, active or not, and of API keys, by user ID.")
        .paragraph("A page contains the memberships of `limit` users, in order of their IDs.")
        .page()
        .error("response-too-large", ApiError::BadRequest(response::RESPONSE_TOO_LARGE))
        .response::<BTreeMap<u64, Vec<MembershipView>>>("The memberships.", &[("all", all)])
}

/// Returns the memberships of all users, active or not. Allowed for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid page, or if the response would be too large.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;
    let page: Page = call.query()?;
    let admin = caller.admin()?;

    let mut users = call.store().memberships(&admin).await?;
    users.sort_by_key(|user| user.id);

    response::ok(&MembershipView::by_user(&page.slice(users)))
}
