//! Every fault at each request to DynamoDB of each route.
//!
//! A transient fault does not change the response. A permanent fault leads to 503, and the request
//! takes effect either completely or not at all.

use std::{collections::BTreeSet, fmt};

use functions::{route::Route, routes::ROUTES};
use serde_json::{Value, json};
use shared::{auth::token::SessionToken, config::Settings};
use testkit::{
    ADMIN_EMAIL, Fault, PASSWORD, Request, SETUP_TOKEN, TestApp, TestResponse, assert_invariants,
    comparable,
};
use tokio::task::JoinSet;

use crate::support::{api_key_id, is_file, membership, reset_token, update_user};

/// Number of faults that exceeds all retries.
const PERMANENT: usize = 64;
/// Number of concurrent scenarios. More of them would wait too long for password hashes.
const WORKERS: usize = 6;

/// The sender of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    Admin,
    Jane,
    Robot,
    Anonymous,
}

/// One request with its expected status.
///
/// The request line and the body may contain placeholders such as `{jane}` or `{group}`, which
/// [`ScenarioApp`] replaces.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) function: &'static str,
    pub(crate) request_line: &'static str,
    pub(crate) actor: Actor,
    pub(crate) body: Value,
    pub(crate) status: u16,
}

/// Membership requests.
const MEMBERSHIPS: [&str; 5] = [
    "GET /api/permissions/membership",
    "POST /api/permissions/membership",
    "PUT /api/permissions/membership/{membership}",
    "DELETE /api/permissions/membership/{membership}",
    "PUT /api/permissions/membership/{group}/clear",
];

/// Requests with a link about a new email address.
const EMAIL_LINKS: [&str; 2] = ["POST /api/user/confirm-email", "POST /api/user/revert-email"];

/// Password requests.
const PASSWORDS: [&str; 5] = [
    "POST /api/user/{jane}/password-reset-url",
    "POST /api/session/password-check",
    "GET /api/session/password_reset_token_valid?token={reset_token}",
    "POST /api/session/forgot_password",
    "POST /api/session/reset_password",
];

/// All scenarios: those below, and the example request of each read without one.
pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut scenarios = [
        user_scenarios(),
        update_scenarios(),
        group_scenarios(),
        graph_scenarios(),
        api_key_scenarios(),
        session_scenarios(),
        password_scenarios(),
    ]
    .concat();
    let is_missing = |route: &&Route| {
        let has_scenario = scenarios.iter().any(|one| one.function == route.function);
        route.method == "GET" && !is_file(route.function) && !has_scenario
    };
    let reads: Vec<_> = ROUTES.iter().filter(is_missing).map(example_scenario).collect();
    scenarios.extend(reads);
    scenarios
}

/// The example request of a route, sent by the administrator.
fn example_scenario(route: &Route) -> Scenario {
    let examples = route.event.path.iter();
    let path = examples.fold(route.path.to_owned(), |path, (name, value)| {
        path.replace(&format!("{{{name}}}"), value)
    });
    let query: Vec<_> =
        route.event.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let line = format!("GET {path}?{}", query.join("&"));
    let line = line.trim_end_matches('?').to_owned().leak();
    scenario(route.function, line, no_body(Actor::Admin), 200)
}

fn scenario(
    function: &'static str,
    request_line: &'static str,
    (actor, body): (Actor, Value),
    status: u16,
) -> Scenario {
    Scenario { function, request_line, actor, body, status }
}

fn no_body(actor: Actor) -> (Actor, Value) {
    (actor, json!({}))
}

fn new(email: &str) -> Value {
    json!({ "email": email, "first_name": "N", "last_name": "N" })
}

