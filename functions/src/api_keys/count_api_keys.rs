//! `GET /api/api-key/count`: counts API keys.

use openapi::{Access, Operation, Tag};
use shared::http::{ApiResult, Call, response};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/api-key/count",
    function: "count-api-keys",
    summary: "Count API keys",
    tag: Tag::ApiKeys,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[Permission::BatchGetItem(&["USER#*"]), Permission::Query(&["APIKEYS"])],
    event: Event::EMPTY,
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation.response::<usize>("The number of API keys.", &[("one", response::ok(&1))])
}

/// Counts API keys. Allowed for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers.
pub async fn handler(call: Call) -> ApiResult {
    let admin = call.caller().await?.admin()?;

    let count = call.store().count_api_keys(&admin).await?;

    response::ok(&count)
}
