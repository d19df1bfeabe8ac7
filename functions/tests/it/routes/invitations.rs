//! Invitation emails.

use local::mail_directory::MailDirectory;
use serde_json::{Value, json};
use shared::{config::Settings, domain::UserId, http::Dialect, store::Key};
use testkit::{PASSWORD, TestApp, TestResponse};

use crate::support::{RESET_PAGE, not_found, reset_token};

async fn with_mail(dialect: Dialect) -> TestApp {
    TestApp::with_mail(Settings { dialect, ..Settings::default() }).await
}

async fn create(app: &TestApp, body: Value) -> TestResponse {
    app.post("/api/user").session(&app.admin.session).json(&body).send().await
}

async fn send_invitation(app: &TestApp, method: &str, id: u64) -> TestResponse {
    let path = format!("/api/user/{id}/send_invite");
    app.request(method, &path).session(&app.admin.session).send().await
}

/// The token in the only invitation since the last call, to `email`.
#[track_caller]
fn sent_invitation(app: &TestApp, email: &str, greeting: &str) -> String {
    let mut emails = app.emails.drain();
    emails.retain(|email| !email.contains("The password of your account"));
    let [sent_email] = &emails[..] else { panic!("{emails:?}") };
    let (_, rest) = sent_email.split_once(RESET_PAGE).unwrap();
    let (token, _) = rest.split_once("#new\n").unwrap();
    assert_eq!(
        *sent_email,
        format!(
            "To: {email}\n\
             Subject: Your account at Test\n\n\
             {greeting},\n\n\
             You have an account at Test (localhost:3000).\n\n\
             Choose its password here within two days. The link works once:\n\
             {RESET_PAGE}{token}#new\n\n\
             If you did not expect this email, do nothing.\n"
        )
    );
    token.to_owned()
}

async fn set_password(app: &TestApp, token: &str) -> TestResponse {
    let body = json!({ "token": token, "password": "an0ther secret" });
    app.post("/api/session/reset_password").json(&body).send().await
}

#[tokio::test]
async fn a_user_without_password_is_invited_in_the_same_transaction() {
    let app = with_mail(Dialect::Metabase).await;
    app.meter.take();

    let created = create(&app, json!({ "email": "jane@example.com" })).await.expect_status(200);

    assert_eq!(
        app.meter.take(),
        ["BatchGetItem", "UpdateItem", "TransactWriteItems", "BatchGetItem"]
    );
    assert_eq!(created["last_login"], Value::Null);
    let token = sent_invitation(&app, "jane@example.com", "Hello");
    assert!(!format!("{:?}", app.items().await).contains(&token[2..]));
    set_password(&app, &token).await.expect_status(200);
    app.log_in("jane@example.com", "an0ther secret").await;
}

#[tokio::test]
async fn an_invitation_is_in_the_language_of_the_user() {
    let app = with_mail(Dialect::Metabase).await;
    for (locale, last_name, subject, greeting) in [
        ("de-AT", "Ö’Neil", "Ihr Konto bei", "Guten Tag Jürgen Ö’Neil,"),
        ("es", "Ö’Neil", "Su cuenta en", "Hola, Jürgen Ö’Neil:"),
        ("fr_CA", "Ö’Neil", "Votre compte sur", "Bonjour Jürgen Ö’Neil,"),
        ("it", "Ö’Neil", "Your account at", "Hello Jürgen Ö’Neil,"),
        ("de", "<b>", "Ihr Konto bei", "Guten Tag,"),
    ] {
        let body = json!({
            "email": format!("{locale}@example.com"), "locale": locale,
            "first_name": "Jürgen", "last_name": last_name,
        });
        let created = create(&app, body).await.expect_status(200);
        let emails = app.emails.drain();
        let [sent] = &emails[..] else { panic!("{emails:?}") };
        let to = created["email"].as_str().unwrap();
        let start = format!("To: {to}\nSubject: {subject} Test\n\n{greeting}\n\n");
        assert!(sent.starts_with(&start), "{start}{sent}");
    }
}

#[tokio::test]
async fn users_with_password_or_sso_are_not_invited() {
    let app = with_mail(Dialect::Metabase).await;
    let sso = json!({ "email": "sam@example.com", "sso_source": "saml" });
    create(&app, sso).await.expect_status(200);
    let password = json!({ "email": "joan@example.com", "password": PASSWORD });
    create(&app, password).await.expect_status(200);
    create(&app, json!({ "email": "joan@example.com" })).await.expect_status(400);
    assert!(app.emails.drain().is_empty());
    assert!(app.items().await.keys().all(|(pk, _)| !pk.starts_with("RESET#")));
}

