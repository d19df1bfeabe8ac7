use serde_json::json;
use testkit::TestApp;

#[tokio::test]
async fn lists_active_accounts_by_last_then_first_name() {
    let app = TestApp::new().await;
    app.sso_user("zoe", "Abel").await;
    app.sso_user("Bob", "abel").await;
    app.sso_user("Gone", "Aaron").await;
    app.delete("/api/user/4").session(&app.admin.session).send().await.expect_status(200);
    let jane = app.user_with_session("jane").await;

    let body =
        app.get("/api/user/recipients").session(&jane.session).send().await.expect_status(200);

    assert_eq!(
        body,
        json!([
            { "id": 3, "email": "bob.abel@example.com", "first_name": "Bob", "last_name": "abel",
              "common_name": "Bob abel" },
            { "id": 2, "email": "zoe.abel@example.com", "first_name": "zoe", "last_name": "Abel",
              "common_name": "zoe Abel" },
            { "id": 1, "email": "ada@example.com", "first_name": "Ada", "last_name": "Admin",
              "common_name": "Ada Admin" },
            { "id": 5, "email": "jane@example.com", "first_name": "jane", "last_name": "Test",
              "common_name": "jane Test" },
        ])
    );
}
