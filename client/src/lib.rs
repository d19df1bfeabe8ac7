//! Typed async client of the user API.
//!
//! A [`Client`] has one method for each route. `docs/api.md` lists the routes, `docs/using.md`
//! explains their behavior. The client expects the documented dialect of the API.
//!
//! ```no_run
//! use client::{Client, Error, NewUser, UserQuery};
//! use futures_util::TryStreamExt;
//! use secrecy::SecretString;
//!
//! # async fn example(password: SecretString) -> Result<(), Error> {
//! let client = Client::new("https://users.example.com")?;
//! let session = client.login("ada@example.com", &password).await?;
//! let client = client.with_session(session);
//!
//! let new = NewUser::invitation("grace@example.com");
//! let grace = client.with_idempotency_key("invite-grace")?.create_user(&new).await?;
//! println!("invited {} as {}", grace.email, grace.id);
//!
//! // The stream requests further pages when they are needed.
//! let mut users = std::pin::pin!(client.users(UserQuery::default()));
//! while let Some(user) = users.try_next().await? {
//!     println!("{} {}", user.id, user.email);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Requests
//!
//! - **Credentials.** [`Client::with_session`] and [`Client::with_api_key`] return clients with a
//!   session or an API key. Secrets are [`secrecy::SecretString`], so no `Debug` output contains
//!   them.
//! - **Conditions.** [`Client::with_if_match`] returns a client for updates of one version of a
//!   user. [`Versioned`] contains the `ETag` of a response.
//! - **Idempotency.** [`Client::with_idempotency_key`] returns a client for one `POST`. The service
//!   applies the request once, however often the client sends it.
//! - **Retries.** The client waits and repeats requests after 429 and 503, see [`RetryPolicy`].
//! - **Encryption.** The client sends secrets, so it uses plain HTTP only to this machine. See
//!   [`ClientBuilder::allow_plain_http`] for the exception.
//! - **Redirects.** The client follows none, so no other host receives its credentials.

mod address;
mod api_keys;
mod audit;
mod builder;
mod connection;
mod credentials;
mod error;
mod groups;
mod ids;
mod instance;
mod memberships;
mod operations;
mod pages;
mod passwords;
mod permissions;
mod request;
mod retry;
mod secret;
mod sessions;
mod users;

pub use crate::{
    address::{normalized_address, same_address},
    api_keys::{
        ApiKey, ApiKeyChanges, ApiKeyWithSecret, ListedApiKey, NewApiKey, Owner, Reference,
    },
    audit::{AuditActor, AuditEvent, AuditQuery, AuditTarget},
    builder::{Client, ClientBuilder},
    credentials::Credentials,
    error::{ApiError, Error},
    groups::{Group, GroupDetails, GroupListItem, GroupMember},
    ids::{ApiKeyId, GroupId, MembershipId, ParseIdError, SessionId, UserId},
    instance::{Health, InstanceProperties, PasswordRules, Setting, SetupRequest, Version},
    memberships::Membership,
    operations::{OperationInfo, operations},
    pages::Page,
    permissions::PermissionsGraph,
    request::{ETag, Versioned},
    retry::{Clock, RetryPolicy, TokioClock},
    sessions::{LoginHistoryEntry, UserSession},
    users::{
        Change, CurrentUser, Invitation, Modal, NewUser, Recipient, User, UserChanges,
        UserListItem, UserQuery, UserStatus,
    },
};
