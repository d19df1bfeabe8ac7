//! `GET /api/health`: checks the connection to the table. `GET /readyz` does the same, and
//! `GET /livez` checks nothing.

use openapi::{Access, Operation, Tag};
use schemars::JsonSchema;
use serde::Serialize;
use shared::http::{ApiError, ApiResult, Call, Dialect, response};

use crate::route::{Event, Lambda, Route};

const PATH: &str = "/api/health";
const LIVE_PATH: &str = "/livez";

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
    path: PATH,
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

/// Metabase's check for orchestrators: whether the program runs.
pub const LIVE: Route =
    Route { path: LIVE_PATH, summary: "Check the program", doc: doc_live, ..ROUTE };

/// Metabase's check for load balancers: whether the service can respond.
pub const READY: Route = Route { path: "/readyz", doc: doc_ready, ..ROUTE };

fn doc_live(operation: Operation<'_>) -> Operation<'_> {
    let ok = response::ok(&Health { status: "ok" });
    let operation = operation.only_in(Dialect::Metabase).text("Reads nothing.");
    operation.response::<Health>("The program runs.", &[("ok", ok)])
}

fn doc_ready(operation: Operation<'_>) -> Operation<'_> {
    doc(operation.only_in(Dialect::Metabase))
}

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
/// Returns 404 for the paths of Metabase in the documented dialect. Returns 503 after any error of
/// the read. A rejected read is as serious as an unavailable table.
pub async fn handler(call: Call) -> ApiResult {
    let path = call.route().rsplit(' ').next().unwrap_or_default();
    if path != PATH && !call.dialect().has_probes() {
        return Err(ApiError::RouteNotFound);
    }
    if path == LIVE_PATH {
        return response::ok(&Health { status: "ok" });
    }

    let result = call.store().instance().await;
    result.map_err(|error| ApiError::Unavailable(error.into()))?;

    response::ok(&Health { status: "ok" })
}
