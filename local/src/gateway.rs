//! A local replacement for API Gateway. It finds the route of a request, and passes the request to
//! the handler as a function would receive it from `lambda_http`.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{self, HeaderValue, header::CONTENT_LENGTH, request::Parts},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use functions::routes::Route;
use http_body_util::BodyExt;
use lambda_http::RequestExt;
use shared::{
    app::respond,
    http::{ApiError, AppState, Call, Response, RouteKey, is_https, join_repeated, local_context},
};

use crate::route_table::{RouteConflict, RouteTable};

/// The maximum number of bytes kept of a body: the payload limit of Lambda.
const MAX_BODY: usize = 6 * 1024 * 1024;
/// The time limit for the arrival of a request body. API Gateway has the same.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The body of a response to a write, if the table is read-only.
const READ_ONLY: &str =
    r#"{"error":"This server is read-only. Start it with --write to allow changes."}"#;

/// The access to the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Routes with writes return 403.
    ReadOnly,
    /// All routes are served.
    ReadWrite,
}

#[derive(Debug, Clone)]
struct Gateway {
    app: AppState,
    access: Access,
    paths: Arc<RouteTable>,
}

/// Creates the router of all routes.
///
/// # Errors
///
/// Returns an error if two routes conflict.
pub fn router(app: AppState, access: Access) -> Result<Router, RouteConflict> {
    let gateway = Gateway { app, access, paths: Arc::new(RouteTable::new()?) };
    Ok(Router::new().fallback(handle).with_state(gateway))
}

async fn handle(
    State(gateway): State<Gateway>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> http::Response<Body> {
    let (method, is_https) = (request.method().clone(), is_https(request.headers()));
    let response = respond_to(gateway, peer, request).await;
    to_http(&response.for_request(method.as_str(), is_https))
}

async fn respond_to(gateway: Gateway, peer: SocketAddr, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let dialect = gateway.app.settings().dialect;
    let matched = gateway.paths.find(parts.method.as_str(), parts.uri.path());
    let Some((route, parameters)) = matched else {
        return dialect.route_not_found(parts.uri.path());
    };
    if gateway.access == Access::ReadOnly && route.writes() {
        return Response::json(403, READ_ONLY.to_owned());
    }
    match tokio::time::timeout(TIMEOUT, read(body)).await {
        Err(_) => {
            Response::json(408, r#"{"error":"The request took too long to arrive."}"#.to_owned())
        }
        Ok(None) => {
            ApiError::BadRequest("The request body ended early.").into_response(dialect, "")
        }
        Ok(Some(body)) => {
            let request = as_converted(parts, body, peer).with_path_parameters(parameters);
            invoke(route, Call::new(gateway.app, with_route(request, route))).await
        }
    }
}

async fn invoke(route: &Route, call: Call) -> Response {
    let (response, record) = respond(&route.handler, call).await;
    tracing::info!("{record}");
    response
}

/// Reads the body. Returns `None` if it ends early.
///
/// A body over the limit is truncated, and still too large for every handler. The rest is read and
/// dropped, so that the client can finish sending and receive the response.
async fn read(mut body: Body) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let chunk = frame.ok()?.into_data().unwrap_or_default();
        if bytes.len() <= MAX_BODY {
            bytes.extend_from_slice(&chunk);
        }
    }
    Some(bytes)
}

/// Converts the request as `lambda_http` converts the event of an HTTP API.
fn as_converted(mut parts: Parts, body: Vec<u8>, peer: SocketAddr) -> lambda_http::Request {
    let headers = std::mem::take(&mut parts.headers);
    let values = headers.iter().map(|(name, value)| (name.clone(), as_text(value)));
    parts.headers = join_repeated(values);
    let body = match String::from_utf8(body) {
        Ok(text) if text.is_empty() => lambda_http::Body::Empty,
        Ok(text) => lambda_http::Body::Text(text),
        Err(bytes) => lambda_http::Body::Binary(bytes.into_bytes()),
    };
    let context = local_context(peer.ip().to_string(), request_id());
    lambda_http::Request::from_parts(parts, body).with_request_context(context)
}

/// Converts a value to valid UTF-8: an event in JSON contains nothing else.
fn as_text(value: &HeaderValue) -> HeaderValue {
    let text = String::from_utf8_lossy(value.as_bytes());
    HeaderValue::from_str(&text).unwrap_or_else(|_| value.clone())
}

fn with_route(mut request: lambda_http::Request, route: &Route) -> lambda_http::Request {
    let key = RouteKey(format!("{} {}", request.method(), route.path));
    request.extensions_mut().insert(key);
    request
}

fn request_id() -> String {
    shared::random::bytes::<12>().map(|bytes| BASE64_STANDARD.encode(bytes)).unwrap_or_default()
}

pub(crate) fn to_http(response: &Response) -> http::Response<Body> {
    let body = Body::from(response.bytes().to_vec());
    let mut converted = response.to_http(body).unwrap_or_else(|error| {
        tracing::error!(%error, "the response is not valid HTTP");
        http::Response::default()
    });
    let length = response.head_content_length().map(HeaderValue::from);
    converted.headers_mut().extend(length.map(|length| (CONTENT_LENGTH, length)));
    converted
}
