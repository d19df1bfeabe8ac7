//! `GET /api/health`: checks the connection to the table.

use openapi::{Access, Operation, Tag};
use schemars::JsonSchema;
use serde::Serialize;
use shared::http::{ApiError, ApiResult, Call, response};

use crate::route::{Event, Lambda, Route};

/// The result of a successful check.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Health {
    /// Always `ok`.
    #[schemars(extend("const" = "ok"))]
    status: &'static str,
}

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/health",
    function: "health",
    summary: "Check the service",
    tag: Tag::Instance,
    access: Access::Public,
    lambda: Lambda::READ,
    permissions: &[],
    event: Event::EMPTY,
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation.text("Reads one item of the table.").response::<Health>(
        "The table responds.",
        &[("ok", response::ok(&Health { status: "ok" }))],
    )
}

/// Checks the connection to the table with one read. Allowed for everyone.
///
/// # Errors
///
/// Returns 503 after any error of the read. A rejected read is as serious as an unavailable table.
pub async fn handler(call: Call) -> ApiResult {
    let result = call.store().instance().await;
    result.map_err(|error| ApiError::Unavailable(error.into()))?;

    response::ok(&Health { status: "ok" })
}
