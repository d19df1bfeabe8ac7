//! Events of an Application Load Balancer without multi-value headers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Map, Request, TRACE_ID};
use crate::Error;

const HOST: &str = "users-123456789.eu-central-1.elb.amazonaws.com";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    request_context: Context,
    http_method: &'static str,
    path: &'a str,
    /// The values as sent by the client. A load balancer decodes no escape sequences.
    query_string_parameters: Map,
    headers: BTreeMap<&'a str, &'a str>,
    body: &'static str,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
struct Context {
    elb: Elb,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Elb {
    target_group_arn: String,
}

pub(super) fn event(request: &Request) -> Result<String, Error> {
    let group = format!(
        "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/{}/0123456789abcdef",
        request.route.function
    );
    let event = Event {
        request_context: Context { elb: Elb { target_group_arn: group } },
        http_method: request.route.method,
        path: &request.path,
        query_string_parameters: request.query(),
        headers: request.headers(&[("host", HOST), ("x-amzn-trace-id", TRACE_ID)]),
        body: request.route.event.body.unwrap_or_default(),
        is_base64_encoded: false,
    };
    Ok(serde_json::to_string_pretty(&event)?)
}
