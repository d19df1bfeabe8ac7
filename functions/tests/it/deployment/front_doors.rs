//! The REST API serves the routes of the HTTP API, and each front door has events.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use functions::routes::{ROUTES, Route};
use local::route_table::RouteTable;
use serde_json::{Value, json};
use testkit::{rest_api_template, template};

use super::{Wiring, routes, text, workspace};
use crate::support::functions;

/// Maximum number of resources of a REST API, one for each prefix of a path.
const MAX_RESOURCES: usize = 300;

fn resources() -> &'static serde_json::Map<String, Value> {
    rest_api_template().section("Resources").as_object().unwrap()
}

fn properties(kind: &str) -> impl Iterator<Item = &'static Value> {
    resources().values().filter(move |one| one["Type"] == kind).map(|one| &one["Properties"])
}

/// The operations of the REST API, with method and path.
fn operations() -> Vec<(String, &'static str, &'static Value)> {
    let paths = resources()["RestApi"]["Properties"]["Body"]["paths"].as_object().unwrap();
    let mut operations = Vec::new();
    for (path, methods) in paths {
        // `!If [condition, methods, AWS::NoValue]`
        let methods = methods.get(1).unwrap_or(methods);
        for (method, operation) in methods.as_object().unwrap() {
            operations.push((method.to_ascii_uppercase(), path.as_str(), operation));
        }
    }
    operations
}

#[test]
fn the_rest_api_calls_the_function_of_each_route() {
    let mut served = Wiring::new();
    for (method, path, operation) in operations() {
        let integration = &operation["x-amazon-apigateway-integration"];
        assert_eq!(integration["type"], "aws_proxy");
        assert_eq!(integration["httpMethod"], "POST");
        let uri = text(&integration["uri"]).strip_suffix("${Qualifier}/invocations").unwrap();
        let (_, function) = uri.split_once(":function:${ServiceName}-").unwrap();
        served.entry(function.to_owned()).or_default().insert(format!("{method} {path}"));
    }
    let mut expected = Wiring::new();
    for route @ Route { path, function, .. } in ROUTES {
        let keys = route.methods().iter().map(|method| format!("{method} {path}"));
        expected.entry((*function).to_owned()).or_default().extend(keys);
    }
    assert_eq!(served, expected);
}

#[test]
fn the_rest_api_declares_every_path_parameter() {
    for (method, path, operation) in operations() {
        let in_path = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let in_path = in_path.map(|name| name.trim_end_matches('+'));
        let declared = operation.get("parameters").and_then(Value::as_array);
        let names = declared.into_iter().flatten().map(|parameter| {
            assert_eq!((&parameter["in"], &parameter["required"]), (&json!("path"), &json!(true)));
            text(&parameter["name"])
        });
        assert_eq!(names.collect::<Vec<_>>(), in_path.collect::<Vec<_>>(), "{method} {path}");
    }
}

#[test]
fn the_paths_fit_into_a_rest_api() {
    let mut parents: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (_, path, _) in operations() {
        let mut parent = String::new();
        for part in path.split('/').skip(1) {
            parents.entry(parent.clone()).or_default().insert(part);
            parent = format!("{parent}/{part}");
        }
    }
    assert!(parents.values().map(BTreeSet::len).sum::<usize>() < MAX_RESOURCES);
    for (parent, parts) in parents {
        let parameters = parts.iter().filter(|part| part.starts_with('{'));
        assert!(parameters.count() <= 1, "{parent} has several parameters");
    }
}

#[test]
fn the_rest_api_may_call_each_function_once() {
    let mut allowed = Vec::new();
    for permission in properties("AWS::Lambda::Permission") {
        assert_eq!(permission["Principal"], "apigateway.amazonaws.com");
        assert!(text(&permission["SourceArn"]).ends_with(":${RestApi}/*"));
        let name = text(&permission["FunctionName"]).strip_prefix("${ServiceName}-").unwrap();
        allowed.push(name.strip_suffix("${Qualifier}").unwrap());
    }
    allowed.sort_unstable();
    let mut expected: Vec<_> = functions().map(|route| route.function).collect();
    expected.sort_unstable();
    assert_eq!(allowed, expected);
}

