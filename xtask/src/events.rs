//! The events in `events/`: a request of API Gateway to each function, in payload format 2.0.

use std::path::Path;

use functions::routes::Route;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::{
    Error, GeneratedFile,
    catalog::{Catalog, Function},
    files,
};

const DIRECTORY: &str = "events";
const HOST: &str = "abcdefghij.execute-api.eu-central-1.amazonaws.com";
const CLIENT_IP: &str = "192.0.2.1";
const USER_AGENT: &str = "curl/8.5.0";

type Parameters = &'static [(&'static str, &'static str)];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: String,
    headers: Headers,
    #[serde(skip_serializing_if = "is_empty", serialize_with = "map")]
    query_string_parameters: Parameters,
    #[serde(skip_serializing_if = "is_empty", serialize_with = "map")]
    path_parameters: Parameters,
    request_context: Context<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'static str>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Headers {
    accept: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<&'static str>,
    host: &'static str,
    user_agent: &'static str,
    x_forwarded_for: &'static str,
    x_forwarded_port: &'static str,
    x_forwarded_proto: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    x_metabase_session: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: &'static str,
    domain_prefix: &'static str,
    http: Http<'a>,
    request_id: &'static str,
    route_key: &'a str,
    stage: &'static str,
    time: &'static str,
    time_epoch: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'static str,
    path: &'a str,
    protocol: &'static str,
    source_ip: &'static str,
    user_agent: &'static str,
}

fn is_empty(parameters: &Parameters) -> bool {
    parameters.is_empty()
}

/// An object, in the order of the declaration.
fn map<S: Serializer>(parameters: &Parameters, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(parameters.iter().copied())
}

pub(crate) fn files(
    workspace: &Path,
    catalog: &Catalog,
    document: &Value,
) -> Result<Vec<GeneratedFile>, Error> {
    let mut files = Vec::new();
    for Function { route, .. } in &catalog.functions {
        let path = format!("{DIRECTORY}/{}.json", route.function);
        files.push(GeneratedFile::new(path, text(route, document)?));
    }
    files::directory(workspace, DIRECTORY, files)
}

fn text(route: &Route, document: &Value) -> Result<String, Error> {
    let key = format!("{} {}", route.method, route.path);
    let mut path = route.path.to_owned();
    for (name, value) in route.event.path {
        path = path.replace(&format!("{{{name}}}"), value);
    }
    let query = route.event.query.iter().map(|(name, value)| format!("{name}={value}"));
    let event = Event {
        version: "2.0",
        route_key: &key,
        raw_path: &path,
        raw_query_string: query.collect::<Vec<_>>().join("&"),
        headers: headers(route, document),
        query_string_parameters: route.event.query,
        path_parameters: route.event.path,
        request_context: context(&key, Http::new(route.method, &path)),
        body: route.event.body,
        is_base64_encoded: false,
    };
    Ok(serde_json::to_string_pretty(&event)? + "\n")
}

fn headers(route: &Route, document: &Value) -> Headers {
    let path = route.path.replace('/', "~1");
    let method = route.method.to_ascii_lowercase();
    let page = format!("/paths/{path}/{method}/responses/200/content/text~1html");
    let is_page = document.pointer(&page).is_some();
    Headers {
        accept: if is_page { "text/html" } else { "application/json" },
        content_type: route.event.body.map(|_| "application/json"),
        host: HOST,
        user_agent: USER_AGENT,
        x_forwarded_for: CLIENT_IP,
        x_forwarded_port: "443",
        x_forwarded_proto: "https",
        x_metabase_session: route.access.accepts_session().then_some("SESSION"),
    }
}

impl<'a> Http<'a> {
    const fn new(method: &'static str, path: &'a str) -> Self {
        Self { method, path, protocol: "HTTP/1.1", source_ip: CLIENT_IP, user_agent: USER_AGENT }
    }
}

const fn context<'a>(route_key: &'a str, http: Http<'a>) -> Context<'a> {
    Context {
        account_id: "123456789012",
        api_id: "abcdefghij",
        domain_name: HOST,
        domain_prefix: "abcdefghij",
        http,
        request_id: "JKJaXmPLvHcESHA=",
        route_key,
        stage: "$default",
        time: "01/Jan/2026:00:00:00 +0000",
        time_epoch: 1_767_225_600_000,
    }
}
