use serde_json::{Value, json};
use shared::{config::Settings, domain::SiteUrl};
use testkit::{SETUP_TOKEN, TestApp};

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
