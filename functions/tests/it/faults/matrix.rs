//! Every fault at each request to DynamoDB of each route.
//!
//! What passes is not noticed. What lasts is told with 503, and has either not happened or happened
//! whole. No answer claims what is not so.

use std::{collections::BTreeSet, fmt};

use functions::routes::ROUTES;
use serde_json::{Value, json};
use shared::{auth::token::SessionToken, config::Settings};
use testkit::{
    ADMIN_EMAIL, Fault, PASSWORD, Request, SETUP_TOKEN, TestApp, TestResponse, assert_sound,
    comparable,
};
use tokio::task::JoinSet;

use crate::support::is_file;

/// More tries than anything gets.
const PERMANENT: usize = 64;
/// How many scenarios are played at a time: most of it is waiting.
const LANES: usize = 6;

/// Who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    Admin,
    Jane,
    Robot,
    Nobody,
}

/// One request that succeeds, or is refused as it should be, and writes.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) function: &'static str,
    pub(crate) line: &'static str,
    pub(crate) by: Actor,
    pub(crate) body: Value,
    pub(crate) status: u16,
}

/// Requests for memberships; 31 is that of account 4 in group 3.
const MEMBERSHIPS: [&str; 5] = [
    "GET /api/permissions/membership",
    "POST /api/permissions/membership",
    "PUT /api/permissions/membership/31",
    "DELETE /api/permissions/membership/31",
    "PUT /api/permissions/membership/3/clear",
];

/// Requests for new passwords.
const RESETS: [&str; 5] = [
    "POST /api/user/2/password-reset-url",
    "POST /api/session/password-check",
    "GET /api/session/password_reset_token_valid?token=TOKEN",
    "POST /api/session/forgot_password",
    "POST /api/session/reset_password",
];

/// Accounts: 1 the administrator, 2 Jane, 3 deactivated, 4 another administrator and in group 3, 5 an
/// API key.
pub(crate) fn scenarios() -> Vec<Scenario> {
    [accounts(), changes(), groups(), api_keys(), sessions(), resets()].concat()
}

fn scenario(
    function: &'static str,
    line: &'static str,
    (by, body): (Actor, Value),
    status: u16,
) -> Scenario {
    Scenario { function, line, by, body, status }
}

fn none(by: Actor) -> (Actor, Value) {
    (by, json!({}))
}

fn new(email: &str) -> Value {
    json!({ "email": email, "first_name": "N", "last_name": "N" })
}

fn accounts() -> Vec<Scenario> {
    let by_saml = |email: &str, groups: &[u64]| {
        let mut body = new(email);
        body["sso_source"] = json!("saml");
        body["group_ids"] = json!(groups);
        (Actor::Admin, body)
    };
    let create =
        |body: (Actor, Value), status| scenario("create-user", "POST /api/user", body, status);
    vec![
        scenario("list-users", "GET /api/user?status=all", none(Actor::Admin), 200),
        scenario("list-users", "GET /api/user?limit=2", none(Actor::Admin), 200),
        scenario("list-users", "GET /api/user", none(Actor::Jane), 200),
        scenario("current-user", "GET /api/user/current", none(Actor::Admin), 200),
        scenario("current-user", "GET /api/user/current", none(Actor::Robot), 200),
        scenario("list-recipients", "GET /api/user/recipients", none(Actor::Jane), 200),
        scenario("get-user", "GET /api/user/2", none(Actor::Admin), 200),
        create(by_saml("new@example.com", &[]), 200),
        create(by_saml("n@example.com", &[2, 3]), 200),
        create(by_saml(ADMIN_EMAIL, &[]), 409),
    ]
}

fn changes() -> Vec<Scenario> {
    let own = || json!({ "password": PASSWORD, "new_password": "an0ther secret" });
    let groups = |numbers: &[u64]| (Actor::Admin, json!({ "group_ids": numbers }));
    let update = |line, body, status| scenario("update-user", line, body, status);
    let password =
        |by, status| scenario("update-password", "PUT /api/user/2/password", (by, own()), status);
    vec![
        update("PUT /api/user/2", (Actor::Jane, json!({ "first_name": "J" })), 200),
        update("PUT /api/user/2", (Actor::Admin, new("joan@example.com")), 200),
        update("PUT /api/user/2", (Actor::Admin, new(ADMIN_EMAIL)), 409),
        update("PUT /api/user/2", groups(&[1, 2, 3]), 200),
        update("PUT /api/user/4", groups(&[1]), 200),
        scenario("deactivate-user", "DELETE /api/user/2", none(Actor::Admin), 200),
        scenario("deactivate-user", "DELETE /api/user/4", none(Actor::Admin), 200),
        scenario("reactivate-user", "PUT /api/user/3/reactivate", none(Actor::Admin), 200),
        scenario("anonymize-user", "POST /api/user/2/anonymize", none(Actor::Admin), 200),
        scenario("anonymize-user", "POST /api/user/4/anonymize", none(Actor::Admin), 200),
        password(Actor::Jane, 200),
        password(Actor::Admin, 204),
        scenario("dismiss-modal", "PUT /api/user/2/modal/qbnewb", none(Actor::Jane), 200),
    ]
}

