//! Emails about changes of passwords and permissions.

use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{PASSWORD, TestApp, TestUser};

use crate::support::{reset_token, update_user};

const NEW: &str = "an0ther secret";
const FORGOT: &str = "http://localhost:3000/auth/forgot_password";

/// Jane, user 2, whose language is German, with emails enabled.
async fn with_jane(settings: Settings) -> (TestApp, TestUser) {
    let app = TestApp::with_mail(settings).await;
    let jane = app.user_with_session("jane").await;
    update_user(&app, &app.admin, 2, json!({ "locale": "de" })).await.expect_status(200);
    drop(app.emails.drain());
    (app, jane)
}

async fn set_password(app: &TestApp, by: &TestUser, body: Value) {
    let request = app.put("/api/user/2/password").session(&by.session).json(&body);
    let status = request.send().await.status;
    assert!([200, 204].contains(&status), "{status}");
}

async fn create(app: &TestApp, email: &str, groups: &[u64]) {
    let body = json!({
        "email": email, "first_name": "A", "last_name": "B", "password": PASSWORD,
        "group_ids": groups,
    });
    app.post("/api/user").session(&app.admin.session).json(&body).send().await.expect_status(200);
}

/// Recipient and subject of each email since the last call.
fn sent(app: &TestApp) -> Vec<String> {
    let head = |email: &String| email.lines().take(2).collect::<Vec<_>>().join("\n");
    app.emails.drain().iter().map(head).collect()
}

#[tokio::test]
async fn a_user_is_told_about_a_new_password_of_their_own() {
    let (app, jane) = with_jane(Settings::default()).await;
    set_password(&app, &jane, json!({ "password": PASSWORD, "new_password": NEW })).await;
    let emails = app.emails.drain();
    let [email] = &emails[..] else { panic!("{emails:?}") };
    let start = "To: jane@example.com\n\
        Subject: Ihr Passwort bei Test wurde geändert\n\n\
        Guten Tag jane Test,\n\n";
    assert!(email.starts_with(start), "{email}");
    assert!(email.lines().any(|line| line == FORGOT), "{email}");
    assert!(!email.contains(NEW), "{email}");

    let token = reset_token(&app, 2).await;
    let body = json!({ "token": token, "password": "a third s3cret" });
    app.post("/api/session/reset_password").json(&body).send().await.expect_status(200);
    let head = "To: jane@example.com\nSubject: Ihr Passwort bei Test wurde geändert";
    assert_eq!(sent(&app), [head]);
}

#[tokio::test]
async fn a_user_is_told_about_a_password_set_by_an_administrator() {
    let (app, _) = with_jane(Settings::default()).await;
    set_password(&app, &app.admin, json!({ "new_password": NEW })).await;
    let head = "To: jane@example.com\n\
        Subject: Ein Administrator hat Ihr Passwort bei Test geändert";
    assert_eq!(sent(&app), [head]);
}

#[tokio::test]
async fn a_new_administrator_is_told_once() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let (app, _) = with_jane(Settings { dialect, ..Settings::default() }).await;
        update_user(&app, &app.admin, 2, json!({ "first_name": "Joan" })).await.expect_status(200);
        assert_eq!(sent(&app), [""; 0]);
        let promoted = json!({ "is_superuser": true });
        update_user(&app, &app.admin, 2, promoted.clone()).await.expect_status(200);
        let head = "To: jane@example.com\nSubject: Sie sind Administrator von Test";
        assert_eq!(sent(&app), [head]);
        update_user(&app, &app.admin, 2, promoted).await.expect_status(200);
        update_user(&app, &app.admin, 2, json!({ "is_superuser": false })).await.expect_status(200);
        assert_eq!(sent(&app), [""; 0]);

        create(&app, "amy@example.com", &[1]).await;
        assert_eq!(sent(&app), [""; 0]);
        create(&app, "bob@example.com", &[1, 2]).await;
        let head = "To: bob@example.com\nSubject: You are an administrator of Test";
        assert_eq!(sent(&app), [head]);
    }
}

#[tokio::test]
async fn rejected_changes_send_nothing() {
    let (app, jane) = with_jane(Settings::default()).await;
    for body in [
        json!({ "password": "wrong pw 1", "new_password": NEW }),
        json!({ "password": PASSWORD, "new_password": "short" }),
    ] {
        let request = app.put("/api/user/2/password").session(&jane.session).json(&body);
        request.send().await.expect_status(400);
    }
    let body = json!({ "token": "2_bm90IGEgdG9rZW4", "password": NEW });
    app.post("/api/session/reset_password").json(&body).send().await.expect_status(400);
    update_user(&app, &jane, 2, json!({ "is_superuser": true })).await;
    assert_eq!(sent(&app), [""; 0]);
}

#[tokio::test]
async fn a_failed_email_does_not_fail_the_change() {
    let (app, jane) = with_jane(Settings::default()).await;
    app.emails.fail();
    set_password(&app, &jane, json!({ "password": PASSWORD, "new_password": NEW })).await;
    update_user(&app, &app.admin, 2, json!({ "is_superuser": true })).await.expect_status(200);
    app.emails.recover();
    app.log_in("jane@example.com", NEW).await;
}

