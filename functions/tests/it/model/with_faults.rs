//! Random requests while 20% of the requests to DynamoDB fail.

use shared::http::Dialect;
use testkit::{Fault, Snapshot};
use tokio::task::JoinSet;

use super::{
    Simulation,
    api_key_rules::ApiKeyRequest,
    expected_body::ServerChosen,
    group_rules::GroupRequest,
    operation::{Action, Operation},
    spec::Outcome,
    state::Model,
};
use crate::support::{seeds, steps_factor};

const SEEDS: u64 = 20;
const STEPS: u64 = 500;
const WORKERS: usize = 4;
const FAULT_PERCENT: u8 = 20;
const HOUR: i64 = 3_600;

/// The model after a request with unknown effect.
///
/// The table shows whether the request took effect completely or not at all.
fn resolve(
    model: &Model,
    operation: &Operation,
    outcome: Outcome,
    table: &Snapshot,
) -> Result<Model, String> {
    if model.difference(table).is_none() {
        return Ok(model.clone());
    }
    let mut after = model.clone();
    let id = match &operation.action {
        Action::Create(new) => new_id("email", &new.email.trim().to_lowercase(), table),
        Action::ApiKeys(ApiKeyRequest::Create(name, _))
        | Action::Groups(GroupRequest::Create(name)) => new_id("name", name, table),
        _ => None,
    };
    let applied = after.apply(outcome.effect, &ServerChosen { id, token: None });
    match after.difference(table) {
        None if applied.is_some() => Ok(after),
        difference => Err(format!("partial effect: {difference:?}")),
    }
}

/// The ID of the item with a text. Uniqueness items have the same text, but no ID.
fn new_id(field: &str, text: &str, table: &Snapshot) -> Option<u64> {
    let items = table.items();
    items.values().filter(|item| item[field] == text).find_map(|item| item["id"].as_u64())
}

/// Sends a request. The response must be the one of the model or 503.
async fn step(simulation: &mut Simulation, context: &str) {
    let operation = simulation.next();
    let outcome = simulation.model.outcome(&operation, &simulation.model.authorize(&operation));
    let response = operation.request(&simulation.app).send().await;
    simulation.generator.record(&operation, &response);
    let shown = format!("{context}: {operation:?}: {} {}", response.status, response.body);
    if response.status == 503 {
        let table = simulation.app.snapshot().await;
        let resolved_model = resolve(&simulation.model, &operation, outcome, &table);
        simulation.model = resolved_model.unwrap_or_else(|error| panic!("{shown}: {error}"));
    } else {
        let shown_with_outcome = format!("{shown} for {outcome:?}");
        assert!(simulation.model.apply_response(outcome, &response), "{shown_with_outcome}");
    }
    if matches!(operation.action, Action::LogIn { .. }) && response.status != 200 {
        // A retried write may have counted the failure twice, so skip the rate limit.
        simulation.app.clock.advance(HOUR);
    }
}

async fn run(seed: u64, dialect: Dialect) {
    let mut simulation = Simulation::start(seed, dialect).await;
    simulation.model.knows_all_sessions = false;
    simulation.app.faults.chance(FAULT_PERCENT, &Fault::TRANSIENT, seed);
    for number in 0..STEPS * steps_factor() {
        let context = format!("seed {seed}, step {number}");
        step(&mut simulation, &context).await;
        if number % 50 == 49 {
            simulation.compare(&context).await;
        }
    }
    simulation.app.faults.stop();
    simulation.compare_sessions(&format!("seed {seed}")).await;
}

/// Runs seeds sequentially.
async fn run_seeds(seeds: Vec<u64>) {
    for seed in seeds {
        run(seed, if seed % 2 == 0 { Dialect::Documented } else { Dialect::Metabase }).await;
    }
}

/// 10,000 requests by concurrent workers.
#[tokio::test(flavor = "multi_thread")]
async fn faults_leave_the_state_of_the_model() {
    let mut workers = vec![Vec::new(); WORKERS];
    for (number, seed) in seeds(0..SEEDS).into_iter().enumerate() {
        workers[number % WORKERS].push(seed);
    }
    let workers: JoinSet<()> = workers.into_iter().map(run_seeds).collect();
    workers.join_all().await;
}
