//! Kills of a function before and after each of its requests to DynamoDB.
//!
//! The request takes effect completely or not at all, and a retry succeeds.

use functions::routes::Route;
use local::route_table::RouteTable;
use serde_json::{Value, json};
use testkit::{Items, KillPoint, Ses, SesBehavior, Snapshot, assert_invariants, comparable};
use tokio::task::JoinSet;

use crate::{
    faults::matrix::{Scenario, ScenarioApp, scenarios},
    support::binary,
};

/// Number of concurrent scenarios.
const WORKERS: usize = 3;

/// The request of a scenario as a Lambda event.
fn event(fixture: &ScenarioApp, scenario: &Scenario) -> Value {
    let parts = fixture.request_parts(scenario);
    let (path, query) = parts.path.split_once('?').unwrap_or((&parts.path, ""));
    let paths = RouteTable::new().unwrap();
    let (Route { method, path: pattern, .. }, parameters) = paths.find(parts.method, path).unwrap();
    let mut headers = json!({ "content-type": "application/json" });
    if let Some((name, value)) = parts.header {
        headers[name] = json!(value);
    }
    json!({
        "routeKey": format!("{method} {pattern}"),
        "rawQueryString": query,
        "headers": headers,
        "pathParameters": parameters,
        "requestContext": {
            "http": { "method": method, "sourceIp": "192.0.2.1" },
            "requestId": "killed",
        },
        "body": parts.body.to_string(),
    })
}

/// The comparable table without dates, because the function has its own clock.
fn without_dates(items: &Items) -> Value {
    let mut state = comparable(items);
    clear_dates(&mut state);
    state
}

fn clear_dates(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(clear_dates),
        Value::Array(values) => {
            values.iter_mut().for_each(clear_dates);
            values.sort_by_key(ToString::to_string);
        }
        Value::String(text) if text.starts_with("20") && text.ends_with('Z') => text.clear(),
        Value::Number(number) if number.as_i64() > Some(1_000_000_000) => *value = Value::Null,
        _ => {}
    }
}

/// A function to kill, with its scenario and event.
struct KilledFunction {
    fixture: ScenarioApp,
    scenario: Scenario,
    event: Value,
    ses: Ses,
}

impl KilledFunction {
    async fn new(scenario: Scenario) -> Self {
        let fixture = ScenarioApp::with_system_clock(&scenario).await;
        let event = event(&fixture, &scenario);
        Self { fixture, scenario, event, ses: Ses::start(SesBehavior::Accept).await }
    }

    fn variables(&self) -> [(&str, &str); 2] {
        [("MAIL_FROM", "users@example.com"), ("AWS_ENDPOINT_URL_SESV2", &self.ses.endpoint)]
    }

    /// Invokes the function without a kill and returns the status of the response.
    async fn status(&self) -> u16 {
        let (app, binary) = (&self.fixture.app, binary(self.scenario.function));
        let (response, log) = app.invoke_with(&self.variables(), &binary, &self.event).await;
        let status = response["statusCode"].as_u64().and_then(|status| status.try_into().ok());
        status.unwrap_or_else(|| panic!("{}: {log}", self.scenario))
    }

    async fn kill(&self, at: (usize, KillPoint)) -> Option<Value> {
        let (app, binary) = (&self.fixture.app, binary(self.scenario.function));
        app.kill((&binary, &self.event), &self.variables(), at).await
    }
}

/// The comparable table before and after a request.
struct TableStates {
    before: Value,
    after: Value,
}

impl KilledFunction {
    /// Invokes the function without a kill.
    async fn run_without_kill(&self) -> Snapshot {
        assert_eq!(self.status().await, self.scenario.status, "{}", self.scenario);
        self.fixture.app.snapshot().await
    }

    /// Checks the table after a kill and retries the request.
    ///
    /// The first request has taken effect completely or not at all, and the retry completes it.
    async fn recover(&self, at: (usize, KillPoint), table: &TableStates) -> Snapshot {
        let (app, scenario) = (&self.fixture.app, &self.scenario);
        let killed = app.items().await;
        assert_invariants(&killed);
        let after_kill = without_dates(&killed);
        let status = self.status().await;
        let current = app.snapshot().await;
        assert_invariants(&current.items());
        if after_kill == table.before {
            let retried = (status, without_dates(&current.items()));
            assert_eq!(retried, (scenario.status, table.after.clone()), "{scenario}: {at:?}");
        } else {
            assert_eq!(after_kill, table.after, "{scenario}: {at:?}");
            assert!(status < 500, "{scenario}: {at:?}: {status}");
        }
        current
    }
}

/// Kills a function at each of its requests and retries. Returns the number of kills.
async fn kill_at_each_request(scenario: Scenario) -> usize {
    let subject = KilledFunction::new(scenario).await;
    let app = &subject.fixture.app;
    let initial = app.snapshot().await;
    let mut current = subject.run_without_kill().await;
    let states = TableStates {
        before: without_dates(&initial.items()),
        after: without_dates(&current.items()),
    };

    // Request 0 opens the connection before the event arrives.
    let kill_points = (1..).flat_map(|request_index| {
        [(request_index, KillPoint::BeforeRequest), (request_index, KillPoint::AfterRequest)]
    });
    for (kills, at) in kill_points.enumerate() {
        app.restore(&current, &initial).await;
        if subject.kill(at).await.is_some() {
            return kills;
        }
        current = subject.recover(at, &states).await;
    }
    unreachable!("the kill points are infinite")
}

async fn run_scenarios(scenarios: Vec<Scenario>) -> usize {
    let mut kills = 0;
    for scenario in scenarios {
        kills += kill_at_each_request(scenario).await;
    }
    kills
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_function_leaves_all_or_nothing_and_a_retry_succeeds() {
    let mut workers = vec![Vec::new(); WORKERS];
    let writes =
        scenarios().into_iter().filter(|scenario| !scenario.request_line.starts_with("GET "));
    for (number, scenario) in writes.enumerate() {
        workers[number % WORKERS].push(scenario);
    }
    let workers: JoinSet<_> = workers.into_iter().map(run_scenarios).collect();
    let kills: usize = workers.join_all().await.into_iter().sum();
    assert!(kills > 100, "{kills} kills");
}
