//! The base URL of the service.

use std::fmt;

/// The base of every link: scheme, host and an optional path, without a trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteUrl(String);

impl SiteUrl {
    /// Parses `http://…` and `https://…`. Rejects URLs with a query or a fragment.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = text.trim().trim_end_matches('/');
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
        let host = rest.split('/').next().filter(|host| !host.is_empty())?;
        let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '?' | '#');
        (!host.contains('@') && rest.chars().all(is_plain)).then(|| Self(url.to_owned()))
    }

    /// Builds the URL from the host name that API Gateway serves, always with HTTPS.
    #[must_use]
    pub fn from_host(host: &str) -> Option<Self> {
        Self::parse(&format!("https://{host}"))
    }

    /// The host with its port.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.0.split('/').nth(2).unwrap_or_default()
    }

    /// The host with its port and its path: the form of the URL for a person.
    #[must_use]
    pub fn without_scheme(&self) -> &str {
        self.0.split_once("://").map_or(&self.0, |(_, rest)| rest)
    }
}

/// Metabase's default, for an instance without a known URL.
impl Default for SiteUrl {
    fn default() -> Self {
        Self("http://localhost:3000".to_owned())
    }
}

impl fmt::Display for SiteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalizes_base_urls() {
        for (text, url) in [
            ("https://users.example.com/", "https://users.example.com"),
            (" http://127.0.0.1:3000 ", "http://127.0.0.1:3000"),
            ("https://example.com/users//", "https://example.com/users"),
        ] {
            assert_eq!(SiteUrl::parse(text).map(|url| url.to_string()).as_deref(), Some(url));
        }
        let host = SiteUrl::from_host("users.example.com");
        assert_eq!(host, SiteUrl::parse("https://users.example.com"));
        let site = SiteUrl::parse("https://example.com:8443/users").unwrap();
        assert_eq!(site.authority(), "example.com:8443");
        assert_eq!(site.without_scheme(), "example.com:8443/users");
    }

    #[test]
    fn rejects_invalid_base_urls() {
        for text in [
            "",
            "https://",
            "https:///x",
            "users.example.com",
            "javascript:alert(1)",
            "ftp://example.com",
            "https://a b",
            "https://example.com?x=",
            "https://example.com/#x",
            "https://example.com@evil.example",
            "https://example.com/\r\nX: y",
        ] {
            assert_eq!(SiteUrl::parse(text), None, "{text:?}");
        }
        assert_eq!(SiteUrl::from_host(""), None);
    }
}