fn user_scenarios() -> Vec<Scenario> {
    let sso_user = |email: &str, groups: Value| {
        let mut body = new(email);
        body["sso_source"] = json!("saml");
        body["group_ids"] = groups;
        (Actor::Admin, body)
    };
    let create =
        |body: (Actor, Value), status| scenario("create-user", "POST /api/user", body, status);
    vec![
        scenario("list-users", "GET /api/user?status=all", no_body(Actor::Admin), 200),
        scenario("list-users", "GET /api/user?limit=2", no_body(Actor::Admin), 200),
        scenario("list-users", "GET /api/user", no_body(Actor::Jane), 200),
        scenario("current-user", "GET /api/user/current", no_body(Actor::Admin), 200),
        scenario("current-user", "GET /api/user/current", no_body(Actor::Robot), 200),
        scenario("list-recipients", "GET /api/user/recipients", no_body(Actor::Jane), 200),
        scenario("get-user", "GET /api/user/{jane}", no_body(Actor::Admin), 200),
        create(sso_user("new@example.com", json!([])), 200),
        create(sso_user("n@example.com", json!([2, "{group}"])), 200),
        create(sso_user(ADMIN_EMAIL, json!([])), 409),
    ]
}

fn update_scenarios() -> Vec<Scenario> {
    let own = || json!({ "password": PASSWORD, "new_password": "an0ther secret" });
    let groups = |ids: Value| (Actor::Admin, json!({ "group_ids": ids }));
    let update = |request_line, body, status| scenario("update-user", request_line, body, status);
    let password = |actor, status| {
        scenario("update-password", "PUT /api/user/{jane}/password", (actor, own()), status)
    };
    let link = |token: &str| (Actor::Anonymous, json!({ "token": token }));
    let [confirm, revert] = EMAIL_LINKS;
    vec![
        update("PUT /api/user/{jane}", (Actor::Jane, json!({ "first_name": "J" })), 200),
        update("PUT /api/user/{jane}", (Actor::Admin, new("joan@example.com")), 200),
        update("PUT /api/user/{jane}", (Actor::Admin, new(ADMIN_EMAIL)), 409),
        update("PUT /api/user/{jane}", groups(json!([1, 2, "{group}"])), 200),
        update("PUT /api/user/{other_admin}", groups(json!([1])), 200),
        update("PUT /api/user/{jane}", (Actor::Jane, new("joan@example.com")), 200),
        scenario("confirm-email", confirm, link("{confirmation}"), 204),
        scenario("confirm-email", confirm, link("{reversal}"), 400),
        scenario("revert-email", revert, link("{reversal}"), 204),
        scenario("revert-email", revert, link("{confirmation}"), 400),
        scenario("deactivate-user", "DELETE /api/user/{jane}", no_body(Actor::Admin), 200),
        scenario("deactivate-user", "DELETE /api/user/{other_admin}", no_body(Actor::Admin), 200),
        scenario(
            "reactivate-user",
            "PUT /api/user/{deactivated}/reactivate",
            no_body(Actor::Admin),
            200,
        ),
        scenario("anonymize-user", "POST /api/user/{jane}/anonymize", no_body(Actor::Admin), 200),
        scenario(
            "anonymize-user",
            "POST /api/user/{other_admin}/anonymize",
            no_body(Actor::Admin),
            200,
        ),
        password(Actor::Jane, 200),
        password(Actor::Admin, 204),
        scenario("dismiss-modal", "PUT /api/user/{jane}/modal/qbnewb", no_body(Actor::Jane), 200),
    ]
}

fn group_scenarios() -> Vec<Scenario> {
    let name = |name: &str| (Actor::Admin, json!({ "name": name }));
    let membership =
        |group: Value| (Actor::Admin, json!({ "user_id": "{jane}", "group_id": group }));
    let manager = || (Actor::Admin, json!({ "is_group_manager": true }));
    let [list, join, manage, leave, clear] = MEMBERSHIPS;
    vec![
        scenario("list-groups", "GET /api/permissions/group", no_body(Actor::Admin), 200),
        scenario("create-group", "POST /api/permissions/group", name("Managers"), 200),
        scenario("create-group", "POST /api/permissions/group", name("ANALYSTS"), 400),
        scenario("get-group", "GET /api/permissions/group/{group}", no_body(Actor::Admin), 200),
        scenario("update-group", "PUT /api/permissions/group/{group}", name("Other"), 200),
        scenario(
            "delete-group",
            "DELETE /api/permissions/group/{group}",
            no_body(Actor::Admin),
            204,
        ),
        scenario("list-memberships", list, no_body(Actor::Admin), 200),
        scenario("create-membership", join, membership(json!("{group}")), 200),
        scenario("create-membership", join, membership(json!(2)), 200),
        scenario("update-membership", manage, manager(), 402),
        scenario("delete-membership", leave, no_body(Actor::Admin), 204),
        scenario("clear-group", clear, no_body(Actor::Admin), 204),
    ]
}

