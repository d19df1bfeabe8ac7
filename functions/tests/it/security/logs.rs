//! Detection of secrets in logs.
//!
//! Every test fails on drop of its `TestApp` if the log contains a password, token, API key or hash
//! of the test. These tests show that the detection works.

use serde_json::{Value, json};
use shared::{
    auth::token::SessionToken, config::Settings, domain::UserId, http::Dialect, store::Key,
};
use testkit::{ADMIN_EMAIL, Fault, PASSWORD, SETUP_TOKEN, TestApp};

use crate::{
    faults::matrix::{ScenarioApp, scenarios},
    support::binary,
};

#[tokio::test]
async fn a_logged_secret_is_detected() {
    let app = TestApp::new().await;
    let hashes: Vec<String> = app
        .items()
        .await
        .into_iter()
        .filter_map(|((_, sk), item)| match item.get("password_hash") {
            Some(hash) => hash.as_str().map(str::to_owned),
            None => sk.strip_prefix("SESSION#").map(str::to_owned),
        })
        .collect();
    assert_eq!(hashes.len(), 2, "one of the password and one of the session");
    let login = json!({ "username": ADMIN_EMAIL, "password": "a wr0ng one" });
    app.post("/api/session").json(&login).send().await.expect_status(401);
    let key = app.api_key("Robot").await;
    let secrets = [&app.admin.session, PASSWORD, SETUP_TOKEN, "a wr0ng one", &key];
    for secret in secrets.into_iter().chain(hashes.iter().map(String::as_str)) {
        assert_eq!(app.leaks_in(&format!("INFO {secret}, and more")), [secret]);
    }
    assert_eq!(app.leaks_in("INFO nothing of the kind"), [""; 0]);
}

/// The token in a password reset link.
fn token(text: &str) -> &str {
    let (_, rest) = text.split_once("/auth/reset_password/").unwrap();
    rest.split(['#', '\n', ' ']).next().unwrap()
}

#[tokio::test]
async fn secrets_of_links_emails_and_responses_are_detected() {
    let app = TestApp::with_mail(Settings::default()).await;
    let path = "/api/user/1/password-reset-url";
    let link = app.post(path).session(&app.admin.session).send().await.expect_status(200);
    let forgotten = json!({ "email": ADMIN_EMAIL });
    app.post("/api/session/forgot_password").json(&forgotten).send().await.expect_status(204);
    let emails = app.emails.drain();
    let cookie = app.post("/api/session").json(&credentials()).send().await;
    let cookie = cookie.cookie().unwrap().split(['=', ';']).nth(1).unwrap().to_owned();
    app.get("/api/session/password_reset_token_valid?token=8_made-up")
        .send()
        .await
        .expect_status(200);
    let stored = app.item(&Key::reset(UserId::INSTALLER)).await.unwrap();
    let link = token(link["password_reset_url"].as_str().unwrap());
    let hash = stored["hash"].as_str().unwrap();
    for secret in [link, token(&emails[0]), &cookie, "8_made-up", hash] {
        assert_eq!(app.leaks_in(&format!("INFO {secret}, and more")), [secret]);
    }
}

fn credentials() -> Value {
    json!({ "username": ADMIN_EMAIL, "password": PASSWORD })
}

/// The secrets that a function in a separate process receives, returns and stores.
#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_functions_are_detected() {
    let app = TestApp::with_system_clock().await;
    let event = json!({
        "routeKey": "POST /api/session",
        "requestContext": { "http": { "method": "POST", "sourceIp": "192.0.2.1" } },
        "body": credentials().to_string(),
    });
    let (response, log) = app.invoke(&binary("login"), &event).await;
    let body: Value = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
    let session = body["id"].as_str().unwrap();
    let hash = SessionToken::parse(session).unwrap().hash();
    for secret in [session, hash.as_str()] {
        assert!(!log.contains(secret));
        assert_eq!(app.leaks_in(&format!("INFO {secret}, and more")), [secret]);
    }
}

#[tokio::test]
#[should_panic(expected = "in the log")]
async fn a_test_that_logs_a_secret_fails() {
    let app = TestApp::new().await;
    tracing::info!("a session: {}", app.admin.session);
}

#[tokio::test]
async fn every_request_is_logged_in_one_line() {
    let app = TestApp::new().await;
    let before = app.log();
    app.get("/api/user/current").session(&app.admin.session).send().await.expect_status(200);
    let line = app.log()[before.len()..].to_owned();
    assert_eq!(line.lines().count(), 1);
    assert!(line.contains("GET /api/user/current 200"), "{line}");
}

/// Every route, without faults and with faults of DynamoDB, which produce the most log lines.
#[tokio::test]
async fn no_scenario_logs_a_secret() {
    for scenario in scenarios() {
        let fixture = ScenarioApp::new(&scenario).await;
        let app = &fixture.app;
        fixture.request(&scenario).send().await;
        for fault in [Fault::AccessDenied, Fault::TruncatedResponse, Fault::LostReply] {
            for request_index in 0..3 {
                app.faults.sequence(request_index, [fault; 64]);
                fixture.request(&scenario).send().await;
                app.faults.stop();
            }
        }
        let log = app.log();
        let uses_dynamodb = scenario.function != "password-check";
        assert_eq!(log.contains("ERROR"), uses_dynamodb, "{scenario}: {log}");
        assert_eq!(app.leaks_in(&log), [""; 0], "{scenario}: {log}");
    }
}

#[tokio::test]
async fn a_setup_token_that_is_published_is_not_logged_either() {
    let settings = Settings { dialect: Dialect::Metabase, ..Settings::default() };
    let app = TestApp::without_setup_with(settings).await;
    let properties = app.get("/api/session/properties").send().await.expect_status(200);
    assert_eq!(properties["setup-token"], SETUP_TOKEN);
    assert_eq!(app.leaks_in(&app.log()), [""; 0]);
}
