//! Responses of handlers, and their conversion for `lambda_http`.

use std::{borrow::Cow, fmt, future::ready, pin::Pin};

use lambda_http::{
    Body, IntoResponse,
    http::{self, header::SET_COOKIE},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{ApiError, ApiResult, Call, StaticFile, etag};
use crate::domain::{StoredResponse, User};

const JSON: &str = "application/json; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// The headers that carry credentials, as challenges (RFC 9110, section 11.6.1).
const CHALLENGE: &str = "Session header=\"X-Metabase-Session\", cookie=\"metabase.SESSION\", \
    ApiKey header=\"X-Api-Key\"";
/// The data that a browser deletes after a logout.
const SITE_DATA: &str = "\"cache\", \"storage\"";
/// A year of HTTPS only.
const TRANSPORT: &str = "max-age=31536000; includeSubDomains";

/// The maximum length of a body as a JSON string. Lambda accepts 6 MiB including the headers.
const MAX_ESCAPED_BYTES: usize = 6 * 1024 * 1024 - 4096;
/// The error message for a response over Lambda's limit.
pub const RESPONSE_TOO_LARGE: &str =
    "The response would be too large. Request it in pages, with limit and cursor.";

/// An HTTP response. `Debug` shows only the status, because body and cookies may contain a session.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// JSON or plain text; empty for 204, for 304 and for a static file.
    pub body: String,
    /// The values of the `Set-Cookie` headers.
    pub cookies: Vec<String>,
    etag: Option<String>,
    is_replayed: bool,
    retry_after: Option<i64>,
    metabase_version: Option<&'static str>,
    content_type: &'static str,
    file: Option<&'static StaticFile>,
    clears_site_data: bool,
    is_head: bool,
    is_https: bool,
}

/// The length of JSON as a string within JSON, the form in which Lambda passes it to the gateway.
fn escaped_len(json: &str) -> usize {
    json.len() + json.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

/// The number of items of this size in the largest response, with a comma after each.
#[cfg(test)]
pub(super) fn max_items_in_response(json: &str) -> usize {
    MAX_ESCAPED_BYTES / (escaped_len(json) + 1)
}

/// Returns 200 with a value as JSON.
///
/// # Errors
///
/// Returns 400 if the response exceeds Lambda's limit. Serialization of the response types cannot
/// fail.
pub fn ok(value: &impl Serialize) -> ApiResult {
    let body = serde_json::to_string(value).map_err(|error| ApiError::Internal(error.into()))?;
    if escaped_len(&body) > MAX_ESCAPED_BYTES {
        return Err(ApiError::BadRequest(RESPONSE_TOO_LARGE));
    }
    Ok(Response::json(200, body))
}

/// Returns 200 with a value that shows a user, and the entity tag of both.
///
/// # Errors
///
/// Returns the errors of [`ok`].
pub(super) fn user(user: &User, value: &impl Serialize) -> ApiResult {
    let response = ok(value)?;
    let etag = Some(etag::of(user.version(), &response.body));
    Ok(Response { etag, ..response })
}

/// Returns 200 with `{"success": true}`.
#[must_use]
pub fn success() -> Response {
    Response::json(200, r#"{"success":true}"#.to_owned())
}

/// Confirmation of a successful request.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Success {
    /// Always true.
    #[schemars(extend("const" = true))]
    success: bool,
}

/// Returns 204.
#[must_use]
pub const fn no_content() -> Response {
    Response::json(204, String::new())
}

/// Returns a static file, or 304 if the client already has it.
#[must_use]
pub fn static_file(call: &Call, file: &'static StaticFile) -> Response {
    let etag = file.etag();
    let status = if call.is_not_modified(&etag) { 304 } else { 200 };
    Response { etag: Some(etag), file: Some(file), ..Response::json(status, String::new()) }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({})", self.status)
    }
}

impl Response {
    /// Creates a response with a JSON body.
    #[must_use]
    pub const fn json(status: u16, body: String) -> Self {
        Self {
            status,
            body,
            cookies: Vec::new(),
            etag: None,
            is_replayed: false,
            retry_after: None,
            metabase_version: None,
            content_type: JSON,
            file: None,
            clears_site_data: false,
            is_head: false,
            is_https: false,
        }
    }

    /// Creates a response with a plain text body.
    #[must_use]
    pub fn text(status: u16, body: String) -> Self {
        Self { content_type: TEXT, ..Self::json(status, body) }
    }

    /// Adds a cookie.
    #[must_use]
    pub fn cookie(mut self, cookie: String) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// Adds cookies.
    #[must_use]
    pub fn cookies(self, cookies: impl IntoIterator<Item = String>) -> Self {
        cookies.into_iter().fold(self, Self::cookie)
    }

    /// Restores the stored response of an earlier request.
    pub(super) fn replayed(stored: StoredResponse) -> Self {
        let StoredResponse { status, body, etag } = stored;
        Self { etag, is_replayed: true, ..Self::json(status, body) }
    }

