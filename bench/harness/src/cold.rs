//! Cold starts: from `exec` to the first poll for an event, and from the event to its response.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use functions::routes::Route;
use serde_json::{Map, Value, json};
use shared::auth::password_hash::{self, HashError};
use testkit::template;

use crate::{
    BoxError,
    fixture::{Fixture, routes},
    function::{Endpoint, Function},
};

/// The measured programs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Programs<'a> {
    /// A hello world.
    pub(crate) baseline: &'a Path,
    /// `get-user` without the warm-up request.
    pub(crate) no_warmup: &'a Path,
    /// The directory of the functions.
    pub(crate) directory: &'a Path,
}

/// The number of repetitions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Starts of each function.
    pub(crate) starts: usize,
    /// Logins in one process before its peak memory is read.
    pub(crate) hashes: usize,
}

/// Warm requests after the first event.
const WARM: usize = 5;

/// Starts up to the first poll per planned start. Each takes two milliseconds.
const POLLS: usize = 8;

/// The event of the hello world.
const HELLO: &str = include_str!("../hello.json");

/// Interleaves the starts of all programs, so other load on the machine affects all alike.
pub(crate) async fn measure(
    programs: Programs<'_>,
    plan: Plan,
    names: &[&str],
) -> Result<Value, BoxError> {
    let Programs { baseline, no_warmup, directory } = programs;
    let mut fixture = Fixture::new().await?;
    let mut found =
        json!({ "baseline": entry(baseline)?, "no_warmup": entry(no_warmup)?, "functions": {} });
    found["first_polls"] = first_polls(baseline, no_warmup, POLLS * plan.starts)?;
    let read = routes(&["get-user"]).next().ok_or("no get-user")?;
    for _ in 0..plan.starts {
        let nowhere = Endpoint::At("http://127.0.0.1:1");
        push(&mut found["baseline"], start(baseline, nowhere, &[HELLO.to_owned()])?);
        push(&mut found["no_warmup"], with_events(no_warmup, &mut fixture, read).await?);
        for route in routes(names) {
            let program = directory.join(route.function);
            let functions = &mut found["functions"];
            if functions[route.function].is_null() {
                functions[route.function] = entry(&program)?;
                functions[route.function]["route"] =
                    json!(format!("{} {}", route.method, route.path));
                functions[route.function]["memory_mb"] = json!(memory(route));
            }
            let run = with_events(&program, &mut fixture, route).await?;
            push(&mut functions[route.function], run);
        }
    }
    found["hash"] = hash_rate().await?;
    if let Some(login) = routes(names).find(|route| route.function == "login") {
        found["hashes"] =
            hashes(&directory.join("login"), &mut fixture, login, plan.hashes).await?;
    }
    Ok(found)
}

/// One start with the events of the function's route.
async fn with_events(
    program: &Path,
    fixture: &mut Fixture,
    route: &Route,
) -> Result<Value, BoxError> {
    let (endpoint, event) = fixture.event(route).await?;
    let mut events = vec![event];
    if route.function != "setup" {
        for _ in 0..WARM {
            events.push(fixture.event(route).await?.1);
        }
    }
    start(program, Endpoint::At(&endpoint), &events)
}

