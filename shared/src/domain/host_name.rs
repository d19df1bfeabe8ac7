//! Names of hosts.

use std::net::{IpAddr, Ipv6Addr};

/// The name or IP address of a host, in lower case, without port and final dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName(String);

impl HostName {
    /// Parses an authority such as `localhost:3000` or `[::1]`. Returns `None` if it is invalid.
    #[must_use]
    pub fn parse(authority: &str) -> Option<Self> {
        let (host, rest) = match authority.strip_prefix('[') {
            Some(bracketed) => bracketed.split_once(']')?,
            None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
        };
        let port = rest.strip_prefix(':').unwrap_or(rest);
        if !(rest.is_empty() || rest.starts_with(':') && (port.is_empty() || is_port(port))) {
            return None;
        }
        if authority.starts_with('[') {
            return Some(Self(host.parse::<Ipv6Addr>().ok()?.to_canonical().to_string()));
        }
        let name = host.strip_suffix('.').unwrap_or(host);
        let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        (!name.is_empty() && name.bytes().all(is_valid)).then(|| Self(name.to_ascii_lowercase()))
    }

    /// Whether the host is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let is_ip = self.0.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        is_ip || self.0 == "localhost" || self.0.ends_with(".localhost")
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_loopback(authority: &str) -> bool {
        HostName::parse(authority).is_some_and(|host| host.is_loopback())
    }

    #[test]
    fn loopback_hosts_are_recognized() {
        for host in ["localhost", "LOCALHOST:3000", "127.0.0.1:3000", "[::1]:3000", "a.localhost"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "example.com", "127.0.0.1.example.com", "localhost.example.com", "[::2]"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