    /// The entity tag.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.etag.as_deref()
    }

    /// Turns the response into a 304 without a body.
    pub(super) fn not_modified(self) -> Self {
        Self { status: 304, body: String::new(), ..self }
    }

    /// Adds the Metabase version of the API.
    pub(super) const fn metabase_version(mut self, version: &'static str) -> Self {
        self.metabase_version = Some(version);
        self
    }

    pub(super) const fn retry_after(mut self, seconds: Option<i64>) -> Self {
        self.retry_after = seconds;
        self
    }

    /// Tells a browser to delete the cookies and the stored data of this site.
    pub(super) fn clear_site_data(self) -> Self {
        Self { clears_site_data: true, ..self }
    }

    /// Adapts the response to its request. HEAD has no body (RFC 9110, section 9.3.2), and only
    /// HTTPS has `Strict-Transport-Security` (RFC 6797, section 7.2).
    #[must_use]
    pub fn for_request(self, method: &str, is_https: bool) -> Self {
        Self { is_head: method == "HEAD", is_https, ..self }
    }

    /// The body as sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        if self.is_head { &[] } else { self.content() }
    }

    /// The length of the content for a response to HEAD.
    #[must_use]
    pub fn head_content_length(&self) -> Option<usize> {
        (self.is_head && self.has_content()).then(|| self.content().len())
    }

    /// The body of the response to GET.
    fn content(&self) -> &[u8] {
        match self.file {
            Some(file) if self.status == 200 => file.bytes,
            _ => self.body.as_bytes(),
        }
    }

    const fn has_content(&self) -> bool {
        !matches!(self.status, 204 | 304)
    }

    /// The headers except `Set-Cookie`.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, Cow<'static, str>)> {
        let etag = self.etag.clone().map(|etag| ("etag", etag.into()));
        let version = self.metabase_version.map(|version| ("x-metabase-version", version.into()));
        let transport = self.is_https.then_some(("strict-transport-security", TRANSPORT.into()));
        if let Some(file) = self.file {
            let general = etag.into_iter().chain(version).chain(transport);
            return file.headers().into_iter().chain(general).collect();
        }
        let content_type = self.has_content().then_some(("content-type", self.content_type.into()));
        let retry_after =
            self.retry_after.map(|seconds| ("retry-after", seconds.to_string().into()));
        let replayed = self.is_replayed.then_some(("idempotency-replayed", "true".into()));
        let challenge = (self.status == 401).then_some(("www-authenticate", CHALLENGE.into()));
        let clear = self.clears_site_data.then_some(("clear-site-data", SITE_DATA.into()));
        let cache_control = Some(("cache-control", "no-store".into()));
        let no_sniff = Some(("x-content-type-options", "nosniff".into()));
        let general = [content_type, cache_control, no_sniff, transport, version];
        let special = [etag, replayed, retry_after, challenge, clear];
        general.into_iter().chain(special).flatten().collect()
    }
}

impl Response {
    /// Converts the response to HTTP, with a body of any type.
    ///
    /// # Errors
    ///
    /// Returns an error if a header has an invalid value. Handlers create valid values only.
    pub fn to_http<B>(&self, body: B) -> http::Result<http::Response<B>> {
        let mut builder = http::Response::builder().status(self.status);
        for (name, value) in self.headers() {
            builder = builder.header(name, value.as_ref());
        }
        for cookie in &self.cookies {
            builder = builder.header(SET_COOKIE, cookie);
        }
        builder.body(body)
    }
}

impl IntoResponse for Response {
    fn into_response(self) -> Pin<Box<dyn Future<Output = http::Response<Body>> + Send>> {
        // A front door receives text as text, and other bytes as Base64.
        let body = match std::str::from_utf8(self.bytes()) {
            Ok("") => Body::Empty,
            Ok(text) => Body::from(text),
            Err(_) => Body::from(self.bytes()),
        };
        let response = self.to_http(body).unwrap_or_else(|error| {
            tracing::error!(%error, "the response is not valid HTTP");
            let mut response = http::Response::new(Body::Empty);
            *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
            response
        });
        Box::pin(ready(response))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn becomes_http_with_all_headers_and_cookies() {
        let response = Response::json(200, "[]".to_owned()).cookie("a=b".to_owned());
        let response = response.cookie("c=d".to_owned()).into_response().await;
        assert_eq!((response.status().as_u16(), &response.body()[..]), (200, &b"[]"[..]));
        let headers = response.headers();
        assert_eq!(headers["content-type"], "application/json; charset=utf-8");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert!(!headers.contains_key("strict-transport-security"));
        assert_eq!(headers.get_all(SET_COOKIE).iter().collect::<Vec<_>>(), ["a=b", "c=d"]);
    }

    #[test]
    fn a_response_over_lambdas_limit_is_an_error() {
        let quotes = (MAX_ESCAPED_BYTES - 4) / 4;
        assert!(ok(&"\"".repeat(quotes)).is_ok());
        let error = ok(&"\"".repeat(quotes + 1)).unwrap_err();
        assert!(error.to_string().contains("pages"), "{error}");
    }

    #[tokio::test]
    async fn head_has_the_headers_of_get_without_a_body() {
        let get = Response::json(200, "[1]".to_owned()).for_request("GET", true);
        let head = get.clone().for_request("HEAD", true);
        assert_eq!((get.bytes(), get.head_content_length()), (&b"[1]"[..], None));
        assert_eq!((head.bytes(), head.head_content_length()), (&b""[..], Some(3)));
        let [get, head] = [get.into_response().await, head.into_response().await];
        assert_eq!((get.status(), get.headers()), (head.status(), head.headers()));
        assert!(head.body().is_empty());
        assert_eq!(no_content().for_request("HEAD", false).head_content_length(), None);
    }

    #[test]
    fn debug_is_silent() {
        let response = Response::json(200, "secret".to_owned()).cookie("secret".to_owned());
        assert_eq!(format!("{response:?}"), "Response(200)");
    }

    #[test]
    fn no_content_has_no_content_type() {
        let expected =
            [("cache-control", "no-store".into()), ("x-content-type-options", "nosniff".into())];
        assert_eq!(no_content().headers(), expected);
    }
}
