//! HTTP/1.1 connections, encrypted by rustls with ring.
//!
//! The AWS SDK uses the same crates, so the client adds none to the workspace. It has no redirects,
//! cookies and proxies.

use std::{io, sync::Arc, time::Duration};

use http::{HeaderMap, Method, Uri, header::HOST, uri::Scheme};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client as HttpClient, connect::HttpConnector},
    rt::TokioExecutor,
};

use rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::{Error, error::Causes};

/// The largest body of a response. Lambda sends at most 6 MB.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// Status, headers and body of a response.
pub(crate) type Exchange = (u16, HeaderMap, Vec<u8>);

/// A pool of connections to one service.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    http: HttpClient<HttpsConnector<HttpConnector>, Full<Bytes>>,
    timeout: Duration,
}

/// The configuration of a client that trusts no certificate.
fn without_roots() -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let versions = versions.map_err(|error| Error::Certificates(io::Error::other(error)))?;
    Ok(versions.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

impl Connections {
    /// A pool. Encrypted connections need the root certificates of this machine, others none.
    pub(crate) fn new(scheme: &Scheme, timeout: Duration) -> Result<Self, Error> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(timeout));
        tcp.set_nodelay(true);
        let builder = HttpsConnectorBuilder::new();
        let builder = if *scheme == Scheme::HTTPS {
            let roots = builder.with_provider_and_native_roots(ring::default_provider());
            roots.map_err(Error::Certificates)?
        } else {
            builder.with_tls_config(without_roots()?)
        };
        let connector = builder.https_or_http().enable_http1().wrap_connector(tcp);
        Ok(Self { http: HttpClient::builder(TokioExecutor::new()).build(connector), timeout })
    }

    /// Sends one request and reads the whole response.
    pub(crate) async fn send(
        &self,
        method: Method,
        uri: Uri,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Exchange, String> {
        let mut request = http::Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        request.headers_mut().remove(HOST);
        match tokio::time::timeout(self.timeout, self.exchange(request)).await {
            Ok(result) => result,
            Err(_) => Err(format!("no response within {} seconds", self.timeout.as_secs())),
        }
    }

    async fn exchange(&self, request: http::Request<Full<Bytes>>) -> Result<Exchange, String> {
        let response = self.http.request(request).await;
        let response = response.map_err(|error| Causes(&error).to_string())?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, MAX_BODY).collect().await;
        let body = body.map_err(|error| Causes(&*error).to_string())?;
        Ok((parts.status.as_u16(), parts.headers, body.to_bytes().to_vec()))
    }
}
