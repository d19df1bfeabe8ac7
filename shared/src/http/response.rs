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
///
/// The response to HEAD is the same. The layers in front of the function remove the body, as HTTP
/// requires.
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

    /// The body as sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self.file {
            Some(file) if self.status == 200 => file.bytes,
            _ => self.body.as_bytes(),
        }
    }

    /// The headers except `Set-Cookie`.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, Cow<'static, str>)> {
        let etag = self.etag.clone().map(|etag| ("etag", etag.into()));
        let version = self.metabase_version.map(|version| ("x-metabase-version", version.into()));
        if let Some(file) = self.file {
            return file.headers().into_iter().chain(etag).chain(version).collect();
        }
        let has_body = !matches!(self.status, 204 | 304);
        let content_type = has_body.then_some(("content-type", self.content_type.into()));
        let retry_after =
            self.retry_after.map(|seconds| ("retry-after", seconds.to_string().into()));
        let replayed = self.is_replayed.then_some(("idempotency-replayed", "true".into()));
        let cache_control = Some(("cache-control", "no-store".into()));
        let headers = [content_type, cache_control, etag, version, replayed, retry_after];
        headers.into_iter().flatten().collect()
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
        assert_eq!(headers.get_all(SET_COOKIE).iter().collect::<Vec<_>>(), ["a=b", "c=d"]);
    }

    #[test]
    fn a_response_over_lambdas_limit_is_an_error() {
        let quotes = (MAX_ESCAPED_BYTES - 4) / 4;
        assert!(ok(&"\"".repeat(quotes)).is_ok());
        let error = ok(&"\"".repeat(quotes + 1)).unwrap_err();
        assert!(error.to_string().contains("pages"), "{error}");
    }

    #[test]
    fn debug_is_silent() {
        let response = Response::json(200, "secret".to_owned()).cookie("secret".to_owned());
        assert_eq!(format!("{response:?}"), "Response(200)");
    }

    #[test]
    fn no_content_has_no_content_type() {
        assert_eq!(no_content().headers(), [("cache-control", "no-store".into())]);
    }
}
