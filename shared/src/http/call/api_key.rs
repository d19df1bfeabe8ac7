//! The API key of a request.

use secrecy::SecretString;

use super::Call;
use crate::{
    auth::{
        api_key::{ApiKeyCredential, ApiKeyToken, ImportedApiKey, ImportedKeyHash},
        metabase_hash::metabase_key_prefix,
        password_hash,
    },
    domain::{TokenHash, UserId},
    http::ApiError,
    store::{Conflict, WriteError},
};

/// The header with an API key. It is used if the request has no valid session.
const API_KEY_HEADER: &str = "x-api-key";

impl Call {
    /// The API key of the request. A key of this service may be invalid. A key of Metabase is
    /// already compared with its hash, because it does not name its user.
    pub(super) async fn api_key(&self) -> Result<Option<ApiKeyCredential>, ApiError> {
        let Some(text) = self.api_key_text() else { return Ok(None) };
        if let Some(token) = ApiKeyToken::parse(text) {
            return Ok(Some((&token).into()));
        }
        let Some(prefix) = metabase_key_prefix(text) else { return Ok(None) };
        let Some(key) = self.store().imported_api_key(prefix).await? else { return Ok(None) };
        let is_valid = self.is_imported_key(text, prefix, &key).await?;
        Ok(is_valid.then(|| key.credential()))
    }

    /// Whether a text is an API key of Metabase. Its first use replaces Metabase's hash, which is
    /// slow to compute.
    async fn is_imported_key(
        &self,
        text: &str,
        prefix: &str,
        key: &ImportedApiKey,
    ) -> Result<bool, ApiError> {
        let hash = TokenHash::of(text.as_bytes());
        let bcrypt = match &key.hash {
            ImportedKeyHash::Known(known) => return Ok(hash.is_equal(known)),
            ImportedKeyHash::Bcrypt(bcrypt) => bcrypt,
        };
        if !self.store().count_key_attempt(prefix, self.client_ip(), self.now()).await? {
            return Ok(false);
        }
        if !password_hash::matches_bcrypt(SecretString::from(text), bcrypt.clone()).await? {
            return Ok(false);
        }
        match self.store().keep_api_key_hash(prefix, bcrypt, &hash).await {
            Ok(()) => Ok(true),
            Err(WriteError::Conflict(Conflict::StaleApiKey)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The API key of a user that the request contains. A key of Metabase does not name its user.
    pub(super) fn api_key_of(&self, user: UserId) -> Option<String> {
        let text = self.api_key_text()?;
        match ApiKeyToken::parse(text) {
            Some(token) => (token.user() == user).then(|| token.expose()),
            None => metabase_key_prefix(text).map(|_| text.to_owned()),
        }
    }

    fn api_key_text(&self) -> Option<&str> {
        self.header(API_KEY_HEADER).map(str::trim)
    }
}
