use serde_json::json;
use shared::config::Settings;
use testkit::TestApp;

async fn send(app: &TestApp) -> testkit::TestResponse {
    app.post("/api/email/test").session(&app.admin.session).send().await
}

#[tokio::test]
async fn a_test_email_goes_to_the_caller() {
    let app = TestApp::with_mail(Settings::default()).await;
    assert_eq!(send(&app).await.status_and_body(), (200, json!({ "ok": true })));
    let emails = app.emails.drain();
    let [email] = &emails[..] else { panic!("{emails:?}") };
    assert!(email.starts_with(&format!("To: {}\n", app.admin.email)), "{email}");
}

#[tokio::test]
async fn a_failure_is_reported() {
    let app = TestApp::with_mail(Settings::default()).await;
    app.emails.fail();
    send(&app).await.expect_status(503);

    let app = TestApp::new().await;
    let expected = json!({ "error": "The service does not send emails." });
    assert_eq!(send(&app).await.status_and_body(), (400, expected));
}
