//! Every route for every kind of caller. A missing route fails the test.

use std::collections::{BTreeMap, BTreeSet};

use functions::routes::{ROUTES, Route};
use serde_json::{Value, json};
use shared::{auth::token::SessionToken, store::Key};
use testkit::{ADMIN_EMAIL, PASSWORD, SETUP_TOKEN, TestApp};

use crate::support::{api_key_id, membership};

/// The kinds of callers, in the order of their requests.
const CALLERS: [&str; 7] =
    ["anonymous", "garbage", "expired", "deactivated", "other user", "user", "admin"];

const GROUPS: &str = "/api/permissions/group";
const API_KEYS: &str = "/api/api-key";
const GRAPH: &str = "/api/permissions/graph";
const MEMBERSHIPS: &str = "/api/permissions/membership";

/// Function, path and the status for each caller. [`Fixture`] replaces the placeholders.
const MATRIX: [(&str, &str, [u16; 7]); 55] = [
    ("list-users", "/api/user", [401, 401, 401, 401, 200, 200, 200]),
    ("create-user", "/api/user", [401, 401, 401, 401, 403, 403, 200]),
    ("current-user", "/api/user/current", [401, 401, 401, 401, 200, 200, 200]),
    ("list-recipients", "/api/user/recipients", [401, 401, 401, 401, 200, 200, 200]),
    ("get-user", "/api/user/{user}", [401, 401, 401, 401, 403, 200, 200]),
    ("update-user", "/api/user/{user}", [401, 401, 401, 401, 403, 200, 200]),
    ("deactivate-user", "/api/user/{user}", [401, 401, 401, 401, 403, 403, 200]),
    ("update-password", "/api/user/{user}/password", [401, 401, 401, 401, 403, 200, 204]),
    (
        "password-reset-url",
        "/api/user/{user}/password-reset-url",
        [401, 401, 401, 401, 403, 403, 200],
    ),
    ("send-invite", "/api/user/{user}/send_invite", [401, 401, 401, 401, 403, 403, 200]),
    ("reactivate-user", "/api/user/{deactivated}/reactivate", [401, 401, 401, 401, 403, 403, 200]),
    ("anonymize-user", "/api/user/{user}/anonymize", [401, 401, 401, 401, 403, 403, 200]),
    ("dismiss-modal", "/api/user/{user}/modal/qbnewb", [401, 401, 401, 401, 403, 200, 200]),
    ("release-rate-limits", "/api/user/{user}/rate-limits", [401, 401, 401, 401, 403, 403, 204]),
    ("list-sessions", "/api/user/{user}/sessions", [401, 401, 401, 401, 403, 200, 200]),
    ("revoke-sessions", "/api/user/{user}/sessions", [401, 401, 401, 401, 403, 204, 204]),
    ("revoke-session", "/api/user/{user}/sessions/unknown", [401, 401, 401, 401, 403, 404, 404]),
    ("list-groups", GROUPS, [401, 401, 401, 401, 403, 403, 200]),
    ("create-group", GROUPS, [401, 401, 401, 401, 403, 403, 200]),
    ("get-group", "/api/permissions/group/{group}", [401, 401, 401, 401, 403, 403, 200]),
    ("update-group", "/api/permissions/group/{group}", [401, 401, 401, 401, 403, 403, 200]),
    ("delete-group", "/api/permissions/group/{group}", [401, 401, 401, 401, 403, 403, 204]),
    ("list-memberships", MEMBERSHIPS, [401, 401, 401, 401, 403, 403, 200]),
    ("create-membership", MEMBERSHIPS, [401, 401, 401, 401, 403, 403, 200]),
    (
        "update-membership",
        "/api/permissions/membership/{membership}",
        [401, 401, 401, 401, 403, 403, 402],
    ),
    (
        "delete-membership",
        "/api/permissions/membership/{membership}",
        [401, 401, 401, 401, 403, 403, 204],
    ),
    (
        "clear-group",
        "/api/permissions/membership/{group}/clear",
        [401, 401, 401, 401, 403, 403, 204],
    ),
    ("get-permissions-graph", GRAPH, [401, 401, 401, 401, 403, 403, 200]),
    (
        "get-group-permissions",
        "/api/permissions/graph/group/{group}",
        [401, 401, 401, 401, 403, 403, 200],
    ),
    ("update-permissions-graph", GRAPH, [401, 401, 401, 401, 403, 403, 200]),
    ("list-api-keys", API_KEYS, [401, 401, 401, 401, 403, 403, 200]),
    ("count-api-keys", "/api/api-key/count", [401, 401, 401, 401, 403, 403, 200]),
    ("create-api-key", API_KEYS, [401, 401, 401, 401, 403, 403, 200]),
    ("update-api-key", "/api/api-key/{api_key}", [401, 401, 401, 401, 403, 403, 200]),
    (
        "regenerate-api-key",
        "/api/api-key/{api_key}/regenerate",
        [401, 401, 401, 401, 403, 403, 200],
    ),
    ("delete-api-key", "/api/api-key/{api_key}", [401, 401, 401, 401, 403, 403, 204]),
    ("login", "/api/session", [200, 200, 200, 200, 200, 200, 200]),
    ("logout", "/api/session", [404, 404, 404, 404, 204, 204, 204]),
    ("list-login-history", "/api/login-history/current", [401, 401, 401, 401, 200, 200, 200]),
    ("session-properties", "/api/session/properties", [200, 200, 200, 200, 200, 200, 200]),
    ("password-check", "/api/session/password-check", [200; 7]),
    ("check-reset-token", "/api/session/password_reset_token_valid?token=x", [200; 7]),
    ("forgot-password", "/api/session/forgot_password", [204, 204, 204, 429, 429, 429, 429]),
    ("reset-password", "/api/session/reset_password", [400; 7]),
    ("confirm-email", "/api/user/confirm-email", [400; 7]),
    ("revert-email", "/api/user/revert-email", [400; 7]),
    ("setup", "/api/setup", [403, 403, 403, 403, 403, 403, 403]),
    ("update-setting", "/api/setting/site-name", [401, 401, 401, 401, 403, 403, 204]),
    ("test-email", "/api/email/test", [401, 401, 401, 401, 403, 403, 400]),
    ("list-settings", "/api/setting", [401, 401, 401, 401, 403, 403, 200]),
    ("list-audit", "/api/audit", [401, 401, 401, 401, 403, 403, 200]),
    ("health", "/api/health", [200, 200, 200, 200, 200, 200, 200]),
    ("openapi", "/api/openapi.json", [200, 200, 200, 200, 200, 200, 200]),
    ("docs", "/api/docs", [200, 200, 200, 200, 200, 200, 200]),
    ("pages", "/", [200, 200, 200, 200, 200, 200, 200]),
];

