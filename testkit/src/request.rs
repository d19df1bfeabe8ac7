//! A request to the local gateway and its response.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::LazyLock,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{
        self, HeaderMap,
        header::{
            CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
        },
    },
};
use functions::routes::Route;
use local::route_table::RouteTable;
use serde_json::Value;
use shared::http::Dialect;
use tower::ServiceExt;

use crate::{IamEnforcer, conformance, description, secret_leaks::SecretLeakDetector};

static ROUTE_TABLE: LazyLock<RouteTable> =
    LazyLock::new(|| RouteTable::new().expect("unambiguous routes"));

/// A request to the service.
#[derive(Debug)]
#[must_use]
pub struct Request {
    router: Router,
    leak_detector: SecretLeakDetector,
    dialect: Dialect,
    route: Option<&'static Route>,
    is_head: bool,
    builder: http::request::Builder,
    body: Body,
    json: Value,
}

/// A response of the service.
#[derive(Debug, Clone)]
pub struct TestResponse {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body: null if empty, a JSON string if it is plain text.
    pub body: Value,
}

impl Request {
    pub(crate) fn new(
        router: Router,
        leak_detector: SecretLeakDetector,
        dialect: Dialect,
        (method, path): (&str, &str),
    ) -> Self {
        let peer = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 40_000));
        let builder =
            http::Request::builder().method(method).uri(path).extension(ConnectInfo(peer));
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        leak_detector.record_query(query);
        let route = ROUTE_TABLE.find(method, path).map(|(route, _)| route);
        Self {
            router,
            leak_detector,
            dialect,
            route,
            is_head: method == "HEAD",
            builder,
            body: Body::empty(),
            json: Value::Null,
        }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.leak_detector.record_header(name, value);
        self.builder = self.builder.header(name, value);
        self
    }

    /// Adds a header of any bytes.
    pub fn header_bytes(mut self, name: &str, value: &[u8]) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    /// Sends the request from a client IP.
    pub fn from_ip(mut self, ip: impl Into<IpAddr>) -> Self {
        self.builder = self.builder.extension(ConnectInfo(SocketAddr::new(ip.into(), 40_000)));
        self
    }

    /// Sends a session in the header.
    pub fn session(self, token: &str) -> Self {
        self.header("x-metabase-session", token)
    }

    /// Sends a session in the cookie.
    pub fn cookie(self, token: &str) -> Self {
        self.header("cookie", &format!("a=b; metabase.SESSION={token}"))
    }

    /// Sets a JSON body.
    pub fn json(mut self, value: &Value) -> Self {
        self.leak_detector.record_body(value);
        self.json = value.clone();
        self.header("content-type", "application/json").bytes(value.to_string())
    }

    /// Sets a body without a content type.
    pub fn bytes(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends the request.
    pub async fn send(self) -> TestResponse {
        let request = self.builder.body(self.body).expect("a valid HTTP request");
        let response = self.router.oneshot(request);
        let response = self.leak_detector.observe(async {
            match self.route {
                Some(route) => IamEnforcer::as_function(route.function, response).await,
                None => response.await,
            }
        });
        let response = response.await;
        let response = response.expect("an infallible gateway");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body from memory");
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            let is_json = parts.headers[CONTENT_TYPE] == "application/json; charset=utf-8"
                && !parts.headers.contains_key(CONTENT_ENCODING);
            let text = || String::from_utf8_lossy(&bytes).into();
            if is_json { serde_json::from_slice(&bytes).expect("JSON") } else { text() }
        };
        self.leak_detector.record_body(&body);
        for (name, value) in &parts.headers {
            self.leak_detector.record_header(name.as_str(), value.to_str().expect("a text header"));
        }
        let response = TestResponse { status: parts.status.as_u16(), headers: parts.headers, body };
        response.check_cache_control(self.route);
        assert_eq!(response.headers[X_CONTENT_TYPE_OPTIONS], "nosniff", "{}", response.body);
        if let Some(route) = self.route {
            response.check(self.dialect, route, &self.json, self.is_head);
        }
        response
    }
}

impl TestResponse {
    /// Fails the test unless the response and the accepted body conform to the OpenAPI document.
    ///
    /// A response to HEAD has the headers of GET and no body.
    fn check(&self, dialect: Dialect, route: &Route, sent: &Value, is_head: bool) {
        // The local gateway returns 408 for any route. It is not documented, and neither are pages.
        if self.status == 408 || route.function == "pages" {
            return;
        }
        let (document, operation) =
            (description(dialect), conformance::operation(route.method, route.path));
        if !document.has(&operation) {
            assert_eq!(self.status, 404, "{operation} is not described");
            return;
        }
        if is_head {
            return document.check_head(&operation, self);
        }
        document.check(&operation, self);
        if self.status < 300 && !sent.is_null() {
            document.check_request(&operation, sent);
        }
    }

    /// Fails the test if a response other than a static file may be cached.
    fn check_cache_control(&self, route: Option<&Route>) {
        let expected = match route {
            Some(route) if self.status < 400 => match route.path {
                "/assets/{file}" => "public, max-age=31536000, immutable",
                _ if route.function == "pages" => "no-cache",
                _ if ["docs", "openapi"].contains(&route.function) => "public, max-age=300",
                _ => "no-store",
            },
            _ => "no-store",
        };
        assert_eq!(self.headers[CACHE_CONTROL], expected, "cache control of {}", self.body);
    }

    /// Fails the test unless the status is `status`. Returns the body.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "the status alone is often what matters")]
    pub fn expect_status(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Status and body, for a single comparison.
    #[must_use]
    pub fn status_and_body(self) -> (u16, Value) {
        (self.status, self.body)
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The first value of `Set-Cookie`: the session cookie.
    #[must_use]
    pub fn cookie(&self) -> Option<&str> {
        self.headers.get(SET_COOKIE)?.to_str().ok()
    }

    /// The cookie of the known device, as a client sends it.
    #[must_use]
    pub fn device_cookie(&self) -> Option<&str> {
        let values =
            self.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = values.filter_map(|value| value.split(';').next());
        pairs.find(|pair| pair.starts_with("metabase.DEVICE="))
    }
}
