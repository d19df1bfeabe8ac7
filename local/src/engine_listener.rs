//! The embedded engine over HTTP, for other programs on this machine.

use std::{io, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Response, StatusCode, Uri, header},
    middleware::from_fn,
    routing::get,
};
use dynoxide::{
    DynoxideError,
    auth_material::{self, AuthMaterial},
};
use tokio::net::TcpListener;

use crate::{
    engine::EngineHandles,
    hosts::{AllowedHosts, refuse_other_origins},
    operations::{TARGET, run_for_tools},
};

/// The maximum size of a request to DynamoDB.
const MAX_BODY: usize = 16 * 1024 * 1024;
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// Serves programs until this process ends. Web pages are refused: by their `Origin`, and by their
/// `Host` if their domain resolves to this machine.
pub(crate) fn serve(
    engine: Arc<EngineHandles>,
    listener: TcpListener,
    hosts: AllowedHosts,
) -> io::Result<SocketAddr> {
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/", get(health).post(run))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn(refuse_other_origins))
        .with_state(engine);
    let router = hosts.protect(router);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn health() -> &'static str {
    "healthy"
}

async fn run(
    State(engine): State<Arc<EngineHandles>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let content_type = text("content-type").unwrap_or_default();
    if !content_type.starts_with(CONTENT_TYPE) && !content_type.starts_with("application/json") {
        return response(StatusCode::UNSUPPORTED_MEDIA_TYPE, Vec::new());
    }
    // The engine checks no signatures, but like DynamoDB, it refuses requests without one.
    let unsigned = auth_material::validate(AuthMaterial {
        authorization: text("authorization"),
        query: uri.query().unwrap_or_default(),
        has_date_header: headers.contains_key("x-amz-date") || headers.contains_key(header::DATE),
    });
    if let Some(error) = unsigned {
        return response(StatusCode::BAD_REQUEST, error.into_bytes());
    }
    let target = text("x-amz-target").unwrap_or_default();
    match run_for_tools(&engine.writer, target.strip_prefix(TARGET).unwrap_or_default(), &body) {
        Ok(body) => response(StatusCode::OK, body),
        Err(error) => failure(&error),
    }
}

fn failure(error: &DynoxideError) -> Response<Body> {
    let status = StatusCode::from_u16(error.status_code());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response(status, error.to_json().into_bytes())
}

fn response(status: StatusCode, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let content_type = header::HeaderValue::from_static(CONTENT_TYPE);
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}
