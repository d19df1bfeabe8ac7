//! Random requests while a fifth of all requests to DynamoDB go wrong.

use shared::http::Dialect;
use testkit::{Fault, Snapshot};
use tokio::task::JoinSet;

use super::{
    Simulation,
    groups::OfGroups,
    keys::OfKeys,
    lists::Chosen,
    operation::{Action, Operation},
    spec::Outcome,
    state::Model,
};
use crate::support::{seeds, steps_factor};

const RUNS: u64 = 20;
const STEPS: u64 = 500;
const LANES: usize = 4;
const PERCENT: u8 = 20;
const HOUR: i64 = 3_600;

/// The model after a request whose answer does not tell whether it was carried out: it was whole, or
/// not at all, and the table tells which.
fn resolved(
    model: &Model,
    operation: &Operation,
    outcome: Outcome,
    table: &Snapshot,
) -> Result<Model, String> {
    if model.disagreement(table).is_none() {
        return Ok(model.clone());
    }
    let mut after = model.clone();
    let number = match &operation.action {
        Action::Create(new) => number_of("email", &new.email.trim().to_lowercase(), table),
        Action::OfKeys(OfKeys::Make(name, _)) | Action::OfGroups(OfGroups::Make(name)) => {
            number_of("name", name, table)
        }
        _ => None,
    };
    let applied = after.apply(outcome.effect, &Chosen { number, token: None });
    match after.disagreement(table) {
        None if applied.is_some() => Ok(after),
        disagreement => Err(format!("half of it: {disagreement:?}")),
    }
}

/// The number of the account or group with a text; claims have the same text and no number.
fn number_of(field: &str, text: &str, table: &Snapshot) -> Option<u64> {
    let items = table.items();
    items.values().filter(|item| item[field] == text).find_map(|item| item["id"].as_u64())
}

/// Sends a request, whose answer must be the model's or tell that the service is busy.
async fn step(play: &mut Simulation, place: &str) {
    let operation = play.next();
    let outcome = play.model.outcome(&operation, &play.model.admit(&operation));
    let answer = operation.request(&play.app).send().await;
    play.dice.learn(&operation, &answer);
    let shown = format!("{place}: {operation:?}: {} {}", answer.status, answer.body);
    if answer.status == 503 {
        let table = play.app.snapshot().await;
        let found = resolved(&play.model, &operation, outcome, &table);
        play.model = found.unwrap_or_else(|error| panic!("{shown}: {error}"));
    } else {
        let told = format!("{shown} for {outcome:?}");
        assert!(play.model.take(outcome, &answer), "{told}");
    }
    if matches!(operation.action, Action::LogIn { .. }) && answer.status != 200 {
        // A failure may have been counted twice: nobody is to wait because of that.
        play.app.clock.advance(HOUR);
    }
}

async fn run(seed: u64, dialect: Dialect) {
    let mut play = Simulation::begin(seed, dialect).await;
    play.model.knows_all = false;
    play.app.faults.chance(PERCENT, &Fault::TRANSIENT, seed);
    for number in 0..STEPS * steps_factor() {
        let place = format!("seed {seed}, step {number}");
        step(&mut play, &place).await;
        if number % 50 == 49 {
            play.compare(&place).await;
        }
    }
    play.app.faults.stop();
    play.compare_sessions(&format!("seed {seed}")).await;
}

/// Runs one after the other.
async fn lane(seeds: Vec<u64>) {
    for seed in seeds {
        run(seed, if seed % 2 == 0 { Dialect::Documented } else { Dialect::Metabase }).await;
    }
}

/// 10,000 requests, in lanes beside each other.
#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_leaves_the_state_of_the_model() {
    let mut lanes = vec![Vec::new(); LANES];
    for (number, seed) in seeds(0..RUNS).into_iter().enumerate() {
        lanes[number % LANES].push(seed);
    }
    let lanes: JoinSet<()> = lanes.into_iter().map(lane).collect();
    lanes.join_all().await;
}
