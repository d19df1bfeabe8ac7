//! The credentials of a client.

use http::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::Error;

/// The credentials of each request.
#[derive(Debug, Clone, Default)]
pub enum Credentials {
    /// No credentials, for the public routes.
    #[default]
    None,
    /// A session token, sent as `X-Metabase-Session`.
    Session(SecretString),
    /// The secret of an API key, sent as `X-Api-Key`.
    ApiKey(SecretString),
}

impl Credentials {
    /// The header of a request.
    pub(crate) fn header(&self) -> Result<Option<(HeaderName, HeaderValue)>, Error> {
        let (name, secret) = match self {
            Self::None => return Ok(None),
            Self::Session(secret) => ("x-metabase-session", secret),
            Self::ApiKey(secret) => ("x-api-key", secret),
        };
        let value = HeaderValue::from_str(secret.expose_secret());
        let mut value = value.map_err(|_| Error::InvalidHeader(name))?;
        value.set_sensitive(true);
        Ok(Some((HeaderName::from_static(name), value)))
    }
}
