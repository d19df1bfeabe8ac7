use serde_json::Value;
use shared::{auth::token::SessionToken, config::Settings, http::Dialect, store::Key};
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp, TestResponse};

use crate::support::{forbidden, invalid_id, not_found};

async fn revoke(app: &TestApp, caller: &str, id: u64, session: &str) -> TestResponse {
    app.delete(&format!("/api/user/{id}/sessions/{session}")).session(caller).send().await
}

fn hash(session: &str) -> String {
    SessionToken::parse(session).unwrap().hash().as_str().to_owned()
}

/// The public ID of a session.
fn id(session: &str) -> String {
    SessionToken::parse(session).unwrap().hash().id().as_str().to_owned()
}

#[tokio::test]
async fn ends_that_session_and_no_other() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let other = app.log_in(&jane.email, PASSWORD).await;

    let response = revoke(&app, &jane.session, 2, &id(&other)).await;

    assert_eq!(response.cookie(), None);
    assert_eq!(response.status_and_body(), (204, Value::Null));
    assert!(!app.is_session_valid(&other).await && app.is_session_valid(&jane.session).await);
    assert_eq!(revoke(&app, &jane.session, 2, &id(&other)).await.status_and_body(), not_found());
    revoke(&app, &app.admin.session, 2, &id(&jane.session)).await.expect_status(204);
    assert!(
        !app.is_session_valid(&jane.session).await
            && app.is_session_valid(&app.admin.session).await
    );
}

#[tokio::test]
async fn revoking_the_current_session_deletes_the_cookie() {
    let app = TestApp::new().await;
    let response = revoke(&app, &app.admin.session, 1, &id(&app.admin.session)).await;
    assert!(response.cookie().unwrap().starts_with("metabase.SESSION=; "));
    response.expect_status(204);
    assert!(!app.is_session_valid(&app.admin.session).await);
}

#[tokio::test]
async fn a_session_is_found_under_its_own_user_only() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let admin_session_id = id(&app.admin.session);
    assert_eq!(
        revoke(&app, &jane.session, 2, &admin_session_id).await.status_and_body(),
        not_found()
    );
    assert_eq!(
        revoke(&app, &jane.session, 1, &admin_session_id).await.status_and_body(),
        forbidden()
    );
    assert_eq!(
        revoke(&app, &jane.session, 99, &admin_session_id).await.status_and_body(),
        forbidden()
    );
    assert_eq!(
        revoke(&app, &app.admin.session, 99, &admin_session_id).await.status_and_body(),
        not_found()
    );
    assert!(app.is_session_valid(&app.admin.session).await);
}

#[tokio::test]
async fn an_invalid_session_is_not_found() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let expired = app.log_in(&jane.email, PASSWORD).await;
    let key = Key::session(&SessionToken::parse(&expired).unwrap());
    app.set_number(&key, "expires_at", 1_767_225_600).await;
    assert_eq!(revoke(&app, &jane.session, 2, &id(&expired)).await.status_and_body(), not_found());

    app.delete("/api/user/2/sessions").session(&app.admin.session).send().await.expect_status(204);
    assert_eq!(
        revoke(&app, &app.admin.session, 2, &id(&jane.session)).await.status_and_body(),
        not_found()
    );
    let last = app.log_in(&jane.email, PASSWORD).await;
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(
        revoke(&app, &app.admin.session, 2, &id(&last)).await.status_and_body(),
        not_found()
    );
}

#[tokio::test]
async fn nothing_else_is_an_id() {
    let app = TestApp::new().await;
    let caller = app.log_in(ADMIN_EMAIL, PASSWORD).await;
    let session = &app.admin.session;
    let prefix = &id(session)[..21];
    for text in [session, hash(session).as_str(), prefix, "0", "%00", "SESSION%23", "é"] {
        assert_eq!(revoke(&app, &caller, 1, text).await.status_and_body(), not_found(), "{text}");
    }
    let invalid_path = app.delete("/api/user/0/sessions/x").session(&caller).send().await;
    assert_eq!(invalid_path.status_and_body(), invalid_id());
    assert!(app.is_session_valid(session).await);
}

#[tokio::test]
async fn a_cross_site_request_is_forbidden() {
    let app = TestApp::new().await;
    let path = format!("/api/user/1/sessions/{}", id(&app.admin.session));
    let request = app.delete(&path).cookie(&app.admin.session);
    let response = request.header("sec-fetch-site", "cross-site").send().await;
    assert_eq!(response.status_and_body(), forbidden());
    assert!(app.is_session_valid(&app.admin.session).await);
}

#[tokio::test]
async fn an_unknown_session_is_plain_text_in_the_metabase_dialect() {
    let app = TestApp::with(Settings { dialect: Dialect::Metabase, ..Settings::default() }).await;
    let unknown = revoke(&app, &app.admin.session, 1, "unknown").await;
    assert_eq!(unknown.status_and_body(), (404, "Not found.".into()));
    revoke(&app, &app.admin.session, 1, &id(&app.admin.session)).await.expect_status(204);
}
