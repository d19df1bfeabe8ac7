//! Number of requests to DynamoDB of each route. An increase is a regression.

use serde_json::{Value, json};
use testkit::{ADMIN_EMAIL, PASSWORD, Request, TestApp};

use crate::support::{api_key_id, membership};

const READ: &str = "BatchGetItem";
const WRITE: &str = "TransactWriteItems";
const COUNT: &str = "UpdateItem";
const LIST: &str = "Query";

/// Sends a request and returns the operations of DynamoDB.
async fn cost(app: &TestApp, request: Request, status: u16) -> Vec<String> {
    app.meter.take();
    request.send().await.expect_status(status);
    app.meter.take()
}

/// A service with Jane, user 2, and a group of which she is a member.
async fn with_jane() -> (TestApp, String, u64) {
    let app = TestApp::new().await;
    let group = app.group("Analysts").await;
    let jane = app.user_with_session_in("jane", &[group]).await;
    (app, jane.session, group)
}

#[tokio::test]
async fn reads() {
    let (app, jane, group) = with_jane().await;
    let group_path = format!("/api/permissions/group/{group}");
    let unknown_token = format!("2_{}", "A".repeat(43));
    let token_path = format!("/api/session/password_reset_token_valid?token={unknown_token}");
    for (path, session, budget) in [
        ("/api/user/current", &app.admin.session, &[READ][..]),
        ("/api/user/current", &jane, &[READ]),
        ("/api/user/2", &jane, &[READ]),
        ("/api/user/2", &app.admin.session, &[READ]),
        ("/api/user", &app.admin.session, &[READ, LIST]),
        ("/api/user", &jane, &[READ]),
        ("/api/user?limit=1", &app.admin.session, &[READ, LIST]),
        ("/api/user?limit=1&offset=5", &app.admin.session, &[READ, LIST]),
        ("/api/user?query=jane", &app.admin.session, &[READ, LIST]),
        ("/api/user?query=jane@example.com", &app.admin.session, &[READ, READ]),
        ("/api/user?query=ane@example.com", &app.admin.session, &[READ, LIST]),
        ("/api/user?limit=1&sort=email", &app.admin.session, &[READ, LIST]),
        ("/api/user?limit=1&last_login_before=2026-01-02", &app.admin.session, &[READ, LIST]),
        ("/api/user?status=all", &app.admin.session, &[READ, LIST, LIST]),
        ("/api/user/recipients", &jane, &[READ, LIST]),
        ("/api/user/2/sessions", &jane, &[READ, LIST]),
        ("/api/permissions/group", &app.admin.session, &[READ, LIST, LIST]),
        ("/api/permissions/group/1", &app.admin.session, &[READ, LIST, LIST]),
        ("/api/permissions/group/2", &app.admin.session, &[READ, READ, LIST, READ]),
        (&group_path, &app.admin.session, &[READ, LIST, READ]),
        ("/api/permissions/graph", &app.admin.session, &[READ]),
        ("/api/setting", &app.admin.session, &[READ]),
        ("/api/login-history/current", &jane, &[READ, LIST]),
        ("/api/permissions/membership", &app.admin.session, &[READ, LIST, LIST, LIST]),
        ("/api/session/properties", &jane, &[READ]),
        ("/api/session/password_reset_token_valid?token=x", &jane, &[]),
        (&token_path, &jane, &[READ]),
        ("/api/audit", &app.admin.session, &[READ, LIST, LIST, LIST, LIST]),
        ("/api/health", &jane, &[READ]),
        ("/api/openapi.json", &jane, &[]),
        ("/api/docs", &jane, &[]),
        ("/api/docs/docs.js", &jane, &[]),
    ] {
        assert_eq!(cost(&app, app.get(path).session(session), 200).await, budget, "{path}");
    }
}

