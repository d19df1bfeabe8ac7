//! The conversion of an event to a request.
//!
//! `lambda_http` panics on a query that is not part of a URI, on an unusual host name and on
//! invalid Base64. It rejects an event with a missing field. A client causes most of these
//! (`docs/adr/0025`). This module reads each field of an event, whatever its type. It fills the
//! event types of `lambda_http` with values that convert without failure. [`Rest`] adds the others
//! to the converted request.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use lambda_http::{
    Request, RequestExt,
    aws_lambda_events::{
        alb::AlbTargetGroupRequest,
        apigw::{ApiGatewayProxyRequest, ApiGatewayV2httpRequest},
        query_map::QueryMap,
    },
    http::{HeaderMap, HeaderName, HeaderValue, Method, header::COOKIE},
    request::{LambdaRequest, RequestContext},
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value};

use super::route::{self, RoutePattern, Selected};
use crate::http::{RouteKey, Unreadable, join_repeated};

/// The maximum length of a path in bytes. Encoding triples it, and `http::Uri` accepts 64 KiB.
const MAX_PATH: usize = 8 * 1024;
/// The maximum length of an encoded query in bytes.
const MAX_QUERY: usize = 32 * 1024;
/// The characters that no query of a URI contains.
const NOT_IN_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// An event that `lambda_http` converts without failure.
pub(super) struct SafeEvent {
    /// The event for `lambda_http`.
    pub(super) event: LambdaRequest,
    /// The values that it does not convert.
    pub(super) rest: Rest,
}

/// The values of an event that bypass `lambda_http`. `Debug` does not show the headers.
#[derive(Default)]
pub(super) struct Rest {
    headers: HeaderMap,
    domain_name: Option<String>,
    route: Option<Selected>,
    unreadable: Unreadable,
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rest({:?})", self.route)
    }
}

impl Rest {
    /// Adds the values to the converted request.
    pub(super) fn add_to(self, mut request: Request) -> Request {
        let Self { headers, domain_name, route, unreadable } = self;
        *request.headers_mut() = headers;
        let extensions = request.extensions_mut();
        extensions.insert(unreadable);
        match extensions.get_mut::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => context.domain_name = domain_name,
            Some(RequestContext::ApiGatewayV1(context)) => context.domain_name = domain_name,
            _ => {}
        }
        let Some(Selected { route, parameters }) = route else { return request };
        let key = route.key(request.method().as_str());
        request.extensions_mut().insert(RouteKey(key));
        request.with_path_parameters(parameters)
    }
}

/// The front doors. Each has its own format of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FrontDoor {
    /// An HTTP API or a function URL: payload format 2.0.
    HttpApi,
    /// A REST API: payload format 1.0.
    RestApi,
    /// An Application Load Balancer.
    LoadBalancer,
}

impl FrontDoor {
    /// Recognizes an event by the members that only its front door sends.
    fn of(event: &Fields, context: &Fields) -> Option<Self> {
        let has = |names: &[&str]| names.iter().any(|name| event.0.contains_key(*name));
        if context.0.contains_key("elb") {
            Some(Self::LoadBalancer)
        } else if context.0.contains_key("http") || has(&["rawPath", "rawQueryString", "routeKey"])
        {
            Some(Self::HttpApi)
        } else if has(&["httpMethod", "multiValueHeaders", "resource"]) {
            Some(Self::RestApi)
        } else {
            None
        }
    }
}

/// The members of a JSON object. A member of another type than expected counts as missing.
struct Fields(Map<String, Value>);

