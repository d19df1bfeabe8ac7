//! What the tests of several routes need.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use functions::routes::{ROUTES, Route};
use serde_json::{Value, json};
use testkit::{Request, TestApp, TestResponse, TestUser};
use tokio::task::JoinSet;

/// Each function once, with the first of its routes.
pub(crate) fn functions() -> impl Iterator<Item = &'static Route> {
    let mut seen = BTreeSet::new();
    ROUTES.iter().filter(move |route| seen.insert(route.function))
}

/// The binary of a function, built for this test.
pub(crate) fn binary(function: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_health")).with_file_name(function)
}

/// Sends all requests at once.
pub(crate) async fn at_once(requests: Vec<Request>) -> Vec<TestResponse> {
    requests.into_iter().map(Request::send).collect::<JoinSet<_>>().join_all().await
}

pub(crate) fn count(answers: &[TestResponse], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// What is the same for everybody, and may be kept.
pub(crate) fn is_file(function: &str) -> bool {
    ["docs", "openapi"].contains(&function)
}

/// A number from the environment of the tests.
#[expect(clippy::disallowed_methods, reason = "a long run is asked for in the environment")]
fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// How many times longer than usual a random test runs: `ENDURANCE`.
pub(crate) fn steps_factor() -> u64 {
    variable("ENDURANCE").unwrap_or(1)
}

/// The seeds of a random test: `usual`, or the one that `SEED` repeats.
pub(crate) fn seeds(usual: std::ops::Range<u64>) -> Vec<u64> {
    variable("SEED").map_or_else(|| usual.collect(), |seed| vec![seed])
}

/// The lines of a log that is JSON.
pub(crate) fn json_lines(log: &str) -> Vec<Value> {
    log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The moment at which the clock of a new test stands.
pub(crate) const NOW: &str = "2026-01-01T00:00:00Z";

/// The answer to a request without the right.
pub(crate) fn forbidden() -> (u16, Value) {
    (403, json!({ "error": "You don't have permissions to do that." }))
}

/// The answer to a request for what is not there.
pub(crate) fn not_found() -> (u16, Value) {
    (404, json!({ "error": "Not found." }))
}

/// The answer to a request with one wrong field.
pub(crate) fn invalid(field: &str, message: &str) -> (u16, Value) {
    (400, json!({ "error": format!("Invalid value for {field}."), "errors": { field: message } }))
}

/// The answer to a request for an id that is none.
pub(crate) fn invalid_id() -> (u16, Value) {
    invalid("id", "value must be an integer greater than zero.")
}

/// The answer to a request that would leave nobody to administer.
pub(crate) fn last_admin() -> (u16, Value) {
    (400, json!({ "error": "You cannot remove the last member of the 'Admin' group!" }))
}

/// The answer to a request for an address that another account has.
pub(crate) fn email_taken() -> (u16, Value) {
    let sentence = "Email address already in use.";
    let body = json!({
        "error": sentence,
        "errors": { "email": sentence },
        "error_code": "email-already-in-use",
    });
    (409, body)
}

/// An account as it is shown by itself, new and without rights, but for what `differs`.
pub(crate) fn user(id: u64, email: &str, names: [&str; 2], differs: Value) -> Value {
    let user = json!({
        "id": id,
        "email": email,
        "first_name": names[0],
        "last_name": names[1],
        "common_name": names.join(" "),
        "is_superuser": false,
        "is_qbnewb": true,
        "is_active": true,
        "last_login": null,
        "date_joined": NOW,
        "updated_at": NOW,
        "locale": null,
        "sso_source": null,
        "login_attributes": null,
        "is_data_analyst": false,
        "tenant_id": null,
        "jwt_attributes": null,
        "user_group_memberships": [{ "id": 1 }],
    });
    merge(user, differs)
}

/// `base` with the members of `differs` in the place of its own.
pub(crate) fn merge(mut base: Value, differs: Value) -> Value {
    let (Value::Object(to), Value::Object(from)) = (&mut base, differs) else {
        panic!("both are objects");
    };
    to.extend(from);
    base
}

/// The account of somebody as an administrator sees it.
pub(crate) async fn get_user(app: &TestApp, id: u64) -> Value {
    app.get(&format!("/api/user/{id}")).session(&app.admin.session).send().await.expect_status(200)
}

/// The number of a membership.
pub(crate) fn membership(user: u64, group: u64) -> u64 {
    (user + group) * (user + group + 1) / 2 + group
}

/// A change of an account by an administrator.
pub(crate) async fn update_user(
    app: &TestApp,
    by: &TestUser,
    id: u64,
    body: Value,
) -> TestResponse {
    app.put(&format!("/api/user/{id}")).session(&by.session).json(&body).send().await
}

/// What comes before the token in a link for a new password.
pub(crate) const RESET_PAGE: &str = "http://localhost:3000/auth/reset_password/";

/// A reset token, which an administrator asks for.
pub(crate) async fn reset_token(app: &TestApp, id: u64) -> String {
    let path = format!("/api/user/{id}/password-reset-url");
    let body = app.post(&path).session(&app.admin.session).send().await.expect_status(200);
    let url = body["password_reset_url"].as_str().unwrap();
    url.strip_prefix(RESET_PAGE).unwrap().to_owned()
}
