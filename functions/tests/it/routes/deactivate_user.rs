use serde_json::json;
use testkit::{PASSWORD, TestApp};

use crate::support::{forbidden, get_user, invalid_id, last_admin, merge, not_found};

#[tokio::test]
async fn takes_access_away_and_deletes_nothing() {
    let app = TestApp::new().await;
    let jane = app.second_admin("jane").await;
    let before = get_user(&app, 2).await;
    app.clock.advance(5);

    let response = app.delete("/api/user/2").session(&app.admin.session).send().await;

    assert_eq!(response.status_and_body(), (200, json!({ "success": true })));
    assert!(!app.is_session_valid(&jane.session).await);
    let login = json!({ "username": jane.email, "password": PASSWORD });
    app.post("/api/session").json(&login).send().await.expect_status(401);
    let changed = json!({ "is_active": false, "updated_at": "2026-01-01T00:00:05.000000Z" });
    assert_eq!(get_user(&app, 2).await, merge(before, changed));
}

#[tokio::test]
async fn is_idempotent() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    let before = app.items().await;

    let again = app.delete("/api/user/2").session(&app.admin.session).send().await;

    assert_eq!(again.status_and_body(), (200, json!({ "success": true })));
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let app = TestApp::new().await;
    let alone = app.delete("/api/user/1").session(&app.admin.session).send().await;
    assert_eq!(alone.status_and_body(), last_admin());
    assert!(app.is_session_valid(&app.admin.session).await);

    let jane = app.second_admin("jane").await;
    app.delete("/api/user/1").session(&app.admin.session).send().await.expect_status(200);
    assert!(!app.is_session_valid(&app.admin.session).await);
    let alone = app.delete("/api/user/2").session(&jane.session).send().await;
    assert_eq!(alone.status_and_body(), last_admin());
}

#[tokio::test]
async fn only_administrators_may_even_for_themselves() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    for id in [1, 2, 99] {
        let path = format!("/api/user/{id}");
        assert_eq!(
            app.delete(&path).session(&jane.session).send().await.status_and_body(),
            forbidden()
        );
    }
    assert_eq!(
        app.delete("/api/user/99").session(&app.admin.session).send().await.status_and_body(),
        not_found()
    );
    assert_eq!(
        app.delete("/api/user/x").session(&jane.session).send().await.status_and_body(),
        invalid_id()
    );
}
