//! Search for a sequential order that explains the responses to concurrent requests.
//!
//! A request is authenticated at one point in time and takes effect at a later one. Both lie
//! between sending and response (`docs/adr/0008`). The search looks for an order of all these
//! points in which the model produces every actual response. Lost updates, duplicate email
//! addresses, revived sessions and missing administrators have no such order.

use std::{
    collections::HashSet,
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
};

use testkit::TestResponse;

use super::{
    expected_body::ExpectedBody,
    operation::{Action, Operation},
    spec::Authorization,
    state::Model,
};

/// A request and its response, with the times of both on a logical clock.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) operation: Operation,
    pub(super) response: TestResponse,
    pub(super) sent_at: u64,
    pub(super) answered_at: u64,
}

/// The sequential calls of one worker.
pub(super) type WorkerCalls = Vec<Call>;

/// A partial order: the number of completed calls of each worker, and the authorization of its next
/// call if that is authenticated.
#[derive(Clone, Hash)]
struct SearchState {
    workers: Vec<(usize, Option<Authorization>)>,
    model: Model,
}

/// Searches for an order with a final model accepted by `is_final`.
///
/// # Errors
///
/// Returns a description of the longest partial order if there is none.
pub(super) fn explain(
    model: Model,
    workers: &[WorkerCalls],
    is_final: impl Fn(&Model) -> bool,
) -> Result<(), String> {
    let mut visited = HashSet::new();
    let start = SearchState { workers: vec![(0, None); workers.len()], model };
    let mut furthest = start.clone();
    let mut pending = vec![start];
    while let Some(state) = pending.pop() {
        if !visited.insert(state.digest()) {
            continue;
        }
        if state.next_calls(workers).next().is_none() && is_final(&state.model) {
            return Ok(());
        }
        pending.extend((0..workers.len()).filter_map(|worker| state.step(worker, workers)));
        if state.completed_calls() >= furthest.completed_calls() {
            furthest = state;
        }
    }
    Err(furthest.describe(workers))
}

impl SearchState {
    fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }

    fn completed_calls(&self) -> usize {
        self.workers.iter().map(|(completed, _)| completed).sum()
    }

    /// Describes all calls, the calls without a possible next step, and the model.
    fn describe(&self, workers: &[WorkerCalls]) -> String {
        let mut calls: Vec<_> =
            self.workers.iter().zip(workers).flat_map(|(_, worker)| worker).collect();
        calls.sort_by_key(|call| call.sent_at);
        let next: Vec<_> = self.next_calls(workers).map(Call::to_string).collect();
        let calls: Vec<_> = calls.into_iter().map(Call::to_string).collect();
        let authorizations: Vec<_> =
            self.workers.iter().map(|(_, authorization)| authorization).collect();
        format!(
            "{}\nunexplained:\n{}\n{authorizations:?}\n{:#?}",
            calls.join("\n"),
            next.join("\n"),
            self.model
        )
    }

    /// The next call of each worker.
    fn next_calls<'l>(&self, workers: &'l [WorkerCalls]) -> impl Iterator<Item = &'l Call> {
        self.workers
            .iter()
            .zip(workers)
            .filter_map(|((completed, _), worker)| worker.get(*completed))
    }

    /// The state after the next step of a worker, if this step is possible.
    fn step(&self, worker: usize, workers: &[WorkerCalls]) -> Option<Self> {
        let (completed, authorization) = &self.workers[worker];
        let call = workers[worker].get(*completed)?;
        if let Some(authorization) = authorization {
            return self.after(worker, call, authorization);
        }
        if self.next_calls(workers).any(|other| other.answered_at < call.sent_at) {
            return None;
        }
        let authorization = self.model.authorize(&call.operation);
        let is_decided =
            matches!(authorization, Authorization::Rejected(_) | Authorization::InvalidLogin);
        if is_decided || call.operation.is_one_read() {
            return self.after(worker, call, &authorization);
        }
        let mut state = self.clone();
        state.workers[worker].1 = Some(authorization);
        Some(state)
    }

    /// The state after the effect of a call, if the model produces the actual response.
    fn after(&self, worker: usize, call: &Call, authorization: &Authorization) -> Option<Self> {
        let mut state = self.clone();
        let mut outcome = self.model.outcome(&call.operation, authorization);
        if matches!(outcome.expected_body, ExpectedBody::Members(_)) {
            // The service reads the list of members after the write.
            outcome.expected_body = ExpectedBody::Any;
        }
        let status = call.response.status;
        let lost_race =
            call.lost_race() && self.model.may_lose_race(&call.operation, authorization, status);
        (lost_race || state.model.apply_response(outcome, &call.response)).then_some(())?;
        state.workers[worker] = (self.workers[worker].0 + 1, None);
        Some(state)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation: Operation { credential, action }, response, sent_at, answered_at } =
            self;
        let credential = credential.as_deref().unwrap_or("anonymous");
        write!(
            f,
            "{sent_at}-{answered_at} {credential}: {action:?}: {} {}",
            response.status, response.body
        )
    }
}

impl Call {
    /// Whether the response reports that concurrent requests prevented the effect.
    fn lost_race(&self) -> bool {
        match self.operation.action {
            Action::LogIn { .. } => self.response.header("retry-after").is_some(),
            Action::SetPassword(_) => [404, 409].contains(&self.response.status),
            _ => self.response.body.to_string().contains("Another request is changing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use testkit::TestApp;

    use super::*;
    use crate::{model::operation::Patch, support::update_user};

    /// An update of user 1 with the times of request and response.
    fn call(
        patch: Patch,
        response: &TestResponse,
        [sent_at, answered_at]: [u64; 2],
        app: &TestApp,
    ) -> Call {
        let credential = Some(app.admin.session.clone());
        let operation = Operation { credential, action: Action::Update(1, patch) };
        Call { operation, response: response.clone(), sent_at, answered_at }
    }

    #[tokio::test]
    async fn a_lost_update_has_no_explanation() {
        let app = TestApp::new().await;
        let model = Model::new(&app, false);
        let locale = || Patch { locale: Some(Some("es_MX".to_owned())), ..Patch::default() };
        let with_attribute = || Patch { attribute: Some(Some("x".to_owned())), ..Patch::default() };
        let one = update_user(&app, &app.admin, 1, json!({ "locale": "es_MX" })).await;
        let both =
            update_user(&app, &app.admin, 1, json!({ "login_attributes": { "a": "x" } })).await;
        let mut lost = both.clone();
        lost.body["locale"] = json!(null);
        let is_explained = |other: &TestResponse| {
            let workers = [
                vec![call(locale(), &one, [0, 3], &app)],
                vec![call(with_attribute(), other, [1, 2], &app)],
            ];
            explain(model.clone(), &workers, |_| true).is_ok()
        };
        assert!(is_explained(&both));
        assert!(!is_explained(&lost));
        let reversed = [
            vec![call(locale(), &one, [2, 3], &app)],
            vec![call(with_attribute(), &both, [0, 1], &app)],
        ];
        assert!(explain(model, &reversed, |_| true).is_err(), "the response precedes the request");
    }
}
