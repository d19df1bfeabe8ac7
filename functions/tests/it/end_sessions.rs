use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{Answer, PASSWORD, TestApp};

use crate::support::{forbidden, invalid_id, not_found, seen};

async fn end(app: &TestApp, by: &str, id: u64) -> Answer {
    app.delete(&format!("/api/user/{id}/sessions")).session(by).send().await
}

#[tokio::test]
async fn an_owner_ends_them_all_and_the_one_it_comes_with() {
    let app = TestApp::new().await;
    let jane = app.person("jane").await;
    let other = app.log_in(&jane.email, PASSWORD).await;

    let answer = end(&app, &jane.session, 2).await;

    assert!(answer.cookie().unwrap().starts_with("metabase.SESSION=; "));
    assert_eq!(answer.told(), (204, Value::Null));
    assert!(!app.is_live(&jane.session).await && !app.is_live(&other).await);
    assert!(app.is_live(&app.admin.session).await);
    let fresh = app.log_in(&jane.email, PASSWORD).await;
    assert!(app.is_live(&fresh).await && !app.is_live(&other).await);
}

#[tokio::test]
async fn an_administrator_keeps_their_own_session() {
    let app = TestApp::new().await;
    let jane = app.person("jane").await;
    let before = seen(&app, 2).await;
    for _ in 0..2 {
        let answer = end(&app, &app.admin.session, 2).await;
        assert_eq!(answer.cookie(), None);
        assert_eq!(answer.told(), (204, Value::Null));
    }
    assert!(!app.is_live(&jane.session).await && app.is_live(&app.admin.session).await);
    assert_eq!(seen(&app, 2).await, before);
}

#[tokio::test]
async fn a_deactivated_account_has_none_to_end() {
    let app = TestApp::new().await;
    app.sso_account("Jane", "Doe").await;
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect(200);
    let before = app.items().await;
    end(&app, &app.admin.session, 2).await.expect(204);
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn only_the_owner_and_administrators_may() {
    let app = TestApp::new().await;
    let jane = app.person("jane").await;
    assert_eq!(end(&app, &jane.session, 1).await.told(), forbidden());
    assert_eq!(end(&app, &jane.session, 99).await.told(), forbidden());
    assert_eq!(end(&app, &app.admin.session, 99).await.told(), not_found());
    let odd = app.delete("/api/user/x/sessions").session(&jane.session).send().await;
    assert_eq!(odd.told(), invalid_id());
    let foreign = app.delete("/api/user/2/sessions").cookie(&jane.session);
    let foreign = foreign.header("sec-fetch-site", "cross-site").send().await;
    assert_eq!(foreign.told(), forbidden());
    assert!(app.is_live(&jane.session).await);
}

#[tokio::test]
async fn both_dialects_do_the_same() {
    let app = TestApp::with(Settings { dialect: Dialect::Metabase, ..Settings::default() }).await;
    let unknown = end(&app, &app.admin.session, 99).await;
    assert_eq!(unknown.told(), (404, json!("Not found.")));
    assert_eq!(end(&app, &app.admin.session, 1).await.told(), (204, Value::Null));
    assert!(!app.is_live(&app.admin.session).await);
}
