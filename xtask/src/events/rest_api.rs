//! Events of a REST API, in payload format 1.0.
//!
//! The API of `rest-api.yaml` encodes bodies as Base64. The bodies here are text, because they
//! contain placeholders.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{CLIENT_IP, Map, REQUEST_ID, Request, TIME, TIME_EPOCH, TRACE_ID, USER_AGENT, lists};
use crate::Error;

const HOST: &str = "abcdefghij.execute-api.eu-central-1.amazonaws.com";

/// The stage in `rest-api.yaml`.
const STAGE: &str = "default";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    resource: &'static str,
    path: &'a str,
    http_method: &'static str,
    headers: BTreeMap<&'a str, &'a str>,
    multi_value_headers: BTreeMap<&'a str, [&'a str; 1]>,
    query_string_parameters: Option<Map>,
    multi_value_query_string_parameters: Option<BTreeMap<&'a str, [&'a str; 1]>>,
    path_parameters: Option<Map>,
    stage_variables: Option<Map>,
    request_context: Context<'a>,
    body: Option<&'static str>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    resource_id: &'static str,
    resource_path: &'static str,
    http_method: &'static str,
    extended_request_id: &'static str,
    request_time: &'static str,
    path: &'a str,
    account_id: &'static str,
    protocol: &'static str,
    stage: &'static str,
    domain_prefix: &'static str,
    request_time_epoch: u64,
    request_id: &'static str,
    identity: Identity,
    domain_name: &'static str,
    deployment_id: &'static str,
    api_id: &'static str,
}

/// The client. API Gateway knows no more of a request without a signature.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    cognito_identity_pool_id: (),
    account_id: (),
    cognito_identity_id: (),
    caller: (),
    source_ip: &'static str,
    principal_org_id: (),
    access_key: (),
    cognito_authentication_type: (),
    cognito_authentication_provider: (),
    user_arn: (),
    user_agent: &'static str,
    user: (),
}

impl Identity {
    const CLIENT: Self = Self {
        cognito_identity_pool_id: (),
        account_id: (),
        cognito_identity_id: (),
        caller: (),
        source_ip: CLIENT_IP,
        principal_org_id: (),
        access_key: (),
        cognito_authentication_type: (),
        cognito_authentication_provider: (),
        user_arn: (),
        user_agent: USER_AGENT,
        user: (),
    };
}

pub(super) fn event(request: &Request) -> Result<String, Error> {
    let headers = headers(request);
    let query = request.query().non_empty();
    let path = format!("/{STAGE}{}", request.path);
    let event = Event {
        resource: request.route.path,
        path: &request.path,
        http_method: request.route.method,
        multi_value_headers: lists(headers.clone()),
        headers,
        query_string_parameters: query,
        multi_value_query_string_parameters: query.map(|query| lists(query.0.iter().copied())),
        path_parameters: request.path_parameters().non_empty(),
        stage_variables: None,
        request_context: context(request, &path),
        body: request.route.event.body,
        is_base64_encoded: false,
    };
    Ok(serde_json::to_string_pretty(&event)?)
}

/// The headers. A REST API capitalizes its own and those of HTTP, and keeps all others.
fn headers(request: &Request) -> BTreeMap<&'static str, &'static str> {
    let mut headers = BTreeMap::from([
        ("Host", HOST),
        ("X-Amzn-Trace-Id", TRACE_ID),
        ("X-Forwarded-For", CLIENT_IP),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Proto", "https"),
    ]);
    for (name, value) in request.client_headers() {
        headers.insert(if name == "user-agent" { "User-Agent" } else { name }, value);
    }
    headers
}

const fn context<'a>(request: &Request, path: &'a str) -> Context<'a> {
    Context {
        resource_id: "a1b2c3",
        resource_path: request.route.path,
        http_method: request.route.method,
        extended_request_id: "JKJaXmPLvHcESHA=",
        request_time: TIME,
        path,
        account_id: "123456789012",
        protocol: "HTTP/1.1",
        stage: STAGE,
        domain_prefix: "abcdefghij",
        request_time_epoch: TIME_EPOCH,
        request_id: REQUEST_ID,
        identity: Identity::CLIENT,
        domain_name: HOST,
        deployment_id: "d4e5f6",
        api_id: "abcdefghij",
    }
}
