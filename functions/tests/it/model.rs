//! Random requests of several people, against a plain model of the contract's rules.
//!
//! One after the other, each answer is compared with the model's; all at once, the answers must be
//! those of some order of the requests in which the model gives them too (`history`); and with a
//! fifth of the requests to DynamoDB going wrong, nothing must be half done (`faulty`).
//!
//! A failure names its seed. `SEED=7 cargo test -p functions --test it model` repeats it, and
//! `ENDURANCE=20` takes twenty times as many steps; `scripts/soak` is the long run.

mod concurrent;
mod generator;
mod groups;
mod history;
mod keys;
mod lists;
mod operation;
mod spec;
mod state;
mod table;
mod throttle;
mod with_faults;

use shared::{config::Settings, http::Dialect};
use testkit::TestApp;

use crate::support::{seeds, steps_factor};
use generator::OperationGenerator;
use operation::Operation;
use state::Model;

const STEPS: u64 = 400;

/// A service that speaks a dialect, and the model of it.
async fn begin(dialect: Dialect) -> (TestApp, Model) {
    let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
    let model = Model::new(&app, dialect == Dialect::Metabase);
    (app, model)
}

/// A service, the model of it, and what is asked of both.
struct Simulation {
    app: TestApp,
    model: Model,
    dice: OperationGenerator,
}

impl Simulation {
    async fn begin(seed: u64, dialect: Dialect) -> Self {
        let (app, model) = begin(dialect).await;
        let dice = OperationGenerator::new(seed, &app);
        Self { app, model, dice }
    }

    /// The next request, when it is time for it.
    fn next(&mut self) -> Operation {
        self.app.clock.advance(self.dice.pause());
        self.model.now = self.app.clock.seconds();
        self.dice.operation()
    }

    /// Sends a request, whose answer must be the model's.
    async fn step(&mut self, place: &str) {
        let operation = self.next();
        let outcome = self.model.outcome(&operation, &self.model.admit(&operation));
        let answer = operation.request(&self.app).send().await;
        self.dice.learn(&operation, &answer);
        let told =
            format!("{place}: {operation:?}: {} {} for {outcome:?}", answer.status, answer.body);
        let known = self.model.accounts.clone();
        assert!(self.model.take(outcome, &answer), "{told}");
        let new = self.model.accounts.keys().find(|id| !known.contains_key(id));
        assert!(new.is_none_or(|new| known.keys().all(|id| id < new)), "{told}");
    }

    /// Stops the test unless the table is as the model has it.
    async fn compare(&self, place: &str) {
        assert_eq!(self.model.disagreement(&self.app.snapshot().await), None, "{place}");
    }

    /// Stops the test unless those sessions count that count in the model.
    async fn compare_sessions(&self, place: &str) {
        for token in self.dice.tokens() {
            let is_live = self.model.is_live(token);
            assert_eq!(self.app.is_session_valid(token).await, is_live, "{place}: {token}");
        }
    }
}

async fn run(seed: u64, dialect: Dialect) {
    let mut play = Simulation::begin(seed, dialect).await;
    for step in 0..STEPS * steps_factor() {
        let place = format!("seed {seed}, step {step}");
        play.step(&place).await;
        if step % 50 == 49 {
            play.compare(&place).await;
        }
    }
    play.compare_sessions(&format!("seed {seed}")).await;
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
