//! Events of an HTTP API, in payload format 2.0.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{CLIENT_IP, Map, Request, TIME, TIME_EPOCH, USER_AGENT};
use crate::Error;

const HOST: &str = "abcdefghij.execute-api.eu-central-1.amazonaws.com";

/// An event in payload format 2.0.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    pub(super) version: &'static str,
    pub(super) route_key: &'a str,
    pub(super) raw_path: &'a str,
    pub(super) raw_query_string: String,
    pub(super) headers: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) query_string_parameters: Map,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) path_parameters: Map,
    pub(super) request_context: Context<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<&'static str>,
    pub(super) is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Context<'a> {
    pub(super) account_id: &'static str,
    pub(super) api_id: &'static str,
    pub(super) domain_name: &'static str,
    pub(super) domain_prefix: &'static str,
    pub(super) http: Http<'a>,
    pub(super) request_id: &'static str,
    pub(super) route_key: &'a str,
    pub(super) stage: &'static str,
    pub(super) time: &'static str,
    pub(super) time_epoch: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Http<'a> {
    method: &'static str,
    path: &'a str,
    protocol: &'static str,
    source_ip: &'static str,
    user_agent: &'static str,
}

impl<'a> Http<'a> {
    pub(super) fn new(request: &'a Request) -> Self {
        Self {
            method: request.route.method,
            path: &request.path,
            protocol: "HTTP/1.1",
            source_ip: CLIENT_IP,
            user_agent: USER_AGENT,
        }
    }
}

pub(super) fn event(request: &Request) -> Result<String, Error> {
    let key = format!("{} {}", request.route.method, request.route.path);
    let event = Event {
        version: "2.0",
        route_key: &key,
        raw_path: &request.path,
        raw_query_string: request.raw_query(),
        headers: request.headers(&[("host", HOST)]),
        query_string_parameters: request.query(),
        path_parameters: request.path_parameters(),
        request_context: Context {
            account_id: "123456789012",
            api_id: "abcdefghij",
            domain_name: HOST,
            domain_prefix: "abcdefghij",
            http: Http::new(request),
            request_id: "JKJaXmPLvHcESHA=",
            route_key: &key,
            stage: "$default",
            time: TIME,
            time_epoch: TIME_EPOCH,
        },
        body: request.route.event.body,
        is_base64_encoded: false,
    };
    Ok(serde_json::to_string_pretty(&event)?)
}
