use std::panic::catch_unwind;

use lambda_http::request::from_str;
use serde_json::json;

use super::*;

const ROUTES: &[RoutePattern] = &[
    RoutePattern { method: "GET", path: "/api/user/{id}" },
    RoutePattern { method: "POST", path: "/api/user" },
];

/// Reads an event and converts it as a function does.
fn request(event: &Value) -> Request {
    let SafeEvent { event, rest } = read(event.clone(), ROUTES);
    rest.add_to(Request::from(event))
}

/// Whether `lambda_http` alone converts an event.
fn converts_alone(event: &Value) -> bool {
    let text = event.to_string();
    matches!(catch_unwind(|| from_str(&text)), Ok(Ok(_)))
}

/// An event of an HTTP API, with other members in place of its own.
fn http_api(other: &Value) -> Value {
    merged(
        json!({
            "version": "2.0",
            "routeKey": "GET /api/user/{id}",
            "rawPath": "/api/user/7",
            "rawQueryString": "a=b",
            "headers": { "host": "api.example.com", "accept": "*/*" },
            "pathParameters": { "id": "7" },
            "requestContext": {
                "domainName": "api.example.com",
                "requestId": "r-1",
                "stage": "$default",
                "http": { "method": "GET", "path": "/api/user/7", "sourceIp": "192.0.2.1" },
            },
            "isBase64Encoded": false,
        }),
        other,
    )
}

fn rest_api(other: &Value) -> Value {
    merged(
        json!({
            "resource": "/api/user/{id}",
            "path": "/api/user/7",
            "httpMethod": "GET",
            "headers": { "Host": "api.example.com", "X-Forwarded-For": "203.0.113.9, 192.0.2.2" },
            "multiValueHeaders": { "Host": ["api.example.com"], "Accept": ["a", "b"] },
            "queryStringParameters": { "a": "c" },
            "multiValueQueryStringParameters": { "a": ["b", "c"] },
            "pathParameters": { "id": "7" },
            "requestContext": {
                "domainName": "api.example.com",
                "httpMethod": "GET",
                "identity": { "sourceIp": "192.0.2.1" },
                "path": "/prod/api/user/7",
                "requestId": "r-1",
                "stage": "prod",
            },
            "body": null,
            "isBase64Encoded": false,
        }),
        other,
    )
}

fn load_balancer(other: &Value) -> Value {
    let arn = "arn:aws:elasticloadbalancing:eu-central-1:0:targetgroup/users/0";
    merged(
        json!({
            "requestContext": { "elb": { "targetGroupArn": arn } },
            "httpMethod": "GET",
            "path": "/api/user/7",
            "queryStringParameters": { "a": "x%20y" },
            "headers": {
                "host": "api.example.com",
                "x-amzn-trace-id": "Root=1-2-3;Sampled=0",
                "x-forwarded-for": "203.0.113.9, 192.0.2.1",
                "x-forwarded-proto": "https",
            },
            "body": "",
            "isBase64Encoded": false,
        }),
        other,
    )
}

/// Replaces members of an object. Null removes a member.
fn merged(mut event: Value, other: &Value) -> Value {
    match (&mut event, other) {
        (Value::Object(event), Value::Object(other)) => {
            for (name, value) in other {
                let old = event.remove(name).unwrap_or_default();
                if !value.is_null() {
                    event.insert(name.clone(), merged(old, value));
                }
            }
        }
        _ => event = other.clone(),
    }
    event
}

fn id(request: &Request) -> Option<&str> {
    request.path_parameters_ref()?.first("id")
}

#[test]
fn each_front_door_gives_the_same_request() {
    for event in [http_api(&json!({})), rest_api(&json!({})), load_balancer(&json!({}))] {
        let request = request(&event);
        assert_eq!(request.method(), "GET", "{event}");
        assert_eq!(request.raw_http_path(), "/api/user/7", "{event}");
        assert_eq!(id(&request), Some("7"), "{event}");
        assert_eq!(request.headers()["host"], "api.example.com", "{event}");
        let RouteKey(key) = request.extensions().get().unwrap();
        assert_eq!(key, "GET /api/user/{id}", "{event}");
        assert!(request.body().is_empty(), "{event}");
    }
}