fn groups() -> Vec<Scenario> {
    let name = |name: &str| (Actor::Admin, json!({ "name": name }));
    let joins =
        |user: u64, group: u64| (Actor::Admin, json!({ "user_id": user, "group_id": group }));
    let managers = || (Actor::Admin, json!({ "is_group_manager": true }));
    let [list, join, manage, leave, clear] = MEMBERSHIPS;
    vec![
        scenario("list-groups", "GET /api/permissions/group", none(Actor::Admin), 200),
        scenario("create-group", "POST /api/permissions/group", name("Managers"), 200),
        scenario("create-group", "POST /api/permissions/group", name("ANALYSTS"), 400),
        scenario("get-group", "GET /api/permissions/group/3", none(Actor::Admin), 200),
        scenario("update-group", "PUT /api/permissions/group/3", name("Other"), 200),
        scenario("delete-group", "DELETE /api/permissions/group/3", none(Actor::Admin), 204),
        scenario("list-memberships", list, none(Actor::Admin), 200),
        scenario("create-membership", join, joins(2, 3), 200),
        scenario("create-membership", join, joins(2, 2), 200),
        scenario("update-membership", manage, managers(), 402),
        scenario("delete-membership", leave, none(Actor::Admin), 204),
        scenario("clear-group", clear, none(Actor::Admin), 204),
    ]
}

fn api_keys() -> Vec<Scenario> {
    let key = |name: &str, group: u64| (Actor::Admin, json!({ "name": name, "group_id": group }));
    let again = "PUT /api/api-key/5/regenerate";
    vec![
        scenario("list-api-keys", "GET /api/api-key", none(Actor::Admin), 200),
        scenario("count-api-keys", "GET /api/api-key/count", none(Actor::Admin), 200),
        scenario("create-api-key", "POST /api/api-key", key("Other", 3), 200),
        scenario("create-api-key", "POST /api/api-key", key("ROBOT", 3), 400),
        scenario("update-api-key", "PUT /api/api-key/5", key("Other", 3), 200),
        scenario("regenerate-api-key", again, none(Actor::Admin), 200),
        scenario("delete-api-key", "DELETE /api/api-key/5", none(Actor::Admin), 204),
    ]
}

fn sessions() -> Vec<Scenario> {
    let login =
        |password: &str| (Actor::Nobody, json!({ "username": ADMIN_EMAIL, "password": password }));
    let user = json!({ "email": ADMIN_EMAIL, "password": PASSWORD });
    let setup = (Actor::Nobody, json!({ "token": SETUP_TOKEN, "user": user }));
    vec![
        scenario("login", "POST /api/session", login(PASSWORD), 200),
        scenario("login", "POST /api/session", login("wrong"), 401),
        scenario("logout", "DELETE /api/session", none(Actor::Jane), 204),
        scenario("list-sessions", "GET /api/user/2/sessions", none(Actor::Jane), 200),
        scenario("revoke-sessions", "DELETE /api/user/2/sessions", none(Actor::Jane), 204),
        scenario("revoke-session", "DELETE /api/user/2/sessions/JANE", none(Actor::Admin), 204),
        scenario("session-properties", "GET /api/session/properties", none(Actor::Nobody), 200),
        scenario("setup", "POST /api/setup", setup, 200),
        scenario("list-audit", "GET /api/audit?actor=1", none(Actor::Admin), 200),
        scenario("health", "GET /api/health", none(Actor::Nobody), 200),
    ]
}

/// New passwords for account 2, whose token is `TOKEN`.
fn resets() -> Vec<Scenario> {
    let reset = |token: &str| json!({ "token": token, "password": "an0ther secret" });
    let anybody = |body: Value| (Actor::Nobody, body);
    let guess = json!({ "password": "wrong pw 1", "new_password": "an0ther secret" });
    let invite = "POST /api/user/2/send_invite";
    let [url, check, valid, forgot, spend] = RESETS;
    vec![
        scenario("update-password", "PUT /api/user/2/password", (Actor::Jane, guess), 400),
        scenario("password-reset-url", url, none(Actor::Admin), 200),
        scenario("send-invite", invite, none(Actor::Admin), 200),
        scenario("password-check", check, anybody(reset("TOKEN")), 200),
        scenario("check-reset-token", valid, none(Actor::Nobody), 200),
        scenario("forgot-password", forgot, anybody(json!({ "email": ADMIN_EMAIL })), 204),
        scenario("reset-password", spend, anybody(reset("TOKEN")), 200),
        scenario("reset-password", spend, anybody(reset("2_made-up")), 400),
    ]
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {:?} with {}", self.line, self.by, self.body)
    }
}

