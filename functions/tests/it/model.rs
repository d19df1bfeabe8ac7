//! Random requests, compared with a simple model of the rules of the API.
//!
//! - Sequential requests: each response must be the one of the model.
//! - `concurrent`: the responses must be those of the model in some order of the requests.
//! - `with_faults`: 20% of the requests to DynamoDB fail, and no partial effect may remain.
//!
//! A failure reports its seed. `SEED=7 cargo test -p functions --test it model` repeats it.
//! `MODEL_STEPS_FACTOR=20` multiplies the number of steps by 20. `scripts/soak` is the long run.

mod api_key_rules;
mod concurrent;
mod expected_body;
mod generator;
mod group_rules;
mod history;
mod login_rate_limit;
mod operation;
mod spec;
mod state;
mod table;
mod with_faults;

use shared::{config::Settings, http::Dialect};
use testkit::TestApp;

use crate::support::{seeds, steps_factor};
use generator::OperationGenerator;
use operation::Operation;
use state::Model;

const STEPS: u64 = 400;

/// A service with a dialect, and its model.
async fn start(dialect: Dialect) -> (TestApp, Model) {
    let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
    let model = Model::new(&app, dialect == Dialect::Metabase);
    (app, model)
}

/// A service, its model and a source of requests.
struct Simulation {
    app: TestApp,
    model: Model,
    generator: OperationGenerator,
}

impl Simulation {
    async fn start(seed: u64, dialect: Dialect) -> Self {
        let (app, model) = start(dialect).await;
        let generator = OperationGenerator::new(seed, &app);
        Self { app, model, generator }
    }

    /// The next request, after a pause on the clock.
    fn next(&mut self) -> Operation {
        self.app.clock.advance(self.generator.pause());
        self.model.now = self.app.clock.seconds();
        self.generator.operation()
    }

    /// Sends a request and compares the response with the model.
    async fn step(&mut self, context: &str) {
        let operation = self.next();
        let outcome = self.model.outcome(&operation, &self.model.authorize(&operation));
        let response = operation.request(&self.app).send().await;
        self.generator.record(&operation, &response);
        let shown = format!(
            "{context}: {operation:?}: {} {} for {outcome:?}",
            response.status, response.body
        );
        let known = self.model.users.clone();
        assert!(self.model.apply_response(outcome, &response), "{shown}");
        let new = self.model.users.keys().find(|id| !known.contains_key(id));
        assert!(new.is_none_or(|new| known.keys().all(|id| id < new)), "{shown}");
    }

    /// Fails the test if the table differs from the model.
    async fn compare(&self, context: &str) {
        assert_eq!(self.model.difference(&self.app.snapshot().await), None, "{context}");
    }

    /// Fails the test if the valid sessions differ from those of the model.
    async fn compare_sessions(&self, context: &str) {
        for token in self.generator.tokens() {
            let is_valid = self.model.is_session_valid(token);
            assert_eq!(self.app.is_session_valid(token).await, is_valid, "{context}: {token}");
        }
    }
}

async fn run(seed: u64, dialect: Dialect) {
    let mut simulation = Simulation::start(seed, dialect).await;
    for step in 0..STEPS * steps_factor() {
        let context = format!("seed {seed}, step {step}");
        simulation.step(&context).await;
        if step % 50 == 49 {
            simulation.compare(&context).await;
        }
    }
    simulation.compare_sessions(&format!("seed {seed}")).await;
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
