//! Every binary as Lambda runs it: one event in, one answer out.

use functions::routes::ROUTES;
use serde_json::{Value, json};
use testkit::{ADMIN_EMAIL, PASSWORD, SETUP_TOKEN, TestApp};

use crate::wiring::binary;

/// An event of the gateway, payload 2.0, with all that it has and handlers do not read.
fn event(method: &str, path: &str, session: &str, body: &Value) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "cookies": ["a=b"],
        "headers": { "x-metabase-session": session, "content-type": "application/json", "x-é": "é" },
        "pathParameters": { "id": "2", "modal": "qbnewb" },
        "requestContext": {
            "accountId": "123456789012",
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                "userAgent": "curl",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "stage": "$default",
            "timeEpoch": 1,
        },
        "body": body.to_string(),
        "isBase64Encoded": false,
    })
}

fn body(function: &str) -> Value {
    match function {
        "create-user" => json!({
            "email": "new@example.com", "first_name": "N", "last_name": "N", "password": PASSWORD,
        }),
        "update-user" => json!({ "locale": "es" }),
        "update-password" => json!({ "password": "an0ther secret" }),
        "login" => json!({ "username": ADMIN_EMAIL, "password": PASSWORD, "remember": true }),
        "setup" => json!({
            "token": SETUP_TOKEN, "user": { "email": "new@example.com", "password": PASSWORD },
        }),
        _ => json!({}),
    }
}

/// The status that the function answers with, for account 2, active until it is deactivated.
const fn status(function: &str) -> u16 {
    match function.as_bytes() {
        b"update-password" | b"logout" => 204,
        b"reactivate-user" => 400,
        b"setup" => 403,
        _ => 200,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_answers_an_event() {
    for route in ROUTES {
        let app = TestApp::new().await;
        app.sso_account("Jane", "Doe").await;
        app.clock.catch_up();
        let session = app.log_in(ADMIN_EMAIL, PASSWORD).await;
        let event = event(route.method, route.path, &session, &body(route.function));

        let (answer, log) = app.invoke(&binary(route.function), &event).await;

        assert_eq!(answer["statusCode"], status(route.function), "{}: {answer}", route.function);
        assert_eq!(answer["headers"]["cache-control"], "no-store");
        assert_eq!(answer["isBase64Encoded"], false);
        for secret in [PASSWORD, SETUP_TOKEN, "an0ther secret", &session, "argon2id$"] {
            assert!(!log.contains(secret), "{}: {log}", route.function);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_none_fails_alone() {
    let app = TestApp::new().await;
    let (answer, log) = app.invoke(&binary("health"), &json!({ "Records": [] })).await;
    assert!(answer["errorType"].is_string(), "{answer}");
    assert!(log.contains("ERROR"), "{log}");
}
