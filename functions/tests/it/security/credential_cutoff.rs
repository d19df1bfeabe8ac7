//! `CREDENTIALS_NOT_BEFORE`: after a restore, no older credential works.

use serde_json::{Value, json};
use shared::{
    config::Settings,
    domain::{CredentialCutoff, Email, Timestamp},
    store::Key,
};
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp, TestUser};

use crate::support::reset_token;

const HOUR: i64 = 3_600;

/// The same table with `CREDENTIALS_NOT_BEFORE` at a time, and the clock an hour after it.
async fn restored(app: &TestApp, cutoff: i64) -> TestApp {
    let cutoff = CredentialCutoff::at(Timestamp::from_epoch_seconds(cutoff));
    let settings = Settings { credential_cutoff: cutoff, ..Settings::default() };
    let restored = app.second_instance(settings).await;
    restored.clock.advance(app.clock.seconds() - restored.clock.seconds() + HOUR);
    restored
}

async fn log_in(app: &TestApp, email: &str, password: &str) -> u16 {
    let body = json!({ "username": email, "password": password });
    app.post("/api/session").json(&body).send().await.status
}

async fn reset(app: &TestApp, token: &str, password: &str) -> Value {
    let body = json!({ "token": token, "password": password });
    let response = app.post("/api/session/reset_password").json(&body).send().await;
    json!([response.status, response.body["session_id"]])
}

fn with_key(app: &TestApp, key: &str) -> testkit::Request {
    app.get("/api/user/current").header("x-api-key", key)
}

#[tokio::test]
async fn credentials_issued_before_it_are_invalid() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let (key, token) = (app.api_key("Robot").await, reset_token(&app, jane.id).await);
    let app = restored(&app, app.clock.seconds() + 1).await;

    app.get("/api/user/current").session(&jane.session).send().await.expect_status(401);
    app.delete("/api/session").session(&jane.session).send().await.expect_status(404);
    with_key(&app, &key).send().await.expect_status(401);
    assert_eq!(reset(&app, &token, "an0ther secret").await[0], 400);
    assert_eq!(log_in(&app, &jane.email, PASSWORD).await, 401);
    assert_eq!(log_in(&app, ADMIN_EMAIL, PASSWORD).await, 401);
}

#[tokio::test]
async fn credentials_issued_at_it_or_later_are_valid() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let (key, token) = (app.api_key("Robot").await, reset_token(&app, jane.id).await);
    let app = restored(&app, app.clock.seconds()).await;

    app.get("/api/user/current").session(&jane.session).send().await.expect_status(200);
    with_key(&app, &key).send().await.expect_status(200);
    assert_eq!(log_in(&app, &jane.email, PASSWORD).await, 200);
    assert_eq!(reset(&app, &token, "an0ther secret").await[0], 200);
}

#[tokio::test]
async fn a_new_password_works_and_moves_with_the_email_address() {
    let app = TestApp::new().await;
    let other = app.user_with_session_in("other", &[2]).await;
    let jane = app.user_with_session("jane").await;
    let cutoff = app.clock.seconds() + 1;
    app.clock.advance(HOUR);
    let token = reset_token(&app, other.id).await;
    let app = restored(&app, cutoff).await;

    let session = reset(&app, &token, "an0ther secret").await[1].as_str().unwrap().to_owned();
    assert_eq!(log_in(&app, &other.email, "an0ther secret").await, 200);
    let put = |user: &TestUser, body: Value| {
        app.put(&format!("/api/user/{}", user.id)).session(&session).json(&body).send()
    };
    let moved = json!({ "email": "moved@example.com" });
    put(&other, moved).await.expect_status(200);
    assert_eq!(log_in(&app, "moved@example.com", "an0ther secret").await, 200);
    put(&jane, json!({ "email": "joan@example.com" })).await.expect_status(200);
    assert_eq!(log_in(&app, "joan@example.com", PASSWORD).await, 401);

    let keys = app.get("/api/api-key").session(&session).send().await.expect_status(200);
    assert_eq!(keys, json!([]));
}

#[tokio::test]
async fn the_list_of_api_keys_shows_the_time() {
    let app = TestApp::new().await;
    app.api_key("Robot").await;
    let cutoff = app.clock.seconds() + 1;
    app.clock.advance(HOUR);
    let other = app.user_with_session_in("other", &[2]).await;
    let app = restored(&app, cutoff).await;
    let keys = app.get("/api/api-key").session(&other.session).send().await.expect_status(200);
    assert_eq!(
        (&keys[0]["is_active"], &keys[0]["inactive_since"]),
        (&json!(false), &json!("2026-01-01T00:00:01.000000Z"))
    );
    let sessions = app.get("/api/user/1/sessions").session(&other.session).send().await;
    assert_eq!(sessions.expect_status(200), json!([]));
}

/// A password of an earlier release has no time.
#[tokio::test]
async fn a_password_without_a_time_is_older() {
    let app = TestApp::new().await;
    let credentials = Key::credentials(&Email::parse(ADMIN_EMAIL).unwrap());
    app.remove_attribute(&credentials, "password_set_at").await;
    assert_eq!(log_in(&app, ADMIN_EMAIL, PASSWORD).await, 200);
    let app = restored(&app, 0).await;
    assert_eq!(log_in(&app, ADMIN_EMAIL, PASSWORD).await, 401);
}
