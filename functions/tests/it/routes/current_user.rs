use serde_json::json;
use testkit::TestApp;

use crate::support::{NOW, merge, user};

#[tokio::test]
async fn shows_all_permissions_to_the_first_administrator() {
    let app = TestApp::new().await;
    let allowed = json!({
        "can_create_queries": true,
        "can_create_native_queries": true,
        "can_list_users": true,
        "can_create_users": true,
        "can_update_users": true,
        "can_deactivate_users": true,
    });
    let expected = json!({
        "is_superuser": true,
        "last_login": NOW,
        "user_group_memberships": [{ "id": 1 }, { "id": 2 }],
        "group_ids": [1, 2],
        "permissions": allowed,
        "is_installer": true,
        "has_invited_second_user": false,
        "first_login": NOW,
        "personal_collection_id": 1,
        "tenant_collection_id": null,
        "has_question_and_dashboard": false,
        "has_model": false,
        "custom_homepage": null,
        "can_write_any_collection": true,
    });

    let response = app.get("/api/user/current").session(&app.admin.session).send().await;

    assert_eq!(
        response.status_and_body(),
        (200, user(1, "ada@example.com", ["Ada", "Admin"], expected))
    );
}

#[tokio::test]
async fn shows_no_permissions_to_other_users() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;

    let body = app.get("/api/user/current").session(&jane.session).send().await.expect_status(200);

    let permissions = body["permissions"].as_object().unwrap();
    assert!(permissions.values().all(|allowed| *allowed == json!(false)), "{permissions:?}");
    let expected = json!({
        "group_ids": [1],
        "is_installer": false,
        "has_invited_second_user": false,
        "personal_collection_id": 2,
        "can_write_any_collection": false,
    });
    assert_eq!(merge(body.clone(), expected), body);
}

#[tokio::test]
async fn shows_the_first_administrator_whether_there_are_other_users() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;

    let current = || app.get("/api/user/current").session(&app.admin.session).send();
    assert_eq!(current().await.expect_status(200)["has_invited_second_user"], true);

    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(current().await.expect_status(200)["has_invited_second_user"], true);
}

#[tokio::test]
async fn remembers_the_first_login() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    app.clock.advance(60);
    let session = app.log_in(&jane.email, testkit::PASSWORD).await;

    let body = app.get("/api/user/current").session(&session).send().await.expect_status(200);

    assert_eq!(body["first_login"], NOW);
    assert_eq!(body["last_login"], "2026-01-01T00:01:00.000000Z");
}
