//! The hosts that a listener serves.
//!
//! A web page can let its own domain resolve to 127.0.0.1, and so call a server on this machine as
//! its own (DNS rebinding). The browser still sends the domain as `Host`, so the server refuses it.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{self, HeaderMap, HeaderName, Version, header},
    middleware::{Next, from_fn_with_state},
};
use shared::{domain::HostName, http::Response};

use crate::gateway::to_http;

const MISDIRECTED: &str =
    r#"{"error":"This host is not served. Name it with --allowed-host to serve it."}"#;
const INVALID_HOST: &str = r#"{"error":"The request must have one Host header."}"#;
const FOREIGN_ORIGIN: &str = r#"{"error":"This server does not serve web pages."}"#;

/// The hosts that a listener serves: those of the loopback interface, and those of the operator.
#[derive(Debug, Clone, Default)]
pub struct AllowedHosts(Arc<[HostName]>);

impl FromIterator<HostName> for AllowedHosts {
    fn from_iter<T: IntoIterator<Item = HostName>>(hosts: T) -> Self {
        Self(hosts.into_iter().collect())
    }
}

impl AllowedHosts {
    /// Refuses requests for other hosts with 421, before a route sees them.
    pub fn protect(self, router: Router) -> Router {
        router.layer(from_fn_with_state(self, serve_allowed_host))
    }

    fn allow(&self, authority: &str) -> bool {
        HostName::parse(authority).is_some_and(|host| host.is_loopback() || self.0.contains(&host))
    }

    /// Checks the header, and the host of a request target in absolute form. Returns the refusal.
    fn refuse(&self, request: &Request) -> Option<Response> {
        let target = request.uri().authority().map(http::uri::Authority::as_str);
        let host = match only_value(request.headers(), &header::HOST) {
            Ok(None) if request.version() > Version::HTTP_10 => Err(()),
            host => host,
        };
        let Ok(host) = host else { return Some(Response::json(400, INVALID_HOST.to_owned())) };
        let is_allowed = host.into_iter().chain(target).all(|authority| self.allow(authority));
        (!is_allowed).then(|| Response::json(421, MISDIRECTED.to_owned()))
    }
}

async fn serve_allowed_host(
    State(hosts): State<AllowedHosts>,
    request: Request,
    next: Next,
) -> http::Response<Body> {
    match hosts.refuse(&request) {
        None => next.run(request).await,
        Some(refusal) => to_http(&refusal),
    }
}

/// Refuses requests of web pages of other origins with 403.
pub(crate) async fn refuse_other_origins(request: Request, next: Next) -> http::Response<Body> {
    let headers = request.headers();
    let host = only_value(headers, &header::HOST).ok().flatten().unwrap_or_default();
    let is_own = |origin: &str| origin.strip_prefix("http://") == Some(host);
    match only_value(headers, &header::ORIGIN) {
        Ok(origin) if origin.is_none_or(is_own) => next.run(request).await,
        _ => to_http(&Response::json(403, FOREIGN_ORIGIN.to_owned())),
    }
}

/// The value of a header. Fails if it is repeated or not text.
fn only_value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loopback_host_is_served_with_any_port_and_spelling() {
        let hosts = AllowedHosts::default();
        for host in [
            "localhost",
            "localhost:3000",
            "LocalHost.:80",
            "localhost:",
            "127.0.0.1",
            "127.0.0.1.:8000",
            "127.255.3.9:1",
            "[::1]",
            "[::1]:3000",
            "[0:0:0:0:0:0:0:1]:3000",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(hosts.allow(host), "{host}");
        }
    }

    #[test]
    fn another_or_invalid_host_is_not_served() {
        let hosts = AllowedHosts::default();
        for host in [
            "",
            ".",
            ":3000",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evil.example:3000",
            "localhost@evil.example",
            "evil.example#localhost",
            "localhost:3000:80",
            "localhost:port",
            "localhost:99999",
            "localhost..",
            "128.0.0.1",
            "0.0.0.0",
            "192.168.0.1",
            "[::2]",
            "[::1",
            "[::1]x",
            "[localhost]",
            "::1",
            "local host",
        ] {
            assert!(!hosts.allow(host), "{host}");
        }
    }

    #[test]
    fn a_host_of_the_operator_is_served() {
        let named = ["Users.Test:3000", "10.0.0.7", "[fe80::1]"];
        let hosts: AllowedHosts = named.into_iter().filter_map(HostName::parse).collect();
        for host in ["users.test", "USERS.TEST.:80", "10.0.0.7:3000", "[FE80::1]:1", "127.0.0.1"] {
            assert!(hosts.allow(host), "{host}");
        }
        for host in ["x.users.test", "10.0.0.8", "[fe80::2]"] {
            assert!(!hosts.allow(host), "{host}");
        }
    }
}
