//! The cost of one warm request without noise: instructions, and bytes on the wire.

use std::path::Path;

use functions::routes::Route;
use serde_json::{Value, json};

use crate::{
    Failure,
    engine_client::{Traffic, Wire},
    fixture::{Stages, routes},
    function::{Endpoint, Function},
};

/// Requests before the counted ones, and the number of counted requests.
const WARM_UPS: usize = 2;
const COUNTED: usize = 5;

/// Counts instructions and writes them to the error output only.
const CALLGRIND: [&str; 3] = ["--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-fd=2"];

/// Counts instructions and bytes of each function with a repeatable request.
pub(crate) async fn measure(folder: &Path, names: &[&str]) -> Result<Value, Failure> {
    let mut stages = Stages::new().await?;
    let wire = Wire::before(stages.database()?).await?;
    let mut found = json!({});
    for route in repeatable(names) {
        let program = folder.join(route.function);
        let mut counts = warm(&program, &mut stages, route).await?;
        let traffic = traffic(&program, &wire, &mut stages, route).await?;
        counts["sent_bytes"] = json!(traffic.sent);
        counts["received_bytes"] = json!(traffic.received);
        counts["new_connections"] = json!(traffic.connections);
        found[route.function] = counts;
    }
    Ok(found)
}

/// Counts instructions only.
pub(crate) async fn instructions(folder: &Path, names: &[&str]) -> Result<Value, Failure> {
    let mut stages = Stages::new().await?;
    let mut found = json!({});
    for route in repeatable(names) {
        let program = folder.join(route.function);
        found[route.function] = warm(&program, &mut stages, route).await?;
    }
    Ok(found)
}

fn repeatable<'r>(names: &'r [&str]) -> impl Iterator<Item = &'static Route> + 'r {
    routes(names).filter(|route| route.function != "setup")
}

/// Instructions of a start and of a warm request, by callgrind.
async fn warm(program: &Path, stages: &mut Stages, route: &Route) -> Result<Value, Failure> {
    let start = until(program, stages, route, 0).await?;
    let few = until(program, stages, route, WARM_UPS).await?;
    let many = until(program, stages, route, WARM_UPS + COUNTED).await?;
    Ok(json!({ "start": start, "request": (many - few) / COUNTED as u64 }))
}

/// Instructions from start to exit, with a number of requests in between.
async fn until(
    program: &Path,
    stages: &mut Stages,
    route: &Route,
    requests: usize,
) -> Result<u64, Failure> {
    let mut events = Vec::new();
    for _ in 0..requests {
        events.push(stages.event(route).await?.1);
    }
    let endpoint = stages.event(route).await?.0;
    let function = Function::start(program, Endpoint::At(&endpoint), &CALLGRIND)?;
    for event in events {
        function.answer(function.poll()?, &event)?;
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
    wire: &Wire,
    stages: &mut Stages,
    route: &Route,
) -> Result<Traffic, Failure> {
    let [warm_up, event] = [stages.event(route).await?.1, stages.event(route).await?.1];
    let function = Function::start(program, Endpoint::At(&wire.endpoint()), &[])?;
    function.answer(function.poll()?, &warm_up)?;
    let poll = function.poll()?;
    wire.take();
    function.answer(poll, &event)?;
    Ok(wire.take())
}
