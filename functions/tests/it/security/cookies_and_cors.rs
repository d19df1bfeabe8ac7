//! Protection against cross-site requests, and the headers of all responses.

use std::collections::BTreeSet;

use serde_json::json;
use shared::{config::Settings, http::Dialect};
use testkit::{Request, TestApp, TestResponse};

use crate::faults::matrix::{Actor, RequestParts, Scenario, ScenarioApp, scenarios};

/// All headers that a response may have.
const HEADERS: [&str; 9] = [
    "cache-control",
    "clear-site-data",
    "content-length",
    "content-type",
    "etag",
    "retry-after",
    "set-cookie",
    "www-authenticate",
    "x-content-type-options",
];

/// The request of a scenario with its session in the cookie, as sent by a page of another site.
fn from_another_site(fixture: &ScenarioApp, scenario: &Scenario) -> Request {
    let RequestParts { method, path, body, .. } = fixture.request_parts(scenario);
    let session =
        if scenario.actor == Actor::Jane { &fixture.jane } else { &fixture.app.admin.session };
    let request = fixture.app.request(method, &path).cookie(session).json(&body);
    request.header("sec-fetch-site", "cross-site").header("origin", "https://evil.example")
}

fn is_with_session(scenario: &Scenario) -> bool {
    matches!(scenario.actor, Actor::Admin | Actor::Jane)
}

#[tokio::test]
async fn no_cross_site_write_succeeds_with_the_cookie_alone() {
    let scenarios: Vec<_> = scenarios().into_iter().filter(is_with_session).collect();
    let fixture = ScenarioApp::new(&scenarios[0]).await;
    let before = fixture.app.items().await;
    let (reads, writes): (Vec<_>, Vec<_>) =
        scenarios.iter().partition(|scenario| scenario.request_line.starts_with("GET "));
    for scenario in writes {
        let response = from_another_site(&fixture, scenario).send().await;
        assert_eq!(response.status_and_body(), crate::support::forbidden(), "{scenario}");
    }
    assert_eq!(fixture.app.items().await, before);
    for scenario in reads {
        let response = from_another_site(&fixture, scenario).send().await;
        assert_eq!(response.status, scenario.status, "{scenario}");
    }
}

#[tokio::test]
async fn no_page_of_another_site_may_read_a_response() {
    let scenarios = scenarios();
    let fixture = ScenarioApp::new(&scenarios[0]).await;
    for scenario in scenarios.iter().filter(|scenario| scenario.function != "setup") {
        let response = from_another_site(&fixture, scenario).send().await;
        assert_headers(&response, scenario);
        let path = fixture.request_parts(scenario).path;
        let preflight =
            fixture.app.request("OPTIONS", &path).header("origin", "https://evil.example");
        let preflight = preflight.header("access-control-request-method", "PUT").send().await;
        assert_eq!(preflight.status, 404, "{scenario}");
        assert_headers(&preflight, scenario);
    }
}

/// Checks successful and rejected requests. `testkit` checks `Cache-Control` of every response.
#[tokio::test]
async fn every_response_is_json_with_known_headers() {
    for scenario in scenarios() {
        let fixture = ScenarioApp::new(&scenario).await;
        assert_headers(&fixture.request(&scenario).send().await, &scenario);
        let RequestParts { method, path, .. } = fixture.request_parts(&scenario);
        let without_session = fixture.app.request(method, &path);
        assert_headers(&without_session.bytes("<script>").send().await, &scenario);
    }
}

fn assert_headers(response: &TestResponse, scenario: &Scenario) {
    let headers: BTreeSet<&str> = response.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert!(headers.is_subset(&HEADERS.into()), "{scenario}: {headers:?}");
    let json = (response.status != 204).then_some("application/json; charset=utf-8");
    assert_eq!(response.header("content-type"), json, "{scenario}");
    for cookie in response.headers.get_all("set-cookie") {
        let cookie = cookie.to_str().unwrap();
        let is_known =
            ["metabase.SESSION=", "metabase.DEVICE="].iter().any(|name| cookie.starts_with(name));
        assert!(is_known, "{scenario}: {cookie}");
        assert!(
            cookie.contains("; HttpOnly; SameSite=Lax; Secure; Path=/"),
            "{scenario}: {cookie}"
        );
        assert!(!cookie.to_lowercase().contains("domain"), "{scenario}: {cookie}");
    }
}

#[tokio::test]
async fn every_response_forbids_sniffing_and_https_is_remembered() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
        for path in ["/api/user", "/api/health", "/api/docs", "/api/nothing", "/", "/api/user/x"] {
            for method in ["GET", "HEAD", "POST", "OPTIONS"] {
                for (scheme, is_https) in
                    [("", false), ("http", false), ("http,https", false), ("https, http", true)]
                {
                    let request = app.request(method, path).header("x-forwarded-proto", scheme);
                    let response = request.send().await;
                    let name = format!("{method} {path} {scheme}");
                    assert_eq!(
                        response.header("x-content-type-options"),
                        Some("nosniff"),
                        "{name}"
                    );
                    let transport = response.header("strict-transport-security");
                    let expected = is_https.then_some("max-age=31536000; includeSubDomains");
                    assert_eq!(transport, expected, "{name}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_401_names_the_headers_with_credentials() {
    let app = TestApp::new().await;
    let response = app.get("/api/user/current").send().await;
    let challenge = response.header("www-authenticate").unwrap().to_owned();
    for name in ["X-Metabase-Session", "metabase.SESSION", "X-Api-Key"] {
        assert!(challenge.contains(name), "{challenge}");
    }
    assert!(!challenge.starts_with("Basic"), "a browser would ask for a password");
    assert_eq!(response.status_and_body(), (401, json!({ "error": "Unauthenticated" })));
}