#[test]
fn no_route_is_missing() {
    let routes: BTreeSet<&str> = ROUTES.iter().map(|route| route.function).collect();
    let tested: BTreeSet<&str> = MATRIX.iter().map(|(function, ..)| *function).collect();
    assert_eq!(tested, routes);
}

#[tokio::test]
async fn reads_and_profiles() {
    check(&MATRIX[..5]).await;
}

#[tokio::test]
async fn changes() {
    check(&MATRIX[5..17]).await;
}

#[tokio::test]
async fn groups() {
    check(&MATRIX[17..30]).await;
}

#[tokio::test]
async fn api_keys() {
    check(&MATRIX[30..36]).await;
}

#[tokio::test]
async fn sessions_and_the_rest() {
    check(&MATRIX[36..]).await;
}

/// The transport of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carrier {
    Header,
    Cookie,
}

async fn check(rows: &[(&str, &str, [u16; 7])]) {
    check_with(rows, Carrier::Header).await;
    check_with(rows, Carrier::Cookie).await;
}

async fn check_with(rows: &[(&str, &str, [u16; 7])], carrier: Carrier) {
    for (function, path, expected) in rows {
        let expected: Statuses = CALLERS.into_iter().zip(*expected).collect();
        for route in ROUTES.iter().filter(|route| route.function == *function) {
            let actual = statuses(route, path, carrier).await;
            assert_eq!(actual, expected, "{} {path} {carrier:?}", route.method);
        }
    }
}

