use serde_json::json;
use shared::{auth::password::Complexity, config::Settings};
use testkit::TestApp;

#[tokio::test]
async fn tells_what_a_client_must_know_before_a_login() {
    let app = TestApp::empty().await;
    let properties = |set_up, name| {
        json!({
            "has-user-setup": set_up,
            "site-name": name,
            "site-locale": "en",
            "password-complexity": { "total": 6, "digit": 1 },
            "enable-password-login": true,
            "version": { "tag": concat!("v", env!("CARGO_PKG_VERSION")) },
        })
    };
    let answer = app.get("/api/session/properties").send().await;
    assert_eq!(answer.told(), (200, properties(false, "Metabase")));

    let app = TestApp::new().await;
    let answer = app.get("/api/session/properties").send().await;
    assert_eq!(answer.told(), (200, properties(true, "Test")));
}

#[tokio::test]
async fn tells_the_policy_of_passwords() {
    for (password_complexity, told) in [
        (Complexity::Weak, json!({ "total": 6 })),
        (
            Complexity::Strong,
            json!({ "total": 8, "lower": 2, "upper": 2, "digit": 1, "special": 1 }),
        ),
        (Complexity::Nist, json!({ "total": 15 })),
    ] {
        let settings = Settings { password_complexity, ..Settings::default() };
        let app = TestApp::empty_with(settings).await;
        let body = app.get("/api/session/properties").send().await.expect(200);
        assert_eq!(body["password-complexity"], told);
    }
}
