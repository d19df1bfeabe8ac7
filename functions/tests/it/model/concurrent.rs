//! Random requests of four people at once.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use shared::http::Dialect;
use testkit::{Fault, TestApp};
use tokio::task::JoinSet;

use super::{
    begin,
    generator::OperationGenerator,
    history::{Call, Lane, explain},
    operation::{Action, GroupList, New, Operation},
    state::Model,
};
use crate::support::{seeds, steps_factor};

const LANES: usize = 4;
const CALLS: usize = 20;
/// So many of a hundred requests to DynamoDB are slow, so that they overtake each other.
const SLOW: u8 = 30;

/// What the lanes share.
struct Scene {
    app: TestApp,
    dice: Mutex<OperationGenerator>,
    clock: AtomicU64,
}

impl Scene {
    async fn lane(self: Arc<Self>) -> Lane {
        let mut lane = Lane::new();
        for _ in 0..CALLS {
            let operation = self.dice.lock().unwrap().quick_operation();
            let sent = self.tick();
            let answer = operation.request(&self.app).send().await;
            let answered = self.tick();
            self.dice.lock().unwrap().learn(&operation, &answer);
            lane.push(Call { operation, answer, sent, answered });
        }
        lane
    }

    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }
}

/// Adds an administrator and two others, with a session each, so that there is something to dispute.
async fn people(app: &TestApp, model: &mut Model, dice: &mut OperationGenerator) {
    for (name, groups) in [("a0", &[1, 2][..]), ("b0", &[1]), ("b1", &[1])] {
        let email = format!("{name}@example.com");
        let password = testkit::PASSWORD.to_owned();
        let new = New {
            email: email.clone(),
            names: [Some(name.to_owned()), Some("L".to_owned())],
            password: Some(password.clone()),
            sso: None,
            must_change: false,
            groups: GroupList { ids: groups.iter().copied().collect(), as_memberships: false },
        };
        let by = Some(app.admin.session.clone());
        let create = Operation { by, action: Action::Create(new) };
        let log_in = Operation { by: None, action: Action::LogIn { email, password } };
        for operation in [create, log_in] {
            let outcome = model.outcome(&operation, &model.admit(&operation));
            let answer = operation.request(app).send().await;
            assert!(model.take(outcome, &answer));
            dice.learn(&operation, &answer);
        }
    }
}

async fn round(seed: u64, dialect: Dialect) {
    let (app, mut model) = begin(dialect).await;
    let mut dice = OperationGenerator::new(seed, &app);
    people(&app, &mut model, &mut dice).await;
    app.faults.chance(SLOW, &[Fault::Slow], seed);
    let scene = Arc::new(Scene { app, dice: Mutex::new(dice), clock: AtomicU64::new(0) });
    let lanes: JoinSet<Lane> = (0..LANES).map(|_| Arc::clone(&scene).lane()).collect();
    let lanes = lanes.join_all().await;

    scene.app.faults.stop();
    let table = scene.app.snapshot().await;
    let mut live = Vec::new();
    let tokens: Vec<_> = scene.dice.lock().unwrap().tokens().cloned().collect();
    for token in tokens {
        live.push((scene.app.is_session_valid(&token).await, token));
    }
    let ends = |model: &Model| {
        model.disagreement(&table).is_none()
            && live.iter().all(|(is_live, token)| model.is_live(token) == *is_live)
    };
    let explained = explain(model, &lanes, ends);
    explained.unwrap_or_else(|told| panic!("seed {seed}, {dialect:?}:\n{told}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answers_at_the_same_time_are_those_of_some_order() {
    for seed in seeds(0..8 * steps_factor()) {
        let rounds: JoinSet<()> = [Dialect::Documented, Dialect::Metabase]
            .map(|it| round(seed, it))
            .into_iter()
            .collect();
        rounds.join_all().await;
    }
}
