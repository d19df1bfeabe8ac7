use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{PASSWORD, TestApp, TestResponse, TestUser};

use crate::support::{
    NOW, forbidden, get_user, invalid, invalid_id, last_admin, merge, not_found, update_user, user,
};

async fn anonymize(app: &TestApp, by: &str, id: u64) -> TestResponse {
    app.post(&format!("/api/user/{id}/anonymize")).session(by).send().await
}

/// Creates a user with a value in every field. Returns the user and the ID of her group.
async fn jane(app: &TestApp) -> (TestUser, u64) {
    let group = app.group("Analysts").await;
    let jane = app.user_with_session_in("jane", &[2, group]).await;
    let body = json!({ "locale": "es", "login_attributes": { "team": "blue" } });
    update_user(app, &app.admin, jane.id, body).await.expect_status(200);
    (jane, group)
}

/// The view of Jane, user 2, after anonymization.
fn anonymized_jane() -> Value {
    let email = "anonymized-2@anonymized.invalid";
    let names = json!({
        "first_name": null, "last_name": null, "common_name": email, "is_active": false,
        "last_login": NOW,
    });
    user(2, email, ["", ""], names)
}

#[tokio::test]
async fn leaves_only_id_and_dates() {
    let app = TestApp::new().await;
    let (jane, group) = jane(&app).await;

    let response = anonymize(&app, &app.admin.session, 2).await.status_and_body();

    assert_eq!(response, (200, anonymized_jane()));
    assert_eq!(get_user(&app, 2).await, anonymized_jane());
    assert!(!app.is_session_valid(&jane.session).await);
    let table = format!("{:?}", app.items().await);
    for personal in ["jane", "blue", "\"locale\":"] {
        assert!(!table.contains(personal), "{personal}: {table}");
    }
    let path = format!("/api/permissions/group/{group}");
    let group = app.get(&path).session(&app.admin.session).send().await;
    assert_eq!(group.expect_status(200)["members"], json!([]));
    app.assert_invariants().await;
}

#[tokio::test]
async fn a_second_time_changes_nothing() {
    let app = TestApp::new().await;
    jane(&app).await;
    anonymize(&app, &app.admin.session, 2).await.expect_status(200);
    app.clock.advance(60);
    let before = app.items().await;
    assert_eq!(
        anonymize(&app, &app.admin.session, 2).await.status_and_body(),
        (200, anonymized_jane())
    );
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn frees_the_email_address_and_deletes_the_password() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    anonymize(&app, &app.admin.session, 2).await.expect_status(200);
    for username in [&jane.email, "anonymized-2@anonymized.invalid"] {
        let body = json!({ "username": username, "password": PASSWORD });
        app.post("/api/session").json(&body).send().await.expect_status(401);
    }
    let next = app.user_with_session("jane").await;
    assert_eq!((next.id, &next.email), (3, &jane.email));
    assert!(
        app.is_session_valid(&next.session).await && !app.is_session_valid(&jane.session).await
    );
}

#[tokio::test]
async fn the_user_is_listed_as_deactivated_without_names() {
    let app = TestApp::new().await;
    let (_, group) = jane(&app).await;
    anonymize(&app, &app.admin.session, 2).await.expect_status(200);
    for (query, expected) in [
        ("", json!([1])),
        ("?status=deactivated", json!([2])),
        ("?status=all&query=jane", json!([])),
        (&format!("?status=all&group_id={group}"), json!([])),
        ("?status=all&limit=1&sort=-id", json!([2])),
    ] {
        let path = format!("/api/user{query}");
        let list = app.get(&path).session(&app.admin.session).send().await.expect_status(200);
        let items = list.get("data").unwrap_or(&list).as_array().unwrap();
        let ids: Value = items.iter().map(|item| item["id"].clone()).collect();
        assert_eq!(ids, expected, "{query}");
    }
}