#[tokio::test]
async fn an_address_without_email_gets_nothing() {
    let (app, _) = with_jane(Settings::default()).await;
    update_user(&app, &app.admin, 2, json!({ "email": "jürgen@example.com" }))
        .await
        .expect_status(200);
    set_password(&app, &app.admin, json!({ "new_password": NEW })).await;
    assert_eq!(sent(&app), [""; 0]);
}

#[tokio::test]
async fn the_emails_can_be_turned_off() {
    let off = Settings { security_emails: false, ..Settings::default() };
    let (app, jane) = with_jane(off).await;
    set_password(&app, &jane, json!({ "password": PASSWORD, "new_password": NEW })).await;
    update_user(&app, &app.admin, 2, json!({ "is_superuser": true })).await.expect_status(200);
    assert_eq!(sent(&app), [""; 0]);
    let forgotten = json!({ "email": "jane@example.com" });
    app.post("/api/session/forgot_password").json(&forgotten).send().await.expect_status(204);
    assert_eq!(sent(&app).len(), 1, "the setting is about no other email");
}

#[tokio::test]
async fn an_administrator_is_told_about_a_new_api_key() {
    let app = TestApp::with_mail(Settings::default()).await;
    let body = json!({ "name": "Robot", "group_id": 1 });
    let request = app.post("/api/api-key").session(&app.admin.session).json(&body);
    let created = request.send().await.expect_status(200);
    let emails = app.emails.drain();
    let [email] = &emails[..] else { panic!("{emails:?}") };
    let head = "To: ada@example.com\n\
        Subject: An API key was created with your account at Test\n";
    assert!(email.starts_with(head), "{email}");
    assert!(email.lines().any(|line| line == FORGOT), "{email}");
    let secret = created["unmasked_key"].as_str().unwrap();
    assert!(!email.contains(secret));
}

/// A sign-in with the device cookie of an earlier one.
async fn sign_in(app: &TestApp, device: Option<&str>) -> Option<String> {
    let body = json!({ "username": "jane@example.com", "password": PASSWORD });
    let mut request = app.post("/api/session").json(&body);
    if let Some(device) = device {
        request = request.header("cookie", device);
    }
    let response = request.send().await;
    let device = response.device_cookie().map(str::to_owned);
    response.expect_status(200);
    device
}

#[tokio::test]
async fn a_user_is_told_about_a_sign_in_from_a_new_device() {
    let app = TestApp::with_mail(Settings::default()).await;
    create(&app, "jane@example.com", &[1]).await;
    drop(app.emails.drain());
    let device = sign_in(&app, None).await;
    assert_eq!(sent(&app), [""; 0], "the first sign-in");
    app.clock.advance(60);
    sign_in(&app, device.as_deref()).await;
    assert_eq!(sent(&app), [""; 0], "the same device");
    app.clock.advance(60);
    sign_in(&app, None).await;
    let head = "To: jane@example.com\nSubject: New sign-in to your account at Test";
    assert_eq!(sent(&app), [head]);
    let body = json!({ "username": "jane@example.com", "password": "wrong pw 1" });
    app.post("/api/session").json(&body).send().await.expect_status(401);
    assert_eq!(sent(&app), [""; 0], "a failed sign-in");
}

#[tokio::test]
async fn security_emails_about_keys_and_devices_can_be_turned_off() {
    let settings = Settings { security_emails: false, ..Settings::default() };
    let app = TestApp::with_mail(settings).await;
    create(&app, "jane@example.com", &[1]).await;
    let body = json!({ "name": "Robot", "group_id": 1 });
    let request = app.post("/api/api-key").session(&app.admin.session).json(&body);
    request.send().await.expect_status(200);
    for _ in 0..2 {
        app.clock.advance(60);
        sign_in(&app, None).await;
    }
    assert_eq!(sent(&app), [""; 0]);
}

/// A failed email or a failed read must not take the session away.
#[tokio::test]
async fn a_sign_in_succeeds_without_its_email() {
    let app = TestApp::with_mail(Settings::default()).await;
    create(&app, "jane@example.com", &[1]).await;
    sign_in(&app, None).await;
    app.clock.advance(60);
    app.emails.fail();
    sign_in(&app, None).await;
}

#[tokio::test]
async fn emails_have_the_name_and_the_language_of_the_site() {
    let app = TestApp::with_mail(Settings::default()).await;
    create(&app, "jane@example.com", &[1]).await;
    for (key, value) in [("site-name", "Example"), ("site-locale", "es")] {
        let request = app.put(&format!("/api/setting/{key}")).session(&app.admin.session);
        request.json(&json!({ "value": value })).send().await.expect_status(204);
    }
    drop(app.emails.drain());
    for (locale, subject) in
        [(Value::Null, "Su contraseña en Example"), (json!("de"), "Ihr Passwort bei Example")]
    {
        update_user(&app, &app.admin, 2, json!({ "locale": locale })).await.expect_status(200);
        let body = json!({ "email": "jane@example.com" });
        app.post("/api/session/forgot_password").json(&body).send().await.expect_status(204);
        let emails = app.emails.drain();
        let [email] = &emails[..] else { panic!("{emails:?}") };
        assert!(
            email.starts_with(&format!("To: jane@example.com\nSubject: {subject}\n")),
            "{email}"
        );
        assert!(email.contains("Example (localhost:3000)") && email.contains("A B"), "{email}");
    }
}
