//! The client and its settings.

use std::{net::IpAddr, sync::Arc, time::Duration};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Uri,
    header::USER_AGENT,
    uri::{Authority, PathAndQuery, Scheme},
};
use secrecy::SecretString;

use crate::{
    Clock, Credentials, ETag, Error, RetryPolicy, TokioClock,
    connection::{Connections, Exchange},
    request::{IDEMPOTENCY_KEY, IF_MATCH},
};

/// The time limit of a request. The service itself ends a request after 12 seconds.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A client of the API. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    service: Arc<Service>,
    credentials: Credentials,
    headers: HeaderMap,
}

/// The parts that all clones share.
#[derive(Debug)]
struct Service {
    scheme: Scheme,
    authority: Authority,
    /// Path before the routes, without a trailing slash.
    prefix: String,
    connections: Connections,
    retry: RetryPolicy,
    clock: Arc<dyn Clock>,
}

/// Settings of a client.
#[derive(Debug, Clone)]
#[must_use]
pub struct ClientBuilder {
    url: String,
    retry: RetryPolicy,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    allows_plain_http: bool,
    user_agent: String,
}

impl ClientBuilder {
    /// Sets the limits of repetitions.
    pub const fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Sets the source of waiting time, for tests.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets the time limit of a request.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the name of the program, as in the list of sessions.
    pub fn user_agent(mut self, name: &str) -> Self {
        name.clone_into(&mut self.user_agent);
        self
    }

    /// Allows plain HTTP to other machines. Everyone on the way can read passwords and sessions.
    pub const fn allow_plain_http(mut self, is_allowed: bool) -> Self {
        self.allows_plain_http = is_allowed;
        self
    }

    /// Creates the client.
    ///
    /// # Errors
    ///
    /// Returns an error if the URL or the name of the program is invalid, or if the root
    /// certificates cannot be read.
    pub fn build(self) -> Result<Client, Error> {
        let uri: Uri =
            self.url.trim().parse().map_err(|_| Error::InvalidUrl("the URL is invalid"))?;
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(Error::InvalidUrl("the URL must begin with https://"));
        };
        if authority.as_str().contains('@') {
            return Err(Error::InvalidUrl("the URL must not contain a user name or password"));
        }
        let path = parts.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
        if path.query().is_some() {
            return Err(Error::InvalidUrl("the URL must not contain a query"));
        }
        check_scheme(&scheme, authority.host(), self.allows_plain_http)?;
        let connections = Connections::new(&scheme, self.timeout)?;
        let service = Service {
            scheme,
            authority,
            prefix: path.path().trim_end_matches('/').to_owned(),
            connections,
            retry: self.retry,
            clock: self.clock,
        };
        let user_agent = HeaderValue::from_str(&self.user_agent);
        let user_agent = user_agent.map_err(|_| Error::InvalidHeader("user-agent"))?;
        let headers = HeaderMap::from_iter([(USER_AGENT, user_agent)]);
        let credentials = Credentials::None;
        Ok(Client { service: Arc::new(service), credentials, headers })
    }
}

fn check_scheme(scheme: &Scheme, host: &str, allows_plain_http: bool) -> Result<(), Error> {
    match scheme.as_str() {
        "https" => Ok(()),
        "http" if allows_plain_http || is_loopback(host) => Ok(()),
        "http" => Err(Error::InvalidUrl(
            "the URL must begin with https://, because plain HTTP shows passwords to everyone",
        )),
        _ => Err(Error::InvalidUrl("the URL must begin with https:// or http://")),
    }
}

/// Whether a host is this machine.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

impl Client {
    /// A client of the service at `url`, without credentials.
    ///
    /// # Errors
    ///
    /// Returns an error if the URL is invalid, or if the root certificates cannot be read.
    pub fn new(url: &str) -> Result<Self, Error> {
        Self::builder(url).build()
    }

    /// Settings for a client of the service at `url`.
    pub fn builder(url: &str) -> ClientBuilder {
        ClientBuilder {
            url: url.to_owned(),
            retry: RetryPolicy::default(),
            clock: Arc::new(TokioClock),
            timeout: TIMEOUT,
            allows_plain_http: false,
            user_agent: concat!("user-api-client/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// A client with these credentials.
    #[must_use]
    pub fn with_credentials(&self, credentials: Credentials) -> Self {
        Self { credentials, ..self.clone() }
    }

    /// A client with a session token.
    #[must_use]
    pub fn with_session(&self, session: SecretString) -> Self {
        self.with_credentials(Credentials::Session(session))
    }

    /// A client with the secret of an API key.
    #[must_use]
    pub fn with_api_key(&self, key: SecretString) -> Self {
        self.with_credentials(Credentials::ApiKey(key))
    }

    /// A client for a change of one version of a user. The service returns 412 for another version.
    #[must_use]
    pub fn with_if_match(&self, etag: &ETag) -> Self {
        let mut client = self.clone();
        client.headers.insert(HeaderName::from_static(IF_MATCH), etag.header().clone());
        client
    }

    /// A client for one `POST`. The service applies it once within a day.
    ///
    /// # Errors
    ///
    /// Returns an error if a header cannot contain the key.
    pub fn with_idempotency_key(&self, key: &str) -> Result<Self, Error> {
        let value =
            HeaderValue::from_str(key).map_err(|_| Error::InvalidHeader(IDEMPOTENCY_KEY))?;
        let mut client = self.clone();
        client.headers.insert(HeaderName::from_static(IDEMPOTENCY_KEY), value);
        Ok(client)
    }

    /// The URL of the service.
    #[must_use]
    pub fn url(&self) -> String {
        let Service { scheme, authority, prefix, .. } = &*self.service;
        format!("{scheme}://{authority}{prefix}")
    }

    /// Sends one request. The path begins with a slash.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Exchange, Error> {
        let uri = format!("{}{path}", self.url());
        let uri = uri.parse().map_err(|_| Error::InvalidUrl("the URL is invalid"))?;
        let sent = self.service.connections.send(method, uri, headers, body).await;
        sent.map_err(|reason| Error::Unreachable { url: self.url(), reason })
    }

    pub(crate) fn retry_policy(&self) -> RetryPolicy {
        self.service.retry
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.service.clock
    }

    pub(crate) const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(crate) const fn credentials(&self) -> &Credentials {
        &self.credentials
    }
}
