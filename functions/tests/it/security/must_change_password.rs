//! Users with a required password change.

use functions::routes::{ROUTES, Route};
use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{PASSWORD, TestApp, TestResponse, TestUser};

use crate::support::{forbidden, get_user, invalid, merge, update_user, user};

const NEW: &str = "an0ther secret";

fn password_change_required() -> (u16, Value) {
    let error = "You must change your password first.";
    (403, json!({ "error": error, "error_code": "password-change-required" }))
}

/// Requires a user to change the password.
async fn require_change(app: &TestApp, id: u64) -> Value {
    update_user(app, &app.admin, id, json!({ "must_change_password": true }))
        .await
        .expect_status(200)
}

async fn with_pending_jane() -> (TestApp, TestUser) {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    require_change(&app, jane.id).await;
    (app, jane)
}

async fn change(app: &TestApp, by: &TestUser, id: u64) -> TestResponse {
    let body = json!({ "password": PASSWORD, "new_password": NEW });
    app.put(&format!("/api/user/{id}/password")).session(&by.session).json(&body).send().await
}

/// The path of a route with an ID.
fn path(route: &Route, id: u64) -> String {
    let parts = route.path.split('/').map(|part| match part {
        "{id}" => id.to_string(),
        part => part.replace(['{', '}'], ""),
    });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_route_with_a_session_is_forbidden_except_two() {
    let app = TestApp::new().await;
    let jane = app.second_admin("jane").await;
    require_change(&app, jane.id).await;
    let mut open = Vec::new();
    for route in ROUTES {
        let request = || app.request(route.method, &path(route, jane.id)).json(&json!({}));
        if request().send().await.status != 401 {
            continue;
        }
        for request in [request().session(&jane.session), request().cookie(&jane.session)] {
            let actual = request.send().await.status_and_body();
            if actual != password_change_required() {
                open.push((route.function, actual.0));
            }
        }
    }
    open.sort_unstable();
    let expected = [("current-user", 200), ("update-password", 400)];
    assert_eq!(open, expected.map(|one| [one; 2]).concat());
}

#[tokio::test]
async fn is_shown_while_set() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let before = get_user(&app, 2).await;
    assert_eq!(before.get("must_change_password"), None);

    let actual = require_change(&app, 2).await;

    assert_eq!(actual, merge(before.clone(), json!({ "must_change_password": true })));
    assert_eq!(get_user(&app, 2).await, actual);
    let list = app.get("/api/user").session(&app.admin.session).send().await.expect_status(200);
    let flags: Vec<_> =
        list.as_array().unwrap().iter().map(|item| &item["must_change_password"]).collect();
    assert_eq!(flags, [&Value::Null, &json!(true)]);
    let current =
        app.get("/api/user/current").session(&jane.session).send().await.expect_status(200);
    assert_eq!(current["must_change_password"], true);

    let body = json!({ "must_change_password": false });
    assert_eq!(update_user(&app, &app.admin, 2, body).await.expect_status(200), before);
    app.get("/api/user/2").session(&jane.session).send().await.expect_status(200);
}

#[tokio::test]
async fn can_be_set_at_creation() {
    let app = TestApp::new().await;
    let body = json!({
        "email": "jane@example.com", "first_name": "Jane", "last_name": "Doe",
        "password": PASSWORD, "must_change_password": true,
    });
    let request = app.post("/api/user").session(&app.admin.session).json(&body);
    let differs = json!({ "must_change_password": true });
    let expected = user(2, "jane@example.com", ["Jane", "Doe"], differs);
    assert_eq!(request.send().await.expect_status(200), expected);

    let session = app.log_in("jane@example.com", PASSWORD).await;
    assert_eq!(
        app.get("/api/user/2").session(&session).send().await.status_and_body(),
        password_change_required()
    );
}

