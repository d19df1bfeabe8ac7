//! The event of API Gateway's HTTP API, payload format 2.0, as far as it is read.
//!
//! Our own type, and texts where an HTTP library would have checked types: an odd header or query
//! must reach the handler's checks and not fail the invocation (`docs/adr/0004`).

use std::{borrow::Cow, collections::HashMap, fmt};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer};

/// One HTTP request. Its `Debug` shows the method alone: headers, cookies and body have secrets.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// The route that the gateway found, as `GET /api/user/{id}`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub route_key: String,
    /// The query as it was sent, without the question mark.
    #[serde(default, deserialize_with = "null_as_default")]
    pub raw_query_string: String,
    /// The cookies, each `name=value`.
    #[serde(default)]
    pub cookies: Option<Vec<String>>,
    /// The headers by lower-case name; values of the same name are joined by commas.
    #[serde(default, deserialize_with = "null_as_default")]
    pub headers: HashMap<String, String>,
    /// What the parts of the path in braces matched.
    #[serde(default)]
    pub path_parameters: Option<HashMap<String, String>>,
    /// What the gateway knows of the request.
    pub request_context: RequestContext,
    /// The body, as text or as Base64.
    #[serde(default)]
    pub body: Option<String>,
    /// Whether the body is Base64.
    #[serde(default)]
    pub is_base64_encoded: bool,
}

/// What the gateway knows of the request.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestContext {
    /// The method and where the request came from.
    pub http: HttpContext,
    /// The gateway's number for the request.
    #[serde(default, deserialize_with = "null_as_default")]
    pub request_id: String,
    /// The host that the gateway was called by, which is one of those that lead to it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub domain_name: String,
}

/// The method and where the request came from.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpContext {
    /// The method in upper case.
    pub method: String,
    /// The address of the client, as the gateway saw it; no header of the client's is believed.
    #[serde(default, deserialize_with = "null_as_default")]
    pub source_ip: String,
}

/// `cargo lambda watch` writes null for what API Gateway leaves empty.
fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Event({})", self.request_context.http.method)
    }
}

impl Event {
    /// The bytes of the body; `None` when it is not the Base64 that it claims to be.
    pub(super) fn body(&self) -> Option<Cow<'_, [u8]>> {
        match self.body.as_deref() {
            None => Some(Cow::default()),
            Some(text) if self.is_base64_encoded => {
                BASE64_STANDARD.decode(text).ok().map(Cow::Owned)
            }
            Some(text) => Some(Cow::Borrowed(text.as_bytes())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_least_that_a_gateway_sends() {
        let text = r#"{"version": "2.0", "requestContext": {"http": {"method": "GET"}}}"#;
        let event: Event = serde_json::from_str(text).unwrap();
        assert_eq!(event.request_context.http.method, "GET");
        assert_eq!(event.body().as_deref(), Some(&[][..]));
    }

    #[test]
    fn reads_null_for_what_is_empty() {
        let text = r#"{
            "rawQueryString": null, "cookies": null, "headers": null, "pathParameters": null,
            "routeKey": null, "body": null,
            "requestContext": { "requestId": null, "domainName": null, "http": { "method": "GET", "sourceIp": null } }
        }"#;
        let event: Event = serde_json::from_str(text).unwrap();
        assert_eq!(event.raw_query_string, "");
        assert!(event.headers.is_empty());
    }

    #[test]
    fn debug_is_silent() {
        let headers = [("x-metabase-session".to_owned(), "secret".to_owned())].into();
        let body = Some("secret".to_owned());
        let event = Event { headers, body, ..Event::default() };
        assert_eq!(format!("{event:?}"), "Event()");
    }

    #[test]
    fn decodes_base64_only_when_told() {
        let body = |body: &str, is_base64_encoded| {
            let event = Event { body: Some(body.into()), is_base64_encoded, ..Event::default() };
            event.body().map(Cow::into_owned)
        };
        assert_eq!(body("e30=", true), Some(b"{}".to_vec()));
        assert_eq!(body("e30=", false), Some(b"e30=".to_vec()));
        assert_eq!(body("{}", true), None);
    }
}