#[tokio::test]
async fn writes() {
    let (app, jane, _) = with_jane().await;
    let admin = app.admin.session.clone();
    let put = |path: &str, session: &str, body: Value| app.put(path).session(session).json(&body);
    let email = || json!({ "email": "joan@example.com" });
    let create =
        json!({ "email": "a@b.co", "first_name": "A", "last_name": "B", "password": PASSWORD });
    let own = json!({ "password": PASSWORD, "new_password": "an0ther secret" });
    let guess = json!({ "password": "wrong pw 1", "new_password": "an0ther secret" });
    let reset = json!({ "password": "an0ther secret" });
    let login = json!({ "username": ADMIN_EMAIL, "password": PASSWORD });
    for (request, status, budget) in [
        (put("/api/user/2", &jane, json!({ "first_name": "J" })), 200, &[READ, WRITE][..]),
        (put("/api/user/2", &jane, json!({})), 200, &[READ]),
        (put("/api/user/2", &admin, json!({ "is_superuser": true })), 200, &[READ, WRITE]),
        (put("/api/user/2", &jane, email()), 200, &[READ, READ, WRITE]),
        (put("/api/user/2/modal/qbnewb", &jane, json!({})), 200, &[READ, WRITE]),
        (put("/api/user/2/password", &jane, guess), 400, &[READ, READ, COUNT, WRITE]),
        (put("/api/user/2/password", &jane, own), 200, &[READ, READ, WRITE]),
        (put("/api/user/2/password", &admin, reset), 204, &[READ, WRITE]),
        (app.post("/api/user/2/password-reset-url").session(&admin), 200, &[READ, WRITE]),
        (app.post("/api/user/2/send_invite").session(&admin), 200, &[READ, WRITE]),
        (app.delete("/api/user/2/rate-limits").session(&admin), 204, &[READ, WRITE]),
        (app.delete("/api/user/2/sessions").session(&admin), 204, &[READ, WRITE]),
        (app.delete("/api/user/2").session(&admin), 200, &[READ, WRITE]),
        (app.delete("/api/user/2").session(&admin), 200, &[READ]),
        (app.put("/api/user/2/reactivate").session(&admin), 200, &[READ, WRITE]),
        (app.post("/api/user/2/anonymize").session(&admin), 200, &[READ, WRITE]),
        (app.post("/api/user/2/anonymize").session(&admin), 200, &[READ]),
        (app.post("/api/user").session(&admin).json(&create), 200, &[READ, COUNT, WRITE]),
        (app.post("/api/session").json(&login), 200, &[READ, WRITE]),
        (app.delete("/api/session").session(&admin), 204, &[WRITE]),
    ] {
        let request_text = format!("{request:?}");
        assert_eq!(cost(&app, request, status).await, budget, "{request_text}");
    }
}

#[tokio::test]
async fn revoking_a_session() {
    let (app, jane, _) = with_jane().await;
    let list = app.get("/api/user/2/sessions").session(&jane).send().await.expect_status(200);
    let path = format!("/api/user/2/sessions/{}", list[0]["id"].as_str().unwrap());
    let revoke = || app.delete(&path).session(&app.admin.session);
    assert_eq!(cost(&app, revoke(), 204).await, [READ, LIST, WRITE]);
    assert_eq!(cost(&app, revoke(), 404).await, [READ, LIST]);
}

#[tokio::test]
async fn groups() {
    let (app, _, group) = with_jane().await;
    let send = |method: &str, path: &str, body: Value| {
        let request = app.request(method, &format!("/api/permissions{path}"));
        request.session(&app.admin.session).json(&body)
    };
    let name = |name: &str| json!({ "name": name });
    let join = || json!({ "user_id": 1, "group_id": group });
    let membership_path = &format!("/membership/{}", membership(1, group));
    let group_path = &format!("/group/{group}");
    let clear_path = &format!("/membership/{group}/clear");
    for (request, status, budget) in [
        (send("POST", "/group", name("X")), 200, &[READ, COUNT, WRITE][..]),
        (send("PUT", group_path, name("Y")), 200, &[READ, WRITE]),
        (send("POST", "/membership", join()), 200, &[READ, LIST, READ, WRITE]),
        (send("POST", "/membership", join()), 400, &[READ]),
        (send("DELETE", membership_path, json!({})), 204, &[READ, WRITE]),
        (send("DELETE", membership_path, json!({})), 404, &[READ]),
        (send("PUT", clear_path, json!({})), 204, &[READ, LIST, READ, WRITE]),
        (send("DELETE", group_path, json!({})), 204, &[READ, LIST, WRITE]),
    ] {
        let request_text = format!("{request:?}");
        assert_eq!(cost(&app, request, status).await, budget, "{request_text}");
    }
}

