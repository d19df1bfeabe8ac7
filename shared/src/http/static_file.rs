//! Static files in the program, which are the same for every client.
//!
//! Clients may cache them and revalidate them with `If-None-Match`.

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// The time for which clients may use a file without revalidation.
const CACHE: &str = "public, max-age=300";
/// A page may load the files of this service and call it. No page may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A static file in the program.
#[derive(Debug, PartialEq, Eq)]
pub struct StaticFile {
    /// The media type.
    pub content_type: &'static str,
    /// Whether the bytes are compressed. A request without `Accept-Encoding` accepts any encoding.
    pub is_gzip: bool,
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
        let always = [
            ("cache-control", CACHE.into()),
            ("content-security-policy", POLICY.into()),
            ("content-type", self.content_type.into()),
            ("referrer-policy", "no-referrer".into()),
            ("x-content-type-options", "nosniff".into()),
        ];
        always.into_iter().chain(encoding).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: StaticFile =
        StaticFile { content_type: "text/css", is_gzip: false, bytes: b"a {}" };

    #[test]
    fn the_tag_depends_on_the_content_only() {
        assert_eq!(FILE.etag(), StaticFile { content_type: "text/html", ..FILE }.etag());
        assert_ne!(FILE.etag(), StaticFile { bytes: b"b {}", ..FILE }.etag());
        assert_eq!(FILE.etag().len(), 45);
    }
}
