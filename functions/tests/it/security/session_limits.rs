//! `SESSION_IDLE_MINUTES` and `MAX_SESSIONS_PER_USER`.

use shared::{config::Settings, domain::IdleTimeout};
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp};

const MINUTE: i64 = 60;

async fn status(app: &TestApp, session: &str) -> u16 {
    app.get("/api/user/current").session(session).send().await.status
}

async fn with_idle_timeout() -> TestApp {
    let session_idle = IdleTimeout::minutes(30);
    TestApp::with(Settings { session_idle, ..Settings::default() }).await
}

#[tokio::test]
async fn an_unused_session_ends() {
    let app = with_idle_timeout().await;
    app.clock.advance(30 * MINUTE - 1);
    assert_eq!(status(&app, &app.admin.session).await, 200);
    app.clock.advance(30 * MINUTE - 1);
    assert_eq!(status(&app, &app.admin.session).await, 200);
    app.clock.advance(30 * MINUTE);
    assert_eq!(status(&app, &app.admin.session).await, 401);
    let session = app.log_in(ADMIN_EMAIL, PASSWORD).await;
    let list = app.get("/api/user/1/sessions").session(&session).send().await.expect_status(200);
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
}

#[tokio::test]
async fn a_use_is_recorded_once_a_minute() {
    let app = with_idle_timeout().await;
    let cost = async |seconds| {
        app.clock.advance(seconds);
        app.meter.take();
        assert_eq!(status(&app, &app.admin.session).await, 200);
        app.meter.take()
    };
    assert_eq!(cost(MINUTE - 1).await, ["BatchGetItem"]);
    assert_eq!(cost(1).await, ["BatchGetItem", "UpdateItem"]);
    assert_eq!(cost(MINUTE - 1).await, ["BatchGetItem"]);
    assert_eq!(cost(1).await, ["BatchGetItem", "UpdateItem"]);
}

#[tokio::test]
async fn without_the_settings_no_session_ends_and_nothing_is_recorded() {
    let app = TestApp::new().await;
    app.clock.advance(10_000 * MINUTE);
    app.meter.take();
    assert_eq!(status(&app, &app.admin.session).await, 200);
    assert_eq!(app.meter.take(), ["BatchGetItem"]);
    app.log_in(ADMIN_EMAIL, PASSWORD).await;
    assert_eq!(app.meter.take(), ["BatchGetItem", "TransactWriteItems"]);
}

#[tokio::test]
async fn a_login_over_the_maximum_ends_the_oldest_session() {
    let app = TestApp::with(Settings { max_sessions: Some(2), ..Settings::default() }).await;
    let other = app.user_with_session("jane").await;
    let first = app.admin.session.clone();
    app.clock.advance(1);
    let second = app.log_in(ADMIN_EMAIL, PASSWORD).await;
    assert_eq!((status(&app, &first).await, status(&app, &second).await), (200, 200));
    app.clock.advance(1);
    let third = app.log_in(ADMIN_EMAIL, PASSWORD).await;
    let statuses = [&first, &second, &third].map(|session| status(&app, session));
    let [first, second, third] = statuses;
    assert_eq!((first.await, second.await, third.await), (401, 200, 200));
    assert_eq!(status(&app, &other.session).await, 200);
    let list = app.get("/api/user/1/sessions").session(&app.log_in(ADMIN_EMAIL, PASSWORD).await);
    assert_eq!(list.send().await.expect_status(200).as_array().unwrap().len(), 2);
}