#[test]
fn repeated_headers_and_parameters_keep_their_values() {
    let request = request(&rest_api(&json!({})));
    assert_eq!(request.headers()["accept"], "a,b");
    assert_eq!(request.headers()["x-forwarded-for"], "203.0.113.9, 192.0.2.2");
    assert_eq!(request.uri().query(), Some("a=b&a=c"));
}

#[test]
fn a_query_of_a_load_balancer_is_decoded_once() {
    for (sent, expected) in [
        ("x%20y", "x y"),
        ("x%26y%3Dz", "x&y=z"),
        ("100%25", "100%"),
        ("a%2Bb", "a+b"),
        ("a+b", "a b"),
    ] {
        let request = request(&load_balancer(&json!({ "queryStringParameters": { "a": sent } })));
        let query = request.uri().query().unwrap();
        let read: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        assert_eq!(read, [("a".into(), expected.into())], "{sent}");
    }
}

#[test]
fn cookies_come_from_the_member_and_from_the_header() {
    for (other, expected) in [
        (json!({ "cookies": ["a=1", "b=ü"] }), "a=1; b=ü"),
        (json!({ "headers": { "Cookie": "c=3" } }), "c=3"),
        (json!({ "cookies": ["a=1\n"], "headers": { "cookie": "c=3" } }), "c=3; a=1?"),
        (json!({ "cookies": [1, null, "a=1"] }), "a=1"),
    ] {
        let request = request(&http_api(&other));
        assert_eq!(request.headers()["cookie"].as_bytes(), expected.as_bytes(), "{other}");
    }
}

#[test]
fn values_that_lambda_http_fails_on_are_kept() {
    for query in ["a=<", "a=#b", "a=\"", "a=b c", "\u{7f}", "é=ü", "%", "a=\u{0}"] {
        let event = http_api(&json!({ "rawQueryString": query }));
        let request = request(&event);
        let sent: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let read = request.uri().query().unwrap_or_default();
        assert_eq!(form_urlencoded::parse(read.as_bytes()).collect::<Vec<_>>(), sent, "{query}");
    }
    assert!(!converts_alone(&http_api(&json!({ "rawQueryString": "a=<" }))));

    for host in ["a b", "[::1", "exa<mple", "xn--a", "example.com:x", ""] {
        let other = json!({ "headers": { "host": host } });
        for event in [http_api(&other), load_balancer(&other)] {
            assert_eq!(request(&event).headers()["host"], host);
        }
        let event = http_api(&json!({ "requestContext": { "domainName": host } }));
        request(&event);
    }
    assert!(!converts_alone(&http_api(&json!({ "headers": { "host": "a b" } }))));
    assert!(!converts_alone(&load_balancer(&json!({ "headers": { "host": "xn--a" } }))));
}

#[test]
fn no_header_fails_an_invocation() {
    let headers = json!({ "user-agent": "Müller 名", "x-a": "a\nb\0", "bad name": "x", "": "y" });
    for event in
        [http_api(&json!({ "headers": headers })), load_balancer(&json!({ "headers": headers }))]
    {
        let request = request(&event);
        assert_eq!(request.headers()["user-agent"].as_bytes(), "Müller 名".as_bytes());
        assert_eq!(request.headers()["x-a"], "a?b?");
        assert!(!converts_alone(&event), "{event}");
    }
}

#[test]
fn an_invalid_body_is_marked() {
    let event = http_api(&json!({ "body": "{}", "isBase64Encoded": true }));
    assert!(!converts_alone(&event));
    let invalid = request(&event);
    assert!(invalid.extensions().get::<Unreadable>().unwrap().body);
    assert!(invalid.body().is_empty());

    let event = http_api(&json!({ "body": "e30=", "isBase64Encoded": true }));
    assert_eq!(&request(&event).body()[..], b"{}");
}

