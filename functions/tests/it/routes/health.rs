use serde_json::json;
use shared::{config::Settings, http::Dialect};
use testkit::{Fault, TestApp};

#[tokio::test]
async fn is_healthy_before_and_after_setup() {
    for app in [TestApp::without_setup().await, TestApp::new().await] {
        assert_eq!(
            app.get("/api/health").send().await.status_and_body(),
            (200, json!({ "status": "ok" }))
        );
    }
}

#[tokio::test]
async fn is_unhealthy_if_the_table_is_missing_or_access_is_denied() {
    let app = TestApp::new().await;
    let busy = (503, json!({ "error": "The service is busy. Please try again." }));
    app.faults.push("BatchGetItem", Fault::AccessDenied, 1);
    assert_eq!(app.get("/api/health").send().await.status_and_body(), busy);

    app.remove_table().await;
    let response = app.get("/api/health").send().await;
    assert_eq!(response.header("retry-after"), Some("1"));
    assert_eq!(response.status_and_body(), busy);
}

#[tokio::test]
async fn the_probes_of_metabase_exist_in_its_dialect_only() {
    let settings = Settings { dialect: Dialect::Metabase, ..Settings::default() };
    let app = TestApp::with(settings).await;
    for path in ["/livez", "/readyz", "/livez/", "/readyz/"] {
        let response = app.get(path).send().await;
        assert_eq!(response.status_and_body(), (200, json!({ "status": "ok" })), "{path}");
        TestApp::new().await.get(path).send().await.expect_status(404);
    }
    app.remove_table().await;
    app.get("/livez").send().await.expect_status(200);
    let response = app.get("/readyz").send().await;
    assert_eq!(response.header("retry-after"), Some("1"));
    response.expect_status(503);
}