/// An unchanged permissions graph, and one with a change.
fn graph_scenarios() -> Vec<Scenario> {
    let put = |groups: Value| (Actor::Admin, json!({ "revision": 0, "groups": groups }));
    let update = |body, status| {
        scenario("update-permissions-graph", "PUT /api/permissions/graph", body, status)
    };
    vec![
        update(put(json!({})), 200),
        update(put(json!({ "1": { "1": { "details": "no" } } })), 400),
    ]
}

fn api_key_scenarios() -> Vec<Scenario> {
    let key = |name: &str| (Actor::Admin, json!({ "name": name, "group_id": "{group}" }));
    let regenerate = "PUT /api/api-key/{api_key}/regenerate";
    vec![
        scenario("list-api-keys", "GET /api/api-key", no_body(Actor::Admin), 200),
        scenario("count-api-keys", "GET /api/api-key/count", no_body(Actor::Admin), 200),
        scenario("create-api-key", "POST /api/api-key", key("Other"), 200),
        scenario("create-api-key", "POST /api/api-key", key("ROBOT"), 400),
        scenario("update-api-key", "PUT /api/api-key/{api_key}", key("Other"), 200),
        scenario("regenerate-api-key", regenerate, no_body(Actor::Admin), 200),
        scenario("delete-api-key", "DELETE /api/api-key/{api_key}", no_body(Actor::Admin), 204),
    ]
}

fn session_scenarios() -> Vec<Scenario> {
    let login = |password: &str| {
        (Actor::Anonymous, json!({ "username": ADMIN_EMAIL, "password": password }))
    };
    let user = json!({ "email": ADMIN_EMAIL, "password": PASSWORD });
    let setup = (Actor::Anonymous, json!({ "token": SETUP_TOKEN, "user": user }));
    vec![
        scenario("login", "POST /api/session", login(PASSWORD), 200),
        scenario("login", "POST /api/session", login("wrong"), 401),
        scenario("logout", "DELETE /api/session", no_body(Actor::Jane), 204),
        scenario("list-sessions", "GET /api/user/{jane}/sessions", no_body(Actor::Jane), 200),
        scenario("revoke-sessions", "DELETE /api/user/{jane}/sessions", no_body(Actor::Jane), 204),
        scenario(
            "revoke-session",
            "DELETE /api/user/{jane}/sessions/{session}",
            no_body(Actor::Admin),
            204,
        ),
        scenario(
            "session-properties",
            "GET /api/session/properties",
            no_body(Actor::Anonymous),
            200,
        ),
        scenario("setup", "POST /api/setup", setup, 200),
        scenario(
            "update-setting",
            "PUT /api/setting/site-name",
            (Actor::Admin, json!({ "value": "Example" })),
            204,
        ),
        scenario("test-email", "POST /api/email/test", no_body(Actor::Admin), 200),
        scenario("list-audit", "GET /api/audit?actor=1", no_body(Actor::Admin), 200),
        scenario("health", "GET /api/health", no_body(Actor::Anonymous), 200),
    ]
}

fn password_scenarios() -> Vec<Scenario> {
    let reset = |token: &str| json!({ "token": token, "password": "an0ther secret" });
    let anonymous = |body: Value| (Actor::Anonymous, body);
    let guess = json!({ "password": "wrong pw 1", "new_password": "an0ther secret" });
    let invite = "POST /api/user/{jane}/send_invite";
    let [url, check, valid, forgot, reset_password] = PASSWORDS;
    vec![
        scenario("update-password", "PUT /api/user/{jane}/password", (Actor::Jane, guess), 400),
        scenario("password-reset-url", url, no_body(Actor::Admin), 200),
        scenario("send-invite", invite, no_body(Actor::Admin), 200),
        scenario(
            "release-rate-limits",
            "DELETE /api/user/{jane}/rate-limits",
            no_body(Actor::Admin),
            204,
        ),
        scenario("password-check", check, anonymous(reset("{reset_token}")), 200),
        scenario("check-reset-token", valid, no_body(Actor::Anonymous), 200),
        scenario("forgot-password", forgot, anonymous(json!({ "email": ADMIN_EMAIL })), 204),
        scenario("reset-password", reset_password, anonymous(reset("{reset_token}")), 200),
        scenario("reset-password", reset_password, anonymous(reset("{jane}_made-up")), 400),
    ]
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {:?} with {}", self.request_line, self.actor, self.body)
    }
}

