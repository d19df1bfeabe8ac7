use functions::routes::ROUTES;
use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{SETUP_TOKEN, TestApp, TestResponse};

use crate::support::forbidden;

/// All static files.
const FILES: [&str; 7] = [
    "/api/openapi.json",
    "/api/docs",
    "/api/docs/docs.css",
    "/api/docs/docs.js",
    "/api/docs/licences.txt",
    "/api/docs/swagger-ui.css",
    "/api/docs/swagger-ui.js",
];

async fn get(app: &TestApp, path: &str) -> TestResponse {
    app.get(path).send().await
}

async fn metabase() -> TestApp {
    TestApp::with(Settings { dialect: Dialect::Metabase, ..Settings::default() }).await
}

#[tokio::test]
async fn the_document_is_that_of_the_dialect() {
    for (app, name) in [(TestApp::new().await, "documented"), (metabase().await, "metabase")] {
        let document = get(&app, "/api/openapi.json").await.expect_status(200);
        assert_eq!(document["openapi"], "3.1.0");
        let description = document["info"]["description"].as_str().unwrap();
        assert!(description.contains(&format!("dialect\n`{name}`")), "{description}");
    }
}

#[tokio::test]
async fn a_file_is_cached_by_its_etag() {
    let app = TestApp::new().await;
    for path in FILES {
        let response = get(&app, path).await;
        assert_eq!(response.header("cache-control"), Some("public, max-age=300"));
        let etag = response.header("etag").unwrap().to_owned();
        response.expect_status(200);

        for etag_list in [&etag, "*", &format!("\"other\", W/{etag}")] {
            let repeated = app.get(path).header("if-none-match", etag_list).send().await;
            assert_eq!(repeated.header("etag"), Some(&*etag), "{path}");
            assert_eq!(repeated.status_and_body(), (304, Value::Null), "{path} {etag_list}");
        }
        app.get(path).header("if-none-match", "\"other\"").send().await.expect_status(200);
    }
}

#[tokio::test]
async fn only_get_and_head_are_answered() {
    let app = TestApp::new().await;
    for path in FILES {
        let got = get(&app, path).await;
        let head = app.request("HEAD", path).send().await;
        assert_eq!(head.headers, got.headers, "{path}");
        assert_eq!(head.status_and_body(), (200, Value::Null), "{path}");
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            app.request(method, path).session(&app.admin.session).send().await.expect_status(404);
        }
    }
}

#[tokio::test]
async fn files_are_the_same_for_all_instances_and_callers() {
    let (not_set_up, set_up, other_dialect) =
        (TestApp::without_setup().await, TestApp::new().await, metabase().await);
    for path in FILES {
        let body = get(&not_set_up, path).await.expect_status(200);
        assert_eq!(get(&set_up, path).await.expect_status(200), body, "{path}");
        let with_session = set_up.get(path).session(&set_up.admin.session).send().await;
        assert_eq!(with_session.expect_status(200), body, "{path}");
        let other_body = get(&other_dialect, path).await.expect_status(200);
        for secret in [SETUP_TOKEN, &set_up.admin.session] {
            assert!(!format!("{body}{other_body}").contains(secret), "{path}");
        }
    }
}

#[tokio::test]
async fn the_page_runs_only_its_own_scripts() {
    let app = TestApp::new().await;
    let response = get(&app, "/api/docs").await;
    let policy = response.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
    let page = response.expect_status(200);
    let page = page.as_str().unwrap();
    for elsewhere in ["http://", "https://", "style=", "<style", "onload="] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
}

#[tokio::test]
async fn compressed_files_have_a_content_encoding() {
    let app = TestApp::new().await;
    for path in FILES {
        let is_big = path.contains("swagger-ui");
        let encoding = get(&app, path).await.header("content-encoding").map(str::to_owned);
        assert_eq!(encoding.as_deref(), is_big.then_some("gzip"), "{path}");
    }
}

#[tokio::test]
async fn the_document_is_compressed_for_clients_with_gzip() {
    for app in [TestApp::new().await, metabase().await] {
        let plain = get(&app, "/api/openapi.json").await;
        assert_eq!(plain.header("vary"), Some("accept-encoding"));
        for (accepted, expected) in [
            ("gzip, deflate, br", Some("gzip")),
            ("*", Some("gzip")),
            ("br", None),
            ("gzip;q=0", None),
        ] {
            let request = app.get("/api/openapi.json").header("accept-encoding", accepted);
            let response = request.send().await;
            assert_eq!(response.header("content-encoding"), expected, "{accepted}");
            assert_eq!(response.header("vary"), Some("accept-encoding"));
            let is_plain = response.header("etag") == plain.header("etag");
            assert_eq!(is_plain, expected.is_none(), "{accepted}");
            let etag = response.header("etag").unwrap().to_owned();
            response.expect_status(200);
            let request = app.get("/api/openapi.json").header("accept-encoding", accepted);
            request.header("if-none-match", &etag).send().await.expect_status(304);
        }
    }
}

#[tokio::test]
async fn a_front_door_receives_the_compressed_document_as_base64() {
    let app = TestApp::new().await;
    let route = ROUTES.iter().find(|route| route.function == "openapi").unwrap();
    let mut event = app.event(route, 1).await;
    event["headers"]["Accept-Encoding"] = json!("gzip");
    let (response, _) = app.convert(route, event).await;
    assert_eq!(response["isBase64Encoded"], true);
    let body = response["body"].as_str().unwrap();
    assert!(body.starts_with("H4sI") && body.len() < 200_000, "{}", body.len());
    assert_eq!(response["headers"]["content-encoding"], "gzip");
}

#[tokio::test]
async fn other_paths_are_not_found() {
    let app = TestApp::new().await;
    for name in ["index.html", "..%2f..%2fCargo.toml", "swagger-ui.js.gz", "%00", "Docs.js"] {
        let response = get(&app, &format!("/api/docs/{name}")).await;
        assert_eq!(response.status_and_body(), (404, json!({ "error": "Not found." })), "{name}");
    }
}

#[tokio::test]
async fn a_page_of_another_site_cannot_write_with_the_cookie_of_this_one() {
    let app = TestApp::new().await;
    let from = |site: &str| {
        let request =
            app.put("/api/user/1").cookie(&app.admin.session).header("sec-fetch-site", site);
        request.json(&json!({ "first_name": "Mallory" })).send()
    };
    assert_eq!(from("cross-site").await.status_and_body(), forbidden());
    from("same-origin").await.expect_status(200);
}
