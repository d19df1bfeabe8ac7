//! Users, groups and credentials for examples.

use serde_json::json;
use shared::{
    auth::{api_key::ApiKeyToken, token::SessionToken},
    domain::{
        ApiKey, ApiKeyName, ApiKeyValidity, Email, Group, GroupId, GroupName, GroupSet, NewUser,
        PersonName, Timestamp, User, UserId,
    },
};

use crate::Error;

/// An invented session token.
const SESSION: &str = "AAAAAAAAAAIAAAAACzBVep_E6Q4zWH2ix-wRNluApcrvFDleg6jN8hc8YYY";
/// An invented API key.
const API_KEY: &str = "mb_BzxxptsQRXqv5BlOg7jtIleMwfYrYJXK_zRpntMIPXIAAAAAAAAABwAAAAAAAAAB";

/// The objects in the examples.
#[derive(Debug, Clone)]
pub struct Examples {
    /// The first administrator.
    pub ada: User,
    /// A user without administrator permissions.
    pub jane: User,
    /// A custom group.
    pub analysts: Group,
    /// A session token.
    pub session: SessionToken,
    /// An API key of the group.
    pub api_key: ApiKey,
    /// The secret of the API key.
    pub secret: ApiKeyToken,
    /// The time of all events.
    pub now: Timestamp,
}

impl Examples {
    /// An invented reset token.
    pub const RESET_TOKEN: &str = "2_bm90IGEgdG9rZW4gYnV0IGl0IGxvb2tzIGxpa2Ugb25lISE";

    pub(crate) fn new() -> Result<Self, Error> {
        let now = serde_json::from_value(json!("2026-01-01T00:00:00Z"))?;
        let ada = new_user("ada@example.com", ["Ada", "Lovelace"])?;
        let ada = NewUser { groups: GroupSet::default().with_admin(true), ..ada };
        let ada = User::first_admin(ada, now);
        let jane = new_user("newuser@example.com", ["Jane", "Smith"])?;
        let name = GroupName::parse("Analysts").ok_or("invalid group name")?;
        let id = GroupId::try_from(3)?;
        let secret = ApiKeyToken::parse(API_KEY).ok_or("invalid API key")?;
        let api_key = ApiKey {
            id: secret.user(),
            name: ApiKeyName::parse("Nightly sync").ok_or("invalid API key name")?,
            hash: secret.hash(),
            masked: secret.masked(),
            created_at: now,
            updated_at: now,
            updated_by: UserId::INSTALLER,
            validity: Some(ApiKeyValidity::of_owner(&ada, now)),
        };
        Ok(Self {
            ada,
            jane: User::new(UserId::try_from(2)?, jane, now),
            analysts: Group { id, name, members: 1, revision: 1, is_being_deleted: false },
            api_key,
            secret,
            session: SessionToken::parse(SESSION).ok_or("invalid session token")?,
            now,
        })
    }
}

fn new_user(email: &str, [first, last]: [&str; 2]) -> Result<NewUser, Error> {
    let email = Email::parse(email).ok_or("invalid email address")?;
    Ok(NewUser {
        first_name: PersonName::parse(first),
        last_name: PersonName::parse(last),
        ..NewUser::with_email(email)
    })
}
