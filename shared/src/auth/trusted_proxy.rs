//! Proxies in front of the service, which report the client IP in a header.

use std::net::{IpAddr, SocketAddr};

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// The header with the secret that proves a request to come from the proxy.
pub const SECRET_HEADER: &str = "x-proxy-secret";

/// The minimum length of a secret in bytes.
const MIN_SECRET_LENGTH: usize = 16;

/// The header in which a proxy reports the client IP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientIpHeader {
    /// `CloudFront-Viewer-Address`: client IP and port.
    CloudFrontViewerAddress,
    /// `X-Forwarded-For`: the entry at this position from the end, starting with 1.
    ForwardedFor(usize),
}

/// A proxy whose header is trusted if the request contains its secret.
#[derive(Debug, Clone)]
pub struct TrustedProxy {
    header: ClientIpHeader,
    secrets: Vec<SecretString>,
}

impl ClientIpHeader {
    /// Parses `CloudFront-Viewer-Address`, or `X-Forwarded-For:<position>`, ignoring case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        match text.split_once(':') {
            None if text == "cloudfront-viewer-address" => Some(Self::CloudFrontViewerAddress),
            None if text == "x-forwarded-for" => Some(Self::ForwardedFor(1)),
            Some(("x-forwarded-for", position)) => {
                position.trim().parse().ok().filter(|number| *number > 0).map(Self::ForwardedFor)
            }
            _ => None,
        }
    }

    /// Reads the client IP.
    fn read<'a>(self, header: impl Fn(&str) -> Option<&'a str>) -> Option<IpAddr> {
        match self {
            Self::CloudFrontViewerAddress => {
                let (ip, _) = header("cloudfront-viewer-address")?.trim().rsplit_once(':')?;
                ip.trim_matches(['[', ']']).parse().ok()
            }
            Self::ForwardedFor(position) => {
                let entry = header("x-forwarded-for")?.rsplit(',').nth(position.checked_sub(1)?)?;
                parse_entry(entry.trim())
            }
        }
    }
}

/// Parses an entry of `X-Forwarded-For`, which may have a port.
fn parse_entry(entry: &str) -> Option<IpAddr> {
    let with_port = || entry.parse::<SocketAddr>().map(|address| address.ip());
    entry.trim_matches(['[', ']']).parse().or_else(|_| with_port()).ok()
}

impl TrustedProxy {
    /// A proxy that sends one of the secrets. Two secrets are valid during a rotation.
    #[must_use]
    pub fn new(header: ClientIpHeader, secrets: &SecretString) -> Option<Self> {
        let texts = secrets.expose_secret().split(',').map(str::trim);
        let texts = texts.filter(|text| text.len() >= MIN_SECRET_LENGTH);
        let secrets: Vec<_> = texts.map(SecretString::from).collect();
        (!secrets.is_empty()).then_some(Self { header, secrets })
    }

    /// Returns the client IP that the proxy reports. Without the secret, no header is trusted.
    pub(crate) fn client_ip<'a>(&self, header: impl Fn(&str) -> Option<&'a str>) -> Option<IpAddr> {
        let sent = header(SECRET_HEADER)?.as_bytes();
        let is_equal =
            |secret: &SecretString| bool::from(secret.expose_secret().as_bytes().ct_eq(sent));
        self.secrets.iter().any(is_equal).then(|| self.header.read(header)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef";

    fn client_ip(setting: &str, headers: &[(&str, &str)]) -> Option<String> {
        let secrets = SecretString::from(format!("{SECRET}, fedcba9876543210"));
        let proxy = TrustedProxy::new(ClientIpHeader::parse(setting).unwrap(), &secrets).unwrap();
        let value = |name: &str| headers.iter().find(|(other, _)| *other == name).map(|(_, v)| *v);
        proxy.client_ip(value).map(|ip| ip.to_string())
    }

    #[test]
    fn reads_the_viewer_of_cloudfront() {
        let read = |value| {
            let headers = [(SECRET_HEADER, SECRET), ("cloudfront-viewer-address", value)];
            client_ip("CloudFront-Viewer-Address", &headers)
        };
        assert_eq!(read("192.0.2.7:41234").as_deref(), Some("192.0.2.7"));
        assert_eq!(read("2001:db8::7:41234").as_deref(), Some("2001:db8::7"));
        assert_eq!(read("[2001:db8::7]:41234").as_deref(), Some("2001:db8::7"));
        assert_eq!([read("192.0.2.7"), read("x:1"), read("")], [None, None, None]);
    }

    #[test]
    fn counts_the_entries_of_forwarded_for_from_the_end() {
        let read = |setting, value| {
            let headers = [(SECRET_HEADER, "fedcba9876543210"), ("x-forwarded-for", value)];
            client_ip(setting, &headers)
        };
        let chain = "spoofed, 192.0.2.7, 198.51.100.1:443";
        assert_eq!(read("X-Forwarded-For", chain).as_deref(), Some("198.51.100.1"));
        assert_eq!(read("X-Forwarded-For:2", chain).as_deref(), Some("192.0.2.7"));
        assert_eq!(
            [read("x-forwarded-for:3", chain), read("X-Forwarded-For:4", chain)],
            [None, None]
        );
        let ipv6 = read("X-Forwarded-For:1", "[2001:db8::7]:443, 2001:db8::8");
        assert_eq!(ipv6.as_deref(), Some("2001:db8::8"));
    }

    #[test]
    fn trusts_no_header_without_the_secret() {
        let viewer = ("cloudfront-viewer-address", "192.0.2.7:1");
        let read = |headers: &[_]| client_ip("CloudFront-Viewer-Address", headers);
        assert_eq!(read(&[viewer]), None);
        assert_eq!(read(&[viewer, (SECRET_HEADER, "0123456789abcdeX")]), None);
        assert_eq!(read(&[viewer, (SECRET_HEADER, "")]), None);
        assert!(read(&[viewer, (SECRET_HEADER, SECRET)]).is_some());
    }

    #[test]
    fn settings_are_strict() {
        for text in ["", "Forwarded", "X-Forwarded-For:0", "X-Forwarded-For:-1", "X-Real-IP"] {
            assert_eq!(ClientIpHeader::parse(text), None, "{text:?}");
        }
        let header = ClientIpHeader::CloudFrontViewerAddress;
        assert!(TrustedProxy::new(header, &SecretString::from("short")).is_none());
    }
}
