//! No secret is logged, whatever happens. Every test asserts it: when a `TestApp` goes, no password,
//! token, key or hash that it has seen may be in what was logged for it. Here is shown that the
//! watching works, and that it sees what it should.

use serde_json::json;
use shared::{config::Settings, http::Dialect};
use testkit::{ADMIN_EMAIL, Fault, PASSWORD, SETUP_TOKEN, TestApp};

use crate::faults::everywhere::{Stage, scenarios};

#[tokio::test]
async fn a_secret_that_were_logged_would_be_found() {
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
    assert_eq!(hashes.len(), 2, "of the password and of the session");
    let login = json!({ "username": ADMIN_EMAIL, "password": "a wr0ng one" });
    app.post("/api/session").json(&login).send().await.expect(401);
    let key = app.api_key("Robot").await;
    let secrets = [&app.admin.session, PASSWORD, SETUP_TOKEN, "a wr0ng one", &key];
    for secret in secrets.into_iter().chain(hashes.iter().map(String::as_str)) {
        assert_eq!(app.leaks_in(&format!("INFO {secret}, and more")), [secret]);
    }
    assert_eq!(app.leaks_in("INFO nothing of the kind"), [""; 0]);
}

#[tokio::test]
async fn every_request_is_logged_in_a_line() {
    let app = TestApp::new().await;
    let before = app.log();
    app.get("/api/user/current").session(&app.admin.session).send().await.expect(200);
    let line = app.log()[before.len()..].to_owned();
    assert_eq!(line.lines().count(), 1);
    assert!(line.contains("GET /api/user/current 200"), "{line}");
}

/// Every route, once as it should be and once when DynamoDB refuses, fails or is not understood, which
/// is when most is logged.
#[tokio::test]
async fn no_scenario_logs_a_secret() {
    for scenario in scenarios() {
        let stage = Stage::set(&scenario).await;
        let app = &stage.app;
        stage.request(&scenario).send().await;
        for fault in [Fault::AccessDenied, Fault::Truncated, Fault::LostReply] {
            for place in 0..3 {
                app.faults.script(place, [fault; 64]);
                stage.request(&scenario).send().await;
                app.faults.stop();
            }
        }
        let log = app.log();
        let asks = scenario.function != "password-check";
        assert_eq!(log.contains("ERROR"), asks, "{scenario}: {log}");
        assert_eq!(app.leaks_in(&log), [""; 0], "{scenario}: {log}");
    }
}

#[tokio::test]
async fn a_setup_token_that_is_published_is_not_logged_either() {
    let settings = Settings { dialect: Dialect::Metabase, ..Settings::default() };
    let app = TestApp::empty_with(settings).await;
    let told = app.get("/api/session/properties").send().await.expect(200);
    assert_eq!(told["setup-token"], SETUP_TOKEN);
    assert_eq!(app.leaks_in(&app.log()), [""; 0]);
}