/// The request of a scenario in its parts.
pub(crate) struct Sent<'s> {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) header: Option<(&'static str, &'s str)>,
    pub(crate) body: Value,
}

/// A service with everybody whom the scenarios name.
pub(crate) struct ScenarioApp {
    pub(crate) app: TestApp,
    pub(crate) jane: String,
    key: String,
    token: String,
}

impl ScenarioApp {
    pub(crate) async fn set(scenario: &Scenario) -> Self {
        Self::with(match scenario.function {
            "setup" => TestApp::without_setup().await,
            "send-invite" => TestApp::with_mail(Settings::default()).await,
            _ => TestApp::new().await,
        })
        .await
    }

    /// The same by the machine's clock, for a process of its own.
    pub(crate) async fn today(scenario: &Scenario) -> Self {
        let is_new = scenario.function == "setup";
        Self::with(if is_new {
            TestApp::without_setup().await
        } else {
            TestApp::with_system_clock().await
        })
        .await
    }

    async fn with(app: TestApp) -> Self {
        if app.admin.session.is_empty() {
            let [jane, key, token] = [const { String::new() }; 3];
            return Self { app, jane, key, token };
        }
        let jane = app.user_with_session("jane").await.session;
        others(&app).await;
        let key = app.api_key("Robot").await;
        let token = crate::support::reset_token(&app, 2).await;
        Self { app, jane, key, token }
    }

    /// What is answered, and which requests it takes, when nothing goes wrong.
    async fn rehearse(&self, scenario: &Scenario) -> ((u16, Value), Vec<String>) {
        self.app.meter.take();
        let answer = masked(self.request(scenario).send().await);
        assert_eq!(answer.0, scenario.status, "{scenario}: {answer:?}");
        (answer, self.app.meter.take())
    }

    /// What Jane's session is called.
    fn session_id(&self) -> String {
        let token = SessionToken::parse(&self.jane);
        token.map(|token| token.hash().id().as_str().to_owned()).unwrap_or_default()
    }

    pub(crate) fn request(&self, scenario: &Scenario) -> Request {
        let Sent { method, path, header, body } = self.sent(scenario);
        let request = self.app.request(method, &path).json(&body);
        match header {
            Some((name, value)) => request.header(name, value),
            None => request,
        }
    }

    /// The parts of the request.
    pub(crate) fn sent(&self, scenario: &Scenario) -> Sent<'_> {
        let (method, path) = scenario.line.split_once(' ').unwrap();
        let path = path.replace("JANE", &self.session_id()).replace("TOKEN", &self.token);
        let header = match scenario.by {
            Actor::Admin => Some(("x-metabase-session", self.app.admin.session.as_str())),
            Actor::Jane => Some(("x-metabase-session", self.jane.as_str())),
            Actor::Robot => Some(("x-api-key", self.key.as_str())),
            Actor::Nobody => None,
        };
        let mut body = scenario.body.clone();
        if body["token"] == "TOKEN" {
            body["token"] = self.token.as_str().into();
        }
        Sent { method, path, header, body }
    }
}

/// The accounts but the first two, and the group.
async fn others(app: &TestApp) {
    let gone = app.sso_user("Gone", "Person").await;
    let path = format!("/api/user/{gone}");
    app.delete(&path).session(&app.admin.session).send().await.expect_status(200);
    let group = app.group("Analysts").await;
    let other = app.sso_user("Other", "Admin").await;
    let admin = json!({ "group_ids": [2, group] });
    crate::support::update_user(app, &app.admin, other, admin).await.expect_status(200);
}

/// What goes wrong with the tries of one request: each fault once, one of each kind without an end,
/// and, for a write that happened unheard, another transaction in its way.
fn sequences(operation: &str) -> Vec<Vec<Fault>> {
    let sequences = match operation {
        "BatchGetItem" | "Query" => of_a_read(),
        _ => of_a_write(),
    };
    sequences
        .into_iter()
        .filter(|faults| faults.iter().all(|it| it.applies_to(operation)))
        .collect()
}