/// The status for each kind of caller.
type Statuses = BTreeMap<&'static str, u16>;

async fn statuses(route: &Route, path: &str, carrier: Carrier) -> Statuses {
    let fixture = Fixture::new().await;
    let path = fixture.path(path);
    let mut statuses = Statuses::new();
    for caller in CALLERS {
        let body = fixture.body(route.function);
        let request = fixture.app.request(route.method, &path).json(&body);
        let request = match fixture.sessions.get(caller) {
            Some(session) if carrier == Carrier::Header => request.session(session),
            Some(session) => request.cookie(session),
            None => request,
        };
        statuses.insert(caller, request.send().await.status);
    }
    statuses
}

/// A service with a session of each kind of caller, and targets for the requests.
struct Fixture {
    app: TestApp,
    sessions: BTreeMap<&'static str, String>,
    /// The user of "user".
    user: u64,
    deactivated: u64,
    /// The group of "other user".
    group: u64,
    membership: u64,
    api_key: u64,
}

impl Fixture {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let user = app.user_with_session("user").await;
        let group = app.group("Analysts").await;
        let other = app.user_with_session_in("other", &[group]).await;
        let deactivated = app.user_with_session("gone").await;
        let path = format!("/api/user/{}", deactivated.id);
        app.delete(&path).session(&app.admin.session).send().await.expect_status(200);
        let api_key = api_key_id(&app.api_key("Robot").await);
        let expired = app.log_in(ADMIN_EMAIL, PASSWORD).await;
        let key = Key::session(&SessionToken::parse(&expired).unwrap());
        app.set_number(&key, "expires_at", 1_767_225_600).await;
        let sessions = BTreeMap::from([
            ("garbage", "garbage".to_owned()),
            ("expired", expired),
            ("deactivated", deactivated.session),
            ("user", user.session),
            ("other user", other.session),
            ("admin", app.admin.session.clone()),
        ]);
        let (user, deactivated) = (user.id, deactivated.id);
        let membership = membership(other.id, group);
        Self { app, sessions, user, deactivated, group, membership, api_key }
    }

    /// Replaces the placeholders of a path.
    fn path(&self, path: &str) -> String {
        path.replace("{user}", &self.user.to_string())
            .replace("{deactivated}", &self.deactivated.to_string())
            .replace("{group}", &self.group.to_string())
            .replace("{membership}", &self.membership.to_string())
            .replace("{api_key}", &self.api_key.to_string())
    }

    /// A body with which the request of a permitted caller succeeds.
    fn body(&self, function: &str) -> Value {
        match function {
            "create-user" => json!({
                "email": "new@example.com", "first_name": "N", "last_name": "N",
                "sso_source": "saml",
            }),
            "update-user" => json!({ "first_name": "N" }),
            "update-setting" => json!({ "value": "Example" }),
            "create-group" | "update-group" => json!({ "name": "Scientists" }),
            "create-api-key" => json!({ "name": "Other", "group_id": self.group }),
            "update-api-key" => json!({ "name": "Other" }),
            "create-membership" => json!({ "user_id": self.user, "group_id": self.group }),
            "update-membership" => json!({ "is_group_manager": true }),
            "update-permissions-graph" => json!({ "revision": 0, "groups": {} }),
            "update-password" => json!({ "password": PASSWORD, "new_password": "an0ther secret" }),
            "login" => json!({ "username": ADMIN_EMAIL, "password": PASSWORD }),
            "password-check" => json!({ "password": PASSWORD }),
            "forgot-password" => json!({ "email": ADMIN_EMAIL }),
            "reset-password" => json!({ "token": "2_made-up", "password": PASSWORD }),
            "confirm-email" | "revert-email" => json!({ "token": "made-up" }),
            "setup" => json!({
                "token": SETUP_TOKEN, "user": { "email": "new@example.com", "password": PASSWORD },
            }),
            _ => json!({}),
        }
    }
}