#[tokio::test]
async fn is_permanent() {
    let app = TestApp::new().await;
    jane(&app).await;
    anonymize(&app, &app.admin.session, 2).await.expect_status(200);
    let put = |rest: &str, body: Value| {
        app.put(&format!("/api/user/2{rest}")).session(&app.admin.session).json(&body).send()
    };
    let error = json!({ "error": "Not able to reactivate an anonymized user" });
    assert_eq!(put("/reactivate", json!({})).await.status_and_body(), (400, error));
    assert_eq!(
        put("", json!({ "email": "jane@example.com" })).await.status_and_body(),
        not_found()
    );
    assert_eq!(
        put("/password", json!({ "password": PASSWORD })).await.status_and_body(),
        not_found()
    );
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(get_user(&app, 2).await, anonymized_jane());
}

#[tokio::test]
async fn a_deactivated_account_can_be_anonymized() {
    let app = TestApp::new().await;
    jane(&app).await;
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    app.clock.advance(60);
    let later = json!({ "updated_at": "2026-01-01T00:01:00.000000Z" });
    let response = anonymize(&app, &app.admin.session, 2).await.status_and_body();
    assert_eq!(response, (200, merge(anonymized_jane(), later)));
    app.assert_invariants().await;
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let app = TestApp::new().await;
    let before = app.items().await;
    assert_eq!(anonymize(&app, &app.admin.session, 1).await.status_and_body(), last_admin());
    assert_eq!(app.items().await, before);

    let other_admin = app.second_admin("rival").await;
    anonymize(&app, &app.admin.session, 1).await.expect_status(200);
    assert!(
        !app.is_session_valid(&app.admin.session).await
            && app.is_session_valid(&other_admin.session).await
    );
    assert_eq!(
        anonymize(&app, &other_admin.session, other_admin.id).await.status_and_body(),
        last_admin()
    );
}

#[tokio::test]
async fn only_administrators_may() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    assert_eq!(anonymize(&app, &jane.session, 2).await.status_and_body(), forbidden());
    assert_eq!(anonymize(&app, &jane.session, 99).await.status_and_body(), forbidden());
    assert_eq!(anonymize(&app, &app.admin.session, 99).await.status_and_body(), not_found());
    let invalid_path = app.post("/api/user/0/anonymize").session(&jane.session).send().await;
    assert_eq!(invalid_path.status_and_body(), invalid_id());
}

#[tokio::test]
async fn the_anonymized_email_address_cannot_be_taken_beforehand() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let message = "value must be a valid email address.";
    for email in ["anonymized-2@anonymized.invalid", "X@Anonymized.INVALID"] {
        let new =
            json!({ "email": email, "first_name": "N", "last_name": "N", "sso_source": "saml" });
        let create = app.post("/api/user").session(&app.admin.session).json(&new).send().await;
        assert_eq!(create.status_and_body(), invalid("email", message));
        let moved = update_user(&app, &jane, 2, json!({ "email": email })).await;
        assert_eq!(moved.status_and_body(), invalid("email", &format!("nullable {message}")));
    }
    anonymize(&app, &app.admin.session, 2).await.expect_status(200);
}

#[tokio::test]
async fn metabases_dialect_shows_a_changed_account() {
    let app = TestApp::with(Settings { dialect: Dialect::Metabase, ..Settings::default() }).await;
    app.user_with_session("jane").await;
    assert_eq!(
        anonymize(&app, &app.admin.session, 2).await.status_and_body(),
        (200, anonymized_jane())
    );
    let reactivate = app.put("/api/user/2/reactivate").session(&app.admin.session).send().await;
    let message = json!({ "message": "Not able to reactivate an anonymized user" });
    assert_eq!(reactivate.status_and_body(), (400, message));
    let unknown = anonymize(&app, &app.admin.session, 99).await.status_and_body();
    assert_eq!(unknown, (404, json!("Not found.")));
    assert_eq!(anonymize(&app, &app.admin.session, 1).await.status, 400);
}
