//! Random concurrent requests of four workers.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use shared::http::Dialect;
use testkit::{Fault, TestApp};
use tokio::task::JoinSet;

use super::{
    generator::OperationGenerator,
    history::{Call, WorkerCalls, explain},
    operation::{Action, GroupList, NewUser, Operation},
    start,
    state::Model,
};
use crate::support::{seeds, steps_factor};

const WORKERS: usize = 4;
const CALLS_PER_WORKER: usize = 20;
/// Percentage of slow requests to DynamoDB, which others overtake.
const SLOW_PERCENT: u8 = 30;

/// State shared by the workers.
struct SharedState {
    app: TestApp,
    generator: Mutex<OperationGenerator>,
    clock: AtomicU64,
}

impl SharedState {
    async fn run_worker(self: Arc<Self>) -> WorkerCalls {
        let mut calls = WorkerCalls::new();
        for _ in 0..CALLS_PER_WORKER {
            let operation = self.generator.lock().unwrap().atomic_operation();
            let sent_at = self.tick();
            let response = operation.request(&self.app).send().await;
            let answered_at = self.tick();
            self.generator.lock().unwrap().record(&operation, &response);
            calls.push(Call { operation, response, sent_at, answered_at });
        }
        calls
    }

    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }
}

/// Adds an administrator and two users with sessions, as targets of conflicting requests.
async fn add_users(app: &TestApp, model: &mut Model, generator: &mut OperationGenerator) {
    for (name, groups) in [("a0", &[1, 2][..]), ("b0", &[1]), ("b1", &[1])] {
        let email = format!("{name}@example.com");
        let password = testkit::PASSWORD.to_owned();
        let new_user = NewUser {
            email: email.clone(),
            names: [Some(name.to_owned()), Some("L".to_owned())],
            password: Some(password.clone()),
            sso: None,
            must_change_password: false,
            groups: GroupList { ids: groups.iter().copied().collect(), as_memberships: false },
        };
        let credential = Some(app.admin.session.clone());
        let create = Operation { credential, action: Action::Create(new_user) };
        let log_in = Operation { credential: None, action: Action::LogIn { email, password } };
        for operation in [create, log_in] {
            let outcome = model.outcome(&operation, &model.authorize(&operation));
            let response = operation.request(app).send().await;
            assert!(model.apply_response(outcome, &response));
            generator.record(&operation, &response);
        }
    }
}

async fn round(seed: u64, dialect: Dialect) {
    let (app, mut model) = start(dialect).await;
    let mut generator = OperationGenerator::new(seed, &app);
    add_users(&app, &mut model, &mut generator).await;
    app.faults.chance(SLOW_PERCENT, &[Fault::Slow], seed);
    let shared_state =
        Arc::new(SharedState { app, generator: Mutex::new(generator), clock: AtomicU64::new(0) });
    let workers: JoinSet<WorkerCalls> =
        (0..WORKERS).map(|_| Arc::clone(&shared_state).run_worker()).collect();
    let workers = workers.join_all().await;

    shared_state.app.faults.stop();
    let table = shared_state.app.snapshot().await;
    let mut valid_sessions = Vec::new();
    let tokens: Vec<_> = shared_state.generator.lock().unwrap().tokens().cloned().collect();
    for token in tokens {
        valid_sessions.push((shared_state.app.is_session_valid(&token).await, token));
    }
    let is_final = |model: &Model| {
        model.difference(&table).is_none()
            && valid_sessions
                .iter()
                .all(|(is_valid, token)| model.is_session_valid(token) == *is_valid)
    };
    let result = explain(model, &workers, is_final);
    result.unwrap_or_else(|explanation| panic!("seed {seed}, {dialect:?}:\n{explanation}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_responses_are_those_of_some_order() {
    for seed in seeds(0..8 * steps_factor()) {
        let rounds: JoinSet<()> = [Dialect::Documented, Dialect::Metabase]
            .map(|dialect| round(seed, dialect))
            .into_iter()
            .collect();
        rounds.join_all().await;
    }
}
