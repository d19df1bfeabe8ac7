//! Helpers shared by the tests.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use functions::routes::{ROUTES, Route};
use serde_json::{Value, json};
use shared::auth::api_key::ApiKeyToken;
use testkit::{Request, TestApp, TestResponse, TestUser};
use tokio::task::JoinSet;

/// The first route of each function.
pub(crate) fn functions() -> impl Iterator<Item = &'static Route> {
    let mut known = BTreeSet::new();
    ROUTES.iter().filter(move |route| known.insert(route.function))
}

/// The binary of a function, built for this test.
pub(crate) fn binary(function: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_health")).with_file_name(function)
}

/// Sends all requests concurrently.
pub(crate) async fn at_once(requests: Vec<Request>) -> Vec<TestResponse> {
    requests.into_iter().map(Request::send).collect::<JoinSet<_>>().join_all().await
}

/// Number of responses with a status.
pub(crate) fn count(responses: &[TestResponse], status: u16) -> usize {
    responses.iter().filter(|response| response.status == status).count()
}

/// Whether a function serves static files, which are cacheable.
pub(crate) fn is_file(function: &str) -> bool {
    ["docs", "openapi", "pages"].contains(&function)
}

/// A number from an environment variable.
#[expect(clippy::disallowed_methods, reason = "the environment selects long runs")]
fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// Factor for the number of steps of random tests: `MODEL_STEPS_FACTOR`, 1 by default.
pub(crate) fn steps_factor() -> u64 {
    variable("MODEL_STEPS_FACTOR").unwrap_or(1)
}

/// The seeds of a random test: `SEED` if set, otherwise `usual`.
pub(crate) fn seeds(usual: std::ops::Range<u64>) -> Vec<u64> {
    variable("SEED").map_or_else(|| usual.collect(), |seed| vec![seed])
}

/// The lines of a JSON log.
pub(crate) fn json_lines(log: &str) -> Vec<Value> {
    log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The start time of the test clock.
pub(crate) const NOW: &str = "2026-01-01T00:00:00.000000Z";

/// The response to a forbidden request.
pub(crate) fn forbidden() -> (u16, Value) {
    (403, json!({ "error": "You don't have permissions to do that." }))
}

/// The response for a target that does not exist.
pub(crate) fn not_found() -> (u16, Value) {
    (404, json!({ "error": "Not found." }))
}

/// The response to a request with one invalid field.
pub(crate) fn invalid(field: &str, message: &str) -> (u16, Value) {
    (400, json!({ "error": format!("Invalid value for {field}."), "errors": { field: message } }))
}

/// The response to an invalid ID in the path.
pub(crate) fn invalid_id() -> (u16, Value) {
    invalid("id", "value must be an integer greater than zero.")
}

/// The response to a request that would remove the last administrator.
pub(crate) fn last_admin() -> (u16, Value) {
    (400, json!({ "error": "You cannot remove the last member of the 'Admin' group!" }))
}

/// The response to a request with the email address of another user.
pub(crate) fn email_taken() -> (u16, Value) {
    let sentence = "Email address already in use.";
    let body = json!({
        "error": sentence,
        "errors": { "email": sentence },
        "error_code": "email-already-in-use",
    });
    (409, body)
}

/// The view of a new user without administrator rights, with the changes in `differs`.
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

/// `base` with the members of `differs` added or replaced.
pub(crate) fn merge(mut base: Value, differs: Value) -> Value {
    let (Value::Object(to), Value::Object(from)) = (&mut base, differs) else {
        panic!("both must be objects");
    };
    to.extend(from);
    base
}

/// Gets a user as the administrator.
pub(crate) async fn get_user(app: &TestApp, id: u64) -> Value {
    app.get(&format!("/api/user/{id}")).session(&app.admin.session).send().await.expect_status(200)
}

/// The ID of a membership.
pub(crate) fn membership(user: u64, group: u64) -> u64 {
    (user + group) * (user + group + 1) / 2 + group
}

/// The ID of an API key.
pub(crate) fn api_key_id(secret: &str) -> u64 {
    ApiKeyToken::parse(secret).unwrap().user().get()
}

/// Updates a user.
pub(crate) async fn update_user(
    app: &TestApp,
    by: &TestUser,
    id: u64,
    body: Value,
) -> TestResponse {
    app.put(&format!("/api/user/{id}")).session(&by.session).json(&body).send().await
}

/// The URL of a password reset link without its token.
pub(crate) const RESET_PAGE: &str = "http://localhost:3000/auth/reset_password/";

/// Issues a password reset token as the administrator.
pub(crate) async fn reset_token(app: &TestApp, id: u64) -> String {
    let path = format!("/api/user/{id}/password-reset-url");
    let body = app.post(&path).session(&app.admin.session).send().await.expect_status(200);
    let url = body["password_reset_url"].as_str().unwrap();
    url.strip_prefix(RESET_PAGE).unwrap().to_owned()
}