#[test]
fn a_query_or_path_that_is_too_long_for_a_uri_is_left_out() {
    let long = "<".repeat(40_000);
    for event in [
        http_api(&json!({ "rawQueryString": long })),
        rest_api(&json!({ "multiValueQueryStringParameters": { "a": [long] } })),
        load_balancer(&json!({ "queryStringParameters": { "a": long } })),
    ] {
        let request = request(&event);
        assert_eq!(request.uri().query(), None);
        assert!(request.extensions().get::<Unreadable>().unwrap().query);
    }
    assert!(!converts_alone(&http_api(&json!({ "rawQueryString": "a".repeat(70_000) }))));
    let event = load_balancer(&json!({ "path": format!("/{}", "é".repeat(40_000)) }));
    assert!(!converts_alone(&event));
    assert_eq!(request(&event).raw_http_path(), "/");
}

#[test]
fn a_path_is_read_without_its_stage() {
    for (path, stage, expected) in [
        ("/dev/api/user/7", "dev", "/api/user/7"),
        ("/api/user/7", "dev", "/api/user/7"),
        ("/developer", "dev", "/developer"),
        (":x", "$default", "/:x"),
        ("//api", "$default", "//api"),
    ] {
        let context = json!({ "stage": stage });
        let event = http_api(&json!({ "rawPath": path, "requestContext": context }));
        assert_eq!(request(&event).raw_http_path(), expected, "{path}");
    }
    assert!(!converts_alone(&load_balancer(&json!({ "path": ":x" }))));
}

#[test]
fn a_route_is_selected_by_the_gateway_or_by_the_path() {
    for (other, expected) in [
        (json!({ "routeKey": "$default", "pathParameters": null }), Some("7")),
        (json!({ "routeKey": "ANY /{proxy+}", "pathParameters": { "proxy": "x" } }), Some("7")),
        (json!({ "pathParameters": null }), Some("7")),
        (json!({ "rawPath": "/v1/api/user/9" }), Some("7")),
        (json!({ "routeKey": null, "rawPath": "/api/user/8" }), Some("8")),
        (json!({ "routeKey": null, "rawPath": "/api/group/8" }), None),
    ] {
        let request = request(&http_api(&other));
        assert_eq!(id(&request), expected, "{other}");
        assert_eq!(request.extensions().get::<RouteKey>().is_some(), expected.is_some(), "{other}");
    }
}

/// Every event without one of its members, and with each wrong type in its place.
fn damaged(event: &Value) -> Vec<Value> {
    let wrong = [json!(null), json!(1), json!("x"), json!([]), json!({}), json!([{}]), json!(true)];
    let mut found = vec![];
    let Value::Object(members) = event else { return found };
    for (name, value) in members {
        let mut without = members.clone();
        without.remove(name);
        found.push(Value::Object(without));
        let inner = damaged(value).into_iter();
        for value in wrong.iter().cloned().chain(inner) {
            let mut changed = members.clone();
            changed.insert(name.clone(), value);
            found.push(Value::Object(changed));
        }
    }
    found
}

#[test]
fn an_event_with_missing_or_wrong_members_is_converted() {
    for event in [http_api(&json!({})), rest_api(&json!({})), load_balancer(&json!({}))] {
        for event in damaged(&event) {
            let request = request(&event);
            let problem = request.extensions().get::<Unreadable>().unwrap().event;
            assert_eq!(problem.is_some(), method_of(&event).is_none(), "{event}");
        }
    }
}

/// The method of an event, where its front door writes it.
fn method_of(event: &Value) -> Option<&str> {
    let context = &event["requestContext"];
    let in_context = context["http"]["method"].as_str();
    let is_v2 = event.get("rawPath").is_some() || context.get("http").is_some();
    if is_v2 && context.get("elb").is_none() { in_context } else { event["httpMethod"].as_str() }
}

#[test]
fn a_parameter_without_values_is_left_out() {
    let other = json!({ "multiValueQueryStringParameters": { "a": [], "b": ["c"] } });
    assert_eq!(request(&rest_api(&other)).uri().query(), Some("b=c"));
    let event = rest_api(&json!({ "multiValueQueryStringParameters": { "a": null, "b": [] } }));
    assert!(!converts_alone(&event));
    assert_eq!(request(&event).uri().query(), None);
}

#[test]
fn other_events_are_not_http() {
    for event in [json!({ "Records": [] }), json!([]), json!(null), json!("x"), json!({})] {
        let request = request(&event);
        assert!(request.extensions().get::<Unreadable>().unwrap().event.is_some(), "{event}");
        assert!(!converts_alone(&event));
    }
}
