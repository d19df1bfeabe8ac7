use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{PASSWORD, TestApp, TestResponse, TestUser};
use tokio::task::JoinSet;

use crate::support::{forbidden, invalid, not_found};

const NEW: &str = "an0ther secret";

async fn change(app: &TestApp, by: &str, id: u64, body: Value) -> TestResponse {
    app.put(&format!("/api/user/{id}/password")).session(by).json(&body).send().await
}

async fn with_jane() -> (TestApp, TestUser) {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    (app, jane)
}

#[tokio::test]
async fn an_owner_gets_a_fresh_session_and_loses_the_others() {
    let (app, jane) = with_jane().await;
    let other = app.log_in(&jane.email, PASSWORD).await;

    let response =
        change(&app, &jane.session, 2, json!({ "password": PASSWORD, "new_password": NEW })).await;

    let cookie = response.cookie().unwrap().to_owned();
    let body = response.expect_status(200);
    let fresh = body["session_id"].as_str().unwrap();
    assert_eq!(body, json!({ "success": true, "session_id": fresh }));
    assert!(cookie.starts_with(&format!("metabase.SESSION={fresh};")));
    assert!(app.is_session_valid(fresh).await);
    assert!(!app.is_session_valid(&jane.session).await && !app.is_session_valid(&other).await);
    app.log_in(&jane.email, NEW).await;
    let old_login = json!({ "username": jane.email, "password": PASSWORD });
    app.post("/api/session").json(&old_login).send().await.expect_status(401);
}

#[tokio::test]
async fn metabases_own_form_works_too() {
    let (app, jane) = with_jane().await;
    let body = json!({ "old_password": PASSWORD, "password": NEW });
    change(&app, &jane.session, 2, body).await.expect_status(200);
    app.log_in(&jane.email, NEW).await;
}

#[tokio::test]
async fn an_admin_needs_the_current_password_only_for_their_own_user() {
    let (app, jane) = with_jane().await;
    let wrong_is_ignored = json!({ "password": "wrong pw 1", "new_password": NEW });
    assert_eq!(
        change(&app, &app.admin.session, 2, wrong_is_ignored).await.status_and_body(),
        (204, Value::Null)
    );
    assert!(!app.is_session_valid(&jane.session).await);
    app.log_in(&jane.email, NEW).await;

    let blank = json!({ "old_password": "", "password": PASSWORD });
    change(&app, &app.admin.session, 2, blank).await.expect_status(204);
    app.log_in(&jane.email, PASSWORD).await;

    let own = change(&app, &app.admin.session, 1, json!({ "new_password": NEW })).await;
    assert_eq!(own.status_and_body(), invalid("password", "Invalid password"));
    let own = json!({ "password": PASSWORD, "new_password": NEW });
    change(&app, &app.admin.session, 1, own).await.expect_status(200);
}

#[tokio::test]
async fn a_wrong_current_password_is_reported_on_its_field() {
    let (app, jane) = with_jane().await;
    for (body, field) in [
        (json!({ "password": "wrong pw 1", "new_password": NEW }), "password"),
        (json!({ "new_password": NEW }), "password"),
        (json!({ "old_password": "wrong pw 1", "password": NEW }), "old_password"),
        (json!({ "password": NEW }), "old_password"),
        (json!({ "password": " ", "new_password": NEW }), "password"),
        (json!({ "old_password": "", "password": NEW }), "old_password"),
    ] {
        let response = change(&app, &jane.session, 2, body).await;
        assert_eq!(response.status_and_body(), invalid(field, "Invalid password"));
    }
    assert!(app.is_session_valid(&jane.session).await);
}

#[tokio::test]
async fn a_weak_new_password_is_reported_on_its_field() {
    let (app, jane) = with_jane().await;
    for (body, field) in [
        (json!({ "password": PASSWORD, "new_password": "123456" }), "new_password"),
        (json!({ "old_password": PASSWORD, "password": "123456" }), "password"),
        (json!({ "old_password": PASSWORD }), "password"),
        (json!({ "password": NEW, "new_password": null }), "new_password"),
        (json!({}), "password"),
    ] {
        for session in [&jane.session, &app.admin.session] {
            let response = change(&app, session, 2, body.clone()).await;
            assert_eq!(
                response.status_and_body(),
                invalid(field, "password is too common."),
                "{body}"
            );
        }
    }
}

