//! Audit events of rejected attempts, and their bounds.

use serde_json::{Value, json};
use shared::config::Settings;
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp};

const MINUTE: i64 = 60;

/// The events with an action, newest first.
async fn events(app: &TestApp, action: &str) -> Vec<Value> {
    let request = app.get(&format!("/api/audit?action={action}")).session(&app.admin.session);
    request.send().await.expect_status(200)["data"].as_array().unwrap().clone()
}

async fn log_in(app: &TestApp, password: &str) -> u16 {
    let body = json!({ "username": ADMIN_EMAIL, "password": password });
    app.post("/api/session").json(&body).send().await.status
}

#[tokio::test]
async fn a_missing_permission_is_recorded_once_a_minute_for_each_route() {
    let app = TestApp::new().await;
    let group = app.group("Analysts").await;
    let jane = app.user_with_session("jane").await;
    let requests = [
        ("DELETE", "/api/user/1".to_owned(), json!({ "type": "user", "id": 1 })),
        ("GET", "/api/user/1".to_owned(), json!({ "type": "user", "id": 1 })),
        ("GET", "/api/api-key".to_owned(), Value::Null),
        (
            "DELETE",
            format!("/api/permissions/group/{group}"),
            json!({ "type": "group", "id": group }),
        ),
    ];
    for (method, path, target) in &requests {
        let send = || app.request(method, path).session(&jane.session).send();
        app.meter.take();
        send().await.expect_status(403);
        assert_eq!(app.meter.take(), ["BatchGetItem", "TransactWriteItems"], "{method} {path}");
        for _ in 0..5 {
            send().await.expect_status(403);
        }
        assert_eq!(app.meter.take(), ["BatchGetItem"; 5], "{method} {path}");
        let event = events(&app, "forbidden").await[0].clone();
        assert_eq!(event["actor"], json!({ "id": jane.id, "via": "session" }));
        assert_eq!(&event["target"], target, "{method} {path}");
        let route = event["fields"][0].as_str().unwrap();
        assert!(route.starts_with(method), "{route}");
        app.clock.advance(1);
    }
    assert_eq!(events(&app, "forbidden").await.len(), requests.len());
    app.clock.advance(MINUTE);
    app.delete("/api/user/1").session(&jane.session).send().await.expect_status(403);
    assert_eq!(events(&app, "forbidden").await.len(), requests.len() + 1);
    app.assert_invariants().await;
}

/// Two processes share the bound through the table.
#[tokio::test]
async fn the_bound_holds_for_all_processes() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let other = app.second_instance(Settings::default()).await;
    for app in [&app, &other] {
        app.delete("/api/user/1").session(&jane.session).send().await.expect_status(403);
    }
    assert_eq!(events(&app, "forbidden").await.len(), 1);
}

#[tokio::test]
async fn a_wrong_current_password_is_recorded() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let change = |current: &str| {
        let body = json!({ "password": current, "new_password": "an0ther secret" });
        app.put(&format!("/api/user/{}/password", jane.id)).session(&jane.session).json(&body)
    };
    for _ in 0..3 {
        change("wrong pw 1").send().await.expect_status(400);
    }
    let events = events(&app, "wrong-password").await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["actor"], json!({ "id": jane.id, "via": "session" }));
    assert_eq!(events[0]["target"], json!({ "type": "user", "id": jane.id }));
    change(PASSWORD).send().await.expect_status(200);
}

#[tokio::test]
async fn invalid_reset_tokens_are_recorded() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let reset = |token: String| {
        let body = json!({ "token": token, "password": "an0ther secret" });
        app.post("/api/session/reset_password").json(&body)
    };
    reset(format!("{}_{}", jane.id, "A".repeat(43))).send().await.expect_status(400);
    reset("made-up".to_owned()).send().await.expect_status(400);
    let invalid = events(&app, "invalid-reset-token").await;
    assert_eq!(invalid.len(), 1, "one client IP");
    assert_eq!(invalid[0]["actor"], json!({ "id": null, "via": "reset-token" }));
    assert_eq!(invalid[0]["target"], Value::Null, "anybody may name a user in a token");

    let items = json!(app.items().await.into_values().collect::<Vec<_>>()).to_string();
    assert!(!items.contains("made-up"));
}

/// Reaching a limit is recorded. The attempts that have to wait cost one read and no event.
#[tokio::test]
async fn a_throttled_sign_in_is_recorded() {
    let app = TestApp::new().await;
    for _ in 0..9 {
        assert_eq!(log_in(&app, "wrong pw 1").await, 401);
    }
    assert_eq!(events(&app, "rate-limited").await, [Value::Null; 0]);
    assert_eq!(log_in(&app, "wrong pw 1").await, 401);
    for _ in 0..3 {
        assert_eq!(log_in(&app, PASSWORD).await, 429);
    }
    let limited = events(&app, "rate-limited").await;
    assert_eq!(limited.len(), 1);
    assert_eq!(limited[0]["target"], json!({ "type": "user", "id": 1 }));
    assert_eq!(events(&app, "failed-login").await.len(), 10);
}
