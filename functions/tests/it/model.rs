//! Random requests of several people, against a plain model of the contract's rules.
//!
//! One after the other, each answer is compared with the model's; all at once, the answers must be
//! those of some order of the requests in which the model gives them too (`history`); and with a
//! fifth of the requests to DynamoDB going wrong, nothing must be half done (`faulty`).
//!
//! A failure names its seed. `SEED=7 cargo test -p functions --test it model` repeats it, and
//! `ENDURANCE=20` takes twenty times as many steps; `scripts/soak` is the long run.

mod concurrent;
mod dice;
mod faulty;
mod groups;
mod history;
mod keys;
mod lists;
mod operation;
mod rules;
mod state;
mod table;
mod throttle;

use shared::{config::Settings, http::Dialect};
use testkit::TestApp;

use crate::support::{endurance, seeds};
use dice::Dice;
use state::Model;

const STEPS: u64 = 400;

/// A service that speaks a dialect, and the model of it.
async fn begin(dialect: Dialect) -> (TestApp, Model) {
    let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
    let model = Model::new(&app, dialect == Dialect::Metabase);
    (app, model)
}

async fn run(seed: u64, dialect: Dialect) {
    let (app, mut model) = begin(dialect).await;
    let mut dice = Dice::new(seed, &app);
    for step in 0..STEPS * endurance() {
        app.clock.advance(dice.pause());
        model.now = app.clock.seconds();
        let operation = dice.operation();
        let grant = model.admit(&operation);
        let outcome = model.outcome(&operation, &grant);
        let answer = operation.request(&app).send().await;
        dice.learn(&operation, &answer);
        let shown = format!("seed {seed}, step {step}: {operation:?}");
        let told = format!("{shown}: {} {} for {outcome:?}", answer.status, answer.body);
        let known = model.accounts.clone();
        assert!(model.take(outcome, &answer), "{told}");
        let new = model.accounts.keys().find(|id| !known.contains_key(id));
        assert!(new.is_none_or(|new| known.keys().all(|id| id < new)), "{told}");
        if step % 50 == 49 {
            assert_eq!(model.disagreement(&app.snapshot().await), None, "{shown}");
        }
    }
    for token in dice.tokens() {
        assert_eq!(app.is_live(token).await, model.is_live(token), "seed {seed}: {token}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_does_what_the_model_does() {
    let runs = seeds(0..3)
        .into_iter()
        .flat_map(|seed| [Dialect::Documented, Dialect::Metabase].map(|dialect| (seed, dialect)));
    let runs = runs.map(|(seed, dialect)| (seed, dialect, tokio::spawn(run(seed, dialect))));
    for (seed, dialect, run) in runs.collect::<Vec<_>>() {
        assert!(run.await.is_ok(), "seed {seed}, {dialect:?}");
    }
}
