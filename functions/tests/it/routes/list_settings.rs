use serde_json::{Value, json};
use shared::{config::Settings, domain::SiteUrl};
use testkit::{SETUP_TOKEN, TestApp, TestResponse};

use crate::support::{invalid, not_found};

async fn settings(app: &TestApp) -> Vec<Value> {
    let list = app.get("/api/setting").session(&app.admin.session).send().await.expect_status(200);
    list.as_array().unwrap().clone()
}

fn named(settings: &[Value], key: &str) -> Value {
    settings.iter().find(|setting| setting["key"] == key).unwrap().clone()
}

#[tokio::test]
async fn every_setting_has_the_form_of_metabase() {
    let app = TestApp::new().await;
    let settings = settings(&app).await;
    let keys: Vec<_> = settings.iter().map(|one| one["key"].as_str().unwrap()).collect();
    assert!(keys.is_sorted());
    for setting in &settings {
        let mut fields: Vec<_> = setting.as_object().unwrap().keys().collect();
        fields.sort();
        let expected = ["default", "description", "env_name", "is_env_setting", "key", "value"];
        assert_eq!(fields, expected);
    }
    assert_eq!(
        named(&settings, "session-ttl-minutes"),
        json!({
            "key": "session-ttl-minutes", "value": null, "is_env_setting": false,
            "env_name": "SESSION_TTL_MINUTES", "description": "The lifetime of a session.",
            "default": 20_160,
        })
    );
}

#[tokio::test]
async fn values_of_the_environment_and_secrets_are_hidden() {
    let site_url = SiteUrl::parse("https://hidden.example");
    let audit_retention_days = 30;
    let app = TestApp::with(Settings { site_url, audit_retention_days, ..Settings::default() });
    let app = app.await;
    let settings = settings(&app).await;
    let url = named(&settings, "site-url");
    assert_eq!(url["value"], json!(null));
    assert_eq!(url["is_env_setting"], json!(true));
    assert_eq!(url["default"], "Using value of env var $SITE_URL");
    assert_eq!(named(&settings, "audit-retention-days")["is_env_setting"], json!(true));
    let text = json!(settings).to_string();
    assert!(!text.contains("hidden.example") && !text.contains(SETUP_TOKEN));
}

#[tokio::test]
async fn a_stored_setting_shows_its_value() {
    let app = TestApp::without_setup().await;
    let user = json!({ "email": "a@example.com", "password": testkit::PASSWORD });
    let prefs = json!({ "site_name": "Example", "site_locale": "de" });
    let setup = json!({ "token": SETUP_TOKEN, "user": user, "prefs": prefs });
    let session = app.post("/api/setup").json(&setup).send().await.expect_status(200);
    let session = session["id"].as_str().unwrap();
    let list = app.get("/api/setting").session(session).send().await.expect_status(200);
    let list = list.as_array().unwrap();
    assert_eq!(named(list, "site-name")["value"], "Example");
    assert_eq!(named(list, "site-name")["default"], "Metabase");
    assert_eq!(named(list, "site-locale")["value"], "de");
    assert_eq!(named(list, "site-locale")["is_env_setting"], json!(false));
}

async fn set(app: &TestApp, key: &str, value: Value) -> TestResponse {
    let body = json!({ "value": value });
    app.put(&format!("/api/setting/{key}")).session(&app.admin.session).json(&body).send().await
}

#[tokio::test]
async fn an_administrator_names_the_instance_and_restores_the_defaults() {
    let app = TestApp::new().await;
    for (key, value, default) in [("site-name", "Bücher", "Metabase"), ("site-locale", "de", "en")]
    {
        let property = async || {
            let properties = app.get("/api/session/properties").send().await.expect_status(200);
            properties[key].clone()
        };
        app.clock.advance(1);
        set(&app, key, json!(value)).await.expect_status(204);
        assert_eq!(property().await, value);
        assert_eq!(named(&settings(&app).await, key)["value"], value);
        set(&app, key, Value::Null).await.expect_status(204);
        assert_eq!(property().await, default);
    }
    let path = "/api/audit?action=update-setting";
    let audit = app.get(path).session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(audit["data"].as_array().unwrap().len(), 4);
    assert_eq!(audit["data"][0]["fields"], json!(["site-locale"]));
}

#[tokio::test]
async fn other_settings_and_values_are_rejected() {
    let app = TestApp::new().await;
    let before = app.items().await;
    let environment = json!({ "error": "An environment variable sets this setting." });
    let rejected = set(&app, "session-ttl-minutes", json!("1")).await;
    assert_eq!(rejected.status_and_body(), (400, environment));
    assert_eq!(set(&app, "unknown", json!("x")).await.status_and_body(), not_found());
    for value in [json!(""), json!(1), json!("\u{202e}x")] {
        set(&app, "site-name", value).await.expect_status(400);
    }
    let locale = set(&app, "site-locale", json!("no language")).await;
    let message = "nullable String must be a valid two-letter ISO language or language-country \
        code e.g. 'en' or 'en_US'.";
    assert_eq!(locale.status_and_body(), invalid("value", message));
    assert_eq!(app.items().await, before);
}