#[tokio::test]
async fn is_cleared_by_the_owners_change() {
    let (app, jane) = with_pending_jane().await;
    let same = "password must not be the current one.";
    for (current, new, field, message) in [
        ("wrong pw 1", NEW, "password", "Invalid password"),
        ("wrong pw 1", "wrong pw 1", "password", "Invalid password"),
        (PASSWORD, PASSWORD, "new_password", same),
    ] {
        let body = json!({ "password": current, "new_password": new });
        let request = app.put("/api/user/2/password").session(&jane.session).json(&body);
        assert_eq!(request.send().await.status_and_body(), invalid(field, message));
    }
    assert_eq!(
        app.get("/api/user/2").session(&jane.session).send().await.status_and_body(),
        password_change_required()
    );

    let body = change(&app, &jane, 2).await.expect_status(200);

    let fresh = body["session_id"].as_str().unwrap();
    let own = app.get("/api/user/2").session(fresh).send().await.expect_status(200);
    assert_eq!(own.get("must_change_password"), None);
    assert!(!app.is_session_valid(&jane.session).await);
}

#[tokio::test]
async fn is_not_cleared_by_an_administrators_change() {
    let (app, jane) = with_pending_jane().await;
    let body = json!({ "password": NEW });
    app.put("/api/user/2/password")
        .session(&app.admin.session)
        .json(&body)
        .send()
        .await
        .expect_status(204);
    let session = app.log_in(&jane.email, NEW).await;
    assert_eq!(
        app.get("/api/user/2").session(&session).send().await.status_and_body(),
        password_change_required()
    );
}

#[tokio::test]
async fn forbids_changing_the_password_of_other_users() {
    let app = TestApp::new().await;
    let [jane, joan] = [app.second_admin("jane").await, app.user_with_session("joan").await];
    require_change(&app, jane.id).await;
    assert_eq!(change(&app, &jane, joan.id).await.status_and_body(), password_change_required());
    assert_eq!(change(&app, &jane, 99).await.status_and_body(), password_change_required());
    assert!(app.is_session_valid(&joan.session).await);
    require_change(&app, joan.id).await;
    assert_eq!(change(&app, &joan, jane.id).await.status_and_body(), password_change_required());
}

#[tokio::test]
async fn allows_logout() {
    let (app, jane) = with_pending_jane().await;
    app.delete("/api/session").session(&jane.session).send().await.expect_status(204);
    assert!(!app.is_session_valid(&jane.session).await);
}

#[tokio::test]
async fn only_administrators_may_set_it() {
    let (app, jane) = with_pending_jane().await;
    let joan = app.user_with_session("joan").await;
    let before = get_user(&app, joan.id).await;
    let actual = json!({ "must_change_password": true });
    assert_eq!(
        update_user(&app, &joan, joan.id, actual.clone()).await.status_and_body(),
        (200, before)
    );
    assert_eq!(update_user(&app, &joan, jane.id, actual).await.status_and_body(), forbidden());
    let cleared = json!({ "must_change_password": false });
    assert_eq!(
        update_user(&app, &jane, jane.id, cleared).await.status_and_body(),
        password_change_required()
    );

    require_change(&app, 1).await;
    let list = app.get("/api/user").session(&app.admin.session).send().await;
    assert_eq!(list.status_and_body(), password_change_required());
    change(&app, &app.admin, 1).await.expect_status(200);
}

#[tokio::test]
async fn is_a_boolean() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    let body = || json!({ "must_change_password": "true" });
    let actual = update_user(&app, &app.admin, 2, body()).await.status_and_body();
    assert_eq!(actual, invalid("must_change_password", "nullable value must be a boolean."));
    let unchanged = json!({ "must_change_password": null });
    assert_eq!(
        update_user(&app, &app.admin, 2, unchanged).await.expect_status(200),
        get_user(&app, 2).await
    );
}

#[tokio::test]
async fn is_a_message_in_the_metabase_dialect() {
    let app = TestApp::with(Settings { dialect: Dialect::Metabase, ..Settings::default() }).await;
    let jane = app.user_with_session("jane").await;
    let body = json!({ "must_change_password": "true" });
    let actual = update_user(&app, &app.admin, 2, body).await.expect_status(200);
    assert_eq!(actual["must_change_password"], true);
    let message = "You must change your password first.";
    let expected = json!({ "message": message, "error_code": "password-change-required" });
    let response = app.get("/api/user/recipients").session(&jane.session).send().await;
    assert_eq!(response.status_and_body(), (403, expected));
    let current =
        app.get("/api/user/current").session(&jane.session).send().await.expect_status(200);
    assert_eq!(current["must_change_password"], true);
}