/// The parts of a request.
pub(crate) struct RequestParts<'s> {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) header: Option<(&'static str, &'s str)>,
    pub(crate) body: Value,
}

/// A service with the users, groups and API keys of the scenarios.
///
/// - `{jane}`: a user with a session, `{session}`, a password reset token, `{reset_token}`, and
///   links about a new email address, `{confirmation}` and `{reversal}`
/// - `{deactivated}`: a deactivated user
/// - `{other_admin}`: an administrator by `{admin_membership}`, by `{membership}` also in `{group}`
/// - `{api_key}`: an API key
pub(crate) struct ScenarioApp {
    pub(crate) app: TestApp,
    pub(crate) jane: String,
    api_key: String,
    placeholders: Vec<(&'static str, Value)>,
}

impl ScenarioApp {
    pub(crate) async fn new(scenario: &Scenario) -> Self {
        Self::with(match scenario.function {
            "setup" => TestApp::without_setup().await,
            "send-invite" | "test-email" => return Self::with_mail().await,
            _ => TestApp::new().await,
        })
        .await
    }

    /// The same for any scenario except setup, with mail enabled.
    pub(crate) async fn with_mail() -> Self {
        Self::with(TestApp::with_mail(Settings::default()).await).await
    }

    /// The same with the clock at the system time, for functions in a process of their own.
    pub(crate) async fn with_system_clock(scenario: &Scenario) -> Self {
        let needs_setup = scenario.function == "setup";
        Self::with(if needs_setup {
            TestApp::without_setup().await
        } else {
            TestApp::with_system_clock().await
        })
        .await
    }

    async fn with(app: TestApp) -> Self {
        if app.admin.session.is_empty() {
            let [jane, api_key] = [const { String::new() }; 2];
            return Self { app, jane, api_key, placeholders: Vec::new() };
        }
        let jane = app.user_with_session("jane").await;
        let mut placeholders = add_others(&app).await;
        let api_key = app.api_key("Robot").await;
        let [confirmation, reversal] =
            app.email_links(&jane.session, jane.id, "pending@bücher.example").await;
        let session_id = SessionToken::parse(&jane.session).unwrap().hash().id();
        placeholders.extend([
            ("{jane}", json!(jane.id)),
            ("{session}", json!(session_id.as_str())),
            ("{reset_token}", json!(reset_token(&app, jane.id).await)),
            ("{api_key}", json!(api_key_id(&api_key))),
            ("{confirmation}", json!(confirmation)),
            ("{reversal}", json!(reversal)),
        ]);
        Self { app, jane: jane.session, api_key, placeholders }
    }

    /// Sends the request without faults. Returns the response and the operations of DynamoDB.
    async fn run_without_faults(&self, scenario: &Scenario) -> ((u16, Value), Vec<String>) {
        self.app.meter.take();
        let response = without_random_values(self.request(scenario).send().await);
        assert_eq!(response.0, scenario.status, "{scenario}: {response:?}");
        (response, self.app.meter.take())
    }

    pub(crate) fn request(&self, scenario: &Scenario) -> Request {
        let RequestParts { method, path, header, body } = self.request_parts(scenario);
        let request = self.app.request(method, &path).json(&body);
        match header {
            Some((name, value)) => request.header(name, value),
            None => request,
        }
    }

    /// The number of a placeholder.
    pub(crate) fn id(&self, name: &str) -> u64 {
        let mut placeholders = self.placeholders.iter();
        placeholders.find(|(other, _)| *other == name).unwrap().1.as_u64().unwrap()
    }

