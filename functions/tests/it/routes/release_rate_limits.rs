use serde_json::{Value, json};
use testkit::{PASSWORD, TestApp, TestResponse};

use crate::support::{forbidden, not_found};

async fn log_in(app: &TestApp, email: &str, password: &str) -> TestResponse {
    let body = json!({ "username": email, "password": password });
    app.post("/api/session").json(&body).send().await
}

async fn fail(app: &TestApp, email: &str) {
    for _ in 0..10 {
        log_in(app, email, "wrong pw 1").await.expect_status(401);
    }
    log_in(app, email, PASSWORD).await.expect_status(429);
}

async fn release(app: &TestApp, by: &str, id: u64) -> TestResponse {
    app.delete(&format!("/api/user/{id}/rate-limits")).session(by).send().await
}

#[tokio::test]
async fn a_user_signs_in_at_once_and_keeps_sessions_and_password() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    fail(&app, &jane.email).await;

    let response = release(&app, &app.admin.session, 2).await;

    assert_eq!(response.status_and_body(), (204, Value::Null));
    assert!(app.is_session_valid(&jane.session).await);
    log_in(&app, &jane.email, "wrong pw 1").await.expect_status(401);
    log_in(&app, &jane.email, PASSWORD).await.expect_status(200);
}

/// A release starts another count, with the same limit.
#[tokio::test]
async fn failures_count_again_after_each_release() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    for _ in 0..3 {
        fail(&app, &jane.email).await;
        release(&app, &app.admin.session, 2).await.expect_status(204);
    }
    fail(&app, &jane.email).await;
}

#[tokio::test]
async fn a_new_email_address_keeps_the_release() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    fail(&app, &jane.email).await;
    release(&app, &app.admin.session, 2).await.expect_status(204);
    for email in ["janet@example.com", jane.email.as_str()] {
        let body = json!({ "email": email });
        crate::support::update_user(&app, &app.admin, 2, body).await.expect_status(200);
    }
    log_in(&app, &jane.email, PASSWORD).await.expect_status(200);
}

#[tokio::test]
async fn requests_for_emails_are_released_too() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let request =
        || app.post("/api/session/forgot_password").json(&json!({ "email": jane.email })).send();
    for _ in 0..3 {
        request().await.expect_status(204);
    }
    request().await.expect_status(429);
    release(&app, &app.admin.session, 2).await.expect_status(204);
    request().await.expect_status(204);
}

/// Other users of the network may be the attackers.
#[tokio::test]
async fn the_limit_of_the_network_stays() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    for number in 0..7 {
        for _ in 0..10 {
            let email = format!("nobody{number}@example.com");
            log_in(&app, &email, "wrong pw 1").await;
        }
    }
    log_in(&app, &jane.email, PASSWORD).await.expect_status(429);
    release(&app, &app.admin.session, 2).await.expect_status(204);
    log_in(&app, &jane.email, PASSWORD).await.expect_status(429);
}

#[tokio::test]
async fn the_audit_log_names_administrator_and_user() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    release(&app, &app.admin.session, 2).await.expect_status(204);
    let path = "/api/audit?action=release-rate-limits";
    let events = app.get(path).session(&app.admin.session).send().await.expect_status(200);
    let [event] = events["data"].as_array().unwrap().as_slice() else { panic!("{events}") };
    assert_eq!(event["actor"]["id"], 1);
    assert_eq!(event["target"], json!({ "type": "user", "id": 2 }));
}

#[tokio::test]
async fn only_administrators_may_and_only_for_active_users() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    assert_eq!(release(&app, &jane.session, 2).await.status_and_body(), forbidden());
    assert_eq!(release(&app, &app.admin.session, 99).await.status_and_body(), not_found());
    let key = app.api_key("Robot").await;
    let id = crate::support::api_key_id(&key);
    assert_eq!(release(&app, &app.admin.session, id).await.status_and_body(), not_found());
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(release(&app, &app.admin.session, 2).await.status_and_body(), not_found());
}

#[tokio::test]
async fn an_outdated_version_is_rejected() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let read = app.get("/api/user/2").session(&app.admin.session).send().await;
    let etag = read.header("etag").unwrap().to_owned();
    let with_etag = || {
        let request = app.delete("/api/user/2/rate-limits").session(&app.admin.session);
        request.header("if-match", &etag).send()
    };
    with_etag().await.expect_status(204);
    let body = json!({ "first_name": "Janet" });
    crate::support::update_user(&app, &app.admin, 2, body).await.expect_status(200);
    with_etag().await.expect_status(412);
}
