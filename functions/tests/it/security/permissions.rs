//! Every route for every kind of caller. A route that is missing here fails the test.

use std::collections::{BTreeMap, BTreeSet};

use functions::routes::{ROUTES, Route};
use serde_json::{Value, json};
use shared::{auth::token::SessionToken, store::Key};
use testkit::{ADMIN_EMAIL, PASSWORD, SETUP_TOKEN, TestApp};

/// The kinds of callers, in the order in which each route meets them.
const CALLERS: [&str; 7] =
    ["anonymous", "garbage", "expired", "deactivated", "other user", "user", "admin"];

const GROUPS: &str = "/api/permissions/group";
const API_KEYS: &str = "/api/api-key";
const MEMBERSHIPS: &str = "/api/permissions/membership";

/// Function, path and the status for each caller. `user` is account 2, the deactivated one is 4;
/// account 3, the other user, is in group 3, which is membership 24; 5 is an API key.
const MATRIX: [(&str, &str, [u16; 7]); 44] = [
    ("list-users", "/api/user", [401, 401, 401, 401, 200, 200, 200]),
    ("create-user", "/api/user", [401, 401, 401, 401, 403, 403, 200]),
    ("current-user", "/api/user/current", [401, 401, 401, 401, 200, 200, 200]),
    ("list-recipients", "/api/user/recipients", [401, 401, 401, 401, 200, 200, 200]),
    ("get-user", "/api/user/2", [401, 401, 401, 401, 403, 200, 200]),
    ("update-user", "/api/user/2", [401, 401, 401, 401, 403, 200, 200]),
    ("deactivate-user", "/api/user/2", [401, 401, 401, 401, 403, 403, 200]),
    ("update-password", "/api/user/2/password", [401, 401, 401, 401, 403, 200, 204]),
    ("password-reset-url", "/api/user/2/password-reset-url", [401, 401, 401, 401, 403, 403, 200]),
    ("send-invite", "/api/user/2/send_invite", [401, 401, 401, 401, 403, 403, 200]),
    ("reactivate-user", "/api/user/4/reactivate", [401, 401, 401, 401, 403, 403, 200]),
    ("anonymize-user", "/api/user/2/anonymize", [401, 401, 401, 401, 403, 403, 200]),
    ("dismiss-modal", "/api/user/2/modal/qbnewb", [401, 401, 401, 401, 403, 200, 200]),
    ("list-sessions", "/api/user/2/sessions", [401, 401, 401, 401, 403, 200, 200]),
    ("revoke-sessions", "/api/user/2/sessions", [401, 401, 401, 401, 403, 204, 204]),
    ("revoke-session", "/api/user/2/sessions/unknown", [401, 401, 401, 401, 403, 404, 404]),
    ("list-groups", GROUPS, [401, 401, 401, 401, 403, 403, 200]),
    ("create-group", GROUPS, [401, 401, 401, 401, 403, 403, 200]),
    ("get-group", "/api/permissions/group/3", [401, 401, 401, 401, 403, 403, 200]),
    ("update-group", "/api/permissions/group/3", [401, 401, 401, 401, 403, 403, 200]),
    ("delete-group", "/api/permissions/group/3", [401, 401, 401, 401, 403, 403, 204]),
    ("list-memberships", MEMBERSHIPS, [401, 401, 401, 401, 403, 403, 200]),
    ("create-membership", MEMBERSHIPS, [401, 401, 401, 401, 403, 403, 200]),
    ("update-membership", "/api/permissions/membership/18", [401, 401, 401, 401, 403, 403, 402]),
    ("delete-membership", "/api/permissions/membership/24", [401, 401, 401, 401, 403, 403, 204]),
    ("clear-group", "/api/permissions/membership/3/clear", [401, 401, 401, 401, 403, 403, 204]),
    ("list-api-keys", API_KEYS, [401, 401, 401, 401, 403, 403, 200]),
    ("count-api-keys", "/api/api-key/count", [401, 401, 401, 401, 403, 403, 200]),
    ("create-api-key", API_KEYS, [401, 401, 401, 401, 403, 403, 200]),
    ("update-api-key", "/api/api-key/5", [401, 401, 401, 401, 403, 403, 200]),
    ("regenerate-api-key", "/api/api-key/5/regenerate", [401, 401, 401, 401, 403, 403, 200]),
    ("delete-api-key", "/api/api-key/5", [401, 401, 401, 401, 403, 403, 204]),
    ("login", "/api/session", [200, 200, 200, 200, 200, 200, 200]),
    ("logout", "/api/session", [404, 404, 404, 404, 204, 204, 204]),
    ("session-properties", "/api/session/properties", [200, 200, 200, 200, 200, 200, 200]),
    ("password-check", "/api/session/password-check", [200; 7]),
    ("check-reset-token", "/api/session/password_reset_token_valid?token=x", [200; 7]),
    ("forgot-password", "/api/session/forgot_password", [204, 204, 204, 429, 429, 429, 429]),
    ("reset-password", "/api/session/reset_password", [400; 7]),
    ("setup", "/api/setup", [403, 403, 403, 403, 403, 403, 403]),
    ("list-audit", "/api/audit", [401, 401, 401, 401, 403, 403, 200]),
    ("health", "/api/health", [200, 200, 200, 200, 200, 200, 200]),
    ("openapi", "/api/openapi.json", [200, 200, 200, 200, 200, 200, 200]),
    ("docs", "/api/docs", [200, 200, 200, 200, 200, 200, 200]),
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
    check(&MATRIX[5..16]).await;
}

