//! HEAD has the status and the headers of GET, and no body.

use functions::{route::Route, routes::ROUTES};
use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::TestApp;

fn reads() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(|route| route.method == "GET")
}

/// The path and the query of an event of the HTTP API.
fn target(route: &Route, event: &Value) -> String {
    let mut path = route.path.to_owned();
    for (name, value) in event["pathParameters"].as_object().into_iter().flatten() {
        path = path.replace(&format!("{{{name}}}"), value.as_str().unwrap());
    }
    format!("{path}?{}", event["rawQueryString"].as_str().unwrap_or_default())
}

/// The event of a route: that of its function, with the path of the route.
async fn event_of(app: &TestApp, route: &Route, number: u32) -> Value {
    let mut event = app.event(route, number).await;
    for (name, value) in route.event.path {
        if event["pathParameters"].get(name).is_none() {
            event["pathParameters"][name] = json!(value);
        }
    }
    event["routeKey"] = json!(format!("GET {}", route.path));
    event["rawPath"] = json!(target(route, &event).split('?').next().unwrap());
    event
}

async fn app(dialect: Dialect) -> TestApp {
    TestApp::with(Settings { dialect, ..Settings::default() }).await
}

#[tokio::test]
async fn the_gateway_answers_head_like_get_but_without_a_body() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let app = app(dialect).await;
        for (number, route) in (1..).zip(reads()) {
            let target = target(route, &event_of(&app, route, number).await);
            for session in ["", &app.admin.session] {
                let send = |method| app.request(method, &target).session(session).send();
                let (get, head) = (send("GET").await, send("HEAD").await);
                assert_eq!((head.status, &head.headers), (get.status, &get.headers), "{target}");
                assert_eq!(head.body, Value::Null, "{target}");
            }
        }
    }
}

#[tokio::test]
async fn every_front_door_answers_head_like_get_but_without_a_body() {
    for route in reads() {
        let app = app(Dialect::Metabase).await;
        let get = event_of(&app, route, 1).await;
        let mut head = get.clone();
        let key = json!(format!("HEAD {}", route.path));
        head["routeKey"] = key.clone();
        head["requestContext"]["routeKey"] = key.clone();
        head["requestContext"]["http"]["method"] = json!("HEAD");
        assert_head(&app, route, [get.clone(), head.clone()]).await;

        head["routeKey"] = json!("$default");
        head.as_object_mut().unwrap().remove("pathParameters");
        assert_head(&app, route, [get.clone(), head]).await;

        let query: Vec<_> = get["rawQueryString"].as_str().unwrap().split('&').collect();
        let query: Value = query.iter().filter_map(|pair| pair.split_once('=')).collect();
        let mut other = json!({
            "resource": route.path, "path": target(route, &get).split('?').next().unwrap(),
            "httpMethod": "GET", "headers": get["headers"], "queryStringParameters": query,
            "pathParameters": get.get("pathParameters"), "requestContext": {},
        });
        let rest_get = other.clone();
        other["httpMethod"] = json!("HEAD");
        assert_head(&app, route, [rest_get.clone(), other.clone()]).await;
        let load_balancer = [rest_get, other].map(|mut event| {
            event["requestContext"] = json!({ "elb": { "targetGroupArn": "arn" } });
            event
        });
        assert_head(&app, route, load_balancer).await;
    }
}

async fn assert_head(app: &TestApp, route: &Route, [get, head]: [Value; 2]) {
    let (mut got, _) = app.convert(route, get).await;
    let (mut response, line) = app.convert(route, head).await;
    assert_eq!(response["body"].as_str().unwrap_or_default(), "", "{}", route.path);
    assert_eq!(line["route"], format!("HEAD {}", route.path));
    assert!(!got["body"].as_str().unwrap_or_default().is_empty(), "{} {got}", route.path);
    for each in [&mut got, &mut response] {
        for member in ["body", "isBase64Encoded"] {
            each.as_object_mut().unwrap().remove(member);
        }
    }
    assert_eq!(response, got, "{}", route.path);
}

#[tokio::test]
async fn head_is_conditional_and_needs_the_same_permission() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let path = format!("/api/user/{}", jane.id);
    let head = |session: &str| app.request("HEAD", &path).session(session);
    let etag = head(&jane.session).send().await.header("etag").unwrap().to_owned();
    let repeated = head(&jane.session).header("if-none-match", &etag).send().await;
    assert_eq!(repeated.status_and_body(), (304, Value::Null));
    let own = app.request("HEAD", "/api/user/1").session(&jane.session).send().await;
    assert_eq!(own.status_and_body(), (403, Value::Null));
    let cross_site = app.request("HEAD", &path).cookie(&jane.session);
    let cross_site = cross_site.header("sec-fetch-site", "cross-site").send().await;
    assert_eq!(cross_site.status_and_body(), (200, Value::Null));
}

#[tokio::test]
async fn only_get_routes_answer_head() {
    let app = TestApp::new().await;
    let is_write =
        |route: &&Route| route.method != "GET" && reads().all(|read| read.path != route.path);
    for route in ROUTES.iter().filter(is_write) {
        let head = app.request("HEAD", route.path).session(&app.admin.session).send().await;
        assert_eq!(head.status_and_body(), (404, Value::Null), "{}", route.path);
    }
}