    /// The parts of the request, with replaced placeholders.
    pub(crate) fn request_parts(&self, scenario: &Scenario) -> RequestParts<'_> {
        let (method, path) = scenario.request_line.split_once(' ').unwrap();
        let header = match scenario.actor {
            Actor::Admin => Some(("x-metabase-session", self.app.admin.session.as_str())),
            Actor::Jane => Some(("x-metabase-session", self.jane.as_str())),
            Actor::Robot => Some(("x-api-key", self.api_key.as_str())),
            Actor::Anonymous => None,
        };
        let mut body = scenario.body.clone();
        self.fill_in(&mut body);
        RequestParts { method, path: self.filled_in(path), header, body }
    }

    /// Replaces the placeholders in a text.
    fn filled_in(&self, text: &str) -> String {
        self.placeholders.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(name, value.as_str().unwrap_or(&value.to_string()))
        })
    }

    /// Replaces the placeholders in all strings of a body. A string of one placeholder becomes its
    /// value, such as a number.
    fn fill_in(&self, body: &mut Value) {
        match body {
            Value::Object(fields) => fields.values_mut().for_each(|value| self.fill_in(value)),
            Value::Array(values) => values.iter_mut().for_each(|value| self.fill_in(value)),
            Value::String(text) => {
                let whole = self.placeholders.iter().find(|(name, _)| name == text);
                *body =
                    whole.map_or_else(|| self.filled_in(text).into(), |(_, value)| value.clone());
            }
            _ => {}
        }
    }
}

/// Adds the users other than Jane, and the group. Returns their placeholders.
async fn add_others(app: &TestApp) -> Vec<(&'static str, Value)> {
    let deactivated = app.sso_user("Gone", "User").await;
    let path = format!("/api/user/{deactivated}");
    app.delete(&path).session(&app.admin.session).send().await.expect_status(200);
    let group = app.group("Analysts").await;
    let other = app.sso_user("Other", "Admin").await;
    let admin = json!({ "group_ids": [2, group] });
    update_user(app, &app.admin, other, admin).await.expect_status(200);
    vec![
        ("{deactivated}", json!(deactivated)),
        ("{group}", json!(group)),
        ("{other_admin}", json!(other)),
        ("{membership}", json!(membership(other, group))),
        ("{admin_membership}", json!(membership(other, 2))),
    ]
}

/// The fault sequences for one request: each fault once, and one of each kind permanently.
///
/// Writes also get a lost response followed by a conflicting transaction.
fn sequences(operation: &str) -> Vec<Vec<Fault>> {
    let sequences = match operation {
        "BatchGetItem" | "Query" => read_sequences(),
        _ => write_sequences(),
    };
    sequences
        .into_iter()
        .filter(|faults| faults.iter().all(|fault| fault.applies_to(operation)))
        .collect()
}

/// Fault sequences of a read. Faults that differ only in the effect of the request are omitted.
fn read_sequences() -> Vec<Vec<Fault>> {
    let once = [
        Fault::Throttled,
        Fault::Unprocessed,
        Fault::Unconnected,
        Fault::DelayedResponse,
        Fault::Interrupted,
        Fault::TruncatedResponse,
    ];
    let permanent = [Fault::Unprocessed, Fault::Unconnected].map(|fault| vec![fault; PERMANENT]);
    once.into_iter().map(|fault| vec![fault]).chain(permanent).collect()
}

/// Fault sequences of a write.
fn write_sequences() -> Vec<Vec<Fault>> {
    let once = Fault::TRANSIENT.into_iter().map(|fault| vec![fault]);
    let repeated = [
        Fault::Throttled,
        Fault::TransactionConflict,
        Fault::Unconnected,
        Fault::LostReply,
        Fault::TruncatedResponse,
    ];
    let permanent = repeated.map(|fault| vec![fault; PERMANENT]);
    let lost_responses = [Fault::LostReply, Fault::DelayedResponse, Fault::TruncatedResponse];
    let lost_then_conflict = lost_responses.map(|fault| vec![fault, Fault::TransactionConflict]);
    once.chain(permanent).chain(lost_then_conflict).collect()
}