#[test]
fn both_apis_limit_the_same_routes() {
    let settings = &template().section("Resources")["Api"]["Properties"]["RouteSettings"];
    let expected: BTreeSet<String> = settings
        .as_object()
        .unwrap()
        .keys()
        .map(|route| route.trim_end_matches('/').to_owned())
        .collect();
    let stage = &resources()["Stage"]["Properties"];
    let mut limited = BTreeSet::new();
    let (rest, routes) = stage["MethodSettings"].as_array().unwrap().split_first().unwrap();
    assert_eq!(
        (&rest["ResourcePath"], &rest["ThrottlingRateLimit"]),
        (&json!("/*"), &json!("RateLimit"))
    );
    for setting in routes {
        assert_eq!(setting["ThrottlingRateLimit"], "HashRateLimit");
        let path = text(&setting["ResourcePath"]).strip_prefix('/').unwrap().replace("~1", "/");
        limited.insert(format!("{} {path}", text(&setting["HttpMethod"])));
    }
    assert_eq!(limited, expected);
}

#[test]
fn the_stage_uses_the_deployment_of_this_api() {
    let deployments =
        resources().iter().filter(|(_, one)| one["Type"] == "AWS::ApiGateway::Deployment");
    let of = |condition: &str| {
        let mut found = deployments.clone().filter(|(_, one)| one["Condition"] == condition);
        found.next().unwrap().0
    };
    let with = json!(["HasQualifier", of("HasQualifierAndPages"), of("HasNoQualifierButPages")]);
    let without =
        json!(["HasQualifier", of("HasQualifierButNoPages"), of("HasNoQualifierNorPages")]);
    let expected = json!(["HasPages", with, without]);
    assert_eq!(resources()["Stage"]["Properties"]["DeploymentId"], expected);
}

#[test]
fn the_nested_template_receives_its_parameters() {
    let nested = &template().section("Resources")["RestApi"]["Properties"]["Parameters"];
    let nested = nested.as_object().unwrap();
    let parameters = rest_api_template().section("Parameters").as_object().unwrap();
    for name in nested.keys() {
        assert!(parameters.contains_key(name), "{name} is no parameter of rest-api.yaml");
    }
    for (name, parameter) in parameters {
        let is_given = nested.contains_key(name) || parameter.get("Default").is_some();
        assert!(is_given, "{name} has no value");
    }
}

#[test]
fn both_access_logs_have_the_same_fields() {
    let fields = |format: &Value| -> BTreeSet<String> {
        let fields: Value = serde_json::from_str(text(format)).unwrap();
        fields.as_object().unwrap().keys().cloned().collect()
    };
    let http = &template().section("Resources")["Api"]["Properties"]["AccessLogSettings"];
    let rest = &resources()["Stage"]["Properties"]["AccessLogSetting"];
    let mut of_rest = fields(&rest["Format"]);
    assert!(of_rest.remove("waf"));
    assert_eq!(of_rest, fields(&http["Format"]));
}

/// The front doors, each with the directory of its events and the members for method and path.
const DOORS: [(&str, &str, &str); 4] = [
    ("events", "/requestContext/http/method", "/rawPath"),
    ("events/function-url", "/requestContext/http/method", "/rawPath"),
    ("events/load-balancer", "/httpMethod", "/path"),
    ("events/rest-api", "/httpMethod", "/path"),
];

/// The example events of a front door, by function.
fn events(directory: &str) -> BTreeMap<String, Value> {
    let mut events = BTreeMap::new();
    for file in fs::read_dir(workspace().join(directory)).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_file() {
            let name = file.file_name().into_string().unwrap();
            let function = name.strip_suffix(".json").unwrap().to_owned();
            let text = fs::read_to_string(file.path()).unwrap();
            events.insert(function, serde_json::from_str(&text).unwrap());
        }
    }
    events
}

#[test]
fn every_function_has_an_event_of_each_door_for_its_route() {
    let paths = RouteTable::new().unwrap();
    for (directory, method, path) in DOORS {
        let events = events(directory);
        assert!(events.keys().eq(routes().keys()), "{directory}");
        for (function, event) in events {
            let [method, path] = [method, path].map(|member| text(event.pointer(member).unwrap()));
            let (found, parameters) = paths.find(method, path).unwrap();
            assert_eq!(found.function, function, "{directory}");
            let parameters = json!(parameters);
            let expected = match directory {
                "events" if parameters == json!({}) => None,
                "events/rest-api" if parameters == json!({}) => Some(&Value::Null),
                "events" | "events/rest-api" => Some(&parameters),
                _ => None,
            };
            assert_eq!(event.get("pathParameters"), expected, "{directory}/{function}");
        }
    }
}

#[test]
fn events_name_the_route_if_their_door_has_routes() {
    for (function, routes) in routes() {
        let http = &events("events")[&function];
        assert!(routes.contains(text(&http["routeKey"])), "{function}");
        assert_eq!(http["requestContext"]["routeKey"], http["routeKey"]);
        let url = &events("events/function-url")[&function];
        assert_eq!([&url["routeKey"], &url["requestContext"]["routeKey"]], ["$default"; 2]);
        let rest = &events("events/rest-api")[&function];
        let route = format!("{} {}", text(&rest["httpMethod"]), text(&rest["resource"]));
        assert!(routes.contains(&route), "{function}: {route}");
    }
}

