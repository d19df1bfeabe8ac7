//! API keys of Metabase: found by their prefix, and checked once with Metabase's hash.

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    expression::Expression,
    items::{self, ImportedApiKeyItem, KeyAttemptsItem},
};
use crate::{
    auth::{
        api_key::{ImportedApiKey, ImportedKeyHash},
        metabase_hash::BcryptHash,
    },
    domain::{ApiKeyValidity, ClientNetworks, Timestamp, TokenHash, UserId},
};

/// The number of attempts of a network within [`ATTEMPT_WINDOW`] to use a key for the first time.
const MAX_ATTEMPTS: u32 = 10;

/// The seconds in which attempts to use a key for the first time are counted together.
const ATTEMPT_WINDOW: i64 = 3_600;

impl Store {
    /// Reads the API key of Metabase with a prefix.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn imported_api_key(
        &self,
        prefix: &str,
    ) -> Result<Option<ImportedApiKey>, StoreError> {
        let key = Key::imported_api_key(prefix);
        let item = self.read(vec![key.clone()]).await?.take("imported API key", &key)?;
        item.map(ImportedApiKeyItem::try_into).transpose()
    }

    /// Counts an attempt to use an API key of Metabase for the first time. Returns whether the
    /// client's network has attempts left, so that the hash may be computed.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn count_key_attempt(
        &self,
        prefix: &str,
        client_ip: &str,
        now: Timestamp,
    ) -> Result<bool, WriteError> {
        let networks = ClientNetworks::of(client_ip);
        let key = Key::imported_api_key_attempts(prefix, networks.largest());
        let (now, end) = (now.epoch_seconds(), now.epoch_seconds().saturating_add(ATTEMPT_WINDOW));
        let next = Expression::new(
            "ADD #attempts :one SET #expires_at = if_not_exists(#expires_at, :end)",
        );
        let next = next.number("one", 1).number("end", end);
        let counted: KeyAttemptsItem =
            items::from_item("attempts", self.update(&key, next, None).await?)?;
        if counted.expires_at > now {
            return Ok(counted.attempts <= MAX_ATTEMPTS);
        }
        let first = Expression::new("SET #attempts = :one, #expires_at = :end");
        self.update(&key, first.number("one", 1).number("end", end), None).await?;
        Ok(true)
    }

    /// Replaces Metabase's hash of an API key by that of this service, after its first use.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::StaleApiKey`] if the key has been deleted or replaced.
    pub async fn keep_api_key_hash(
        &self,
        prefix: &str,
        bcrypt: &BcryptHash,
        hash: &TokenHash,
    ) -> Result<(), WriteError> {
        let update =
            Expression::new("SET #key_hash = :hash REMOVE #bcrypt").string("hash", hash.as_str());
        // A concurrent request may have replaced the hash of the same key.
        let condition = Expression::new("#bcrypt = :bcrypt OR #key_hash = :hash")
            .string("bcrypt", bcrypt.expose())
            .string("hash", hash.as_str())
            .or_conflict(Conflict::StaleApiKey);
        self.update(&Key::imported_api_key(prefix), update, Some(condition)).await?;
        Ok(())
    }
}

impl TryFrom<ImportedApiKeyItem> for ImportedApiKey {
    type Error = StoreError;

    fn try_from(item: ImportedApiKeyItem) -> Result<Self, StoreError> {
        let malformed =
            |error: &'static str| StoreError::Malformed("imported API key", error.into());
        let hash = match (item.key_hash, item.bcrypt) {
            (Some(hash), _) => ImportedKeyHash::Known(TokenHash::from_stored(hash)),
            (None, Some(bcrypt)) => {
                let hash = BcryptHash::parse(&bcrypt).map_err(|_| malformed("invalid hash"))?;
                ImportedKeyHash::Bcrypt(hash)
            }
            (None, None) => return Err(malformed("no hash")),
        };
        let user = UserId::try_from(item.user_id).map_err(|_| malformed("invalid user ID"))?;
        Ok(Self { user, validity: ApiKeyValidity::try_from(item.validity)?, hash })
    }
}
