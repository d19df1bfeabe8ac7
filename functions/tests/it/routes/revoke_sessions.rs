use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{PASSWORD, TestApp, TestResponse};

use crate::support::{forbidden, get_user, invalid_id, not_found};

async fn revoke_all(app: &TestApp, by: &str, id: u64) -> TestResponse {
    app.delete(&format!("/api/user/{id}/sessions")).session(by).send().await
}

#[tokio::test]
async fn an_owner_ends_them_all_and_the_one_it_comes_with() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let other = app.log_in(&jane.email, PASSWORD).await;

    let response = revoke_all(&app, &jane.session, 2).await;

    assert!(response.cookie().unwrap().starts_with("metabase.SESSION=; "));
    assert_eq!(response.status_and_body(), (204, Value::Null));
    assert!(!app.is_session_valid(&jane.session).await && !app.is_session_valid(&other).await);
    assert!(app.is_session_valid(&app.admin.session).await);
    let fresh = app.log_in(&jane.email, PASSWORD).await;
    assert!(app.is_session_valid(&fresh).await && !app.is_session_valid(&other).await);
}

#[tokio::test]
async fn an_administrator_keeps_their_own_session() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let before = get_user(&app, 2).await;
    for _ in 0..2 {
        let response = revoke_all(&app, &app.admin.session, 2).await;
        assert_eq!(response.cookie(), None);
        assert_eq!(response.status_and_body(), (204, Value::Null));
    }
    assert!(
        !app.is_session_valid(&jane.session).await
            && app.is_session_valid(&app.admin.session).await
    );
    assert_eq!(get_user(&app, 2).await, before);
}

#[tokio::test]
async fn a_deactivated_account_has_none_to_end() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    let before = app.items().await;
    revoke_all(&app, &app.admin.session, 2).await.expect_status(204);
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn only_the_owner_and_administrators_may() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    assert_eq!(revoke_all(&app, &jane.session, 1).await.status_and_body(), forbidden());
    assert_eq!(revoke_all(&app, &jane.session, 99).await.status_and_body(), forbidden());
    assert_eq!(revoke_all(&app, &app.admin.session, 99).await.status_and_body(), not_found());
    let invalid_path = app.delete("/api/user/x/sessions").session(&jane.session).send().await;
    assert_eq!(invalid_path.status_and_body(), invalid_id());
    let cross_site = app.delete("/api/user/2/sessions").cookie(&jane.session);
    let cross_site = cross_site.header("sec-fetch-site", "cross-site").send().await;
    assert_eq!(cross_site.status_and_body(), forbidden());
    assert!(app.is_session_valid(&jane.session).await);
}

#[tokio::test]
async fn both_dialects_do_the_same() {
    let app = TestApp::with(Settings { dialect: Dialect::Metabase, ..Settings::default() }).await;
    let unknown = revoke_all(&app, &app.admin.session, 99).await;
    assert_eq!(unknown.status_and_body(), (404, json!("Not found.")));
    assert_eq!(revoke_all(&app, &app.admin.session, 1).await.status_and_body(), (204, Value::Null));
    assert!(!app.is_session_valid(&app.admin.session).await);
}
