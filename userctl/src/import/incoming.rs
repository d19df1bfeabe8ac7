//! The rows of an import, in the terms of this service.

use shared::{
    auth::{api_key::ImportedKeyHash, password_hash::PasswordHash},
    domain::{ApiKeyName, GroupId, GroupName, Instance, Timestamp, TokenHash, User},
};

use crate::Failure;

/// The rows of another instance. They can be read several times, and are the same each time.
pub(super) trait PeopleSource {
    /// Reads all rows from the start.
    fn rows(&self) -> Result<Box<dyn IncomingRows + '_>, Failure>;

    /// The size of the source in bytes, if it is known.
    fn size(&self) -> Option<u64>;

    /// The public attributes of the instance, for a table that is not set up.
    fn instance(&self) -> Instance {
        Instance { site_name: None, site_locale: None }
    }
}

/// Rows, and the position in their source.
pub(super) trait IncomingRows {
    /// The next row; `None` at the end.
    fn next(&mut self) -> Result<Option<Row>, Failure>;

    /// The number of bytes read.
    fn position(&self) -> u64;
}

/// A row and its place, for example `dump.sql:12`.
pub(super) struct Row {
    pub(super) place: String,
    pub(super) incoming: Incoming,
}

/// A row in the terms of this service.
pub(super) enum Incoming {
    User(Box<IncomingUser>),
    Group(IncomingGroup),
    Membership {
        user: u64,
        group: u64,
        is_manager: bool,
    },
    ApiKey(Box<IncomingKey>),
    /// The user behind an API key, which comes with the key.
    ServiceUser,
    /// A row that no import takes, and why.
    Skipped(&'static str),
    /// A row that cannot be imported.
    Refused(Refused),
}

/// A row that cannot be imported, with the reason.
pub(super) struct Refused {
    pub(super) kind: super::Kind,
    pub(super) id: Option<u64>,
    pub(super) reason: String,
}

/// A user, with the groups that the row itself has.
pub(super) struct IncomingUser {
    pub(super) user: User,
    pub(super) password: Option<PasswordHash>,
    pub(super) password_set_at: Option<Timestamp>,
    /// What this service does not keep of the row.
    pub(super) notes: Vec<String>,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum IncomingGroup {
    /// A group that exists here already, under an ID of its own.
    Builtin { id: u64, here: GroupId },
    /// Any other group.
    Custom { id: GroupId, name: GroupName },
}

/// An API key.
pub(super) struct IncomingKey {
    /// The ID of the service account, which is the ID of the key here.
    pub(super) user: u64,
    pub(super) name: ApiKeyName,
    pub(super) secret: IncomingSecret,
    /// The user who made the key.
    pub(super) creator: Option<u64>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) updated_at: Option<Timestamp>,
    /// What only a key of this service has.
    pub(super) own: Option<OwnKey>,
}

/// The hash of the secret of an API key.
pub(super) enum IncomingSecret {
    /// A key of Metabase, which is found by its prefix.
    Metabase { prefix: String, hash: ImportedKeyHash },
    /// A key of this service. It contains the IDs of the key and of its owner.
    Own(TokenHash),
}

impl IncomingSecret {
    /// The hash in the list of keys.
    pub(super) fn list_hash(&self) -> TokenHash {
        match self {
            Self::Metabase { prefix, .. } => TokenHash::of_imported_key(prefix),
            Self::Own(hash) => hash.clone(),
        }
    }
}

/// What only a key of this service has. Its owner stays, even one who is no administrator now.
pub(super) struct OwnKey {
    pub(super) masked: String,
    pub(super) updated_by: u64,
    pub(super) issued_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) is_revoked: bool,
}
