use serde_json::json;
use testkit::{Answer, TestApp};

use crate::support::{forbidden, invalid, invalid_id, not_found, seen};

async fn dismiss(app: &TestApp, by: &str, path: &str) -> Answer {
    app.put(&format!("/api/user/{path}")).session(by).send().await
}

#[tokio::test]
async fn a_newcomer_is_one_until_they_dismiss_the_welcome() {
    let app = TestApp::new().await;
    let jane = app.person("jane").await;
    let done = || (200, json!({ "success": true }));

    assert_eq!(dismiss(&app, &jane.session, "2/modal/datasetnewb").await.told(), done());
    assert_eq!(seen(&app, 2).await["is_qbnewb"], true);
    for _ in 0..2 {
        assert_eq!(dismiss(&app, &jane.session, "2/modal/qbnewb/").await.told(), done());
        assert_eq!(seen(&app, 2).await["is_qbnewb"], false);
    }
}

#[tokio::test]
async fn an_admin_may_do_it_for_others_and_others_may_not() {
    let app = TestApp::new().await;
    let jane = app.person("jane").await;
    dismiss(&app, &app.admin.session, "2/modal/qbnewb").await.expect(200);
    assert_eq!(seen(&app, 2).await["is_qbnewb"], false);
    assert_eq!(dismiss(&app, &jane.session, "1/modal/qbnewb").await.told(), forbidden());
    assert_eq!(dismiss(&app, &jane.session, "99/modal/qbnewb").await.told(), forbidden());
    assert_eq!(seen(&app, 1).await["is_qbnewb"], true);
}

#[tokio::test]
async fn knows_two_modals_and_active_accounts() {
    let app = TestApp::new().await;
    let jane = app.person("jane").await;
    let message = "value must be either qbnewb or datasetnewb.";
    for modal in ["nope", "QBNEWB", "qbnewb%00", "%2F"] {
        let path = format!("1/modal/{modal}");
        assert_eq!(dismiss(&app, &jane.session, &path).await.told(), invalid("modal", message));
    }
    assert_eq!(dismiss(&app, &app.admin.session, "x/modal/nope").await.told(), invalid_id());
    assert_eq!(dismiss(&app, &app.admin.session, "99/modal/qbnewb").await.told(), not_found());
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect(200);
    assert_eq!(dismiss(&app, &app.admin.session, "2/modal/qbnewb").await.told(), not_found());
}
