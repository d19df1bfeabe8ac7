use serde_json::{Value, json};
use shared::{auth::token::SessionToken, config::Settings, http::Dialect, store::Key};
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp, TestResponse};

use crate::support::{forbidden, invalid_id, not_found};

async fn list(app: &TestApp, by: &str, id: u64) -> TestResponse {
    app.get(&format!("/api/user/{id}/sessions")).session(by).send().await
}

/// Logs in with a user agent.
async fn log_in_from(app: &TestApp, email: &str, user_agent: &str) -> String {
    let body = json!({ "username": email, "password": PASSWORD });
    let request = app.post("/api/session").header("user-agent", user_agent).json(&body);
    request.send().await.expect_status(200)["id"].as_str().unwrap().to_owned()
}

fn key(session: &str) -> Key {
    Key::session(&SessionToken::parse(session).unwrap())
}

#[tokio::test]
async fn shows_client_and_time_of_each_session_newest_first() {
    let app = TestApp::new().await;
    app.clock.advance(60);
    let phone = log_in_from(&app, ADMIN_EMAIL, "Phone/1.0").await;
    app.clock.advance(60);
    app.log_in(ADMIN_EMAIL, PASSWORD).await;

    let listed = list(&app, &phone, 1).await.expect_status(200);

    let ids: Vec<_> = listed.as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(
        listed,
        json!([
            {
                "id": ids[0], "created_at": "2026-01-01T00:02:00.000000Z",
                "expires_at": "2026-01-15T00:02:00.000000Z", "user_agent": null,
                "ip_address": "192.0.2.1", "is_current": false,
            },
            {
                "id": ids[1], "created_at": "2026-01-01T00:01:00.000000Z",
                "expires_at": "2026-01-15T00:01:00.000000Z", "user_agent": "Phone/1.0",
                "ip_address": "192.0.2.1", "is_current": true,
            },
            {
                "id": ids[2], "created_at": "2026-01-01T00:00:00.000000Z",
                "expires_at": "2026-01-15T00:00:00.000000Z", "user_agent": null,
                "ip_address": "192.0.2.1", "is_current": false,
            },
        ])
    );
    assert!(ids.iter().all(|id| id.as_str().is_some_and(|id| id.len() == 22)));
    let hash = SessionToken::parse(&phone).unwrap().hash();
    assert!(!listed.to_string().contains(hash.as_str()) && !listed.to_string().contains(&phone));
}

#[tokio::test]
async fn a_new_password_leaves_the_fresh_session_alone() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let body = json!({ "password": PASSWORD, "new_password": "an0ther secret" });
    let request = app.put("/api/user/2/password").session(&jane.session).json(&body);
    let response = request.header("user-agent", "Phone/1.0").send().await.expect_status(200);

    let listed = list(&app, response["session_id"].as_str().unwrap(), 2).await.expect_status(200);

    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&listed[0]["is_current"], &listed[0]["user_agent"]),
        (&json!(true), &json!("Phone/1.0"))
    );
}

#[tokio::test]
async fn invalid_sessions_are_not_shown() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let [expired, too_old, logged_out] = [0; 3].map(|_| app.log_in(&jane.email, PASSWORD));
    let [expired, too_old, logged_out] = [expired.await, too_old.await, logged_out.await];
    app.set_number(&key(&expired), "expires_at", 1_767_225_600).await;
    app.set_number(&key(&too_old), "created_at", 1_767_225_600 - 14 * 24 * 60 * 60).await;
    app.delete("/api/session").session(&logged_out).send().await.expect_status(204);

    let listed = list(&app, &app.admin.session, 2).await.expect_status(200);
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(listed[0]["is_current"], false);

    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(list(&app, &app.admin.session, 2).await.status_and_body(), (200, json!([])));
    app.put("/api/user/2/reactivate").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(list(&app, &app.admin.session, 2).await.status_and_body(), (200, json!([])));
}

#[tokio::test]
async fn a_user_agent_is_truncated_to_256_bytes() {
    let app = TestApp::new().await;
    let session = log_in_from(&app, ADMIN_EMAIL, &format!("é\t{}", "x".repeat(9_000))).await;
    let listed = list(&app, &session, 1).await.expect_status(200);
    let current = listed.as_array().unwrap().iter().find(|one| one["is_current"] == true).unwrap();
    assert_eq!(current["user_agent"], format!("é{}", "x".repeat(254)));
}

#[tokio::test]
async fn only_the_owner_and_administrators_may() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    assert_eq!(list(&app, &jane.session, 1).await.status_and_body(), forbidden());
    assert_eq!(list(&app, &jane.session, 99).await.status_and_body(), forbidden());
    assert_eq!(list(&app, &app.admin.session, 99).await.status_and_body(), not_found());
    let invalid_path = app.get("/api/user/x/sessions").session(&jane.session).send().await;
    assert_eq!(invalid_path.status_and_body(), invalid_id());
}

#[tokio::test]
async fn both_dialects_are_the_same() {
    let app = TestApp::with(Settings { dialect: Dialect::Metabase, ..Settings::default() }).await;
    let listed = list(&app, &app.admin.session, 1).await.expect_status(200);
    let keys: Vec<_> = listed[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["created_at", "expires_at", "id", "ip_address", "is_current", "user_agent"]);
    let unknown_user = list(&app, &app.admin.session, 99).await.status_and_body();
    assert_eq!(unknown_user, (404, Value::from("Not found.")));
}
