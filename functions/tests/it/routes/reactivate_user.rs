use serde_json::{Value, json};
use testkit::{PASSWORD, TestApp, TestResponse};

use crate::support::{forbidden, get_user, not_found};

async fn reactivate(app: &TestApp, by: &str, id: u64) -> TestResponse {
    app.put(&format!("/api/user/{id}/reactivate")).session(by).send().await
}

#[tokio::test]
async fn restores_access_but_neither_rights_nor_sessions() {
    let app = TestApp::new().await;
    let jane = app.second_admin("jane").await;
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);

    let body = reactivate(&app, &app.admin.session, 2).await.expect_status(200);

    assert_eq!(body, get_user(&app, 2).await);
    let values = (&body["is_active"], &body["is_superuser"], &body["user_group_memberships"]);
    assert_eq!(values, (&json!(true), &json!(false), &json!([{ "id": 1 }])));
    assert!(!app.is_session_valid(&jane.session).await);
    let session = app.log_in(&jane.email, PASSWORD).await;
    assert!(app.is_session_valid(&session).await && !app.is_session_valid(&jane.session).await);
}

#[tokio::test]
async fn an_active_user_is_an_error() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    let expected = (400, json!({ "error": "Not able to reactivate an active user" }));
    assert_eq!(reactivate(&app, &app.admin.session, 2).await.status_and_body(), expected);
}

#[tokio::test]
async fn an_account_of_google_becomes_one_with_a_password() {
    let app = TestApp::new().await;
    let body = json!({
        "email": "g@example.com", "first_name": "G", "last_name": "G", "sso_source": "google",
    });
    app.post("/api/user").session(&app.admin.session).json(&body).send().await.expect_status(200);
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    let body = reactivate(&app, &app.admin.session, 2).await.expect_status(200);
    assert_eq!(body["sso_source"], Value::Null);
}

#[tokio::test]
async fn only_administrators_may() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    assert_eq!(reactivate(&app, &jane.session, 2).await.status_and_body(), forbidden());
    assert_eq!(reactivate(&app, &jane.session, 99).await.status_and_body(), forbidden());
    assert_eq!(reactivate(&app, &app.admin.session, 99).await.status_and_body(), not_found());
}

#[tokio::test]
async fn a_body_does_not_matter() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    let request = app.put("/api/user/2/reactivate").session(&app.admin.session);
    request.header("content-type", "text/plain").bytes("{").send().await.expect_status(200);
}
