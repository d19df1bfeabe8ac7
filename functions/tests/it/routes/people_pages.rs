//! The pages for people and their assets.

use functions::routes::ROUTES;
use serde_json::{Value, json};
use testkit::{TestApp, TestResponse};

/// Addresses with a page.
const PAGES: [&str; 11] = [
    "/",
    "/auth/login",
    "/auth/forgot_password",
    "/auth/reset_password/1_secret",
    "/account",
    "/account/profile",
    "/admin",
    "/admin/people",
    "/admin/people/7",
    "/admin/people/7/",
    "/setup",
];

async fn get(app: &TestApp, path: &str) -> TestResponse {
    app.get(path).send().await
}

/// The paths of the assets in a page.
fn assets(page: &Value) -> Vec<String> {
    let parts = page.as_str().unwrap().split("\"/assets/").skip(1);
    parts.map(|rest| format!("/assets/{}", rest.split('"').next().unwrap())).collect()
}

#[tokio::test]
async fn all_addresses_have_the_same_page_for_everyone() {
    let app = TestApp::new().await;
    let page = get(&TestApp::without_setup().await, "/").await.expect_status(200);
    assert!(page.as_str().unwrap().starts_with("<!doctype html>"));
    for path in PAGES {
        assert_eq!(get(&app, path).await.expect_status(200), page, "{path}");
        let response = app.get(path).cookie(&app.admin.session).send().await;
        assert_eq!(response.header("cache-control"), Some("no-cache"));
        let etag = response.header("etag").unwrap().to_owned();
        assert_eq!(response.expect_status(200), page, "{path}");
        let again = app.get(path).header("if-none-match", &etag).send().await;
        assert_eq!(again.status_and_body(), (304, Value::Null), "{path}");
    }
}

#[tokio::test]
async fn a_page_runs_only_its_own_script_and_forbids_markup_in_text() {
    let app = TestApp::new().await;
    for path in PAGES {
        let response = get(&app, path).await;
        let policy = response.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
        for part in [
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ] {
            assert!(policy.contains(part), "{part}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(response.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert!(response.header("set-cookie").is_none());
    }
}

#[tokio::test]
async fn assets_are_compressed_and_never_change() {
    let app = TestApp::new().await;
    let page = get(&app, "/").await.expect_status(200);
    let found = assets(&page);
    assert_eq!(found.len(), 2);
    for path in found {
        let response = get(&app, &path).await;
        let expected = Some("public, max-age=31536000, immutable");
        assert_eq!(response.header("cache-control"), expected, "{path}");
        assert_eq!(response.header("content-encoding"), Some("gzip"));
        let is_script = path.rsplit_once('.').is_some_and(|(_, extension)| extension == "js");
        let kind = if is_script { "text/javascript" } else { "text/css" };
        assert!(response.header("content-type").unwrap().starts_with(kind), "{path}");
        response.expect_status(200);
        let other = path.replace("pages-", "pages-0");
        let missing = (404, json!({ "error": "Not found." }));
        assert_eq!(get(&app, &other).await.status_and_body(), missing);
    }
    for name in ["index.html", "pages.js", "main.js", "..%2fCargo.toml", "%00"] {
        get(&app, &format!("/assets/{name}")).await.expect_status(404);
    }
}

#[tokio::test]
async fn the_token_of_a_link_is_not_logged() {
    let app = TestApp::new().await;
    let route = ROUTES.iter().find(|route| route.path == "/auth/{proxy+}").unwrap();
    let mut event = app.event(route, 1).await;
    event["routeKey"] = json!("GET /auth/{proxy+}");
    event["rawPath"] = json!("/auth/reset_password/1_secret");
    event["pathParameters"] = json!({ "proxy": "reset_password/1_secret" });
    let (response, log) = app.convert(route, event).await;
    assert_eq!(response["statusCode"], 200);
    assert_eq!(log["route"], "GET /auth/{proxy+}");
    assert_eq!(log["DynamoDBRequests"], 0);
    assert!(!log.to_string().contains("secret"), "{log}");
}
