//! Headers of browsers and proxies, and the cookies and headers for them.

use std::net::IpAddr;

use super::Call;
use crate::{
    auth::cookie::CookiePolicy,
    domain::HostName,
    http::{ApiError, Response, request, static_file},
};

/// A header that current browsers send with every request over HTTPS.
const FETCH_SITE: &str = "sec-fetch-site";

/// Other headers that browsers send together with [`FETCH_SITE`].
const FETCH_METADATA: [&str; 4] =
    [FETCH_SITE, "sec-fetch-mode", "sec-fetch-dest", "sec-fetch-user"];

impl Call {
    /// The attributes of cookies in the response.
    ///
    /// Cookies are `Secure`, except over plain HTTP between two programs of one machine.
    #[must_use]
    pub fn cookie_policy(&self, remember: bool) -> CookiePolicy {
        CookiePolicy {
            secure: self.is_https() || !self.is_loopback(),
            max_age_minutes: remember.then_some(self.settings().session_ttl_minutes),
        }
    }

    /// Adds the headers that remove the session from the client.
    ///
    /// A browser also deletes what the pages of this site have stored.
    #[must_use]
    pub fn clear_session(&self, response: Response) -> Response {
        let response = response.cookie(self.cookie_policy(false).clear());
        let is_browser = FETCH_METADATA.iter().any(|name| self.header(name).is_some());
        if is_browser { response.clear_site_data() } else { response }
    }

    /// Whether the client uses HTTPS, according to the front door or proxy.
    pub(crate) fn is_https(&self) -> bool {
        request::is_https(self.request.headers())
    }

    /// Whether the response may be compressed.
    #[must_use]
    pub fn accepts_gzip(&self) -> bool {
        self.header("accept-encoding").is_some_and(static_file::accepts_gzip)
    }

    /// Whether the request comes from the same machine, to a loopback name or address.
    fn is_loopback(&self) -> bool {
        let ip = self.client_ip();
        let is_loopback_ip = ip.parse().is_ok_and(|ip: IpAddr| ip.to_canonical().is_loopback());
        (is_loopback_ip || ip.is_empty())
            && self.header("host").and_then(HostName::parse).is_some_and(|host| host.is_loopback())
    }

    /// Rejects a login that a page of another site has sent.
    ///
    /// Such a login would put the user into a session of the attacker (login CSRF).
    ///
    /// # Errors
    ///
    /// Returns 403 for a request with `Sec-Fetch-Site: cross-site`.
    pub fn check_login_site(&self) -> Result<(), ApiError> {
        match self.header(FETCH_SITE) {
            Some("cross-site") => Err(ApiError::Forbidden),
            _ => Ok(()),
        }
    }

    /// Whether a browser sent this write for a page of another site.
    ///
    /// Browsers send `Sec-Fetch-Site`, and older ones `Origin`. A client without both is not a
    /// browser. Go's `net/http.CrossOriginProtection` has the same rule.
    pub(crate) fn is_cross_site_write(&self) -> bool {
        if matches!(self.method(), "GET" | "HEAD") {
            return false;
        }
        match (self.header(FETCH_SITE), self.header("origin")) {
            (Some(site), _) => !matches!(site, "same-origin" | "none"),
            (None, Some(origin)) => {
                let host = origin.split_once("://").map(|(_, host)| host);
                host.is_none() || host != self.header("host")
            }
            (None, None) => false,
        }
    }
}
