//! A local replacement for API Gateway. It finds the route of a request, converts the request to an
//! event, and converts the response of the handler to HTTP.

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{self, HeaderMap, header, request::Parts},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use functions::routes::Route;
use http_body_util::BodyExt;
use shared::{
    app::respond,
    http::{ApiError, AppState, Call, Event, HttpContext, RequestContext, Response},
};

use crate::route_table::{RouteConflict, RouteTable};

/// The maximum number of bytes kept of a body: the payload limit of Lambda.
const MAX_BODY: usize = 6 * 1024 * 1024;
/// The time limit for the arrival of a request body. API Gateway has the same.
const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
struct Gateway {
    app: AppState,
    paths: Arc<RouteTable>,
}

/// Creates the router of all routes.
///
/// # Errors
///
/// Returns an error if two routes conflict.
pub fn router(app: AppState) -> Result<Router, RouteConflict> {
    let gateway = Gateway { app, paths: Arc::new(RouteTable::new()?) };
    Ok(Router::new().fallback(handle).with_state(gateway))
}

async fn handle(
    State(gateway): State<Gateway>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> http::Response<Body> {
    let (parts, body) = request.into_parts();
    let dialect = gateway.app.settings().dialect;
    let matched = gateway.paths.find(parts.method.as_str(), parts.uri.path());
    let Some((route, parameters)) = matched else {
        return to_http(&dialect.route_not_found(parts.uri.path()));
    };
    let response = match tokio::time::timeout(TIMEOUT, read(body)).await {
        Err(_) => {
            Response::json(408, r#"{"error":"The request took too long to arrive."}"#.to_owned())
        }
        Ok(None) => {
            ApiError::BadRequest("The request body ended early.").into_response(dialect, "")
        }
        Ok(Some(body)) => {
            let route_key = format!("{} {}", route.method, route.path);
            let event = Event { route_key, ..event(&parts, parameters, peer, &body) };
            invoke(route, Call::new(gateway.app, event)).await
        }
    };
    to_http(&response)
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

fn event(
    parts: &Parts,
    parameters: HashMap<String, String>,
    peer: SocketAddr,
    body: &[u8],
) -> Event {
    let text = std::str::from_utf8(body).ok().map(str::to_owned);
    let is_base64_encoded = text.is_none();
    Event {
        raw_query_string: parts.uri.query().unwrap_or_default().to_owned(),
        cookies: Some(cookies(&parts.headers)),
        headers: headers(&parts.headers),
        path_parameters: Some(parameters),
        request_context: RequestContext {
            http: HttpContext {
                method: parts.method.to_string(),
                source_ip: peer.ip().to_string(),
            },
            request_id: request_id(),
            ..RequestContext::default()
        },
        body: text.or_else(|| Some(BASE64_STANDARD.encode(body))).filter(|body| !body.is_empty()),
        is_base64_encoded,
        ..Event::default()
    }
}

/// Joins the values of headers with the same name. Events contain cookies separately.
fn headers(headers: &HeaderMap) -> HashMap<String, String> {
    let mut joined: HashMap<String, String> = HashMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| *name != header::COOKIE) {
        let value = String::from_utf8_lossy(value.as_bytes());
        joined
            .entry(name.as_str().to_owned())
            .and_modify(|joined| *joined = format!("{joined},{value}"))
            .or_insert_with(|| value.into_owned());
    }
    joined
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(header::COOKIE).iter();
    let texts = lines.map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned());
    texts
        .flat_map(|text| text.split(';').map(|cookie| cookie.trim().to_owned()).collect::<Vec<_>>())
        .collect()
}

fn request_id() -> String {
    shared::random::bytes::<12>().map(|bytes| BASE64_STANDARD.encode(bytes)).unwrap_or_default()
}

fn to_http(response: &Response) -> http::Response<Body> {
    let mut builder = http::Response::builder().status(response.status);
    for (name, value) in response.headers() {
        builder = builder.header(name, value.as_ref());
    }
    for cookie in &response.cookies {
        builder = builder.header(header::SET_COOKIE, cookie);
    }
    builder.body(Body::from(response.bytes().to_vec())).unwrap_or_else(|error| {
        tracing::error!(%error, "the response is not valid HTTP");
        http::Response::default()
    })
}
