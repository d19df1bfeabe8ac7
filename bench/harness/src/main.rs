//! Measures the functions, and writes what it found to its output as JSON. `scripts/bench` runs it.

mod bulk;
mod cold;
mod function;
mod process;
mod runtime_api;
mod scale;
mod stage;
mod wire;
mod work;

use std::{error::Error, path::Path};

use mimalloc::MiMalloc;
use serde_json::Value;

/// As the local service has it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

type Failure = Box<dyn Error + Send + Sync>;

const USAGE: &str =
    "usage: harness cold <floor> <unwarmed> <folder of functions> <starts> <hashes> [function …]
       harness work <folder of functions> [function …]
       harness instructions <folder of functions> [function …]
       harness scale <accounts> …";

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let found = runtime.block_on(measure(&arguments))?;
    println!("{found:#}");
    Ok(())
}

async fn measure(arguments: &[&str]) -> Result<Value, Failure> {
    match arguments {
        ["cold", floor, unwarmed, folder, starts, hashes, names @ ..] => {
            let [floor, unwarmed, folder] = [floor, unwarmed, folder].map(Path::new);
            let plan = cold::Plan { starts: starts.parse()?, hashes: hashes.parse()? };
            cold::measure(cold::Programs { floor, unwarmed, folder }, plan, names).await
        }
        ["work", folder, names @ ..] => work::measure(folder.as_ref(), names).await,
        ["instructions", folder, names @ ..] => work::instructions(folder.as_ref(), names).await,
        ["scale", accounts @ ..] if !accounts.is_empty() => scale::measure(accounts).await,
        _ => Err(USAGE.into()),
    }
}