#[tokio::test]
async fn a_failed_email_does_not_undo_the_creation() {
    let mail = MailDirectory::mailer("/dev/null/emails");
    let settings = Settings { mail, dialect: Dialect::Metabase, ..Settings::default() };
    let app = TestApp::with(settings).await;
    create(&app, json!({ "email": "jane@example.com" })).await.expect_status(200);
    assert_eq!(send_invitation(&app, "POST", 2).await.status, 503);
}

#[tokio::test]
async fn an_invitation_can_be_sent_again() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let app = with_mail(dialect).await;
        let jane = app.user_with_session("jane").await;
        for method in ["POST", "PUT"] {
            let response = send_invitation(&app, method, 2).await;
            assert_eq!(response.status_and_body(), (200, json!({ "success": true })));
            let token = sent_invitation(&app, "jane@example.com", "Hello jane Test");
            assert!(app.is_session_valid(&jane.session).await || method == "PUT");
            set_password(&app, &token).await.expect_status(200);
        }
    }
}

#[tokio::test]
async fn without_mail_the_link_is_returned_and_an_existing_link_stays_valid() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let given = reset_token(&app, 2).await;
    let invitation = send_invitation(&app, "POST", 2).await.expect_status(200);
    let link = invitation["password_reset_url"].as_str().unwrap();
    assert_eq!(invitation, json!({ "success": false, "password_reset_url": link }));
    let token = link.strip_prefix(RESET_PAGE).unwrap().strip_suffix("#new").unwrap();
    for token in [&given, token] {
        let path = format!("/api/session/password_reset_token_valid?token={token}");
        let checked = app.get(&path).send().await.expect_status(200);
        assert_eq!(checked, json!({ "valid": true }));
    }
    set_password(&app, token).await.expect_status(200);
}

#[tokio::test]
async fn without_mail_metabase_issues_no_link() {
    let app = TestApp::with(Settings { dialect: Dialect::Metabase, ..Settings::default() }).await;
    app.user_with_session("jane").await;
    let before = app.items().await;
    let response = send_invitation(&app, "POST", 2).await;
    assert_eq!(response.status_and_body(), (200, json!({ "success": true })));
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn an_email_address_alone_is_an_invitation() {
    let app = with_mail(Dialect::Documented).await;
    let alone = json!({ "email": "jane@example.com", "group_ids": [1], "locale": "it" });
    let named = json!({ "email": "joan@example.com", "first_name": "Joan", "source": "admin" });
    for (body, email, greeting) in
        [(alone, "jane@example.com", "Hello"), (named, "joan@example.com", "Hello Joan")]
    {
        create(&app, body).await.expect_status(200);
        let token = sent_invitation(&app, email, greeting);
        set_password(&app, &token).await.expect_status(200);
        app.log_in(email, "an0ther secret").await;
        drop(app.emails.drain());
    }
    for body in [
        json!({ "email": "x@example.com", "first_name": "X" }),
        json!({ "email": "x@example.com", "first_name": "X", "last_name": "Y" }),
        json!({ "email": "x@example.com", "password": PASSWORD }),
        json!({ "email": "x@example.com", "sso_source": "saml" }),
        json!({ "email": "x@example.com", "first_name": "X", "source": "other" }),
        json!({ "first_name": "X", "source": "admin" }),
    ] {
        create(&app, body).await.expect_status(400);
    }
    assert_eq!(app.emails.drain(), [""; 0]);
}

#[tokio::test]
async fn deactivated_and_unknown_users_are_not_invited() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let app = with_mail(dialect).await;
        app.user_with_session("jane").await;
        app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
        for id in [2, 99] {
            let actual = send_invitation(&app, "POST", id).await.status_and_body();
            let expected = match dialect {
                Dialect::Documented => not_found(),
                Dialect::Metabase => (200, json!({ "success": true })),
            };
            assert_eq!(actual, expected, "{id}");
        }
        assert!(app.emails.drain().is_empty());
        assert_eq!(app.item(&Key::reset(UserId::try_from(2).unwrap())).await, None);
    }
}