impl Fields {
    fn text(&mut self, name: &str) -> Option<String> {
        match self.0.get_mut(name).map(Value::take) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    fn object(&mut self, name: &str) -> Self {
        match self.0.get_mut(name).map(Value::take) {
            Some(Value::Object(object)) => Self(object),
            _ => Self(Map::new()),
        }
    }

    fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// The members with text values.
    fn into_texts(self) -> impl Iterator<Item = (String, String)> {
        self.0.into_iter().filter_map(|(name, value)| match value {
            Value::String(text) => Some((name, text)),
            _ => None,
        })
    }

    /// The members with their values: one text, or several in an array.
    fn into_lists(self) -> impl Iterator<Item = (String, Vec<String>)> {
        self.0.into_iter().map(|(name, value)| (name, texts(value)))
    }
}

/// The texts of a value: itself, or those of an array.
fn texts(value: Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.into_iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Reads an event, and selects one of the function's routes.
pub(super) fn read(payload: Value, routes: &[RoutePattern]) -> SafeEvent {
    let Value::Object(event) = payload else { return not_http("The event is not an object.") };
    let mut event = Fields(event);
    let mut context = event.object("requestContext");
    match FrontDoor::of(&event, &context) {
        Some(FrontDoor::HttpApi) => http_api(event, context, routes),
        Some(FrontDoor::RestApi) => rest_api(event, &mut context, routes),
        Some(FrontDoor::LoadBalancer) => load_balancer(event, routes),
        None => not_http("The event is not an HTTP request."),
    }
}

fn not_http(message: &'static str) -> SafeEvent {
    let unreadable = Unreadable { event: Some(message), ..Unreadable::default() };
    let rest = Rest { unreadable, ..Rest::default() };
    SafeEvent { event: LambdaRequest::ApiGatewayV2(ApiGatewayV2httpRequest::default()), rest }
}

/// Reads payload format 2.0.
fn http_api(mut event: Fields, mut context: Fields, routes: &[RoutePattern]) -> SafeEvent {
    let mut http = context.object("http");
    let mut rest = Rest::default();
    let mut request = ApiGatewayV2httpRequest::default();
    let method = method(http.text("method"), &mut rest);
    let stage = context.text("stage").unwrap_or_default();
    let path = event.text("rawPath").map(|path| normalized(path, &stage));
    let (key, parameters) = (event.text("routeKey"), event.object("pathParameters"));
    rest.route = select(routes, key.as_deref(), parameters, (&method, path.as_deref()));
    rest.domain_name = context.text("domainName");
    rest.headers = headers(&mut event);
    request.raw_query_string = event.text("rawQueryString").and_then(|query| {
        let query = utf8_percent_encode(&query, NOT_IN_QUERY).to_string();
        rest.unreadable.query = query.len() > MAX_QUERY;
        Some(query).filter(|_| !rest.unreadable.query)
    });
    request.raw_path = path;
    request.request_context.http.method = method;
    request.request_context.http.source_ip = http.text("sourceIp");
    request.request_context.request_id = context.text("requestId");
    (request.body, request.is_base64_encoded) = body(&mut event, &mut rest);
    SafeEvent { event: LambdaRequest::ApiGatewayV2(request), rest }
}

/// Reads payload format 1.0.
fn rest_api(mut event: Fields, context: &mut Fields, routes: &[RoutePattern]) -> SafeEvent {
    let mut rest = Rest::default();
    let mut request = ApiGatewayProxyRequest::default();
    let method = method(event.text("httpMethod"), &mut rest);
    let path = event.text("path").map(|path| normalized(path, ""));
    let key = event.text("resource").map(|resource| format!("{method} {resource}"));
    let parameters = event.object("pathParameters");
    rest.route = select(routes, key.as_deref(), parameters, (&method, path.as_deref()));
    rest.domain_name = context.text("domainName");
    rest.headers = headers(&mut event);
    request.multi_value_query_string_parameters = query(&mut event, &mut rest);
    request.path = path;
    request.http_method = method;
    request.request_context.identity.source_ip = context.object("identity").text("sourceIp");
    request.request_context.request_id = context.text("requestId");
    (request.body, request.is_base64_encoded) = body(&mut event, &mut rest);
    SafeEvent { event: LambdaRequest::ApiGatewayV1(request), rest }
}

/// Reads the event of an Application Load Balancer.
fn load_balancer(mut event: Fields, routes: &[RoutePattern]) -> SafeEvent {
    let mut rest = Rest::default();
    let mut request = AlbTargetGroupRequest::default();
    let method = method(event.text("httpMethod"), &mut rest);
    let path = event.text("path").map(|path| normalized(path, ""));
    rest.route = path.as_deref().and_then(|path| route::by_path(routes, method.as_str(), path));
    rest.headers = headers(&mut event);
    request.multi_value_query_string_parameters = query(&mut event, &mut rest);
    request.path = path;
    request.http_method = method;
    (request.body, request.is_base64_encoded) = body(&mut event, &mut rest);
    SafeEvent { event: LambdaRequest::Alb(request), rest }
}

/// Selects the route that the gateway names, or else the route of the path.
///
/// An event with neither belongs to the first route of its function.
fn select(
    routes: &[RoutePattern],
    key: Option<&str>,
    parameters: Fields,
    (method, path): (&Method, Option<&str>),
) -> Option<Selected> {
    let parameters: HashMap<_, _> = parameters.into_texts().collect();
    let named = key.and_then(|key| route::by_key(routes, key));
    let is_complete =
        named.is_some_and(|route| !parameters.is_empty() || !route.path.contains('{'));
    let by_path = path.filter(|_| !is_complete);
    let by_path = by_path.and_then(|path| route::by_path(routes, method.as_str(), path));
    let first = match (routes, path, key) {
        ([route, ..], None, None) => Some(*route),
        _ => None,
    };
    match by_path {
        Some(selected) => Some(selected),
        None => named.or(first).map(|route| Selected { route, parameters }),
    }
}

/// Parses the method. An event without one is not an HTTP request.
fn method(text: Option<String>, rest: &mut Rest) -> Method {
    let method = text.and_then(|text| Method::from_bytes(text.as_bytes()).ok());
    method.unwrap_or_else(|| {
        rest.unreadable.event = Some("The event has no valid method.");
        Method::default()
    })
}

/// Returns a path without the stage. It begins with a slash.
fn normalized(mut path: String, stage: &str) -> String {
    if path.len() > MAX_PATH {
        path.clear();
    }
    if !stage.is_empty() && stage != "$default" {
        let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(stage));
        path = rest.filter(|rest| rest.starts_with('/')).map(str::to_owned).unwrap_or(path);
    }
    if !path.starts_with('/') {
        path.insert(0, '/');
    }
    path
}

/// Reads headers and cookies.
///
/// The headers with several values contain those with one, if the front door sends them.
fn headers(event: &mut Fields) -> HeaderMap {
    let mut lists = by_lower_case(event.object("multiValueHeaders"));
    for (name, values) in by_lower_case(event.object("headers")) {
        lists.entry(name).or_insert(values);
    }
    let cookies = event.0.remove("cookies").map(texts).unwrap_or_default();
    let cookies = cookies.iter().map(|cookie| (COOKIE, header_value(cookie)));
    let headers = lists.into_iter().filter_map(|(name, values)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some(values.into_iter().map(move |value| (name.clone(), header_value(&value))))
    });
    join_repeated(headers.flatten().chain(cookies))
}

