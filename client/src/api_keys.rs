//! API keys: credentials for programs.

use futures_util::Stream;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, serde::rfc3339};

use crate::{
    ApiKeyId, Client, Error, GroupId, UserId, operations as op,
    pages::{self, Position, offset_after},
    secret,
};

/// The number of API keys in a page.
const PAGE: usize = 500;

/// The ID and name of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Group ID.
    pub id: GroupId,
    /// Group name.
    pub name: String,
}

/// The administrator responsible for an API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// User ID.
    pub id: UserId,
    /// Both names, or the email address.
    pub common_name: String,
    /// Whether the user is active.
    pub is_active: bool,
}

/// An API key without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// API key ID.
    pub id: ApiKeyId,
    /// Name.
    pub name: String,
    /// The group with the permissions of the key.
    pub group: Reference,
    /// First characters of the secret.
    pub masked_key: String,
    /// Time of creation.
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    /// Time of the last change.
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
    /// Time of the expiry.
    #[serde(with = "rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
}

/// An API key in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedApiKey {
    /// The API key.
    #[serde(flatten)]
    pub key: ApiKey,
    /// The responsible administrator.
    pub owner: Option<Owner>,
    /// Whether the key is valid.
    pub is_active: bool,
    /// Time since which the key is invalid, if known.
    #[serde(with = "rfc3339::option")]
    pub inactive_since: Option<OffsetDateTime>,
    /// Time of the last use, to the hour.
    #[serde(with = "rfc3339::option")]
    pub last_used_at: Option<OffsetDateTime>,
}

/// An API key with its secret. No later response contains the secret.
#[derive(Debug, Clone, Deserialize)]
pub struct ApiKeyWithSecret {
    /// The API key.
    #[serde(flatten)]
    pub key: ApiKey,
    /// The secret.
    #[serde(rename = "unmasked_key", deserialize_with = "secret::deserialize")]
    pub secret: SecretString,
}

/// A new API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewApiKey {
    /// Name, unique among all API keys.
    pub name: String,
    /// The group with the permissions of the key.
    pub group_id: GroupId,
    /// Expiry: a date or an RFC 3339 timestamp.
    pub expires_at: Option<String>,
}

/// Changes of an API key. The default changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ApiKeyChanges {
    /// Name.
    pub name: Option<String>,
    /// Group.
    pub group_id: Option<GroupId>,
}

/// # API keys
///
/// Every method returns an error if the service rejects the request or does not respond.
#[expect(clippy::missing_errors_doc, reason = "the same for all methods, see above")]
impl Client {
    /// Returns all API keys. `GET /api/api-key`
    pub fn api_keys(&self) -> impl Stream<Item = Result<ListedApiKey, Error>> {
        let client = self.clone();
        pages::all(Position::Offset(0), move |position| {
            let client = client.clone();
            async move {
                let Position::Offset(offset) = position else { return Ok((Vec::new(), None)) };
                let request = client.request(op::LIST_API_KEYS, &[]).query("limit", &PAGE);
                let keys = request.query("offset", &offset).send().await?;
                let next = offset_after(offset, keys.len(), PAGE);
                Ok((keys, next))
            }
        })
    }

    /// Returns the number of API keys. `GET /api/api-key/count`
    pub async fn api_key_count(&self) -> Result<u64, Error> {
        self.request(op::COUNT_API_KEYS, &[]).send().await
    }

    /// Creates an API key. `POST /api/api-key`
    pub async fn create_api_key(&self, key: &NewApiKey) -> Result<ApiKeyWithSecret, Error> {
        self.request(op::CREATE_API_KEY, &[]).json(key).send().await
    }

    /// Changes the name or the group of an API key. `PUT /api/api-key/{id}`
    pub async fn update_api_key(
        &self,
        id: ApiKeyId,
        changes: &ApiKeyChanges,
    ) -> Result<ApiKey, Error> {
        self.request(op::UPDATE_API_KEY, &[&id]).json(changes).send().await
    }

    /// Deletes an API key. `DELETE /api/api-key/{id}`
    pub async fn delete_api_key(&self, id: ApiKeyId) -> Result<(), Error> {
        self.request(op::DELETE_API_KEY, &[&id]).done().await
    }

    /// Replaces the secret of an API key. `PUT /api/api-key/{id}/regenerate`
    pub async fn regenerate_api_key(&self, id: ApiKeyId) -> Result<ApiKeyWithSecret, Error> {
        self.request(op::REGENERATE_API_KEY, &[&id]).send().await
    }
}
