//! The content of idempotency records: no verifier of a password, and no personal data that
//! outlives its user.

use serde_json::{Value, json};
use testkit::{ADMIN_EMAIL, PASSWORD, Request, TestApp, TestResponse};

const KEY: &str = "1";

fn post(app: &TestApp, path: &str, body: &Value) -> Request {
    app.post(path).session(&app.admin.session).header("idempotency-key", KEY).json(body)
}

fn jane(password: &str) -> Value {
    json!({
        "email": "jane@example.com", "first_name": "Jane", "last_name": "Doe",
        "password": password,
    })
}

async fn create(app: &TestApp, body: &Value) -> TestResponse {
    post(app, "/api/user", body).send().await
}

/// All records, as text.
async fn records(app: &TestApp) -> String {
    let mut items = app.items().await;
    items.retain(|(pk, _), _| pk.starts_with("IDEMPOTENCY#"));
    format!("{items:?}")
}

/// The fingerprints of two instances with the same request differ, because their sessions do.
#[tokio::test]
async fn a_fingerprint_does_not_verify_a_guess_of_a_password() {
    let mut fingerprints = Vec::new();
    for _ in 0..2 {
        let app = TestApp::new().await;
        create(&app, &jane(PASSWORD)).await.expect_status(200);
        let items = app.items().await;
        let record = items.iter().find(|((pk, _), _)| pk.starts_with("IDEMPOTENCY#")).unwrap().1;
        fingerprints.push(record["payload"].clone());
    }
    assert_ne!(fingerprints[0], fingerprints[1]);
}

/// Passwords are compared only within one session. Another session gets the first response.
#[tokio::test]
async fn reuse_with_another_password_is_rejected() {
    let app = TestApp::new().await;
    let first = create(&app, &jane(PASSWORD)).await.expect_status(200);
    assert_eq!(create(&app, &jane(PASSWORD)).await.expect_status(200), first);
    create(&app, &jane("an0ther secret")).await.expect_status(422);
    let session = app.log_in(ADMIN_EMAIL, PASSWORD).await;
    let request = app.post("/api/user").session(&session).header("idempotency-key", KEY);
    assert_eq!(request.json(&jane(PASSWORD)).send().await.expect_status(200), first);
}

#[tokio::test]
async fn anonymization_erases_the_stored_response_to_the_creation() {
    let app = TestApp::new().await;
    create(&app, &jane(PASSWORD)).await.expect_status(200);
    assert!(records(&app).await.contains("jane@example.com"));
    let rename = app.put("/api/user/2").session(&app.admin.session);
    rename.json(&json!({ "first_name": "Joan" })).send().await.expect_status(200);
    let anonymize = app.post("/api/user/2/anonymize").session(&app.admin.session);
    anonymize.send().await.expect_status(200);
    let records = records(&app).await;
    for text in ["jane", "Jane", "Doe"] {
        assert!(!records.contains(text), "{records}");
    }
    create(&app, &jane(PASSWORD)).await.expect_status(409);
    app.assert_invariants().await;
}

#[tokio::test]
async fn a_list_of_members_is_rendered_again() {
    let app = TestApp::new().await;
    let (jane, joe) = (app.sso_user("Jane", "Doe").await, app.sso_user("Joe", "Bloggs").await);
    let group = app.group("Analysts").await;
    let join = |user: u64| json!({ "user_id": user, "group_id": group });
    let path = "/api/permissions/membership";
    app.post(path).session(&app.admin.session).json(&join(joe)).send().await.expect_status(200);
    let first = post(&app, path, &join(jane)).send().await.expect_status(200);
    assert!(!records(&app).await.contains("Joe"));
    let again = post(&app, path, &join(jane)).send().await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.expect_status(200), first);
    let anonymize = app.post(&format!("/api/user/{joe}/anonymize")).session(&app.admin.session);
    anonymize.send().await.expect_status(200);
    let members = post(&app, path, &join(jane)).send().await.expect_status(200);
    assert_eq!(members.as_array().unwrap().len(), 1, "{members}");
}

/// A response over the bound is not kept. The change succeeds, and a repetition is 409.
#[tokio::test]
async fn a_large_response_is_not_kept() {
    let app = TestApp::new().await;
    let group = app.group("Analysts").await;
    let name = "é".repeat(254);
    let path = "/api/permissions/membership";
    for number in 0..250 {
        let body = json!({
            "email": format!("{number}@example.com"), "first_name": name, "last_name": name,
            "sso_source": "saml", "group_ids": [group],
        });
        let user = app.post("/api/user").session(&app.admin.session).json(&body);
        user.send().await.expect_status(200);
    }
    let jane = app.sso_user("Jane", "Doe").await;
    let join = json!({ "user_id": jane, "group_id": group });
    let first = post(&app, path, &join).send().await.expect_status(200);
    assert!(first.to_string().len() > 256 * 1_024);
    post(&app, path, &join).send().await.expect_status(409);
    let user = app.get(&format!("/api/user/{jane}")).session(&app.admin.session).send().await;
    let memberships = user.expect_status(200)["user_group_memberships"].clone();
    assert_eq!(memberships, json!([{ "id": 1 }, { "id": group }]));
}
