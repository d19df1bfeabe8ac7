//! The body of a request.

use serde_json::Value;

use super::Call;
use crate::http::{ApiError, Fields, FromFields, strict_json};

/// The maximum size of a body in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

impl Call {
    /// Decodes the body.
    ///
    /// # Errors
    ///
    /// Returns 413 if the body is too large. Returns 415 if it has a content coding, or if its
    /// content type is not JSON. Returns 400 if it is not a JSON object, and 400 with a message for
    /// each invalid field.
    pub fn body<T: FromFields>(&self) -> Result<T, ApiError> {
        if self.unreadable().body {
            return Err(ApiError::BadRequest(strict_json::MALFORMED_JSON));
        }
        let bytes = self.request.body().as_ref();
        if bytes.len() > MAX_BODY_BYTES {
            return Err(ApiError::PayloadTooLarge);
        }
        if self.header("content-encoding").is_some_and(is_encoded) {
            return Err(ApiError::UnsupportedContentEncoding);
        }
        if !self.header("content-type").is_none_or(is_json) {
            return Err(ApiError::UnsupportedMediaType);
        }
        match strict_json::parse(bytes).map_err(ApiError::BadRequest)? {
            Value::Object(object) => Fields::read(object, self.settings()),
            _ => Err(ApiError::BadRequest("The request body must be a JSON object.")),
        }
    }
}

/// Whether a `Content-Encoding` names a coding.
fn is_encoded(field: &str) -> bool {
    let mut codings = field.split(',').map(str::trim);
    codings.any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
}

/// Whether a `Content-Type` is JSON. Each value of a repeated header must be.
fn is_json(field: &str) -> bool {
    let mut is_quoted = false;
    let mut types = field.split(|character| {
        is_quoted ^= character == '"';
        character == ',' && !is_quoted
    });
    types.all(is_json_type)
}

/// Whether a content type is empty, `application/json` or has the suffix `+json`. Ignores
/// parameters.
fn is_json_type(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media.is_empty()
        || media == "application/json"
        || (media.starts_with("application/") && media.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_content_types_are_recognized() {
        for media in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/a+json",
            "",
            "application/json,application/json",
            "application/json; charset=utf-8, application/json; charset=utf-8",
            "application/json; profile=\"a,b\"",
        ] {
            assert!(is_json(media), "{media}");
        }
        for media in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "text/json",
            "json",
            "x+json",
            "application/json,text/plain",
            "text/plain, application/json",
            "application/json; charset=utf-8, text/plain",
        ] {
            assert!(!is_json(media), "{media}");
        }
    }

    #[test]
    fn every_coding_but_identity_is_recognized() {
        for field in ["gzip", "GZIP", "br, gzip", "identity, deflate", "x"] {
            assert!(is_encoded(field), "{field}");
        }
        for field in ["", "identity", "Identity, identity", " , "] {
            assert!(!is_encoded(field), "{field}");
        }
    }
}
