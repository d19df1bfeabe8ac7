//! Measures the functions and prints the results as JSON. `scripts/bench` runs it.

mod bulk_load;
mod cold;
mod engine_client;
mod fixture;
mod function;
mod per_request;
mod process;
mod runtime_api;
mod scale;

use std::{error::Error, path::Path};

use mimalloc::MiMalloc;
use serde_json::Value;

/// The allocator of the local service.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

type BoxError = Box<dyn Error + Send + Sync>;

const USAGE: &str =
    "usage: harness cold <baseline> <no_warmup> <functions directory> <starts> <hashes> [function …]
       harness compare <rounds> <function> <binary> …
       harness work <functions directory> [function …]
       harness instructions <functions directory> [function …]
       harness scale <users> …";

fn main() -> Result<(), BoxError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let found = runtime.block_on(measure(&arguments))?;
    println!("{found:#}");
    Ok(())
}

async fn measure(arguments: &[&str]) -> Result<Value, BoxError> {
    match arguments {
        ["cold", baseline, no_warmup, directory, starts, hashes, names @ ..] => {
            let [baseline, no_warmup, directory] = [baseline, no_warmup, directory].map(Path::new);
            let plan = cold::Plan { starts: starts.parse()?, hashes: hashes.parse()? };
            cold::measure(cold::Programs { baseline, no_warmup, directory }, plan, names).await
        }
        ["compare", rounds, function, programs @ ..] if !programs.is_empty() => {
            let programs: Vec<_> = programs.iter().map(Path::new).collect();
            cold::compare(rounds.parse()?, function, &programs).await
        }
        ["work", directory, names @ ..] => per_request::measure(directory.as_ref(), names).await,
        ["instructions", directory, names @ ..] => {
            per_request::instructions(directory.as_ref(), names).await
        }
        ["scale", users @ ..] if !users.is_empty() => scale::measure(users).await,
        _ => Err(USAGE.into()),
    }
}
