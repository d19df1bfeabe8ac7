use serde_json::json;
use testkit::{PASSWORD, TestApp};

use crate::support::{forbidden, invalid_id, last_admin, merged, not_found, seen};

#[tokio::test]
async fn takes_access_away_and_deletes_nothing() {
    let app = TestApp::new().await;
    let jane = app.second_admin("jane").await;
    let before = seen(&app, 2).await;
    app.clock.advance(5);

    let answer = app.delete("/api/user/2").session(&app.admin.session).send().await;

    assert_eq!(answer.told(), (200, json!({ "success": true })));
    assert!(!app.is_live(&jane.session).await);
    let login = json!({ "username": jane.email, "password": PASSWORD });
    app.post("/api/session").json(&login).send().await.expect(401);
    let changed = json!({ "is_active": false, "updated_at": "2026-01-01T00:00:05Z" });
    assert_eq!(seen(&app, 2).await, merged(before, changed));
}

#[tokio::test]
async fn twice_is_once() {
    let app = TestApp::new().await;
    app.sso_account("Jane", "Doe").await;
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect(200);
    let before = app.items().await;

    let again = app.delete("/api/user/2").session(&app.admin.session).send().await;

    assert_eq!(again.told(), (200, json!({ "success": true })));
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let app = TestApp::new().await;
    let alone = app.delete("/api/user/1").session(&app.admin.session).send().await;
    assert_eq!(alone.told(), last_admin());
    assert!(app.is_live(&app.admin.session).await);

    let jane = app.second_admin("jane").await;
    app.delete("/api/user/1").session(&app.admin.session).send().await.expect(200);
    assert!(!app.is_live(&app.admin.session).await);
    let alone = app.delete("/api/user/2").session(&jane.session).send().await;
    assert_eq!(alone.told(), last_admin());
}

#[tokio::test]
async fn only_administrators_may_even_oneself() {
    let app = TestApp::new().await;
    let jane = app.person("jane").await;
    for id in [1, 2, 99] {
        let path = format!("/api/user/{id}");
        assert_eq!(app.delete(&path).session(&jane.session).send().await.told(), forbidden());
    }
    assert_eq!(
        app.delete("/api/user/99").session(&app.admin.session).send().await.told(),
        not_found()
    );
    assert_eq!(app.delete("/api/user/x").session(&jane.session).send().await.told(), invalid_id());
}
