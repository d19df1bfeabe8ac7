//! Events of a function URL: payload format 2.0 without a route.

use super::{
    Map, REQUEST_ID, Request, TIME, TIME_EPOCH, TRACE_ID,
    http_api::{Context, Event, Http},
};
use crate::Error;

const ID: &str = "abcdefghijklmnopqrstuvwxyz012345";
const HOST: &str = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-central-1.on.aws";

pub(super) fn event(request: &Request) -> Result<String, Error> {
    let event = Event {
        version: "2.0",
        route_key: "$default",
        raw_path: &request.path,
        raw_query_string: request.raw_query(),
        headers: request.headers(&[
            ("host", HOST),
            ("x-amzn-tls-cipher-suite", "TLS_AES_128_GCM_SHA256"),
            ("x-amzn-tls-version", "TLSv1.3"),
            ("x-amzn-trace-id", TRACE_ID),
        ]),
        query_string_parameters: request.query(),
        path_parameters: Map(&[]),
        request_context: Context {
            account_id: "anonymous",
            api_id: ID,
            domain_name: HOST,
            domain_prefix: ID,
            http: Http::new(request),
            request_id: REQUEST_ID,
            route_key: "$default",
            stage: "$default",
            time: TIME,
            time_epoch: TIME_EPOCH,
        },
        body: request.route.event.body,
        is_base64_encoded: false,
    };
    Ok(serde_json::to_string_pretty(&event)?)
}