#[tokio::test]
async fn groups() {
    check(&MATRIX[16..26]).await;
}

#[tokio::test]
async fn api_keys() {
    check(&MATRIX[26..32]).await;
}

#[tokio::test]
async fn sessions_and_the_rest() {
    check(&MATRIX[32..]).await;
}

/// How the session comes.
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

/// What each kind of caller is told.
type Statuses = BTreeMap<&'static str, u16>;

async fn statuses(route: &Route, path: &str, carrier: Carrier) -> Statuses {
    let app = TestApp::new().await;
    let sessions = sessions(&app).await;
    let mut statuses = Statuses::new();
    for caller in CALLERS {
        let request = app.request(route.method, path).json(&body(route.function));
        let request = match sessions.get(caller) {
            Some(session) if carrier == Carrier::Header => request.session(session),
            Some(session) => request.cookie(session),
            None => request,
        };
        statuses.insert(caller, request.send().await.status);
    }
    statuses
}

/// A session of each kind of caller.
async fn sessions(app: &TestApp) -> BTreeMap<&'static str, String> {
    let user = app.user_with_session("user").await;
    let group = app.group("Analysts").await;
    let other = app.user_with_session_in("other", &[group]).await;
    let deactivated = app.user_with_session("gone").await;
    app.delete("/api/user/4").session(&app.admin.session).send().await.expect_status(200);
    app.api_key("Robot").await;
    let expired = app.log_in(ADMIN_EMAIL, PASSWORD).await;
    let key = Key::session(&SessionToken::parse(&expired).unwrap());
    app.set_number(&key, "expires_at", 1_767_225_600).await;
    BTreeMap::from([
        ("garbage", "garbage".to_owned()),
        ("expired", expired),
        ("deactivated", deactivated.session),
        ("user", user.session),
        ("other user", other.session),
        ("admin", app.admin.session.clone()),
    ])
}

/// A body with which the route succeeds for whoever may.
fn body(function: &str) -> Value {
    match function {
        "create-user" => json!({
            "email": "new@example.com", "first_name": "N", "last_name": "N", "sso_source": "saml",
        }),
        "update-user" => json!({ "first_name": "N" }),
        "create-group" | "update-group" => json!({ "name": "Scientists" }),
        "create-api-key" => json!({ "name": "Other", "group_id": 3 }),
        "update-api-key" => json!({ "name": "Other" }),
        "create-membership" => json!({ "user_id": 2, "group_id": 3 }),
        "update-membership" => json!({ "is_group_manager": true }),
        "update-password" => json!({ "password": PASSWORD, "new_password": "an0ther secret" }),
        "login" => json!({ "username": ADMIN_EMAIL, "password": PASSWORD }),
        "password-check" => json!({ "password": PASSWORD }),
        "forgot-password" => json!({ "email": ADMIN_EMAIL }),
        "reset-password" => json!({ "token": "2_made-up", "password": PASSWORD }),
        "setup" => json!({
            "token": SETUP_TOKEN, "user": { "email": "new@example.com", "password": PASSWORD },
        }),
        _ => json!({}),
    }
}
