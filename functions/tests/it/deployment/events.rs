//! Every handler behind every front door, with the events in `events/`.

use std::fs;

use functions::routes::{ROUTES, Route};
use secrecy::SecretString;
use serde_json::{Value, json};
use shared::{
    auth::trusted_proxy::{ClientIpHeader, TrustedProxy},
    config::Settings,
};
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp};

use crate::{
    deployment::{
        lambda::{filled_in, status},
        workspace,
    },
    support::functions,
};

/// The directories of the front doors other than the HTTP API.
const FRONT_DOORS: [&str; 3] = ["rest-api", "load-balancer", "function-url"];

fn event(front_door: &str, function: &str, session: &str) -> Value {
    let path = workspace().join(format!("events/{front_door}/{function}.json"));
    filled_in(&fs::read_to_string(path).unwrap(), session)
}

fn route(function: &str) -> &'static Route {
    ROUTES.iter().find(|route| route.function == function).unwrap()
}

#[tokio::test]
async fn each_handler_answers_each_front_door() {
    for route in functions() {
        for front_door in FRONT_DOORS {
            let app = TestApp::new().await;
            let group = app.group("Managers").await;
            app.user_with_session_in("jane", &[group]).await;
            app.api_key("Robot").await;
            let event = event(front_door, route.function, &app.admin.session);

            let (response, line) = app.convert(route, event).await;

            let name = format!("{} behind {front_door}: {response}", route.function);
            assert_eq!(response["statusCode"], status(route.function), "{name}");
            assert_eq!(line["route"], format!("{} {}", route.method, route.path), "{name}");
            assert_eq!(line["request_id"], request_id(front_door), "{name}");
            let headers = &response[headers_of(front_door)];
            assert!(headers["cache-control"].is_string() || headers["cache-control"].is_array());
            assert_eq!(response["statusDescription"].is_string(), front_door == "load-balancer");
        }
    }
}

fn headers_of(front_door: &str) -> &'static str {
    if front_door == "function-url" { "headers" } else { "multiValueHeaders" }
}

/// The ID of the request in the event files.
fn request_id(front_door: &str) -> &'static str {
    match front_door {
        "load-balancer" => "1-6955b900-0123456789abcdef01234567",
        _ => "01234567-89ab-cdef-0123-456789abcdef",
    }
}

/// The client IP of a new session, which `list-sessions` shows.
async fn client_ip(app: &TestApp, front_door: &str, change: impl Fn(&mut Value)) -> Value {
    let mut login = event(front_door, "login", "");
    login["body"] = json!(json!({ "username": ADMIN_EMAIL, "password": PASSWORD }).to_string());
    change(&mut login);
    let (response, _) = app.convert(route("login"), login).await;
    let body: Value = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
    let session = body["id"].as_str().unwrap();
    let sessions = app.get("/api/user/1/sessions").session(session).send().await;
    let sessions = sessions.expect_status(200);
    let of_this = |other: &&Value| other["is_current"] == true;
    sessions.as_array().unwrap().iter().find(of_this).unwrap()["ip_address"].clone()
}

