//! The cost of one warm request without noise: instructions, and bytes on the wire.

use std::path::Path;

use functions::routes::Route;
use serde_json::{Value, json};

use crate::{
    BoxError,
    engine_client::{Relay, Traffic},
    fixture::{Fixture, routes},
    function::{Endpoint, Function},
};

/// Requests before the counted ones, and the number of counted requests.
const WARM_UPS: usize = 2;
const COUNTED: usize = 5;

/// Counts instructions and writes them to the error output only.
const CALLGRIND: [&str; 3] = ["--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-fd=2"];

/// Counts instructions and bytes of each function with a repeatable request.
pub(crate) async fn measure(directory: &Path, names: &[&str]) -> Result<Value, BoxError> {
    let mut fixture = Fixture::new().await?;
    let relay = Relay::before(fixture.database()?).await?;
    let mut found = json!({});
    for route in repeatable(names) {
        let program = directory.join(route.function);
        let mut counts = warm(&program, &mut fixture, route).await?;
        let traffic = traffic(&program, &relay, &mut fixture, route).await?;
        counts["sent_bytes"] = json!(traffic.sent);
        counts["received_bytes"] = json!(traffic.received);
        counts["new_connections"] = json!(traffic.connections);
        found[route.function] = counts;
    }
    Ok(found)
}

/// Counts instructions only. Each function has its own instance, so no count depends on the others.
pub(crate) async fn instructions(directory: &Path, names: &[&str]) -> Result<Value, BoxError> {
    let mut found = json!({});
    for route in repeatable(names) {
        let mut fixture = Fixture::new().await?;
        let program = directory.join(route.function);
        found[route.function] = warm(&program, &mut fixture, route).await?;
    }
    Ok(found)
}

fn repeatable<'r>(names: &'r [&str]) -> impl Iterator<Item = &'static Route> + 'r {
    routes(names).filter(|route| route.function != "setup")
}

/// Instructions of a start and of a warm request, by callgrind.
async fn warm(program: &Path, fixture: &mut Fixture, route: &Route) -> Result<Value, BoxError> {
    let start = until(program, fixture, route, 0).await?;
    let few = until(program, fixture, route, WARM_UPS).await?;
    let many = until(program, fixture, route, WARM_UPS + COUNTED).await?;
    Ok(json!({ "start": start, "request": (many - few) / COUNTED as u64 }))
}

/// Instructions from start to exit, with a number of requests in between.
async fn until(
    program: &Path,
    fixture: &mut Fixture,
    route: &Route,
    requests: usize,
) -> Result<u64, BoxError> {
    let mut events = Vec::new();
    for _ in 0..requests {
        events.push(fixture.event(route).await?.1);
    }
    let endpoint = fixture.event(route).await?.0;
    let function = Function::start(program, Endpoint::At(&endpoint), &CALLGRIND)?;
    for event in events {
        function.respond(function.poll()?, &event)?;
    }
    let poll = function.poll()?;
    let output = function.end(poll)?;
    let counted = output.lines().find_map(|line| line.split_once("Collected :"));
    let counted = counted.and_then(|(_, rest)| rest.trim().parse().ok());
    counted.ok_or_else(|| format!("callgrind reported no count: {output}").into())
}

/// The traffic of a warm request, including headers.
async fn traffic(
    program: &Path,
    relay: &Relay,
    fixture: &mut Fixture,
    route: &Route,
) -> Result<Traffic, BoxError> {
    let [warm_up, event] = [fixture.event(route).await?.1, fixture.event(route).await?.1];
    let function = Function::start(program, Endpoint::At(&relay.endpoint()), &[])?;
    function.respond(function.poll()?, &warm_up)?;
    let poll = function.poll()?;
    relay.take();
    function.respond(poll, &event)?;
    Ok(relay.take())
}
