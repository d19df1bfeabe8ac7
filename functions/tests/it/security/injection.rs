//! Hostile input in every part of a request: errors do not echo it, and it neither sets headers nor
//! appears in logs.

use functions::routes::{ROUTES, Route};
use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{TestApp, TestResponse};

use crate::support::{binary, json_lines};

const MARKER: &str = "zqmarkzq";
/// Input with a log line, a header, a tag and a terminal escape sequence.
const HOSTILE: &str =
    "zqmarkzq\r\nX-Injected: zqmarkzq\r\n\u{1b}[31m<script>\"}\n{\"level\":\"zqmarkzq";
/// The same input, encoded for a URL.
const HOSTILE_IN_URL: &str =
    "zqmarkzq%0d%0aX-Injected:%20zqmarkzq%0d%0a%1b%5b31m%3cscript%3e%22%7d";

/// All fields of all bodies, and an unknown one.
fn body() -> Value {
    let fields = [
        "email",
        "first_name",
        "last_name",
        "group_ids",
        "group_id",
        "is_superuser",
        "is_group_manager",
        "locale",
        "login_attributes",
        "must_change_password",
        "name",
        "new_password",
        "old_password",
        "password",
        "prefs",
        "remember",
        "sso_source",
        "token",
        "user",
        "user_group_memberships",
        "user_id",
        "username",
        HOSTILE,
    ];
    fields.into_iter().map(|field| (field.to_owned(), json!(HOSTILE))).collect()
}

fn query() -> String {
    let fields = ["status", "include_deactivated", "query", "group_id", "limit", "offset", "sort"];
    let more = ["last_login_before", "last_login_after", "tenancy", HOSTILE_IN_URL];
    let pairs = fields.iter().chain(&more).map(|name| format!("{name}={HOSTILE_IN_URL}"));
    pairs.collect::<Vec<_>>().join("&")
}

/// Sends requests of a route with hostile path, query, headers and body.
async fn send_hostile(app: &TestApp, route: &Route, session: Option<&str>) -> Vec<TestResponse> {
    let mut responses = Vec::new();
    let ordinary = route.path.replace("{id}", "1").replace("{modal}", "qbnewb");
    let ordinary = ordinary.replace("{session}", "none");
    let with_input = ["{id}", "{modal}", "{session}"]
        .into_iter()
        .fold(route.path.to_owned(), |path, name| path.replace(name, HOSTILE_IN_URL));
    for path in [ordinary.clone(), with_input, format!("{ordinary}?{}", query())] {
        let request = app.request(route.method, &path);
        let request = match session {
            Some(session) => request.session(session),
            None => request.header("x-metabase-session", MARKER),
        };
        let request = ["user-agent", "origin", "referer", "x-forwarded-for", "x-api-key"]
            .into_iter()
            .fold(request, |request, name| request.header(name, MARKER))
            .header("cookie", &format!("metabase.SESSION={MARKER}; {MARKER}={MARKER}"))
            .header("sec-fetch-site", "same-origin");
        responses.push(request.json(&body()).send().await);
    }
    responses
}

fn assert_no_echo(route: &Route, response: &TestResponse) {
    let shown = format!("{} {}: {} {}", route.method, route.path, response.status, response.body);
    assert!(response.status < 500, "{shown}");
    assert!(response.status < 400 || !response.body.to_string().contains(MARKER), "{shown}");
    for (name, value) in &response.headers {
        assert!(!name.as_str().contains("injected"), "{shown}");
        assert!(!value.to_str().unwrap().contains(MARKER), "{shown}");
    }
}

#[tokio::test]
async fn no_input_is_echoed_sets_a_header_or_is_logged() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
        let mut requests = app.log().lines().count();
        for route in ROUTES.iter().filter(|route| route.function != "logout") {
            for session in [None, Some(app.admin.session.as_str())] {
                for response in send_hostile(&app, route, session).await {
                    assert_no_echo(route, &response);
                    requests += 1;
                }
            }
        }
        let log = app.log();
        assert!(!log.contains(MARKER), "{log}");
        assert_eq!(log.lines().count(), requests, "one line per request: {log}");
    }
}

/// Lambda functions log JSON lines.
#[tokio::test(flavor = "multi_thread")]
async fn a_function_logs_no_input() {
    let app = TestApp::new().await;
    for function in ["login", "update-user", "list-users", "dismiss-modal"] {
        let event = json!({
            "version": "2.0",
            "routeKey": "GET /",
            "rawPath": HOSTILE,
            "rawQueryString": query(),
            "cookies": [HOSTILE],
            "headers": {
                "user-agent": HOSTILE, "x-metabase-session": app.admin.session, HOSTILE: HOSTILE,
            },
            "pathParameters": { "id": HOSTILE, "modal": HOSTILE },
            "requestContext": {
                "http": { "method": "PUT", "sourceIp": "192.0.2.1", "userAgent": HOSTILE },
                "requestId": "r-1",
            },
            "body": body().to_string(),
        });
        let (response, log) = app.invoke(&binary(function), &event).await;
        let status = response["statusCode"].as_u64().unwrap();
        assert!((400..500).contains(&status), "{function}: {response}");
        assert!(!response.to_string().contains(MARKER), "{function}: {response}");
        assert!(!log.contains(MARKER), "{function}: {log}");
        assert_eq!(json_lines(&log).len(), 1, "{function}: {log}");
    }
}
