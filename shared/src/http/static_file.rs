//! Static files in the program, which are the same for every client.
//!
//! Clients may cache them and revalidate them with `If-None-Match`.

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// A page may load the files of this service and call it. No page may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// In addition, no script may turn text into markup or code.
const POLICY_WITH_TRUSTED_TYPES: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
    trusted-types 'none'";

/// The time for which clients may use a file without revalidation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Five minutes.
    FiveMinutes,
    /// None.
    Revalidated,
    /// A year, for a file with the hash of its content in its name.
    Immutable,
}

impl Freshness {
    const fn cache_control(self) -> &'static str {
        match self {
            Self::FiveMinutes => "public, max-age=300",
            Self::Revalidated => "no-cache",
            Self::Immutable => "public, max-age=31536000, immutable",
        }
    }
}

/// A static file in the program.
#[derive(Debug, PartialEq, Eq)]
pub struct StaticFile {
    /// The media type.
    pub content_type: &'static str,
    /// Whether the bytes are compressed. A request without `Accept-Encoding` accepts any encoding.
    pub is_gzip: bool,
    /// Whether the file is also available without or with compression.
    pub has_variants: bool,
    /// The time for which clients may use it without revalidation.
    pub freshness: Freshness,
    /// Whether scripts of the file must construct documents without markup in text.
    pub has_trusted_types: bool,
    /// The content as sent.
    pub bytes: &'static [u8],
}

impl StaticFile {
    /// The entity tag, a hash of the content. Two files with the same tag are equal.
    #[must_use]
    pub fn etag(&self) -> String {
        let digest = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.bytes));
        format!("\"{digest}\"")
    }

    /// The headers of a 200 and a 304, except the entity tag.
    pub(super) fn headers(&self) -> Vec<(&'static str, Cow<'static, str>)> {
        let encoding = self.is_gzip.then_some(("content-encoding", "gzip".into()));
        let policy = if self.has_trusted_types { POLICY_WITH_TRUSTED_TYPES } else { POLICY };
        let always = [
            ("cache-control", self.freshness.cache_control().into()),
            ("content-security-policy", policy.into()),
            ("content-type", self.content_type.into()),
            ("referrer-policy", "no-referrer".into()),
            ("x-content-type-options", "nosniff".into()),
        ];
        let vary = self.has_variants.then_some(("vary", "accept-encoding".into()));
        always.into_iter().chain(encoding).chain(vary).collect()
    }
}

/// Whether an `Accept-Encoding` accepts gzip (RFC 9110, section 12.5.3). The name of a coding wins
/// over the asterisk.
pub(super) fn accepts_gzip(field: &str) -> bool {
    let weight = |coding: &str| {
        let mut entries =
            field.split(',').map(|entry| entry.split_once(';').unwrap_or((entry, "")));
        let found = entries.find(|(name, _)| name.trim().eq_ignore_ascii_case(coding));
        found.map(|(_, parameters)| is_positive(parameters))
    };
    weight("gzip").or_else(|| weight("*")).unwrap_or_default()
}

/// Whether the parameters of a coding contain no weight, or one above zero.
fn is_positive(parameters: &str) -> bool {
    let weight = parameters.trim().to_ascii_lowercase();
    let weight = weight.strip_prefix("q=").map(str::trim);
    weight.is_none_or(|weight| weight.parse().is_ok_and(|weight: f32| weight > 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: StaticFile = StaticFile {
        content_type: "text/css",
        is_gzip: false,
        has_variants: false,
        freshness: Freshness::FiveMinutes,
        has_trusted_types: false,
        bytes: b"a {}",
    };

    #[test]
    fn gzip_is_accepted_by_name_or_asterisk_with_a_weight() {
        for field in ["gzip", "deflate, GZIP;q=0.5, br", "*", "br, *;q=0.1", "gzip ; q=1.0"] {
            assert!(accepts_gzip(field), "{field}");
        }
        for field in ["", "br", "gzip;q=0", "gzip;q=0.0, *", "identity, *;q=0", "xgzip", "gzip;q=x"]
        {
            assert!(!accepts_gzip(field), "{field}");
        }
    }

    #[test]
    fn the_tag_depends_on_the_content_only() {
        assert_eq!(FILE.etag(), StaticFile { content_type: "text/html", ..FILE }.etag());
        assert_ne!(FILE.etag(), StaticFile { bytes: b"b {}", ..FILE }.etag());
        assert_eq!(FILE.etag().len(), 45);
    }
}
