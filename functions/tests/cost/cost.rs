//! The cost of one request.

use allocation_counter::{AllocationInfo, measure};
use functions::routes::Route;
use serde_json::Value;
use shared::{
    app::App,
    http::{Call, Event},
    lambda::respond,
};
use testkit::TestApp;
use tokio::runtime::Runtime;

/// What a request costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cost {
    pub(crate) status: u64,
    pub(crate) requests: u64,
    pub(crate) read_units: f64,
    pub(crate) write_units: f64,
    /// Bytes of bodies to DynamoDB.
    pub(crate) sent: u64,
    /// Bytes of bodies back.
    pub(crate) received: u64,
    /// How often memory was asked for, and for how many bytes.
    pub(crate) allocations: u64,
    pub(crate) allocated: u64,
}

/// One request from the event's bytes to the answer's, as `shared::lambda::serve` has it, and the line
/// that is logged of it.
pub(crate) async fn answer(service: &App, route: &Route, event: &str) -> (u16, String) {
    let event: Event = serde_json::from_str(event).unwrap();
    let (reply, record) = respond(&route.handler, Call::new(service.clone(), event)).await;
    let line = record.line("users", "8476a536-e9f4-11e8-9739-2dfe598c3fcd").unwrap();
    let bytes = serde_json::to_vec(&reply).unwrap();
    assert!(!bytes.is_empty());
    (reply.status, line)
}

/// What the thread allocates. A hash has a thread of its own, and so has the engine.
pub(crate) fn of_thread(here: &Runtime, app: &App, route: &Route, event: &str) -> AllocationInfo {
    measure(|| drop(here.block_on(answer(app, route, event))))
}

/// What the table is asked for and answers.
pub(crate) fn of_table(
    here: &Runtime,
    app: &TestApp,
    (route, event): (&Route, &str),
    work: AllocationInfo,
) -> Cost {
    app.meter.take_bytes();
    let (status, line) = here.block_on(answer(app.service(), route, event));
    let bytes = app.meter.take_bytes();
    let line: Value = serde_json::from_str(&line).unwrap();
    Cost {
        status: status.into(),
        requests: line["DynamoDBRequests"].as_u64().unwrap(),
        read_units: line["ReadUnits"].as_f64().unwrap(),
        write_units: line["WriteUnits"].as_f64().unwrap(),
        sent: bytes.sent as u64,
        received: bytes.received as u64,
        allocations: work.count_total,
        allocated: work.bytes_total,
    }
}
