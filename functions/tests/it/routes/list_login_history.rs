use serde_json::{Value, json};
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp};

async fn list(app: &TestApp, session: &str) -> Value {
    app.get("/api/login-history/current").session(session).send().await.expect_status(200)
}

#[tokio::test]
async fn shows_own_logins_newest_first() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    app.clock.advance(60);
    let body = json!({ "username": ADMIN_EMAIL, "password": PASSWORD });
    let phone = app.post("/api/session").header("user-agent", "Phone/1.0").json(&body);
    phone.send().await.expect_status(200);

    let logins = list(&app, &app.admin.session).await;

    let login = |timestamp: &str, device: Option<&str>| {
        json!({
            "timestamp": timestamp, "device_description": device, "ip_address": "192.0.2.1",
            "active": true, "location": null, "timezone": null,
        })
    };
    let expected = [
        login("2026-01-01T00:01:00.000000Z", Some("Phone/1.0")),
        login("2026-01-01T00:00:00.000000Z", None),
    ];
    assert_eq!(logins, json!(expected));
}

#[tokio::test]
async fn a_session_that_ended_is_absent() {
    let app = TestApp::new().await;
    let other = app.log_in(ADMIN_EMAIL, PASSWORD).await;
    assert_eq!(list(&app, &app.admin.session).await.as_array().unwrap().len(), 2);
    app.delete("/api/session").session(&other).send().await.expect_status(204);
    assert_eq!(list(&app, &app.admin.session).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_api_key_has_no_logins_and_a_stranger_no_access() {
    let app = TestApp::new().await;
    let key = app.api_key("Robot").await;
    let by_key = app.get("/api/login-history/current").header("x-api-key", &key).send().await;
    assert_eq!(by_key.expect_status(200), json!([]));
    let stranger = app.get("/api/login-history/current").send().await;
    assert_eq!(stranger.status_and_body(), (401, json!({ "error": "Unauthenticated" })));
}
