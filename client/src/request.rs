//! Requests: path, query, headers and body.

use std::ops::Deref;

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    ApiError, Client, Error,
    operations::{Operation, Repeat},
    retry::Retries,
};

/// The characters to escape in a path or a query.
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b',');
pub(crate) const IF_MATCH: &str = "if-match";
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The version of a user, for [`Client::with_if_match`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(HeaderValue);

impl ETag {
    pub(crate) const fn header(&self) -> &HeaderValue {
        &self.0
    }
}

/// A value with its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The value.
    pub value: T,
    /// The version, if the response has one.
    pub etag: Option<ETag>,
    /// Whether the response is the stored one of an earlier request with the same
    /// `Idempotency-Key`.
    pub is_replayed: bool,
}

impl<T> Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A request of an operation.
#[must_use]
pub(crate) struct Request<'c, R> {
    client: &'c Client,
    operation: Operation<R>,
    path: String,
    query: String,
    body: Vec<u8>,
}

impl Client {
    /// A request of an operation, with the values of its path.
    pub(crate) fn request<R>(
        &self,
        operation: Operation<R>,
        parameters: &[&dyn ToString],
    ) -> Request<'_, R> {
        let mut parameters = parameters.iter();
        let segments = operation.path.split('/').skip(1).map(|segment| {
            let parameter = segment.starts_with('{').then(|| parameters.next()).flatten();
            let value = parameter.map_or_else(|| segment.to_owned(), |value| value.to_string());
            format!("/{}", utf8_percent_encode(&value, ESCAPED))
        });
        let path = segments.collect();
        Request { client: self, operation, path, query: String::new(), body: Vec::new() }
    }
}

impl<R: DeserializeOwned> Request<'_, R> {
    /// Adds a parameter to the query.
    pub(crate) fn query(mut self, name: &str, value: &(impl ToString + ?Sized)) -> Self {
        let separator = if self.query.is_empty() { "?" } else { "&" };
        self.query.extend([separator, name, "="]);
        self.query.extend(utf8_percent_encode(&value.to_string(), ESCAPED));
        self
    }

    /// Adds a parameter to the query if there is a value.
    pub(crate) fn optional_query(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.query(name, &value),
            None => self,
        }
    }

    /// Sets the body.
    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        // Only maps with keys other than texts fail, and no body has one.
        self.body = serde_json::to_vec(body).unwrap_or_default();
        self
    }

    /// Sends the request and drops the body of the response.
    pub(crate) async fn done(self) -> Result<(), Error> {
        self.exchange().await.map(drop)
    }

    /// Sends the request.
    pub(crate) async fn send(self) -> Result<R, Error> {
        Ok(self.versioned().await?.value)
    }

    /// Sends the request and returns the version of the response too.
    pub(crate) async fn versioned(self) -> Result<Versioned<R>, Error> {
        let client = self.client;
        let (status, headers, body) = self.exchange().await?;
        // A response of 204 has no body.
        let json: &[u8] = if body.is_empty() { b"null" } else { &body };
        let value = serde_json::from_slice(json).map_err(|error| Error::UnexpectedResponse {
            url: client.url(),
            status,
            reason: error.to_string(),
        })?;
        Ok(Versioned {
            value,
            etag: headers.get("etag").cloned().map(ETag),
            is_replayed: headers.contains_key("idempotency-replayed"),
        })
    }

    /// Sends the request, and repeats it within the limits of the client.
    async fn exchange(self) -> Result<(u16, HeaderMap, Vec<u8>), Error> {
        let headers = self.headers()?;
        let has_key = headers.contains_key(IDEMPOTENCY_KEY);
        let is_repeatable = has_key || self.operation.repeat == Repeat::Safe;
        let mut retries = Retries::new(self.client.retry_policy(), is_repeatable);
        let path = format!("{}{}", self.path, self.query);
        loop {
            let method = self.operation.method.clone();
            let sent = self.client.send(method, &path, headers.clone(), self.body.clone());
            let (status, headers, body) = sent.await?;
            if (200..300).contains(&status) {
                return Ok((status, headers, body));
            }
            let Some(error) = ApiError::parse(status, &headers, &body) else {
                let reason = "the response is no error of the API".to_owned();
                return Err(Error::UnexpectedResponse { url: self.client.url(), status, reason });
            };
            match retries.next_wait(&error) {
                Some(wait) => self.client.clock().sleep(wait).await,
                None => return Err(Error::Api(Box::new(error))),
            }
        }
    }

    fn headers(&self) -> Result<HeaderMap, Error> {
        let mut headers = self.client.headers().clone();
        headers.extend(self.client.credentials().header()?);
        headers.insert("accept", HeaderValue::from_static("application/json"));
        if !self.body.is_empty() {
            let json = HeaderValue::from_static("application/json");
            headers.insert(HeaderName::from_static("content-type"), json);
        }
        Ok(headers)
    }
}