#[tokio::test]
async fn passwords_of_other_and_deactivated_users_cannot_be_changed() {
    let (app, jane) = with_jane().await;
    let body = || json!({ "password": PASSWORD, "new_password": NEW });
    assert_eq!(change(&app, &jane.session, 1, body()).await.status_and_body(), forbidden());
    assert_eq!(change(&app, &app.admin.session, 99, body()).await.status_and_body(), not_found());
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    app.meter.take();
    assert_eq!(change(&app, &app.admin.session, 2, body()).await.status_and_body(), not_found());
    assert_eq!(app.meter.take(), ["BatchGetItem"], "rejected before hashing");
}

#[tokio::test]
async fn an_account_without_a_password_can_be_given_one() {
    let app = TestApp::new().await;
    let id = app.sso_user("Sam", "Saml").await;
    change(&app, &app.admin.session, id, json!({ "password": NEW })).await.expect_status(204);
    let session = app.log_in("sam.saml@example.com", NEW).await;

    let new_email = json!({ "email": "sam@example.com" });
    let path = format!("/api/user/{id}");
    app.put(&path).session(&session).json(&new_email).send().await.expect_status(200);
}

#[tokio::test]
async fn owners_cannot_change_an_email_address_managed_by_google_or_ldap() {
    let app = TestApp::new().await;
    let body = json!({
        "email": "gina@example.com", "first_name": "Gina", "last_name": "G", "password": PASSWORD,
        "sso_source": "google",
    });
    app.post("/api/user").session(&app.admin.session).json(&body).send().await.expect_status(200);
    let session = app.log_in("gina@example.com", PASSWORD).await;
    let new_email = json!({ "email": "g@example.com" });

    let own = app.put("/api/user/2").session(&session).json(&new_email).send().await;
    assert_eq!(own.status_and_body(), forbidden());
    crate::support::update_user(&app, &app.admin, 2, new_email).await.expect_status(200);
}

fn rate_limit_message(seconds: u64) -> String {
    format!("Too many attempts! You must wait {seconds} seconds before trying again.")
}

#[tokio::test]
async fn ten_wrong_current_passwords_per_user_are_the_limit() {
    for (dialect, status, expected) in [
        (Dialect::Documented, 429, json!({ "error": rate_limit_message(15) })),
        (Dialect::Metabase, 400, json!({ "errors": { "old_password": rate_limit_message(15) } })),
    ] {
        let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
        let jane = app.user_with_session("jane").await;
        let body = |current: &str| json!({ "old_password": current, "password": NEW });
        for _ in 0..10 {
            let wrong = change(&app, &jane.session, 2, body("wrong pw 1")).await.expect_status(400);
            assert_eq!(wrong["errors"], json!({ "old_password": "Invalid password" }));
        }
        app.meter.take();
        let response = change(&app, &jane.session, 2, body(PASSWORD)).await;
        assert_eq!(app.meter.take(), ["BatchGetItem", "BatchGetItem"]);
        assert_eq!(response.header("retry-after"), Some("15"));
        assert_eq!(response.status_and_body(), (status, expected));
        app.log_in(&jane.email, PASSWORD).await;

        change(&app, &app.admin.session, 2, json!({ "password": PASSWORD }))
            .await
            .expect_status(204);
        let session = app.log_in(&jane.email, PASSWORD).await;
        app.clock.advance(15);
        change(&app, &session, 2, body(PASSWORD)).await.expect_status(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_wrong_passwords_cannot_exceed_the_limit() {
    let (app, jane) = with_jane().await;
    let body = json!({ "password": "wrong pw 1", "new_password": NEW });
    let request = || app.put("/api/user/2/password").session(&jane.session).json(&body).send();
    let responses = (0..30).map(|_| request()).collect::<JoinSet<_>>().join_all().await;
    let count = |status| responses.iter().filter(|response| response.status == status).count();
    assert_eq!((count(400), count(429)), (10, 20));
}
