//! Cold starts: from `exec` to the first poll for an event, and from the event to its answer.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use functions::routes::Route;
use serde_json::{Value, json};
use shared::auth::hash::{self, HashError};
use testkit::template;

use crate::{
    Failure,
    function::{Endpoint, Function},
    stage::{Stages, routes},
};

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Programs<'a> {
    /// A hello world.
    pub(crate) floor: &'a Path,
    /// `get-user` without the request that opens its connection.
    pub(crate) unwarmed: &'a Path,
    /// Where the functions are.
    pub(crate) folder: &'a Path,
}

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Starts of each function.
    pub(crate) starts: usize,
    /// Requests to one function that hashes, after which its memory is looked at.
    pub(crate) hashes: usize,
}

/// Events after the first, for what a warm request takes.
const WARM: usize = 5;

/// Starts that end at the first poll, for each that is planned: they take two milliseconds.
const POLLS: usize = 8;

/// An event for the hello world.
const HELLO: &str = include_str!("../hello.json");

/// Starts all in turn, as often as is planned, so that what the machine does besides meets all alike.
pub(crate) async fn measure(
    programs: Programs<'_>,
    plan: Plan,
    names: &[&str],
) -> Result<Value, Failure> {
    let Programs { floor, unwarmed, folder } = programs;
    let mut stages = Stages::new().await?;
    let mut found =
        json!({ "floor": entry(floor)?, "unwarmed": entry(unwarmed)?, "functions": {} });
    found["first_polls"] = first_polls(floor, unwarmed, POLLS * plan.starts)?;
    let read = routes(&["get-user"]).next().ok_or("no get-user")?;
    for _ in 0..plan.starts {
        let nowhere = Endpoint::At("http://127.0.0.1:1");
        push(&mut found["floor"], start(floor, nowhere, &[HELLO.to_owned()])?);
        push(&mut found["unwarmed"], with_events(unwarmed, &mut stages, read).await?);
        for route in routes(names) {
            let program = folder.join(route.function);
            let functions = &mut found["functions"];
            if functions[route.function].is_null() {
                functions[route.function] = entry(&program)?;
                functions[route.function]["route"] =
                    json!(format!("{} {}", route.method, route.path));
                functions[route.function]["memory_mb"] = json!(memory(route));
            }
            let run = with_events(&program, &mut stages, route).await?;
            push(&mut functions[route.function], run);
        }
    }
    found["hash"] = hash_rate().await?;
    if let Some(login) = routes(names).find(|route| route.function == "login") {
        found["hashes"] = hashes(&folder.join("login"), &mut stages, login, plan.hashes).await?;
    }
    Ok(found)
}

/// One start, and events as the function gets them.
async fn with_events(program: &Path, stages: &mut Stages, route: &Route) -> Result<Value, Failure> {
    let (endpoint, event) = stages.event(route).await?;
    let mut events = vec![event];
    if route.function != "setup" {
        for _ in 0..WARM {
            events.push(stages.event(route).await?.1);
        }
    }
    start(program, Endpoint::At(&endpoint), &events)
}

/// The way to the first poll alone, one start right after the other: of the hello world, of a function that opens no
/// connection, and of the same at AWS's own endpoint, where it is to trust Amazon's authorities, or all of the system's.
fn first_polls(floor: &Path, unwarmed: &Path, rounds: usize) -> Result<Value, Failure> {
    let loopback = Endpoint::At("http://127.0.0.1:1");
    let starts = [
        ("floor", floor, loopback),
        ("loopback", unwarmed, loopback),
        ("amazon", unwarmed, Endpoint::Aws),
        ("system", unwarmed, Endpoint::AwsTrustedBySystem),
    ];
    let mut found = json!({ "floor": [], "loopback": [], "amazon": [], "system": [] });
    for _ in 0..rounds {
        for (name, program, endpoint) in starts {
            let run = until_poll(program, endpoint)?;
            if let Some(runs) = found[name].as_array_mut() {
                runs.push(run);
            }
        }
    }
    Ok(found)
}

fn until_poll(program: &Path, endpoint: Endpoint<'_>) -> Result<Value, Failure> {
    let function = Function::start(program, endpoint, &[])?;
    let poll = function.poll()?;
    Ok(json!(milliseconds(poll.at - function.process.began)))
}

/// Hashes a second: one after the other, and on all cores at once.
async fn hash_rate() -> Result<Value, Failure> {
    let cores = std::thread::available_parallelism()?.get();
    let [alone, together] = [hashes_per_second(1).await?, hashes_per_second(cores).await?];
    Ok(json!({ "alone_per_second": alone, "together_per_second": together, "cores": cores }))
}

async fn hashes_per_second(at_once: usize) -> Result<f64, Failure> {
    const EACH: usize = 100;
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..at_once {
        tasks.spawn(async {
            for _ in 0..EACH {
                hash::verify(&"unc0mmon pw".into(), None).await?;
            }
            Ok::<_, HashError>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok((at_once * EACH) as f64 / began.elapsed().as_secs_f64())
}

fn entry(program: &Path) -> Result<Value, Failure> {
    Ok(json!({ "bytes": fs::metadata(program)?.len(), "starts": [] }))
}

/// What the template gives the function.
fn memory(route: &Route) -> u64 {
    let of = |function: &Value| function["MemorySize"].as_u64();
    let own = template().functions().find(|(name, _)| name == route.function);
    let global = of(&template().section("Globals")["Function"]).unwrap_or_default();
    own.and_then(|(_, function)| of(function)).unwrap_or(global)
}

fn push(entry: &mut Value, run: Value) {
    if let Some(starts) = entry["starts"].as_array_mut() {
        starts.push(run);
    }
}

/// One start, and events one after the other.
fn start(program: &Path, endpoint: Endpoint<'_>, events: &[String]) -> Result<Value, Failure> {
    let function = Function::start(program, endpoint, &[])?;
    let poll = function.poll()?;
    let until_poll = poll.at - function.process.began;
    let at_poll = function.process.used()?;
    let [first, warm @ ..] = events else { return Err("no event".into()) };
    let answered = function.answer(poll, first)?;
    let at_answer = function.process.used()?;
    let mut times = Vec::new();
    for event in warm {
        times.push(function.answer(function.poll()?, event)?.took);
    }
    let at_end = function.process.used()?;
    let count = u32::try_from(warm.len().max(1))?;
    Ok(json!({
        "warm_ms": milliseconds(median(times)),
        "warm_cpu_ms": milliseconds((at_end.cpu - at_answer.cpu) / count),
        "poll_ms": milliseconds(until_poll),
        "poll_cpu_ms": milliseconds(at_poll.cpu),
        "answer_ms": milliseconds(answered.took),
        "answer_cpu_ms": milliseconds(at_answer.cpu - at_poll.cpu),
        "peak_bytes": at_end.peak,
    }))
}

/// The memory of a function that has hashed as often as is planned.
async fn hashes(
    program: &Path,
    stages: &mut Stages,
    login: &Route,
    hashes: usize,
) -> Result<Value, Failure> {
    let (endpoint, event) = stages.event(login).await?;
    let function = Function::start(program, Endpoint::At(&endpoint), &[])?;
    let mut times = Vec::new();
    for _ in 0..hashes {
        let answered = function.answer(function.poll()?, &event)?;
        times.push(answered.took);
    }
    Ok(json!({
        "count": hashes,
        "peak_bytes": function.process.used()?.peak,
        "median_ms": milliseconds(median(times)),
    }))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