/// The values of headers by their names in lower case. Front doors send names in any case.
fn by_lower_case(headers: Fields) -> BTreeMap<String, Vec<String>> {
    let mut lists: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (name, values) in headers.into_lists().filter(|(_, values)| !values.is_empty()) {
        lists.entry(name.to_ascii_lowercase()).or_default().extend(values);
    }
    lists
}

/// Converts a value. A control character, which no header contains, becomes a question mark.
fn header_value(text: &str) -> HeaderValue {
    let text = text.replace(|c: char| c.is_ascii_control() && c != '\t', "?");
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("?"))
}

/// Reads the query of payload format 1.0 or a load balancer.
fn query(event: &mut Fields, rest: &mut Rest) -> QueryMap {
    let several = event.object("multiValueQueryStringParameters");
    let single = event.object("queryStringParameters");
    let parameters = if several.0.is_empty() { single } else { several };
    // `QueryMap` panics on a name without values.
    let parameters = parameters.into_lists().filter(|(_, values)| !values.is_empty());
    let parameters: HashMap<String, Vec<String>> = parameters.collect();
    let names_and_values = parameters.iter().flat_map(|(name, values)| {
        values.iter().map(move |value| 3 * (name.len() + value.len()) + 2)
    });
    rest.unreadable.query = names_and_values.sum::<usize>() > MAX_QUERY;
    if rest.unreadable.query { QueryMap::default() } else { parameters.into() }
}

/// Reads the body, and whether it is Base64.
fn body(event: &mut Fields, rest: &mut Rest) -> (Option<String>, bool) {
    let text = event.text("body");
    if !event.flag("isBase64Encoded") {
        return (text, false);
    }
    let is_valid = text.as_ref().is_none_or(|text| BASE64_STANDARD.decode(text).is_ok());
    rest.unreadable.body = !is_valid;
    (text.filter(|_| is_valid), is_valid)
}

#[cfg(test)]
mod tests;