/// To a read it is all one whether it happened.
fn of_a_read() -> Vec<Vec<Fault>> {
    let once = [
        Fault::Throttled,
        Fault::Unprocessed,
        Fault::Unconnected,
        Fault::DelayedResponse,
        Fault::Interrupted,
        Fault::TruncatedResponse,
    ];
    let lasting = [Fault::Unprocessed, Fault::Unconnected].map(|fault| vec![fault; PERMANENT]);
    once.into_iter().map(|fault| vec![fault]).chain(lasting).collect()
}

fn of_a_write() -> Vec<Vec<Fault>> {
    let once = Fault::TRANSIENT.into_iter().map(|fault| vec![fault]);
    let kinds = [
        Fault::Throttled,
        Fault::TransactionConflict,
        Fault::Unconnected,
        Fault::LostReply,
        Fault::TruncatedResponse,
    ];
    let lasting = kinds.map(|fault| vec![fault; PERMANENT]);
    let unheard = [Fault::LostReply, Fault::DelayedResponse, Fault::TruncatedResponse];
    let met = unheard.map(|fault| vec![fault, Fault::TransactionConflict]);
    once.chain(lasting).chain(met).collect()
}

/// An answer without what is a matter of chance.
fn masked(answer: TestResponse) -> (u16, Value) {
    let (status, mut body) = answer.status_and_body();
    let secrets = ["unmasked_key", "masked_key", "password_reset_url"];
    for name in ["id", "session_id", "personal_collection_id"].into_iter().chain(secrets) {
        if let Some(value) = body.get_mut(name) {
            *value = Value::Null;
        }
    }
    (status, body)
}

/// What a scenario does when nothing goes wrong.
struct Undisturbed {
    answer: (u16, Value),
    before: Value,
    after: Value,
}

impl Undisturbed {
    /// Whether an answer, and the table after it, are right when the tries of a request met faults.
    fn allows(&self, faults: &[Fault], answer: TestResponse, world: &Value) -> bool {
        if faults.len() < PERMANENT {
            return masked(answer) == self.answer && *world == self.after;
        }
        let told =
            answer.header("retry-after") == Some("1") && answer.status_and_body() == super::busy();
        told && (*world == self.before || faults[0].takes_effect() && *world == self.after)
    }
}

/// Which faults each of some requests meets.
fn plans(operations: &[String]) -> Vec<(usize, Vec<Fault>)> {
    let of = |(place, operation): (usize, &String)| {
        sequences(operation).into_iter().map(move |faults| (place, faults))
    };
    operations.iter().enumerate().flat_map(of).collect()
}

/// Scenarios one after the other: all at once would wait for each other's hashes too long.
async fn lane(scenarios: Vec<Scenario>) -> Vec<String> {
    let mut complaints = Vec::new();
    for scenario in scenarios {
        complaints.extend(suffer(scenario).await);
    }
    complaints
}

/// Lets each request of a scenario go wrong in every way, and tells what was wrong then.
async fn suffer(scenario: Scenario) -> Vec<String> {
    let stage = ScenarioApp::set(&scenario).await;
    let app = &stage.app;
    let snapshot = app.snapshot().await;
    let (answer, operations) = stage.rehearse(&scenario).await;
    let mut now = app.snapshot().await;
    let (before, after) = (comparable(&snapshot.items()), comparable(&now.items()));
    let undisturbed = Undisturbed { answer, before, after };
    let mut complaints = Vec::new();
    for (place, faults) in plans(&operations) {
        app.restore(&now, &snapshot).await;
        app.faults.sequence(place, faults.iter().copied());
        let answer = stage.request(&scenario).send().await;
        app.faults.stop();
        now = app.snapshot().await;
        let (items, told) = (now.items(), format!("{} {}", answer.status, answer.body));
        if !undisturbed.allows(&faults, answer, &comparable(&items)) {
            let shown = (&faults[..2.min(faults.len())], faults.len());
            complaints.push(format!("{scenario}: {shown:?} at {place}: {told} {items:#?}"));
        }
        assert_sound(&items);
    }
    complaints
}

#[test]
fn no_route_is_missing() {
    let asking = ROUTES.iter().map(|route| route.function).filter(|function| !is_file(function));
    let routes: BTreeSet<&str> = asking.collect();
    let tested: BTreeSet<&str> = scenarios().iter().map(|scenario| scenario.function).collect();
    assert_eq!(tested, routes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_passes_is_not_noticed_and_what_lasts_leaves_nothing_half_done() {
    let mut lanes = vec![Vec::new(); LANES];
    for (number, scenario) in scenarios().into_iter().enumerate() {
        lanes[number % LANES].push(scenario);
    }
    let lanes: JoinSet<_> = lanes.into_iter().map(lane).collect();
    let complaints = lanes.join_all().await.concat();
    assert!(complaints.is_empty(), "{} of them: {}", complaints.len(), complaints[0]);
}
