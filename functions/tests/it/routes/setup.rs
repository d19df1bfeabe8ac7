use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{ADMIN_EMAIL, PASSWORD, SETUP_TOKEN, TestApp, TestResponse};
use tokio::task::JoinSet;

use crate::support::{forbidden, invalid, merge};

fn body() -> Value {
    json!({
        "token": SETUP_TOKEN,
        "user": {
            "email": ADMIN_EMAIL, "first_name": "Ada", "last_name": "Admin", "password": PASSWORD,
        },
    })
}

async fn set_up(app: &TestApp, body: Value) -> TestResponse {
    app.post("/api/setup").json(&body).send().await
}

#[tokio::test]
async fn creates_the_first_administrator_and_logs_in() {
    let app = TestApp::without_setup().await;

    let response = set_up(&app, body()).await;

    assert!(response.cookie().unwrap().starts_with("metabase.SESSION="));
    let body = response.expect_status(200);
    let token = body["id"].as_str().unwrap();
    assert_eq!(body, json!({ "id": token }));
    let current = app.get("/api/user/current").session(token).send().await.expect_status(200);
    assert_eq!((&current["id"], &current["is_superuser"]), (&json!(1), &json!(true)));
    app.log_in(ADMIN_EMAIL, PASSWORD).await;
}

#[tokio::test]
async fn happens_once() {
    let app = TestApp::new().await;
    let before = app.items().await;
    assert_eq!(set_up(&app, body()).await.status_and_body(), forbidden());

    let mut wrong = body();
    wrong["token"] = json!("wrong");
    let message = "Token does not match the setup token.";
    assert_eq!(set_up(&app, wrong).await.status_and_body(), invalid("token", message));
    let mut items = app.items().await;
    items.retain(|(pk, _), _| !pk.starts_with("THROTTLE#"));
    assert_eq!(items, before);
}

#[tokio::test]
async fn field_errors_are_nested_and_nothing_is_written() {
    let app = TestApp::without_setup().await;
    let blank = "value must be a non-blank string.";
    let nothing = json!({
        "token": "Token does not match the setup token.",
        "user": {
            "email": "value must be a valid email address.",
            "password": "password is too common.",
        },
    });
    assert_eq!(set_up(&app, json!({})).await.expect_status(400)["errors"], nothing);

    let mut wrong = body();
    wrong["user"]["password"] = json!("123456");
    wrong["prefs"] = json!({ "site_name": " " });
    let expected = json!({
        "user": { "password": "password is too common." },
        "prefs": { "site_name": format!("nullable {blank}") },
    });
    assert_eq!(set_up(&app, wrong).await.expect_status(400)["errors"], expected);

    let expected = set_up(&app, json!({ "token": SETUP_TOKEN, "user": 1 })).await.status_and_body();
    assert_eq!(expected, invalid("user", "value must be a map."));
    assert!(app.items().await.is_empty());
}

#[tokio::test]
async fn names_the_instance() {
    let app = TestApp::without_setup().await;
    let mut named = body();
    named["prefs"] = json!({ "site_name": "  Ours ", "site_locale": "pt-br" });
    set_up(&app, named).await.expect_status(200);

    let properties = app.get("/api/session/properties").send().await.expect_status(200);
    assert_eq!(properties["site-name"], "Ours");
    assert_eq!(properties["site-locale"], "pt_BR");
}

#[tokio::test]
async fn later_users_have_ids_from_two() {
    let app = TestApp::new().await;
    assert_eq!(app.sso_user("Jane", "Doe").await, 2);
}

fn rate_limit_message(seconds: u64) -> String {
    format!("Too many attempts! You must wait {seconds} seconds before trying again.")
}

#[tokio::test]
async fn ten_wrong_tokens_per_client_ip_are_the_limit() {
    for (dialect, status, expected) in [
        (Dialect::Documented, 429, json!({ "error": rate_limit_message(15) })),
        (Dialect::Metabase, 400, json!({ "errors": { "token": rate_limit_message(15) } })),
    ] {
        let app = TestApp::without_setup_with(Settings { dialect, ..Settings::default() }).await;
        let right = merge(body(), json!({ "prefs": { "site_name": "Ours" } }));
        let wrong = merge(right.clone(), json!({ "token": "wrong" }));
        for _ in 0..10 {
            set_up(&app, wrong.clone()).await.expect_status(400);
        }
        app.meter.take();
        for _ in 0..10 {
            let response = set_up(&app, wrong.clone()).await;
            assert_eq!(response.header("retry-after"), Some("15"));
            assert_eq!(response.status_and_body(), (status, expected.clone()));
        }
        app.meter.take();
        set_up(&app, right.clone()).await.expect_status(status);
        assert_eq!(app.meter.take(), ["BatchGetItem"]);
        app.clock.advance(15);
        set_up(&app, right).await.expect_status(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_wrong_tokens_cannot_exceed_the_limit() {
    let app = TestApp::without_setup().await;
    let wrong = merge(body(), json!({ "token": "wrong" }));
    let request = || app.post("/api/setup").json(&wrong).send();
    let responses = (0..30).map(|_| request()).collect::<JoinSet<_>>().join_all().await;
    let count = |status| responses.iter().filter(|response| response.status == status).count();
    assert_eq!((count(400), count(429)), (10, 20));
}