#[test]
fn all_events_of_a_function_are_the_same_request() {
    let http = events("events");
    for (directory, ..) in DOORS {
        for (function, event) in events(directory) {
            let name = format!("{directory}/{function}");
            let expected = &http[&function];
            let body = |event: &Value| event["body"].as_str().unwrap_or_default().to_owned();
            assert_eq!(body(&event), body(expected), "{name}");
            let query = |event: &Value| match &event["queryStringParameters"] {
                Value::Null => json!({}),
                query => query.clone(),
            };
            assert_eq!(query(&event), query(expected), "{name}");
            for header in ["accept", "content-type", "x-metabase-session"] {
                assert_eq!(event["headers"].get(header), expected["headers"].get(header), "{name}");
            }
        }
    }
}

#[test]
fn events_of_a_rest_api_have_all_values_twice() {
    let resource = &resources()["Stage"]["Properties"]["StageName"];
    for (function, event) in events("events/rest-api") {
        for (single, multi) in [
            ("headers", "multiValueHeaders"),
            ("queryStringParameters", "multiValueQueryStringParameters"),
        ] {
            let lists: Option<Value> = event[single].as_object().map(|values| {
                values.iter().map(|(name, value)| (name.clone(), json!([value]))).collect()
            });
            assert_eq!(event[multi], lists.unwrap_or_default(), "{function}");
        }
        assert_eq!(event["requestContext"]["stage"], *resource);
        let path = format!("/{}{}", text(resource), text(&event["path"]));
        assert_eq!(event["requestContext"]["path"], path);
    }
}

#[test]
fn queries_of_events_need_no_escape_sequence() {
    let is_unreserved = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    for route in functions() {
        for (name, value) in route.event.query {
            assert!(is_unreserved(name) && is_unreserved(value), "{}: {value}", route.function);
        }
    }
}

/// The values that an access log may contain. None is written by a client.
const LOGGED: [&str; 13] = [
    "$context.error.responseType",
    "$context.httpMethod",
    "$context.identity.sourceIp",
    "$context.integrationErrorMessage",
    "$context.integrationLatency",
    "$context.requestId",
    "$context.requestTime",
    "$context.resourcePath",
    "$context.responseLatency",
    "$context.responseLength",
    "$context.routeKey",
    "$context.status",
    "$context.wafResponseCode",
];

/// The format of the access log of an API.
fn log_format(settings: &Value) -> String {
    text(&settings["Format"]).replace('\n', " ")
}

#[test]
fn no_access_log_contains_a_path_a_query_or_a_header() {
    let api = &template().section("Resources")["Api"]["Properties"]["AccessLogSettings"];
    let stage = &resources()["Stage"]["Properties"]["AccessLogSetting"];
    for format in [log_format(api), log_format(stage)] {
        let line: Value = serde_json::from_str(&format).unwrap();
        for value in line.as_object().unwrap().values() {
            for variable in text(value).split(' ') {
                assert!(LOGGED.contains(&variable), "{variable} in {format}");
            }
        }
    }
    // Logs of whole requests, and traces with the URL.
    let settings = resources()["Stage"]["Properties"]["MethodSettings"].as_array().unwrap();
    for setting in settings {
        assert_eq!((setting.get("DataTraceEnabled"), setting.get("LoggingLevel")), (None, None));
    }
    assert_eq!(resources()["Stage"]["Properties"].get("TracingEnabled"), None);
}

#[test]
fn the_log_of_the_firewall_has_neither_credentials_nor_paths() {
    let fields = &resources()["WafLogging"]["Properties"]["RedactedFields"];
    let header = |name: &str| json!({ "SingleHeader": { "Name": name } });
    let expected = [
        header("authorization"),
        header("cookie"),
        header("x-api-key"),
        header("x-metabase-session"),
        json!({ "QueryString": {} }),
        json!({ "UriPath": {} }),
    ];
    assert_eq!(fields, &json!(expected));
    let rules = resources()["WebAcl"]["Properties"]["Rules"].as_array().unwrap();
    let acl = &resources()["WebAcl"]["Properties"]["VisibilityConfig"];
    for visibility in rules.iter().map(|rule| &rule["VisibilityConfig"]).chain([acl]) {
        assert_eq!(visibility["SampledRequestsEnabled"], false);
    }
}
