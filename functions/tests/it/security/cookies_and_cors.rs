//! What a browser may be made to do by a page of another site, and what it may keep.

use std::collections::BTreeSet;

use testkit::{Request, TestResponse};

use crate::faults::matrix::{Actor, Scenario, ScenarioApp, scenarios};

/// All headers that an answer may have.
const HEADERS: [&str; 6] =
    ["cache-control", "content-length", "content-type", "etag", "retry-after", "set-cookie"];

/// A scenario with the session in the cookie, as a browser sends it for a page of another site.
fn from_another_site(stage: &ScenarioApp, scenario: &Scenario) -> Request {
    let (method, path) = scenario.line.split_once(' ').unwrap();
    let session = if scenario.by == Actor::Jane { &stage.jane } else { &stage.app.admin.session };
    let request = stage.app.request(method, path).cookie(session).json(&scenario.body);
    request.header("sec-fetch-site", "cross-site").header("origin", "https://evil.example")
}

fn is_with_session(scenario: &Scenario) -> bool {
    matches!(scenario.by, Actor::Admin | Actor::Jane)
}

#[tokio::test]
async fn no_write_of_another_site_gets_by_with_the_cookie_alone() {
    let scenarios: Vec<_> = scenarios().into_iter().filter(is_with_session).collect();
    let stage = ScenarioApp::set(&scenarios[0]).await;
    let before = stage.app.items().await;
    let (reads, writes): (Vec<_>, Vec<_>) =
        scenarios.iter().partition(|scenario| scenario.line.starts_with("GET "));
    for scenario in writes {
        let answer = from_another_site(&stage, scenario).send().await;
        assert_eq!(answer.status_and_body(), crate::support::forbidden(), "{scenario}");
    }
    assert_eq!(stage.app.items().await, before);
    for scenario in reads {
        let answer = from_another_site(&stage, scenario).send().await;
        assert_eq!(answer.status, scenario.status, "{scenario}");
    }
}

#[tokio::test]
async fn no_page_of_another_site_may_read_an_answer() {
    let scenarios = scenarios();
    let stage = ScenarioApp::set(&scenarios[0]).await;
    for scenario in scenarios.iter().filter(|scenario| scenario.function != "setup") {
        let answer = from_another_site(&stage, scenario).send().await;
        assert_decent(&answer, scenario);
        let (_, path) = scenario.line.split_once(' ').unwrap();
        let preflight = stage.app.request("OPTIONS", path).header("origin", "https://evil.example");
        let preflight = preflight.header("access-control-request-method", "PUT").send().await;
        assert_eq!(preflight.status, 404, "{scenario}");
        assert_decent(&preflight, scenario);
    }
}

/// What a sender of anything gets back, refused or not. That nothing is kept, `testkit` asserts of
/// every answer.
#[tokio::test]
async fn every_answer_is_json_with_headers_that_were_thought_of() {
    for scenario in scenarios() {
        let stage = ScenarioApp::set(&scenario).await;
        assert_decent(&stage.request(&scenario).send().await, &scenario);
        let (method, path) = scenario.line.split_once(' ').unwrap();
        let bare = stage.app.request(method, path);
        assert_decent(&bare.bytes("<script>").send().await, &scenario);
    }
}

fn assert_decent(answer: &TestResponse, scenario: &Scenario) {
    let headers: BTreeSet<&str> = answer.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert!(headers.is_subset(&HEADERS.into()), "{scenario}: {headers:?}");
    let json = (answer.status != 204).then_some("application/json; charset=utf-8");
    assert_eq!(answer.header("content-type"), json, "{scenario}");
    for cookie in answer.headers.get_all("set-cookie") {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.starts_with("metabase.SESSION="), "{scenario}: {cookie}");
        assert!(cookie.contains("; HttpOnly; SameSite=Lax; Path=/"), "{scenario}: {cookie}");
        assert!(!cookie.to_lowercase().contains("domain"), "{scenario}: {cookie}");
    }
}
