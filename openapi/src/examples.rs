//! Accounts and sessions for examples.

use serde_json::json;
use shared::{
    auth::{api_key::ApiKeyToken, token::SessionToken},
    domain::{
        ApiKey, ApiKeyName, Email, Group, GroupId, GroupName, GroupSet, NewUser, PersonName,
        Timestamp, User, UserId,
    },
};

use crate::Error;

/// A session that never was.
const SESSION: &str = "AAAAAAAAAAIAAAAACzBVep_E6Q4zWH2ix-wRNluApcrvFDleg6jN8hc8YYY";

/// The secret of an API key that never was.
const SECRET: &str = "mb_BzxxptsQRXqv5BlOg7jtIleMwfYrYJXK_zRpntMIPXIAAAAAAAAABwAAAAAAAAAB";

/// What examples show.
#[derive(Debug, Clone)]
pub(crate) struct Examples {
    /// The first administrator.
    pub(crate) ada: User,
    /// Somebody without rights.
    pub(crate) jane: User,
    /// A group that somebody made.
    pub(crate) analysts: Group,
    /// A session.
    pub(crate) session: SessionToken,
    /// An API key of the group.
    pub(crate) api_key: ApiKey,
    /// Its secret.
    pub(crate) secret: ApiKeyToken,
    /// When all of it happens.
    pub(crate) now: Timestamp,
}

impl Examples {
    pub(crate) fn new() -> Result<Self, Error> {
        let now = serde_json::from_value(json!("2026-01-01T00:00:00Z"))?;
        let ada = new_user("ada@example.com", ["Ada", "Lovelace"])?;
        let ada = NewUser { groups: GroupSet::default().with_admin(true), ..ada };
        let jane = new_user("newuser@example.com", ["Jane", "Smith"])?;
        let name = GroupName::parse("Analysts").ok_or("no name")?;
        let id = GroupId::try_from(3)?;
        let secret = ApiKeyToken::parse(SECRET).ok_or("no secret")?;
        let api_key = ApiKey {
            id: secret.user(),
            name: ApiKeyName::parse("Nightly sync").ok_or("no name")?,
            hash: secret.hash(),
            masked: secret.masked(),
            created_at: now,
            updated_at: now,
            updated_by: UserId::INSTALLER,
        };
        Ok(Self {
            ada: User::first_admin(ada, now),
            jane: User::new(UserId::try_from(2)?, jane, now),
            analysts: Group { id, name, members: 1, revision: 1, is_being_deleted: false },
            api_key,
            secret,
            session: SessionToken::parse(SESSION).ok_or("no session")?,
            now,
        })
    }
}

fn new_user(email: &str, [first, last]: [&str; 2]) -> Result<NewUser, Error> {
    Ok(NewUser {
        email: Email::parse(email).ok_or("no address")?,
        first_name: PersonName::parse(first),
        last_name: PersonName::parse(last),
        groups: GroupSet::default(),
        locale: None,
        login_attributes: None,
        sso_source: None,
        must_change_password: false,
    })
}
