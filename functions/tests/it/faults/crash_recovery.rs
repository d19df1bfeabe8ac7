//! Functions that are killed around each of their requests to DynamoDB: all of what was asked for is
//! done, or nothing of it, and whoever asks again is served.

use functions::routes::Route;
use local::route_table::RouteTable;
use serde_json::{Value, json};
use testkit::{Items, KillPoint, Ses, SesBehavior, Snapshot, assert_sound, comparable};
use tokio::task::JoinSet;

use crate::{
    faults::matrix::{Scenario, ScenarioApp, scenarios},
    support::binary,
};

/// How many scenarios are played at a time.
const LANES: usize = 3;

/// A request as the gateway hands it to a function.
fn event(stage: &ScenarioApp, scenario: &Scenario) -> Value {
    let sent = stage.sent(scenario);
    let (path, query) = sent.path.split_once('?').unwrap_or((&sent.path, ""));
    let paths = RouteTable::new().unwrap();
    let (Route { method, path: pattern, .. }, parameters) = paths.find(sent.method, path).unwrap();
    let mut headers = json!({ "content-type": "application/json" });
    if let Some((name, value)) = sent.header {
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
        "body": sent.body.to_string(),
    })
}

/// What a table says but for dates: the clock of another process goes on.
fn dateless(items: &Items) -> Value {
    let mut world = comparable(items);
    blur(&mut world);
    world
}

fn blur(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(blur),
        Value::Array(values) => {
            values.iter_mut().for_each(blur);
            values.sort_by_key(ToString::to_string);
        }
        Value::String(text) if text.starts_with("20") && text.ends_with('Z') => text.clear(),
        Value::Number(number) if number.as_i64() > Some(1_000_000_000) => *value = Value::Null,
        _ => {}
    }
}

/// A function that is killed again and again.
struct Victim {
    stage: ScenarioApp,
    scenario: Scenario,
    event: Value,
    ses: Ses,
}

impl Victim {
    async fn of(scenario: Scenario) -> Self {
        let stage = ScenarioApp::today(&scenario).await;
        let event = event(&stage, &scenario);
        Self { stage, scenario, event, ses: Ses::start(SesBehavior::Accept).await }
    }

    fn variables(&self) -> [(&str, &str); 2] {
        [("MAIL_FROM", "users@example.com"), ("AWS_ENDPOINT_URL_SESV2", &self.ses.endpoint)]
    }

    /// The status of the answer to the event, if nobody is killed.
    async fn status(&self) -> u16 {
        let (app, binary) = (&self.stage.app, binary(self.scenario.function));
        let (answer, log) = app.invoke_with(&self.variables(), &binary, &self.event).await;
        let status = answer["statusCode"].as_u64().and_then(|status| status.try_into().ok());
        status.unwrap_or_else(|| panic!("{}: {log}", self.scenario))
    }

    async fn kill(&self, at: (usize, KillPoint)) -> Option<Value> {
        let (app, binary) = (&self.stage.app, binary(self.scenario.function));
        app.kill((&binary, &self.event), &self.variables(), at).await
    }
}

/// What a table says before a request and after it.
struct Ends {
    before: Value,
    after: Value,
}

impl Victim {
    /// Asks without a kill.
    async fn rehearse(&self) -> Snapshot {
        assert_eq!(self.status().await, self.scenario.status, "{}", self.scenario);
        self.stage.app.snapshot().await
    }

    /// Asks again after a kill: all was done, or nothing, and now all is done.
    async fn recover(&self, at: (usize, KillPoint), ends: &Ends) -> Snapshot {
        let (app, scenario) = (&self.stage.app, &self.scenario);
        let killed = app.items().await;
        assert_sound(&killed);
        let found = dateless(&killed);
        let status = self.status().await;
        let now = app.snapshot().await;
        assert_sound(&now.items());
        if found == ends.before {
            let again = (status, dateless(&now.items()));
            assert_eq!(again, (scenario.status, ends.after.clone()), "{scenario}: {at:?}");
        } else {
            assert_eq!(found, ends.after, "{scenario}: {at:?}");
            assert!(status < 500, "{scenario}: {at:?}: {status}");
        }
        now
    }
}

/// Kills a function around each of its requests, and then asks again; gives back how often.
async fn suffer(scenario: Scenario) -> usize {
    let victim = Victim::of(scenario).await;
    let app = &victim.stage.app;
    let fresh = app.snapshot().await;
    let mut now = victim.rehearse().await;
    let ends = Ends { before: dateless(&fresh.items()), after: dateless(&now.items()) };

    // The first request opens the connection, before the event is there.
    let places = (1..)
        .flat_map(|place| [(place, KillPoint::BeforeRequest), (place, KillPoint::AfterRequest)]);
    for (kills, at) in places.enumerate() {
        app.restore(&now, &fresh).await;
        if victim.kill(at).await.is_some() {
            return kills;
        }
        now = victim.recover(at, &ends).await;
    }
    unreachable!("there is always another place")
}

async fn lane(scenarios: Vec<Scenario>) -> usize {
    let mut kills = 0;
    for scenario in scenarios {
        kills += suffer(scenario).await;
    }
    kills
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_is_killed_leaves_all_or_nothing_and_whoever_asks_again_is_served() {
    let mut lanes = vec![Vec::new(); LANES];
    let writes = scenarios().into_iter().filter(|scenario| !scenario.line.starts_with("GET "));
    for (number, scenario) in writes.enumerate() {
        lanes[number % LANES].push(scenario);
    }
    let lanes: JoinSet<_> = lanes.into_iter().map(lane).collect();
    let kills: usize = lanes.join_all().await.into_iter().sum();
    assert!(kills > 100, "{kills} kills");
}