/// Status and body of a response, without random values.
fn without_random_values(response: TestResponse) -> (u16, Value) {
    let (status, mut body) = response.status_and_body();
    let secrets = ["unmasked_key", "masked_key", "password_reset_url"];
    for name in ["id", "session_id", "personal_collection_id"].into_iter().chain(secrets) {
        if let Some(value) = body.get_mut(name) {
            *value = Value::Null;
        }
    }
    (status, body)
}

/// A table without the audit events of missing permissions.
fn without_rejections(state: &Value) -> Value {
    let mut state = state.clone();
    for items in state.as_object_mut().unwrap().values_mut() {
        items.as_array_mut().unwrap().retain(|item| item["action"] != "forbidden");
    }
    state
}

/// The response and the table of a scenario without faults.
struct Baseline {
    response: (u16, Value),
    before: Value,
    after: Value,
}

impl Baseline {
    /// Whether a response and the table after it are correct for a request with these faults.
    fn allows(&self, faults: &[Fault], response: TestResponse, state: &Value) -> bool {
        if faults.len() < PERMANENT {
            return without_random_values(response) == self.response && *state == self.after;
        }
        let is_busy = response.header("retry-after") == Some("1")
            && response.clone().status_and_body() == super::busy();
        if is_busy {
            return *state == self.before || faults[0].takes_effect() && *state == self.after;
        }
        // A request does not fail if its rejection or the use of its key cannot be recorded.
        without_random_values(response) == self.response
            && without_rejections(state) == without_rejections(&self.after)
    }
}

/// All fault sequences at each operation of a scenario, with the index of the operation.
fn fault_plans(operations: &[String]) -> Vec<(usize, Vec<Fault>)> {
    let plans = |(request_index, operation): (usize, &String)| {
        sequences(operation).into_iter().map(move |faults| (request_index, faults))
    };
    operations.iter().enumerate().flat_map(plans).collect()
}

/// Runs scenarios sequentially. Returns the failures.
async fn run_scenarios(scenarios: Vec<Scenario>) -> Vec<String> {
    let mut failures = Vec::new();
    for scenario in scenarios {
        failures.extend(inject_faults(scenario).await);
    }
    failures
}

/// Runs a scenario with every fault plan. Returns the failures.
async fn inject_faults(scenario: Scenario) -> Vec<String> {
    let fixture = ScenarioApp::new(&scenario).await;
    let app = &fixture.app;
    let snapshot = app.snapshot().await;
    let (response, operations) = fixture.run_without_faults(&scenario).await;
    let mut current = app.snapshot().await;
    let (before, after) = (comparable(&snapshot.items()), comparable(&current.items()));
    let baseline = Baseline { response, before, after };
    let mut failures = Vec::new();
    for (request_index, faults) in fault_plans(&operations) {
        app.restore(&current, &snapshot).await;
        app.faults.sequence(request_index, faults.iter().copied());
        let response = fixture.request(&scenario).send().await;
        app.faults.stop();
        current = app.snapshot().await;
        let (items, actual) = (current.items(), format!("{} {}", response.status, response.body));
        if !baseline.allows(&faults, response, &comparable(&items)) {
            let shown = (&faults[..2.min(faults.len())], faults.len());
            failures.push(format!("{scenario}: {shown:?} at {request_index}: {actual} {items:#?}"));
        }
        assert_invariants(&items);
    }
    failures
}

#[test]
fn no_route_is_missing() {
    let with_requests =
        ROUTES.iter().map(|route| route.function).filter(|function| !is_file(function));
    let routes: BTreeSet<&str> = with_requests.collect();
    let tested: BTreeSet<&str> = scenarios().iter().map(|scenario| scenario.function).collect();
    assert_eq!(tested, routes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transient_faults_are_invisible_and_permanent_faults_leave_no_partial_effect() {
    let mut workers = vec![Vec::new(); WORKERS];
    for (number, scenario) in scenarios().into_iter().enumerate() {
        workers[number % WORKERS].push(scenario);
    }
    let workers: JoinSet<_> = workers.into_iter().map(run_scenarios).collect();
    let failures = workers.join_all().await.concat();
    assert!(failures.is_empty(), "{} failures, the first: {}", failures.len(), failures[0]);
}
