use serde_json::json;
use shared::{
    auth::password_policy::PasswordPolicy, config::Settings, domain::Locale, http::Dialect,
};
use testkit::TestApp;

#[tokio::test]
async fn contains_the_settings_a_client_needs_before_login() {
    let app = TestApp::without_setup().await;
    let properties = |set_up, name| {
        json!({
            "has-user-setup": set_up,
            "site-name": name,
            "site-locale": "en",
            "password-complexity": { "total": 6, "digit": 1 },
            "enable-password-login": true,
            "email-configured?": false,
            "version": { "tag": concat!("v", env!("CARGO_PKG_VERSION")) },
        })
    };
    let response = app.get("/api/session/properties").send().await;
    assert_eq!(response.status_and_body(), (200, properties(false, "Metabase")));

    let app = TestApp::new().await;
    let response = app.get("/api/session/properties").send().await;
    assert_eq!(response.status_and_body(), (200, properties(true, "Test")));
}

#[tokio::test]
async fn contains_the_password_policy() {
    for (password_complexity, expected) in [
        (PasswordPolicy::Weak, json!({ "total": 6 })),
        (
            PasswordPolicy::Strong,
            json!({ "total": 8, "lower": 2, "upper": 2, "digit": 1, "special": 1 }),
        ),
        (PasswordPolicy::Nist, json!({ "total": 15 })),
    ] {
        let settings = Settings { password_policy: password_complexity, ..Settings::default() };
        let app = TestApp::without_setup_with(settings).await;
        let body = app.get("/api/session/properties").send().await.expect_status(200);
        assert_eq!(body["password-complexity"], expected);
    }
}

fn metabase() -> Settings {
    Settings { dialect: Dialect::Metabase, ..Settings::default() }
}

#[tokio::test]
async fn the_metabase_dialect_contains_the_settings_of_its_clients() {
    let app = TestApp::with(metabase()).await;

    let mut properties = app.get("/api/session/properties").send().await.expect_status(200);

    let properties = properties.as_object_mut().unwrap();
    let features = properties.remove("token-features").unwrap();
    assert!(features.as_object().unwrap().values().all(|feature| *feature == json!(false)));
    assert_eq!(features["sso_saml"], false);
    let locales = properties.remove("available-locales").unwrap();
    assert!(locales.as_array().unwrap().contains(&json!(["pt_BR", "Portuguese (Brazil)"])));
    for locale in locales.as_array().unwrap() {
        assert!(Locale::parse(locale[0].as_str().unwrap()).is_some(), "{locale}");
    }
    let expected = json!({
        "has-user-setup": true,
        "setup-token": null,
        "site-name": "Test",
        "site-locale": "en",
        "site-url": "http://localhost:3000",
        "application-name": "Metabase",
        "version": {
            "tag": "v0.58.0", "date": "2026-01-01", "hash": "0000000", "branch": "release-x.58.x",
        },
        "password-complexity": { "total": 6, "digit": 1 },
        "enable-password-login": true,
        "session-cookies": null,
        "email-configured?": false,
        "anon-tracking-enabled": false,
        "google-auth-enabled": false,
        "jwt-enabled": false,
        "ldap-enabled": false,
        "ldap-configured?": false,
        "saml-enabled": false,
        "other-sso-enabled?": false,
        "use-tenants": false,
        "has-sample-database?": false,
        "is-hosted?": false,
    });
    assert_eq!(serde_json::Value::Object(properties.clone()), expected);
}

#[tokio::test]
async fn the_metabase_dialect_shows_whether_mail_is_enabled() {
    let app = TestApp::with_mail(metabase()).await;
    let properties = app.get("/api/session/properties").send().await.expect_status(200);
    assert_eq!(properties["email-configured?"], true);
}
