//! The event of API Gateway's HTTP API, payload format 2.0.
//!
//! The type contains the fields that handlers need, as text. An unusual header or query must reach
//! the checks of the handler and not fail the invocation (`docs/adr/0004`).

use std::{borrow::Cow, collections::HashMap, fmt};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer};

/// An HTTP request. `Debug` shows only the method, because headers, cookies and body contain
/// secrets.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// The route selected by the gateway, for example `GET /api/user/{id}`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub route_key: String,
    /// The query as sent, without the question mark.
    #[serde(default, deserialize_with = "null_as_default")]
    pub raw_query_string: String,
    /// The cookies, each `name=value`.
    #[serde(default)]
    pub cookies: Option<Vec<String>>,
    /// The headers by lowercase name. Commas join the values of a repeated header.
    #[serde(default, deserialize_with = "null_as_default")]
    pub headers: HashMap<String, String>,
    /// The values of the path parameters.
    #[serde(default)]
    pub path_parameters: Option<HashMap<String, String>>,
    /// The gateway's information about the request.
    pub request_context: RequestContext,
    /// The body, as text or as Base64.
    #[serde(default)]
    pub body: Option<String>,
    /// Whether the body is Base64.
    #[serde(default)]
    pub is_base64_encoded: bool,
}

/// The gateway's information about the request.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestContext {
    /// The method and the client IP.
    pub http: HttpContext,
    /// The gateway's ID of the request.
    #[serde(default, deserialize_with = "null_as_default")]
    pub request_id: String,
    /// The host name of the request, one of the gateway's own host names.
    #[serde(default, deserialize_with = "null_as_default")]
    pub domain_name: String,
}

/// The method and the client IP.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpContext {
    /// The method in upper case.
    pub method: String,
    /// The client IP as seen by the gateway. No header can change it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub source_ip: String,
}

/// Reads null as the default: `cargo lambda watch` sends null for empty fields.
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
    /// The bytes of the body, or `None` if they are not valid Base64.
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
    fn reads_a_minimal_event() {
        let text = r#"{"version": "2.0", "requestContext": {"http": {"method": "GET"}}}"#;
        let event: Event = serde_json::from_str(text).unwrap();
        assert_eq!(event.request_context.http.method, "GET");
        assert_eq!(event.body().as_deref(), Some(&[][..]));
    }

    #[test]
    fn reads_null_as_empty() {
        let text = r#"{
            "rawQueryString": null, "cookies": null, "headers": null, "pathParameters": null,
            "routeKey": null, "body": null,
            "requestContext": {
                "requestId": null, "domainName": null,
                "http": { "method": "GET", "sourceIp": null }
            }
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
    fn decodes_base64_only_with_the_flag() {
        let body = |body: &str, is_base64_encoded| {
            let event = Event { body: Some(body.into()), is_base64_encoded, ..Event::default() };
            event.body().map(Cow::into_owned)
        };
        assert_eq!(body("e30=", true), Some(b"{}".to_vec()));
        assert_eq!(body("e30=", false), Some(b"e30=".to_vec()));
        assert_eq!(body("{}", true), None);
    }
}