#[tokio::test]
async fn api_keys() {
    let (app, _, group) = with_jane().await;
    let key = app.api_key("Robot").await;
    let path = &format!("/{}", api_key_id(&key));
    let regenerate_path = &format!("{path}/regenerate");
    let send = |method: &str, path: &str, body: Value| {
        let request = app.request(method, &format!("/api/api-key{path}"));
        request.session(&app.admin.session).json(&body)
    };
    let new = || json!({ "name": "Other", "group_id": group });
    for (request, status, budget) in [
        (app.get("/api/user/current").header("x-api-key", &key), 200, &[READ, WRITE][..]),
        (app.get("/api/user/current").header("x-api-key", &key), 200, &[READ]),
        (send("GET", "/count", json!({})), 200, &[READ, LIST]),
        (send("GET", "", json!({})), 200, &[READ, LIST, LIST, READ]),
        (send("POST", "", new()), 200, &[READ, COUNT, WRITE]),
        (send("PUT", path, json!({ "name": "X" })), 200, &[READ, READ, WRITE]),
        (send("PUT", path, json!({ "group_id": group })), 200, &[READ, WRITE]),
        (send("PUT", regenerate_path, json!({})), 200, &[READ, READ, WRITE]),
        (send("DELETE", path, json!({})), 204, &[READ, WRITE]),
    ] {
        let request_text = format!("{request:?}");
        assert_eq!(cost(&app, request, status).await, budget, "{request_text}");
    }
}

#[tokio::test]
async fn rejected_requests_cost_no_more_than_the_check() {
    let (app, jane, _) = with_jane().await;
    let forbidden = app.delete("/api/user/1").session(&jane);
    assert_eq!(cost(&app, forbidden, 403).await, [READ, WRITE], "the audit event");
    let forbidden = app.delete("/api/user/1").session(&jane);
    assert_eq!(cost(&app, forbidden, 403).await, [READ], "at most one event in a minute");
    let wrong = json!({ "username": ADMIN_EMAIL, "password": "wrong" });
    let mut counted = cost(&app, app.post("/api/session").json(&wrong), 401).await;
    counted.sort();
    assert_eq!(counted, [READ, WRITE, COUNT, COUNT, COUNT]);
    assert_eq!(cost(&app, app.get("/api/user/current"), 401).await, [""; 0]);
    assert_eq!(cost(&app, app.get("/api/user/current").session("x"), 401).await, [""; 0]);
    assert_eq!(cost(&app, app.post("/api/session").json(&json!({})), 400).await, [""; 0]);
    assert_eq!(cost(&app, app.post("/api/setup").json(&json!({})), 400).await, [""; 0]);
}

#[tokio::test]
async fn resets() {
    let (app, _, _) = with_jane().await;
    let token = crate::support::reset_token(&app, 2).await;
    let reset = |token: &str| {
        let body = json!({ "token": token, "password": "an0ther secret" });
        app.post("/api/session/reset_password").json(&body)
    };
    assert_eq!(cost(&app, reset(&token), 200).await, [READ, WRITE]);
    let mut invalid = cost(&app, reset(&token), 400).await;
    invalid.sort();
    assert_eq!(invalid, [READ, WRITE, COUNT]);
    assert_eq!(cost(&app, reset("x"), 400).await, [READ, COUNT]);
    let check = app.post("/api/session/password-check").json(&json!({ "password": PASSWORD }));
    assert_eq!(cost(&app, check, 200).await, [""; 0]);
    let forgot = app.post("/api/session/forgot_password").json(&json!({ "email": ADMIN_EMAIL }));
    assert_eq!(cost(&app, forgot, 204).await, [READ, COUNT, COUNT]);
}

#[tokio::test]
async fn setup() {
    let app = TestApp::without_setup().await;
    let body = json!({
        "token": testkit::SETUP_TOKEN,
        "user": { "email": ADMIN_EMAIL, "password": PASSWORD },
    });
    let mut wrong = body.clone();
    wrong["token"] = json!("wrong");
    assert_eq!(cost(&app, app.post("/api/setup").json(&wrong), 400).await, [READ, COUNT]);
    assert_eq!(cost(&app, app.post("/api/setup").json(&body), 200).await, [READ, WRITE]);
    assert_eq!(cost(&app, app.post("/api/setup").json(&body), 403).await, [READ]);
}
