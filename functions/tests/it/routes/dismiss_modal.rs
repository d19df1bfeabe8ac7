use serde_json::json;
use testkit::{TestApp, TestResponse};

use crate::support::{forbidden, get_user, invalid, invalid_id, not_found};

async fn dismiss(app: &TestApp, by: &str, path: &str) -> TestResponse {
    app.put(&format!("/api/user/{path}")).session(by).send().await
}

#[tokio::test]
async fn a_modal_is_shown_until_it_is_dismissed() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let done = || (200, json!({ "success": true }));

    assert_eq!(dismiss(&app, &jane.session, "2/modal/datasetnewb").await.status_and_body(), done());
    assert_eq!(get_user(&app, 2).await["is_qbnewb"], true);
    for _ in 0..2 {
        assert_eq!(dismiss(&app, &jane.session, "2/modal/qbnewb/").await.status_and_body(), done());
        assert_eq!(get_user(&app, 2).await["is_qbnewb"], false);
    }
}

#[tokio::test]
async fn an_admin_may_do_it_for_others_and_others_may_not() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    dismiss(&app, &app.admin.session, "2/modal/qbnewb").await.expect_status(200);
    assert_eq!(get_user(&app, 2).await["is_qbnewb"], false);
    assert_eq!(dismiss(&app, &jane.session, "1/modal/qbnewb").await.status_and_body(), forbidden());
    assert_eq!(
        dismiss(&app, &jane.session, "99/modal/qbnewb").await.status_and_body(),
        forbidden()
    );
    assert_eq!(get_user(&app, 1).await["is_qbnewb"], true);
}

#[tokio::test]
async fn knows_two_modals_and_active_accounts() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let message = "value must be either qbnewb or datasetnewb.";
    for modal in ["nope", "QBNEWB", "qbnewb%00", "%2F"] {
        let path = format!("1/modal/{modal}");
        assert_eq!(
            dismiss(&app, &jane.session, &path).await.status_and_body(),
            invalid("modal", message)
        );
    }
    assert_eq!(
        dismiss(&app, &app.admin.session, "x/modal/nope").await.status_and_body(),
        invalid_id()
    );
    assert_eq!(
        dismiss(&app, &app.admin.session, "99/modal/qbnewb").await.status_and_body(),
        not_found()
    );
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(
        dismiss(&app, &app.admin.session, "2/modal/qbnewb").await.status_and_body(),
        not_found()
    );
}
