//! Files that come with the program and are the same for everybody: they may be kept, and are asked
//! for anew with `If-None-Match`.

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// How long a browser uses a file without asking.
const CACHE: &str = "public, max-age=300";
/// A page runs and loads what comes with it, and nobody frames it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file that comes with the program.
#[derive(Debug, PartialEq, Eq)]
pub struct StaticFile {
    /// The media type.
    pub content_type: &'static str,
    /// Whether the bytes are compressed. Whoever does not say what encodings they know knows this one.
    pub is_gzip: bool,
    /// The content as it is sent.
    pub bytes: &'static [u8],
}

impl StaticFile {
    /// What stands for the content: two files with the same tag are the same.
    #[must_use]
    pub fn etag(&self) -> String {
        let digest = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.bytes));
        format!("\"{digest}\"")
    }

    /// What is told of the file beside its tag, whether it is sent or known already.
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
    fn a_tag_is_that_of_the_content() {
        assert_eq!(FILE.etag(), StaticFile { content_type: "text/html", ..FILE }.etag());
        assert_ne!(FILE.etag(), StaticFile { bytes: b"b {}", ..FILE }.etag());
        assert_eq!(FILE.etag().len(), 45);
    }
}
