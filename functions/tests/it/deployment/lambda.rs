//! Every binary on a fake Lambda Runtime API.

use serde_json::{Value, json};
use shared::app::respond;
use testkit::{ADMIN_EMAIL, PASSWORD, SETUP_TOKEN, Ses, SesBehavior, TestApp};

use crate::{
    deployment,
    support::{binary, functions, is_file, json_lines},
};

/// The example event of a function, with its placeholders filled in.
fn event(function: &str, session: &str) -> Value {
    filled_in(&deployment::event(function), session)
}

/// Replaces the placeholders of an event.
pub(super) fn filled_in(event: &str, session: &str) -> Value {
    let event = event
        .replace("SETUP_TOKEN", SETUP_TOKEN)
        .replace("SESSION", session)
        .replace("PASSWORD", PASSWORD)
        .replace("admin@example.com", ADMIN_EMAIL);
    serde_json::from_str(&event).unwrap()
}

/// The expected status for the example event.
pub(super) const fn status(function: &str) -> u16 {
    match function.as_bytes() {
        b"update-password"
        | b"forgot-password"
        | b"logout"
        | b"delete-group"
        | b"delete-membership"
        | b"clear-group"
        | b"revoke-sessions"
        | b"delete-api-key"
        | b"update-setting"
        | b"release-rate-limits" => 204,
        b"revoke-session" => 404,
        b"update-membership" => 402,
        b"reactivate-user" | b"reset-password" | b"confirm-email" | b"revert-email"
        | b"test-email" => 400,
        b"setup" => 403,
        _ => 200,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_function_handles_an_event() {
    for route in functions() {
        let app = TestApp::new().await;
        let group = app.group("Managers").await;
        app.user_with_session_in("jane", &[group]).await;
        app.api_key("Robot").await;
        app.clock.set_to_system_time();
        let session = app.log_in(ADMIN_EMAIL, PASSWORD).await;
        let key = format!("{} {}", route.method, route.path);
        let mut event = event(route.function, &session);
        event["routeKey"] = json!(key);

        let (response, log) = app.invoke(&binary(route.function), &event).await;

        assert_eq!(
            response["statusCode"],
            status(route.function),
            "{}: {response}",
            route.function
        );
        let is_cacheable = response["headers"]["cache-control"] != "no-store";
        assert_eq!(is_cacheable, is_file(route.function), "{}", route.function);
        assert_eq!(response["isBase64Encoded"], false);
        let line = request_log_line(&log);
        assert_eq!(line["route"], key);
        assert_eq!(line["status"], response["statusCode"]);
        if route.access.is_authenticated() {
            assert_eq!((&line["actor"], &line["via"]), (&json!(1), &json!("session")), "{key}");
        }
        assert_eq!(line["request_id"], "JKJaXmPLvHcESHA=");
        assert_eq!(line["function_name"], "test");
        assert_eq!(line["cold_start"], true);
        assert_eq!(line["xray_trace_id"], "1-5759e988-bd862e3fe1be46a994272793");
        let uses_dynamodb = route.function != "password-check" && !is_file(route.function);
        assert_eq!(line["DynamoDBRequests"].as_u64() > Some(0), uses_dynamodb, "{line}");
        for secret in [PASSWORD, SETUP_TOKEN, &session, "argon2id$"] {
            assert!(!log.contains(secret), "{}: {log}", route.function);
        }
    }
}

/// The only log line of a request.
fn request_log_line(log: &str) -> Value {
    let lines: Vec<Value> = log
        .lines()
        .filter(|line| line.contains("\"_aws\""))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [line] = &lines[..] else { panic!("{log}") };
    line.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_logs_its_cost() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    app.clock.set_to_system_time();
    for (function, requests, read_units, writes) in
        [("get-user", 1, 4.0, false), ("login", 2, 5.0, true), ("list-users", 3, 7.0, false)]
    {
        let session = app.log_in(ADMIN_EMAIL, PASSWORD).await;
        let (_, log) = app.invoke(&binary(function), &event(function, &session)).await;
        let line = request_log_line(&log);
        assert_eq!(line["DynamoDBRequests"], requests, "{function}");
        assert_eq!(line["ReadUnits"], read_units, "{function}");
        assert_eq!(line["WriteUnits"].as_f64() > Some(0.0), writes, "{function}");
    }
}

/// Invokes `forgot-password` with a fake SES. Returns the status, the log and the sent emails.
async fn forgot_password(behavior: SesBehavior) -> (Value, String, Vec<Value>) {
    let app = TestApp::new().await;
    app.clock.set_to_system_time();
    let ses = Ses::start(behavior).await;
    let variables =
        [("MAIL_FROM", "users@example.com"), ("AWS_ENDPOINT_URL_SESV2", ses.endpoint.as_str())];
    let event = event("forgot-password", "");
    let (response, log) = app.invoke_with(&variables, &binary("forgot-password"), &event).await;
    (response["statusCode"].clone(), log, ses.emails())
}

#[tokio::test(flavor = "multi_thread")]
async fn emails_are_sent_through_ses() {
    let (status, log, sent_emails) = forgot_password(SesBehavior::Accept).await;
    assert_eq!(status, 204, "{log}");
    let [email] = &sent_emails[..] else { panic!("{sent_emails:?}") };
    assert_eq!(email["FromEmailAddress"], "users@example.com");
    assert_eq!(email["Destination"], json!({ "ToAddresses": [ADMIN_EMAIL] }));
    let message = &email["Content"]["Simple"];
    let host = "abcdefghij.execute-api.eu-central-1.amazonaws.com";
    let site = format!("https://{host}");
    assert_eq!(message["Subject"], json!({ "Data": "Your password at Test", "Charset": "UTF-8" }));
    let text = message["Body"]["Text"]["Data"].as_str().unwrap();
    let (_, rest) = text.split_once(&format!("{site}/auth/reset_password/1_")).unwrap();
    let (secret, _) = rest.split_once('\n').unwrap();
    assert_eq!(secret.len(), 43);
    let html = &message["Body"]["Html"];
    assert_eq!(html["Charset"], "UTF-8");
    let link = format!("href=\"{site}/auth/reset_password/1_{secret}\"");
    assert_eq!(html["Data"].as_str().unwrap().matches(&link).count(), 2);
    assert!(!log.contains(secret) && !log.contains(ADMIN_EMAIL), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_rejected_by_ses_is_logged_without_its_recipient() {
    let (status, log, sent_emails) = forgot_password(SesBehavior::Reject).await;
    assert_eq!((status, sent_emails.len()), (json!(204), 1));
    assert!(log.contains("SES rejected the email: MessageRejected"), "{log}");
    assert!(!log.contains(ADMIN_EMAIL), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_email_is_aborted() {
    let (status, log, sent_emails) = forgot_password(SesBehavior::Hang).await;
    assert_eq!((status, sent_emails.len()), (json!(204), 1));
    assert!(log.contains("timed out after 500 ms"), "{log}");
    let latency = request_log_line(&log)["Latency"].as_f64().unwrap();
    assert!((500.0..2_000.0).contains(&latency), "{latency}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_starts_without_a_table() {
    let app = TestApp::new().await;
    app.remove_table().await;
    let (response, log) = app.invoke(&binary("health"), &event("health", "")).await;
    assert_eq!(response["statusCode"], 503, "{log}");
    assert_eq!(request_log_line(&log)["ServerErrors"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_no_front_door_is_a_400_and_one_log_line() {
    let app = TestApp::new().await;
    for event in [json!({ "Records": [] }), json!([1]), json!("x"), json!(null)] {
        let (response, log) = app.invoke(&binary("health"), &event).await;
        assert_eq!(response["statusCode"], 400, "{response}");
        let body: Value = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
        assert!(body["error"].is_string(), "{body}");
        let [line] = &json_lines(&log)[..] else { panic!("{log}") };
        assert_eq!(line["level"], "WARN");
    }
}

/// Hostile and incomplete events of every front door, through the runtime of a process.
#[tokio::test(flavor = "multi_thread")]
async fn no_event_of_a_front_door_fails_an_invocation() {
    let app = TestApp::new().await;
    app.clock.set_to_system_time();
    let context = json!({ "http": { "method": "GET" } });
    let elb = json!({ "elb": {} });
    let path = "/api/health";
    let health = |query: &str| {
        let query = query.to_owned();
        json!({ "requestContext": context, "rawPath": path, "rawQueryString": query })
    };
    for (event, status) in [
        (health("a=<"), 200),
        (health(&"<".repeat(70_000)), 200),
        (json!({ "requestContext": context, "headers": { "host": "a b", "x": "a\nb" } }), 200),
        (json!({ "requestContext": context, "rawPath": "/api/user" }), 404),
        (json!({ "requestContext": { "http": {} }, "rawPath": "/api/health" }), 400),
        (json!({ "httpMethod": "GET", "resource": "/api/health", "requestContext": null }), 200),
        (json!({ "httpMethod": "GET", "path": "/api/health", "headers": { "Host": "[::1" } }), 200),
        (json!({ "httpMethod": "G T", "resource": "/api/health" }), 400),
        (json!({ "requestContext": elb, "httpMethod": "GET", "path": "/api/health" }), 200),
        (json!({ "requestContext": elb, "httpMethod": "GET", "path": ":x" }), 404),
        (json!({ "requestContext": elb, "path": "/api/health" }), 400),
    ] {
        let (response, log) = app.invoke(&binary("health"), &event).await;
        assert_eq!(response["statusCode"], status, "{event}: {response}\n{log}");
    }
}

#[tokio::test]
async fn a_handler_without_end_is_aborted() {
    let app = TestApp::new().await;
    let call = app.call(&app.admin.session, 1);
    tokio::time::pause();
    let (response, record) = respond(&|_| std::future::pending(), call).await;
    assert_eq!(response.status, 503, "{record}");
}
