//! Password reset emails. Responses do not depend on the existence of a user.

use std::time::{Duration, Instant};

use local::mail_directory::MailDirectory;
use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{PASSWORD, Request, TestApp, TestResponse};
use tokio::task::JoinSet;

use crate::support::{RESET_PAGE, invalid, reset_token, update_user};

const NEW: &str = "an0ther secret";

fn request(app: &TestApp, email: &str) -> Request {
    app.post("/api/session/forgot_password").json(&json!({ "email": email }))
}

async fn forgot(app: &TestApp, email: &str) -> TestResponse {
    request(app, email).send().await
}

fn rate_limited() -> (u16, Value) {
    let wait = "Too many attempts! You must wait 15 seconds before trying again.";
    (429, json!({ "error": wait }))
}

async fn with_mail() -> TestApp {
    TestApp::with_mail(Settings::default()).await
}

/// The only email since the last call.
#[track_caller]
fn sent_email(app: &TestApp) -> String {
    let emails = app.emails.drain();
    let [sent_email] = &emails[..] else { panic!("{emails:?}") };
    sent_email.clone()
}

#[tokio::test]
async fn an_email_leads_to_a_new_password() {
    let app = with_mail().await;
    let jane = app.user_with_session("jane").await;

    let response = forgot(&app, " JANE@example.com ").await;

    assert_eq!(response.status_and_body(), (204, Value::Null));
    let sent_email = sent_email(&app);
    let (_, rest) = sent_email.split_once(RESET_PAGE).unwrap();
    let (token, _) = rest.split_once('\n').unwrap();
    assert_eq!(
        sent_email,
        format!(
            "To: jane@example.com\n\
             Subject: Your password at Test\n\n\
             Hello jane Test,\n\n\
             A new password was requested for your account at Test (localhost:3000).\n\n\
             Choose it here within two days. The link works once:\n{RESET_PAGE}{token}\n\n\
             If it was not you, do nothing: your password stays as it is.\n"
        )
    );
    assert!(app.is_session_valid(&jane.session).await, "the request changes nothing");
    assert!(!format!("{:?}", app.items().await).contains(&token[2..]));
    let body = json!({ "token": token, "password": NEW });
    app.post("/api/session/reset_password").json(&body).send().await.expect_status(200);
    app.log_in(&jane.email, NEW).await;
}

#[tokio::test]
async fn every_email_address_gets_the_same_response_at_the_same_cost() {
    let app = with_mail().await;
    app.user_with_session("jane").await;
    app.user_with_session("gone").await;
    app.sso_user("Sam", "Saml").await;
    app.delete("/api/user/3").session(&app.admin.session).send().await.expect_status(200);
    let no_password =
        "The account is deactivated, or signs in elsewhere, and has no password to choose.";
    for (email, content) in [
        ("jane@example.com", Some("The link works once")),
        ("nobody@example.com", None),
        ("gone@example.com", Some(no_password)),
        ("sam.saml@example.com", Some(no_password)),
    ] {
        app.meter.take();
        let start = Instant::now();
        let response = forgot(&app, email).await;
        assert!(start.elapsed() >= Duration::from_millis(500), "{email}");
        let headers: Vec<_> = response.headers.keys().map(ToString::to_string).collect();
        let expected = ["cache-control", "x-content-type-options", "content-length"];
        assert_eq!(headers, expected, "{email}");
        assert_eq!(response.status_and_body(), (204, Value::Null), "{email}");
        let mut operations = app.meter.take();
        // The profile is read at the same time.
        operations[1..4].sort_unstable();
        let [read, update] = ["BatchGetItem", "UpdateItem"];
        let expected = [read, read, update, update, "TransactWriteItems"];
        assert_eq!(operations, expected, "{email}");
        let emails = app.emails.drain();
        assert_eq!(emails.len(), usize::from(content.is_some()), "{email}");
        assert!(
            emails.iter().all(|sent_email| sent_email.contains(content.unwrap())),
            "{emails:?}"
        );
        assert!(emails.iter().all(|sent_email| sent_email.starts_with(&format!("To: {email}\n"))));
    }
    let resets = app.items().await.into_keys().filter(|(pk, _)| pk.starts_with("RESET#"));
    assert_eq!(resets.count(), 1, "only one of them has a password to reset");
}

#[tokio::test]
async fn an_email_goes_to_the_stored_address_in_any_spelling() {
    let app = with_mail().await;
    app.user_with_session("jess").await;
    forgot(&app, "je\u{17f}s@example.com").await.expect_status(204);
    assert!(sent_email(&app).starts_with("To: jess@example.com\n"));

    update_user(&app, &app.admin, 2, json!({ "email": "je\u{17f}s@example.com" }))
        .await
        .expect_status(200);
    forgot(&app, "jess@example.com").await.expect_status(204);
    assert!(sent_email(&app).starts_with("To: je\u{17f}s@example.com\n"));
}

#[tokio::test]
async fn a_failed_email_is_not_reported() {
    let mail = MailDirectory::mailer("/dev/null/emails");
    let app = TestApp::with(Settings { mail, ..Settings::default() }).await;
    app.user_with_session("jane").await;
    assert_eq!(forgot(&app, "jane@example.com").await.status_and_body(), (204, Value::Null));
}

