//! Answers, as API Gateway's HTTP API takes them from a function (payload format 2.0).

use std::{borrow::Cow, collections::BTreeMap, fmt};

use base64::{Engine, prelude::BASE64_STANDARD};
use schemars::JsonSchema;
use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::{ApiError, ApiResult, Call, StaticFile, etag};
use crate::domain::{StoredResponse, User};

const JSON: &str = "application/json; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// The longest body, as a text within JSON: Lambda takes 6 MiB, headers and all.
const MAX_QUOTED: usize = 6 * 1024 * 1024 - 4096;
/// What a client is told of an answer that is longer.
pub const RESPONSE_TOO_LARGE: &str =
    "The answer would be too long. Ask for it in pages, with limit and cursor.";

/// One HTTP answer. Its `Debug` shows the status alone: body and cookies may have a session.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// JSON, a text, or nothing for 204 and 304.
    pub body: String,
    /// Values of `Set-Cookie`.
    pub cookies: Vec<String>,
    etag: Option<String>,
    is_replayed: bool,
    retry_after: Option<i64>,
    content_type: &'static str,
    file: Option<&'static StaticFile>,
}

/// The bytes that JSON takes as a text within JSON, as Lambda hands it to the gateway.
fn quoted(json: &str) -> usize {
    json.len() + json.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

/// How many such items, with a comma after each, an answer has room for.
#[cfg(test)]
pub(super) fn max_items_in_response(json: &str) -> usize {
    MAX_QUOTED / (quoted(json) + 1)
}

/// 200 with a value.
///
/// # Errors
///
/// [`ApiError::BadRequest`] when the answer is longer than Lambda takes. That a value cannot be written as
/// JSON none of ours can fail at.
pub fn ok(value: &impl Serialize) -> ApiResult {
    let body = serde_json::to_string(value).map_err(|error| ApiError::Internal(error.into()))?;
    if quoted(&body) > MAX_QUOTED {
        return Err(ApiError::BadRequest(RESPONSE_TOO_LARGE));
    }
    Ok(Response::json(200, body))
}

/// 200 with a value that shows an account, and the tag of both.
///
/// # Errors
///
/// As [`ok`].
pub(super) fn user(user: &User, value: &impl Serialize) -> ApiResult {
    let reply = ok(value)?;
    let etag = Some(etag::of(user.version(), &reply.body));
    Ok(Response { etag, ..reply })
}

/// 200 with `{"success": true}`.
#[must_use]
pub fn success() -> Response {
    Response::json(200, r#"{"success":true}"#.to_owned())
}

/// The body of a successful request without a result.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Success {
    /// Always true.
    #[schemars(extend("const" = true))]
    success: bool,
}

/// 204.
#[must_use]
pub const fn no_content() -> Response {
    Response::json(204, String::new())
}

/// A file, or 304 for whoever has it already.
///
/// HEAD is answered like GET; what is between here and the client leaves the body out, as HTTP wants.
#[must_use]
pub fn static_file(call: &Call, file: &'static StaticFile) -> Response {
    let tag = file.etag();
    let status = if call.is_not_modified(&tag) { 304 } else { 200 };
    Response { etag: Some(tag), file: Some(file), ..Response::json(status, String::new()) }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({})", self.status)
    }
}

impl Response {
    /// An answer with a body that is JSON already.
    #[must_use]
    pub const fn json(status: u16, body: String) -> Self {
        Self {
            status,
            body,
            cookies: Vec::new(),
            etag: None,
            is_replayed: false,
            retry_after: None,
            content_type: JSON,
            file: None,
        }
    }

    /// An answer with a bare text.
    #[must_use]
    pub fn text(status: u16, body: String) -> Self {
        Self { content_type: TEXT, ..Self::json(status, body) }
    }

    /// The same answer with a cookie.
    #[must_use]
    pub fn cookie(mut self, cookie: String) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// An answer that was given before.
    pub(super) fn replayed(kept: StoredResponse) -> Self {
        let StoredResponse { status, body, etag } = kept;
        Self { etag, is_replayed: true, ..Self::json(status, body) }
    }

    /// The entity tag.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.etag.as_deref()
    }

    /// What is told of an answer that the client has already.
    pub(super) fn not_modified(self) -> Self {
        Self { status: 304, body: String::new(), ..self }
    }

    pub(super) const fn retry_after(mut self, seconds: Option<i64>) -> Self {
        self.retry_after = seconds;
        self
    }

    /// The body as it is sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self.file {
            Some(file) if self.status == 200 => file.bytes,
            _ => self.body.as_bytes(),
        }
    }

    /// The headers but for cookies.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, Cow<'static, str>)> {
        let etag = self.etag.clone().map(|etag| ("etag", etag.into()));
        if let Some(file) = self.file {
            return file.headers().into_iter().chain(etag).collect();
        }
        let has_body = !matches!(self.status, 204 | 304);
        let content_type = has_body.then_some(("content-type", self.content_type.into()));
        let retry = self.retry_after.map(|seconds| ("retry-after", seconds.to_string().into()));
        let replayed = self.is_replayed.then_some(("idempotency-replayed", "true".into()));
        let cache_control = Some(("cache-control", "no-store".into()));
        [content_type, cache_control, etag, replayed, retry].into_iter().flatten().collect()
    }
}

impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let headers: BTreeMap<_, _> = self.headers().into_iter().collect();
        let text = std::str::from_utf8(self.bytes()).map(Cow::Borrowed);
        let is_binary = text.is_err();
        let body = text.unwrap_or_else(|_| BASE64_STANDARD.encode(self.bytes()).into());
        let mut reply = serializer.serialize_struct("Reply", 5)?;
        reply.serialize_field("statusCode", &self.status)?;
        reply.serialize_field("headers", &headers)?;
        reply.serialize_field("cookies", &self.cookies)?;
        reply.serialize_field("body", &body)?;
        reply.serialize_field("isBase64Encoded", &is_binary)?;
        reply.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn is_what_the_gateway_takes() {
        let reply = Response::json(200, "[]".to_owned()).cookie("a=b".to_owned());
        assert_eq!(
            serde_json::to_value(&reply).unwrap(),
            json!({
                "statusCode": 200,
                "headers": {
                    "content-type": "application/json; charset=utf-8",
                    "cache-control": "no-store",
                },
                "cookies": ["a=b"],
                "body": "[]",
                "isBase64Encoded": false,
            })
        );
    }

    #[test]
    fn what_lambda_would_not_take_is_refused() {
        let quotes = (MAX_QUOTED - 4) / 4;
        assert!(ok(&"\"".repeat(quotes)).is_ok());
        let error = ok(&"\"".repeat(quotes + 1)).unwrap_err();
        assert!(error.to_string().contains("pages"), "{error}");
    }

    #[test]
    fn debug_is_silent() {
        let reply = Response::json(200, "secret".to_owned()).cookie("secret".to_owned());
        assert_eq!(format!("{reply:?}"), "Reply(200)");
    }

    #[test]
    fn no_content_has_no_type() {
        assert_eq!(no_content().headers(), [("cache-control", "no-store".into())]);
    }
}
