//! Measurement of the cost of a request.

use std::sync::Mutex;

use allocation_counter::{AllocationInfo, measure};
use functions::routes::{ROUTES, Route};
use lambda_http::{Context, LambdaEvent};
use serde_json::Value;
use shared::{
    app::respond,
    http::{AppState, Call},
    lambda::convert,
    telemetry::Invocation,
};
use testkit::TestApp;
use tokio::runtime::Runtime;

/// The cost of a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cost {
    pub(crate) status: u64,
    pub(crate) requests: u64,
    pub(crate) read_units: f64,
    pub(crate) write_units: f64,
    /// Size of the bodies sent to DynamoDB.
    pub(crate) sent: u64,
    /// Size of the bodies received from DynamoDB.
    pub(crate) received: u64,
    /// Number of memory allocations.
    pub(crate) allocations: u64,
    /// Allocated bytes.
    pub(crate) allocated: u64,
}

/// Handles an event like `shared::lambda::serve`, including JSON decoding and encoding.
///
/// Returns the status and the log line.
pub(crate) async fn send(service: &AppState, route: &Route, event: &str) -> (u16, String) {
    let event = LambdaEvent::new(serde_json::from_str(event).unwrap(), Context::default());
    let log = Mutex::new(None);
    let of_function = ROUTES.iter().filter(|other| other.function == route.function);
    let routes: Vec<_> = of_function.map(Route::pattern).collect();
    let response = convert(&routes, event, async |request| {
        let (response, record) = respond(&route.handler, Call::new(service.clone(), request)).await;
        log.lock().unwrap().replace((response.status, record));
        Ok(response)
    });
    let bytes = serde_json::to_vec(&response.await.unwrap()).unwrap();
    assert!(!bytes.is_empty());
    let (status, record) = log.into_inner().unwrap().unwrap();
    let invocation = Invocation {
        function_name: route.function,
        function_request_id: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        cold_start: false,
        xray_trace_id: None,
    };
    (status, record.line("users", &invocation).unwrap())
}

/// Counts the allocations of the current thread. Password hashing and the engine use other threads.
pub(crate) fn count_allocations(
    runtime: &Runtime,
    app: &AppState,
    route: &Route,
    event: &str,
) -> AllocationInfo {
    measure(|| drop(runtime.block_on(send(app, route, event))))
}

/// Measures the requests to DynamoDB and combines them with the counted allocations.
pub(crate) fn measure_cost(
    runtime: &Runtime,
    app: &TestApp,
    (route, event): (&Route, &str),
    memory: AllocationInfo,
) -> Cost {
    app.meter.take_bytes();
    let (status, line) = runtime.block_on(send(app.service(), route, event));
    let bytes = app.meter.take_bytes();
    let line: Value = serde_json::from_str(&line).unwrap();
    Cost {
        status: status.into(),
        requests: line["DynamoDBRequests"].as_u64().unwrap(),
        read_units: line["ReadUnits"].as_f64().unwrap(),
        write_units: line["WriteUnits"].as_f64().unwrap(),
        sent: bytes.sent as u64,
        received: bytes.received as u64,
        allocations: memory.count_total,
        allocated: memory.bytes_total,
    }
}
