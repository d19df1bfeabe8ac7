//! Whether answers that were given at the same time are those of some order of the requests.
//!
//! A request is authenticated at one moment and takes effect at a later one, both between its sending
//! and its answer (`docs/adr/0008`). What is searched for is an order of all these moments in which
//! the model gives every answer that was given. A lost update, a second owner of an address, a session
//! that lives again, or an administrator too few have none.

use std::{
    collections::HashSet,
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
};

use testkit::TestResponse;

use super::{
    lists::Shown,
    operation::{Action, Operation},
    spec::Authorization,
    state::Model,
};

/// A request, its answer, and when they were sent, on a clock that ticks with each.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) operation: Operation,
    pub(super) answer: TestResponse,
    pub(super) sent: u64,
    pub(super) answered: u64,
}

/// Calls one after the other.
pub(super) type Lane = Vec<Call>;

/// How far an order has come: in each lane the calls that are over, and the grant of the next one if
/// it was authenticated.
#[derive(Clone, Hash)]
struct Point {
    lanes: Vec<(usize, Option<Authorization>)>,
    model: Model,
}

/// Looks for an order at whose end the model is as `ends` wants it. Without one, tells where the order
/// that came furthest does not go on.
pub(super) fn explain(
    model: Model,
    lanes: &[Lane],
    ends: impl Fn(&Model) -> bool,
) -> Result<(), String> {
    let mut seen = HashSet::new();
    let start = Point { lanes: vec![(0, None); lanes.len()], model };
    let mut furthest = start.clone();
    let mut points = vec![start];
    while let Some(point) = points.pop() {
        if !seen.insert(point.digest()) {
            continue;
        }
        if point.calls(lanes).next().is_none() && ends(&point.model) {
            return Ok(());
        }
        points.extend((0..lanes.len()).filter_map(|lane| point.step(lane, lanes)));
        if point.length() >= furthest.length() {
            furthest = point;
        }
    }
    Err(furthest.told(lanes))
}

impl Point {
    fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }

    fn length(&self) -> usize {
        self.lanes.iter().map(|(over, _)| over).sum()
    }

    /// What was the case, what came before, and what has no place in it.
    fn told(&self, lanes: &[Lane]) -> String {
        let mut calls: Vec<_> = self.lanes.iter().zip(lanes).flat_map(|(_, lane)| lane).collect();
        calls.sort_by_key(|call| call.sent);
        let next: Vec<_> = self.calls(lanes).map(Call::to_string).collect();
        let calls: Vec<_> = calls.into_iter().map(Call::to_string).collect();
        let grants: Vec<_> = self.lanes.iter().map(|(_, grant)| grant).collect();
        format!(
            "{}\nno place for:\n{}\n{grants:?}\n{:#?}",
            calls.join("\n"),
            next.join("\n"),
            self.model
        )
    }

    /// The calls that are not over, the first of each lane.
    fn calls<'l>(&self, lanes: &'l [Lane]) -> impl Iterator<Item = &'l Call> {
        self.lanes.iter().zip(lanes).filter_map(|((over, _), lane)| lane.get(*over))
    }

    /// The point after the next moment of a lane, if that moment can come next.
    fn step(&self, lane: usize, lanes: &[Lane]) -> Option<Self> {
        let (over, grant) = &self.lanes[lane];
        let call = lanes[lane].get(*over)?;
        if let Some(grant) = grant {
            return self.after(lane, call, grant);
        }
        if self.calls(lanes).any(|other| other.answered < call.sent) {
            return None;
        }
        let grant = self.model.admit(&call.operation);
        let is_decided = matches!(grant, Authorization::Refused(_) | Authorization::NoLogin);
        if is_decided || call.operation.is_one_read() {
            return self.after(lane, call, &grant);
        }
        let mut point = self.clone();
        point.lanes[lane].1 = Some(grant);
        Some(point)
    }

    /// The point after a call has taken effect, if that leads to its answer.
    fn after(&self, lane: usize, call: &Call, grant: &Authorization) -> Option<Self> {
        let mut point = self.clone();
        let mut outcome = self.model.outcome(&call.operation, grant);
        if matches!(outcome.shown, Shown::Members(_)) {
            // The answer to a joining shows the members of a moment later.
            outcome.shown = Shown::Nothing;
        }
        let status = call.answer.status;
        let gave_up = call.gave_up() && self.model.lets_give_up(&call.operation, grant, status);
        (gave_up || point.model.take(outcome, &call.answer)).then_some(())?;
        point.lanes[lane] = (self.lanes[lane].0 + 1, None);
        Some(point)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation: Operation { by, action }, answer, sent, answered } = self;
        let by = by.as_deref().unwrap_or("nobody");
        write!(f, "{sent}-{answered} {by}: {action:?}: {} {}", answer.status, answer.body)
    }
}

impl Call {
    /// Whether it was not carried out because of the others, and says so.
    fn gave_up(&self) -> bool {
        match self.operation.action {
            Action::LogIn { .. } => self.answer.header("retry-after").is_some(),
            Action::SetPassword(_) => [404, 409].contains(&self.answer.status),
            _ => self.answer.body.to_string().contains("Another request is changing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use testkit::TestApp;

    use super::*;
    use crate::{model::operation::Patch, support::update_user};

    /// An update of account 1, sent and answered at these moments.
    fn call(
        patch: Patch,
        answer: &TestResponse,
        [sent, answered]: [u64; 2],
        app: &TestApp,
    ) -> Call {
        let by = Some(app.admin.session.clone());
        let operation = Operation { by, action: Action::Update(1, patch) };
        Call { operation, answer: answer.clone(), sent, answered }
    }

    #[tokio::test]
    async fn a_lost_update_has_no_explanation() {
        let app = TestApp::new().await;
        let model = Model::new(&app, false);
        let locale = || Patch { locale: Some(Some("es_MX".to_owned())), ..Patch::default() };
        let named = || Patch { attribute: Some(Some("x".to_owned())), ..Patch::default() };
        let one = update_user(&app, &app.admin, 1, json!({ "locale": "es_MX" })).await;
        let both =
            update_user(&app, &app.admin, 1, json!({ "login_attributes": { "a": "x" } })).await;
        let mut lost = both.clone();
        lost.body["locale"] = json!(null);
        let at_once = |other: &TestResponse| {
            let lanes = [
                vec![call(locale(), &one, [0, 3], &app)],
                vec![call(named(), other, [1, 2], &app)],
            ];
            explain(model.clone(), &lanes, |_| true).is_ok()
        };
        assert!(at_once(&both));
        assert!(!at_once(&lost));
        let turned =
            [vec![call(locale(), &one, [2, 3], &app)], vec![call(named(), &both, [0, 1], &app)]];
        assert!(explain(model, &turned, |_| true).is_err(), "an answer from before the request");
    }
}