#[tokio::test]
async fn without_mail_an_existing_link_stays_valid() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let token = reset_token(&app, 2).await;
    app.meter.take();
    assert_eq!(forgot(&app, "jane@example.com").await.status_and_body(), (204, Value::Null));
    assert_eq!(app.meter.take(), ["BatchGetItem", "UpdateItem", "UpdateItem"]);
    let body = json!({ "token": token, "password": NEW });
    app.post("/api/session/reset_password").json(&body).send().await.expect_status(200);
}

#[tokio::test]
async fn an_email_address_is_required() {
    let app = with_mail().await;
    let message = "value must be a valid email address.";
    for body in [json!({}), json!({ "email": null }), json!({ "email": "jane" })] {
        let response = app.post("/api/session/forgot_password").json(&body).send().await;
        assert_eq!(response.status_and_body(), invalid("email", message), "{body}");
    }
}

#[tokio::test]
async fn three_requests_per_email_address_are_the_limit_for_known_and_unknown_users() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    for email in ["jane@example.com", "nobody@example.com"] {
        for _ in 0..3 {
            forgot(&app, email).await.expect_status(204);
        }
        app.meter.take();
        let response = forgot(&app, &email.to_uppercase()).await;
        assert_eq!(response.header("retry-after"), Some("15"));
        assert_eq!(response.status_and_body(), rate_limited(), "{email}");
        assert_eq!(app.meter.take(), ["BatchGetItem"]);
    }
    app.log_in("jane@example.com", PASSWORD).await;
    app.clock.advance(15);
    forgot(&app, "jane@example.com").await.expect_status(204);
    app.clock.advance(3_600);
    for _ in 0..3 {
        forgot(&app, "jane@example.com").await.expect_status(204);
    }
}

#[tokio::test]
async fn fifty_requests_per_client_ip_are_the_limit() {
    let app = TestApp::new().await;
    for number in 0..50 {
        forgot(&app, &format!("nobody{number}@example.com")).await.expect_status(204);
    }
    assert_eq!(forgot(&app, "jane@example.com").await.status_and_body(), rate_limited());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_requests_send_at_most_three_emails() {
    let app = with_mail().await;
    app.user_with_session("jane").await;
    let requests = (0..20).map(|_| request(&app, "jane@example.com").send());
    let responses = requests.collect::<JoinSet<_>>().join_all().await;
    let count = |status| responses.iter().filter(|response| response.status == status).count();
    assert_eq!((count(204), count(429)), (3, 17));
    assert_eq!(app.emails.drain().len(), 3);
}

#[tokio::test]
async fn the_metabase_dialect_has_its_own_form() {
    let settings = Settings { dialect: Dialect::Metabase, ..Settings::default() };
    let app = TestApp::with(settings).await;
    for _ in 0..3 {
        assert_eq!(forgot(&app, "nobody@example.com").await.status_and_body(), (204, Value::Null));
    }
    let wait = "Too many attempts! You must wait 15 seconds before trying again.";
    let expected = (400, json!({ "errors": { "email": wait } }));
    assert_eq!(forgot(&app, "nobody@example.com").await.status_and_body(), expected);
    let invalid_email = forgot(&app, "nobody").await.expect_status(400);
    assert_eq!(invalid_email["errors"], json!({ "email": "value must be a valid email address." }));
}

/// The token of the link in an email.
fn token_in(email: &str) -> String {
    let (_, rest) = email.split_once("/auth/reset_password/").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

async fn is_valid(app: &TestApp, token: &str) -> bool {
    let path = format!("/api/session/password_reset_token_valid?token={token}");
    app.get(&path).send().await.expect_status(200)["valid"] == true
}

#[tokio::test]
async fn an_email_that_fails_leaves_the_earlier_link_valid() {
    let app = with_mail().await;
    app.user_with_session("jane").await;
    forgot(&app, "jane@example.com").await.expect_status(204);
    let token = token_in(&app.emails.drain()[0]);
    app.emails.fail();
    for _ in 0..2 {
        forgot(&app, "jane@example.com").await.expect_status(204);
        assert!(is_valid(&app, &token).await);
    }
    app.emails.recover();
    app.clock.advance(15);
    forgot(&app, "jane@example.com").await.expect_status(204);
    let next = token_in(&app.emails.drain()[0]);
    assert!(is_valid(&app, &next).await);

    let body = json!({ "token": token, "password": "an0ther pw" });
    app.post("/api/session/reset_password").json(&body).send().await.expect_status(200);
    assert!(!is_valid(&app, &token).await && !is_valid(&app, &next).await);
}

#[tokio::test]
async fn a_requested_email_leaves_the_link_of_an_administrator_valid() {
    let app = with_mail().await;
    app.user_with_session("jane").await;
    let given = reset_token(&app, 2).await;
    forgot(&app, "jane@example.com").await.expect_status(204);
    let emailed = token_in(&app.emails.drain()[0]);
    assert!(is_valid(&app, &given).await && is_valid(&app, &emailed).await);
    let moved = json!({ "email": "moved@example.com" });
    update_user(&app, &app.admin, 2, moved).await.expect_status(200);
    assert!(!is_valid(&app, &given).await && !is_valid(&app, &emailed).await);
}