#[tokio::test]
async fn the_client_ip_is_that_of_the_front_door_and_no_header_changes_it() {
    let app = TestApp::new().await;
    for front_door in FRONT_DOORS {
        let forged = |event: &mut Value| {
            // A load balancer appends the address that it sees to the header of the client.
            let forwarded = match front_door {
                "load-balancer" => "203.0.113.9, 192.0.2.1",
                _ => "203.0.113.9",
            };
            event["headers"]["x-forwarded-for"] = json!(forwarded);
            event["headers"]["x-real-ip"] = json!("203.0.113.9");
        };
        assert_eq!(client_ip(&app, front_door, forged).await, "192.0.2.1", "{front_door}");
    }
    for (forwarded, expected) in [
        ("192.0.2.7:4711", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("203.0.113.9,[2001:db8::7]:4711", "2001:db8::7"),
    ] {
        let change = |event: &mut Value| event["headers"]["x-forwarded-for"] = json!(forwarded);
        assert_eq!(client_ip(&app, "load-balancer", change).await, expected);
    }
}

#[tokio::test]
async fn a_proxy_reports_the_client_ip_only_with_its_secret() {
    let secret = SecretString::from("0123456789abcdef");
    let proxy = |header| TrustedProxy::new(ClientIpHeader::parse(header).unwrap(), &secret);
    for front_door in FRONT_DOORS {
        for (header, name, value) in [
            ("CloudFront-Viewer-Address", "cloudfront-viewer-address", "2001:db8::7:4711"),
            ("X-Forwarded-For:2", "x-forwarded-for", "203.0.113.9, 2001:db8::7, 192.0.2.1"),
        ] {
            let settings = Settings { trusted_proxy: proxy(header), ..Settings::default() };
            let app = TestApp::with(settings).await;
            let read = async |sent: &str| {
                let change = |event: &mut Value| {
                    event["headers"][name] = json!(value);
                    if event.get("multiValueHeaders").is_some_and(Value::is_object) {
                        event["multiValueHeaders"][name] = json!([value]);
                        event["multiValueHeaders"]["x-proxy-secret"] = json!([sent]);
                    }
                    event["headers"]["x-proxy-secret"] = json!(sent);
                };
                client_ip(&app, front_door, change).await
            };
            assert_eq!(read("0123456789abcdef").await, "2001:db8::7", "{front_door} {header}");
            assert_eq!(read("0123456789abcdeX").await, "192.0.2.1", "{front_door} {header}");
        }
    }
}

#[tokio::test]
async fn multi_value_headers_of_a_load_balancer_are_read_and_written() {
    let app = TestApp::new().await;
    let mut current = event("load-balancer", "current-user", "");
    let session = format!("metabase.SESSION={}", app.admin.session);
    current["headers"] = Value::Null;
    current["multiValueHeaders"] = json!({ "cookie": ["a=b", session], "host": ["x"] });
    let (response, _) = app.convert(route("current-user"), current).await;
    assert_eq!(response["statusCode"], 200, "{response}");
    let expected = json!(["application/json; charset=utf-8"]);
    assert_eq!(response["multiValueHeaders"]["content-type"], expected);
}

#[tokio::test]
async fn headers_with_names_in_any_case_are_read() {
    let app = TestApp::new().await;
    let change_case: [fn(&str) -> String; 3] =
        [str::to_ascii_uppercase, str::to_ascii_lowercase, |name| {
            name.replace("x-metabase-session", "X-Metabase-Session")
        }];
    for front_door in FRONT_DOORS {
        for change in change_case {
            let event = event(front_door, "current-user", &app.admin.session);
            for (single, multi) in [(true, false), (false, true), (true, true)] {
                let mut event = event.clone();
                let headers = event["headers"].as_object().unwrap().clone();
                let mut lists = serde_json::Map::new();
                let mut values = serde_json::Map::new();
                for (name, value) in headers {
                    values.insert(change(&name.to_ascii_lowercase()), value.clone());
                    lists.insert(name, json!([value]));
                }
                event["headers"] = if single { json!(values) } else { Value::Null };
                event["multiValueHeaders"] = if multi { json!(lists) } else { Value::Null };
                let (response, _) = app.convert(route("current-user"), event).await;
                assert_eq!(response["statusCode"], 200, "{front_door} {single} {multi}");
            }
        }
    }
}

#[tokio::test]
async fn a_function_answers_only_its_own_routes() {
    let app = TestApp::new().await;
    for (method, path) in
        [("DELETE", "/api/user/2"), ("GET", "/api/user"), ("GET", "/"), ("GET", "/api/user/2/x")]
    {
        for front_door in ["load-balancer", "function-url"] {
            let mut event = event(front_door, "get-user", &app.admin.session);
            if front_door == "load-balancer" {
                event["httpMethod"] = json!(method);
                event["path"] = json!(path);
            } else {
                event["requestContext"]["http"]["method"] = json!(method);
                event["rawPath"] = json!(path);
            }
            let (response, _) = app.convert(route("get-user"), event).await;
            assert_eq!(response["statusCode"], 404, "{method} {path} {front_door}");
        }
    }
}