/// The time to first poll alone, in interleaved starts.
///
/// Starts the hello world, and a function without the warm-up: with the engine on loopback, and
/// with the AWS endpoint, trusting Amazon's root certificates or the system's.
fn first_polls(baseline: &Path, no_warmup: &Path, rounds: usize) -> Result<Value, BoxError> {
    let loopback = Endpoint::At("http://127.0.0.1:1");
    let starts = [
        ("baseline", baseline, loopback),
        ("loopback", no_warmup, loopback),
        ("amazon", no_warmup, Endpoint::Aws),
        ("system", no_warmup, Endpoint::AwsTrustedBySystem),
    ];
    let mut found = json!({ "baseline": [], "loopback": [], "amazon": [], "system": [] });
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

/// Compares programs of one function, for example before and after a change.
///
/// Starts them in turn, each with one event and warm ones, with the engine on loopback. Returns the
/// medians by program.
pub(crate) async fn compare(
    rounds: usize,
    function: &str,
    programs: &[&Path],
) -> Result<Value, BoxError> {
    let mut fixture = Fixture::new().await?;
    let route = routes(&[function]).next().ok_or("no such function")?;
    let mut runs = vec![Vec::new(); programs.len()];
    for _ in 0..rounds {
        for (program, runs) in programs.iter().zip(&mut runs) {
            runs.push(with_events(program, &mut fixture, route).await?);
        }
    }
    let mut found = json!({});
    for (program, runs) in programs.iter().zip(runs) {
        let median = |name: &str| {
            let mut values: Vec<f64> = runs.iter().filter_map(|run| run[name].as_f64()).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied()
        };
        let names = ["poll_ms", "poll_cpu_ms", "answer_ms", "warm_ms", "warm_cpu_ms", "peak_bytes"];
        let medians: Map<String, Value> =
            names.iter().map(|name| ((*name).to_owned(), json!(median(name)))).collect();
        let key = program.display().to_string();
        found[key] = json!({ "bytes": fs::metadata(program)?.len(), "medians": medians });
    }
    Ok(found)
}

fn until_poll(program: &Path, endpoint: Endpoint<'_>) -> Result<Value, BoxError> {
    let function = Function::start(program, endpoint, &[])?;
    let poll = function.poll()?;
    Ok(json!(milliseconds(poll.at - function.process.began)))
}

/// Password hashes per second: sequentially, and on all cores in parallel.
async fn hash_rate() -> Result<Value, BoxError> {
    let cores = std::thread::available_parallelism()?.get();
    let [alone, together] = [hashes_per_second(1).await?, hashes_per_second(cores).await?];
    Ok(json!({ "alone_per_second": alone, "together_per_second": together, "cores": cores }))
}

async fn hashes_per_second(at_once: usize) -> Result<f64, BoxError> {
    const EACH: usize = 100;
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..at_once {
        tasks.spawn(async {
            for _ in 0..EACH {
                password_hash::verify(&"unc0mmon pw".into(), None).await?;
            }
            Ok::<_, HashError>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok((at_once * EACH) as f64 / began.elapsed().as_secs_f64())
}

fn entry(program: &Path) -> Result<Value, BoxError> {
    Ok(json!({ "bytes": fs::metadata(program)?.len(), "starts": [] }))
}

/// The memory size of the function in the template, in MB.
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

/// One start, followed by the events in sequence.
fn start(program: &Path, endpoint: Endpoint<'_>, events: &[String]) -> Result<Value, BoxError> {
    let function = Function::start(program, endpoint, &[])?;
    let poll = function.poll()?;
    let until_poll = poll.at - function.process.began;
    let at_poll = function.process.used()?;
    let [first, warm @ ..] = events else { return Err("no event".into()) };
    let invoked = function.respond(poll, first)?;
    let at_response = function.process.used()?;
    let mut times = Vec::new();
    for event in warm {
        times.push(function.respond(function.poll()?, event)?.took);
    }
    let at_end = function.process.used()?;
    let count = u32::try_from(warm.len().max(1))?;
    Ok(json!({
        "warm_ms": milliseconds(median(times)),
        "warm_cpu_ms": milliseconds((at_end.cpu - at_response.cpu) / count),
        "poll_ms": milliseconds(until_poll),
        "poll_cpu_ms": milliseconds(at_poll.cpu),
        "answer_ms": milliseconds(invoked.took),
        "answer_cpu_ms": milliseconds(at_response.cpu - at_poll.cpu),
        "peak_bytes": at_end.peak,
    }))
}

/// The peak memory of a function after the planned number of password hashes.
async fn hashes(
    program: &Path,
    fixture: &mut Fixture,
    login: &Route,
    hashes: usize,
) -> Result<Value, BoxError> {
    let (endpoint, event) = fixture.event(login).await?;
    let function = Function::start(program, Endpoint::At(&endpoint), &[])?;
    let mut times = Vec::new();
    for _ in 0..hashes {
        let invoked = function.respond(function.poll()?, &event)?;
        times.push(invoked.took);
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
