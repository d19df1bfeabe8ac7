//! Logins with passwords that were imported from Metabase.

use serde_json::json;
use shared::auth::password_hash::PasswordHash;
use testkit::{ADMIN_EMAIL, ImportedForm, PASSWORD, TestApp, TestResponse};

use crate::support::at_once;

const JANE: &str = "jane@example.com";
const FORMS: [ImportedForm; 2] = [ImportedForm::Kept, ImportedForm::Wrapped];

async fn log_in(app: &TestApp, username: &str, password: &str) -> TestResponse {
    let body = json!({ "username": username, "password": password });
    app.post("/api/session").json(&body).send().await
}

/// The number of passwords that are still hashed as in Metabase.
async fn remaining(app: &TestApp) -> i64 {
    let items = app.items().await;
    let key = ("IMPORTEDPASSWORDS".to_owned(), "IMPORTEDPASSWORDS".to_owned());
    items[&key]["remaining"].as_i64().unwrap()
}

#[tokio::test]
async fn the_old_password_signs_in_and_is_hashed_anew() {
    for form in FORMS {
        let app = TestApp::new().await;
        app.imported_user("jane", "old pw", form).await;
        app.imported_user("john", "old pw", form).await;
        assert!(app.stored_password(JANE).await.is_imported());
        log_in(&app, JANE, "Old pw").await.expect_status(401);
        assert!(app.stored_password(JANE).await.is_imported());

        log_in(&app, JANE, "old pw").await.expect_status(200);

        assert!(!app.stored_password(JANE).await.is_imported(), "{form:?}");
        assert_eq!(remaining(&app).await, 1);
        log_in(&app, JANE, "old pw").await.expect_status(200);
        log_in(&app, JANE, "Old pw").await.expect_status(401);
        assert_eq!(remaining(&app).await, 1);
        log_in(&app, "john@example.com", "old pw").await.expect_status(200);
        assert_eq!(remaining(&app).await, 0);
    }
}

#[tokio::test]
async fn concurrent_first_logins_count_once() {
    let app = TestApp::new().await;
    app.imported_user("jane", "old pw", ImportedForm::Kept).await;
    app.imported_user("john", "old pw", ImportedForm::Kept).await;
    let body = json!({ "username": JANE, "password": "old pw" });
    let request = || app.post("/api/session").json(&body);

    let responses = at_once((0..6).map(|_| request()).collect()).await;

    for response in responses {
        response.expect_status(200);
    }
    assert_eq!(remaining(&app).await, 1);
}

#[tokio::test]
async fn every_way_to_another_password_counts() {
    let app = TestApp::new().await;
    let mut ids = Vec::new();
    for name in ["one", "two", "three", "four"] {
        ids.push(app.imported_user(name, "old pw", ImportedForm::Kept).await);
    }
    let session = app.admin.session.clone();
    let password = json!({ "password": "an0ther secret" });
    let path = format!("/api/user/{}/password", ids[0]);
    app.put(&path).session(&session).json(&password).send().await.expect_status(204);
    assert_eq!(remaining(&app).await, 3);

    let token = crate::support::reset_token(&app, ids[1]).await;
    let reset = json!({ "token": token, "password": "an0ther secret" });
    app.post("/api/session/reset_password").json(&reset).send().await.expect_status(200);
    assert_eq!(remaining(&app).await, 2);

    let path = format!("/api/user/{}/anonymize", ids[2]);
    app.post(&path).session(&session).send().await.expect_status(200);
    assert_eq!(remaining(&app).await, 1);

    let path = format!("/api/user/{}", ids[3]);
    let renamed = json!({ "email": "five@example.com" });
    app.put(&path).session(&session).json(&renamed).send().await.expect_status(200);
    app.delete(&path).session(&session).send().await.expect_status(200);
    let path = format!("/api/user/{}/reactivate", ids[3]);
    app.put(&path).session(&session).send().await.expect_status(200);
    assert_eq!(remaining(&app).await, 1);
    log_in(&app, "five@example.com", "old pw").await.expect_status(200);
    assert_eq!(remaining(&app).await, 0);
}

#[tokio::test]
async fn the_current_password_may_be_an_imported_one() {
    let app = TestApp::new().await;
    let id = app.imported_user("jane", "old pw", ImportedForm::Kept).await;
    let session = app.log_in(JANE, "old pw").await;
    let body = json!({ "old_password": "old pw", "password": "an0ther secret" });
    let path = format!("/api/user/{id}/password");
    app.put(&path).session(&session).json(&body).send().await.expect_status(200);
    log_in(&app, JANE, "an0ther secret").await.expect_status(200);
}

#[tokio::test]
async fn a_login_without_imported_passwords_costs_no_more_requests() {
    let app = TestApp::new().await;
    app.meter.take();
    log_in(&app, ADMIN_EMAIL, PASSWORD).await.expect_status(200);
    let before = app.meter.take();
    app.imported_user("jane", "old pw", ImportedForm::Kept).await;
    app.meter.take();
    log_in(&app, ADMIN_EMAIL, PASSWORD).await.expect_status(200);
    assert_eq!(app.meter.take().len(), before.len());
    log_in(&app, JANE, "old pw").await.expect_status(200);
    assert_eq!(app.meter.take().len(), before.len());
}

#[tokio::test]
async fn an_import_costs_at_most_fifteen_write_units_a_user() {
    let app = TestApp::new().await;
    let mut groups = Vec::new();
    for number in 0..50 {
        groups.push(app.group(&format!("Group {number}")).await);
    }
    let units = app.import_units(500, &groups).await;
    assert!((8.0..15.0).contains(&(units / 500.0)), "{units}");
}

#[tokio::test]
async fn a_damaged_imported_hash_is_an_error_and_no_way_in() {
    let app = TestApp::new().await;
    app.imported_user("jane", "old pw", ImportedForm::Kept).await;
    let key = app.downgrade_hash(JANE).await;
    app.set_text(&key, "password_hash", "$metabase-bcrypt$YQ$2a$10$short").await;
    log_in(&app, JANE, "old pw").await.expect_status(500);
    let stored: PasswordHash = app.stored_password(JANE).await;
    assert!(stored.is_imported());
}
