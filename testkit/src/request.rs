//! A request on its way to the gateway, and what came back.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::LazyLock,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{
        self, HeaderMap,
        header::{CACHE_CONTROL, CONTENT_TYPE, SET_COOKIE},
    },
};
use functions::routes::Route;
use local::route_table::RouteTable;
use serde_json::Value;
use shared::http::Dialect;
use tower::ServiceExt;

use crate::{IamEnforcer, conformance, description, secret_leaks::SecretLeakDetector};

static PATHS: LazyLock<RouteTable> =
    LazyLock::new(|| RouteTable::new().expect("routes that can be told apart"));

/// A request to the service.
#[derive(Debug)]
#[must_use]
pub struct Request {
    router: Router,
    watch: SecretLeakDetector,
    dialect: Dialect,
    route: Option<&'static Route>,
    builder: http::request::Builder,
    body: Body,
    json: Value,
}

/// An answer of the service.
#[derive(Debug, Clone)]
pub struct TestResponse {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; null when there is none, and a text when it is a bare one.
    pub body: Value,
}

impl Request {
    pub(crate) fn new(
        router: Router,
        watch: SecretLeakDetector,
        dialect: Dialect,
        (method, path): (&str, &str),
    ) -> Self {
        let peer = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 40_000));
        let builder =
            http::Request::builder().method(method).uri(path).extension(ConnectInfo(peer));
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        watch.record_query(query);
        let route = PATHS.find(method, path).map(|(route, _)| route);
        Self { router, watch, dialect, route, builder, body: Body::empty(), json: Value::Null }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.watch.record_header(name, value);
        self.builder = self.builder.header(name, value);
        self
    }

    /// Comes with a session in the header.
    pub fn session(self, token: &str) -> Self {
        self.header("x-metabase-session", token)
    }

    /// Comes with a session in the cookie.
    pub fn cookie(self, token: &str) -> Self {
        self.header("cookie", &format!("a=b; metabase.SESSION={token}"))
    }

    /// Has JSON for a body.
    pub fn json(mut self, value: &Value) -> Self {
        self.watch.record_body(value);
        self.json = value.clone();
        self.header("content-type", "application/json").bytes(value.to_string())
    }

    /// Has any bytes for a body, without a content type.
    pub fn bytes(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends the request.
    pub async fn send(self) -> TestResponse {
        let request = self.builder.body(self.body).expect("a request as HTTP has them");
        let response = self.router.oneshot(request);
        let response = self.watch.observe(async {
            match self.route {
                Some(route) => IamEnforcer::as_function(route.function, response).await,
                None => response.await,
            }
        });
        let response = response.await;
        let response = response.expect("the gateway always answers");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body from memory");
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            let is_json = parts.headers[CONTENT_TYPE] == "application/json; charset=utf-8";
            let text = || String::from_utf8_lossy(&bytes).into();
            if is_json { serde_json::from_slice(&bytes).expect("JSON") } else { text() }
        };
        self.watch.record_body(&body);
        for (name, value) in &parts.headers {
            self.watch.record_header(name.as_str(), value.to_str().expect("a header is text"));
        }
        let answer = TestResponse { status: parts.status.as_u16(), headers: parts.headers, body };
        answer.check_cache_control(self.route);
        if let Some(route) = self.route {
            answer.check(self.dialect, route, &self.json);
        }
        answer
    }
}

impl TestResponse {
    /// Stops the test unless the answer is described, and the body that was taken, too.
    fn check(&self, dialect: Dialect, route: &Route, sent: &Value) {
        // On a laptop only, whatever is asked for.
        if self.status == 408 {
            return;
        }
        let (document, operation) =
            (description(dialect), conformance::operation(route.method, route.path));
        document.check(&operation, self);
        if self.status < 300 && !sent.is_null() {
            document.check_request(&operation, sent);
        }
    }

    /// Stops the test if the answer may be kept and is not the same for everybody.
    fn check_cache_control(&self, route: Option<&Route>) {
        let is_file = route.is_some_and(|route| ["docs", "openapi"].contains(&route.function));
        let kept = if is_file && self.status < 400 { "public, max-age=300" } else { "no-store" };
        assert_eq!(self.headers[CACHE_CONTROL], kept, "how long {} is kept", self.body);
    }

    /// Stops the test unless the status is `status`.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "the status alone is often what matters")]
    pub fn expect_status(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Status and body together, to be compared at once.
    #[must_use]
    pub fn status_and_body(self) -> (u16, Value) {
        (self.status, self.body)
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The cookie that the answer sets.
    #[must_use]
    pub fn cookie(&self) -> Option<&str> {
        self.headers.get(SET_COOKIE)?.to_str().ok()
    }
}
