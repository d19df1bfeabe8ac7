//! Facts about a request that depend on its front door.

use std::net::IpAddr;

use lambda_http::{
    Request, RequestExt,
    aws_lambda_events::apigw::ApiGatewayV2httpRequestContext,
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{COOKIE, Entry},
    },
    request::RequestContext,
};

use crate::auth::trusted_proxy::TrustedProxy;

/// The route of a request, for example `GET /api/user/{id}`. An extension of the request.
#[derive(Debug, Clone)]
pub struct RouteKey(pub String);

/// The parts of a request that could not be read. An extension of the request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unreadable {
    /// The reason why the event is not an HTTP request.
    pub event: Option<&'static str>,
    /// Whether the query is too long.
    pub query: bool,
    /// Whether the body is invalid Base64.
    pub body: bool,
}

/// Joins the values of repeated headers, as payload format 2.0 does.
#[must_use]
pub fn join_repeated(headers: impl Iterator<Item = (HeaderName, HeaderValue)>) -> HeaderMap {
    let mut joined = HeaderMap::new();
    for (name, value) in headers {
        let separator = if name == COOKIE { "; " } else { "," };
        match joined.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(value);
            }
            Entry::Occupied(mut entry) => {
                let values = [entry.get().as_bytes(), value.as_bytes()];
                if let Ok(value) = HeaderValue::from_bytes(&values.join(separator.as_bytes())) {
                    entry.insert(value);
                }
            }
        }
    }
    joined
}

/// Whether the client uses HTTPS: the first value of `X-Forwarded-Proto`, from the proxy next to
/// the client.
#[must_use]
pub fn is_https(headers: &HeaderMap) -> bool {
    let first = header(headers, "x-forwarded-proto").and_then(|field| field.split(',').next());
    first.is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case("https"))
}

/// The text of a header.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    std::str::from_utf8(headers.get(name)?.as_bytes()).ok()
}

/// The value of a header that must not be ignored: a text that is valid nowhere if it is not UTF-8.
pub(super) fn binding_header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    Some(std::str::from_utf8(headers.get(name)?.as_bytes()).unwrap_or("\u{fffd}"))
}

/// The ID of a request: the gateway's, the trace ID of a load balancer, or Lambda's.
pub(super) fn id(request: &Request) -> &str {
    let by_gateway = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.as_deref(),
        Some(RequestContext::ApiGatewayV1(context)) => context.request_id.as_deref(),
        Some(RequestContext::Alb(_)) => trace_id(request.headers()),
        _ => None,
    };
    let by_lambda = || request.lambda_context_ref().map(|context| context.request_id.as_str());
    by_gateway.or_else(by_lambda).unwrap_or_default()
}

/// The trace ID that a load balancer adds, from the member `Root` or `Self` of the header.
///
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html>
fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let members = header(headers, "x-amzn-trace-id")?.split(';');
    let mut pairs = members.filter_map(|member| member.split_once('='));
    let (_, id) = pairs.find(|(name, _)| matches!(*name, "Root" | "Self"))?;
    Some(id)
}

/// The client IP in its canonical form: as reported by the trusted proxy, or by the front door.
pub(super) fn client_ip(request: &Request, proxy: Option<&TrustedProxy>) -> String {
    let read = |name: &str| header(request.headers(), name);
    let reported = proxy.and_then(|proxy| proxy.client_ip(read));
    let source = source_ip(request);
    match reported.map_or_else(|| source.parse::<IpAddr>(), Ok) {
        Ok(ip) => ip.to_canonical().to_string(),
        Err(_) => source.to_owned(),
    }
}

/// The client IP as seen by the front door. No header of a client can change it.
fn source_ip(request: &Request) -> &str {
    let ip = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref(),
        Some(RequestContext::ApiGatewayV1(context)) => context.identity.source_ip.as_deref(),
        Some(RequestContext::Alb(_)) => forwarded_for(request.headers()),
        _ => None,
    };
    ip.unwrap_or_default()
}

/// The last entry of `X-Forwarded-For`, which the load balancer appended, without its port.
///
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html>
fn forwarded_for(headers: &HeaderMap) -> Option<&str> {
    let entry = header(headers, "x-forwarded-for")?.rsplit(',').next()?.trim();
    match entry.rsplit_once(':') {
        Some((ip, _)) if ip.ends_with(']') || !ip.contains(':') => {
            Some(ip.trim_start_matches('[').trim_end_matches(']'))
        }
        _ => Some(entry),
    }
}

/// The host name of the gateway. No header of a client can change it.
pub(super) fn domain_name(request: &Request) -> &str {
    let name = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.domain_name.as_deref(),
        Some(RequestContext::ApiGatewayV1(context)) => context.domain_name.as_deref(),
        _ => None,
    };
    name.unwrap_or_default()
}

/// Returns the context of a request that reached a local gateway.
#[must_use]
pub fn local_context(source_ip: String, request_id: String) -> RequestContext {
    let mut context = ApiGatewayV2httpRequestContext::default();
    context.http.source_ip = Some(source_ip);
    context.request_id = Some(request_id);
    RequestContext::ApiGatewayV2(context)
}
