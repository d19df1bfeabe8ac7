use serde_json::json;
use testkit::TestApp;

use crate::support::{forbidden, invalid_id, not_found, user};

#[tokio::test]
async fn shows_the_own_user_and_every_user_to_administrators() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let view =
        user(2, "jane@example.com", ["jane", "Test"], json!({ "last_login": crate::support::NOW }));

    for session in [&jane.session, &app.admin.session] {
        assert_eq!(
            app.get("/api/user/2").session(session).send().await.status_and_body(),
            (200, view.clone())
        );
    }
}

#[tokio::test]
async fn shows_a_deactivated_account_to_an_admin() {
    let app = TestApp::new().await;
    let id = app.sso_user("Jane", "Doe").await;
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);

    let shown = crate::support::get_user(&app, id).await;
    assert_eq!(
        (&shown["is_active"], &shown["email"]),
        (&json!(false), &json!("jane.doe@example.com"))
    );
}

#[tokio::test]
async fn hides_whether_another_user_exists() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;

    for id in [1, 99] {
        let response = app.get(&format!("/api/user/{id}")).session(&jane.session).send().await;
        assert_eq!(response.status_and_body(), forbidden());
    }
    assert_eq!(
        app.get("/api/user/99").session(&app.admin.session).send().await.status_and_body(),
        not_found()
    );
}

#[tokio::test]
async fn wants_a_positive_integer_of_63_bits() {
    let app = TestApp::new().await;
    let ids = [
        "0",
        "-1",
        "+1",
        "abc",
        "1.5",
        "9223372036854775808",
        "99999999999999999999",
        "%00",
        "1%2F2",
        "%2e%2e",
        "1%20",
        "%FF",
        "1;x",
        "1%00",
        "0x1",
        "%D9%A1",
        "null",
        "me",
    ];
    for id in ids {
        let response = app.get(&format!("/api/user/{id}")).session(&app.admin.session).send().await;
        assert_eq!(response.status_and_body(), invalid_id(), "{id}");
    }
    let largest = app.get("/api/user/9223372036854775807").session(&app.admin.session).send().await;
    assert_eq!(largest.status_and_body(), not_found());
}

#[tokio::test]
async fn a_trailing_slash_and_an_encoded_digit_are_the_same_account() {
    let app = TestApp::new().await;
    for path in ["/api/user/1/", "/api/user/%31", "/api/user/0001"] {
        let body = app.get(path).session(&app.admin.session).send().await.expect_status(200);
        assert_eq!(body["id"], 1, "{path}");
    }
}
