//! Profiles of users.

use std::{collections::BTreeMap, ops::Not};

use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        Email, GroupId, Locale, LoginAttributes, PersonName, SessionGeneration, Sharding,
        SsoSource, Timestamp, User, UserId, UserKind,
    },
    store::{StoreError, keys},
};

/// The attributes of a user that a list reads: all except the keys, the search text, and those
/// that no list shows.
///
/// The omitted attributes repeat the others and are nearly half of the item.
pub(in crate::store) const LIST_PROJECTION: &str = "#id, #kind, #email, #first_name, #last_name, \
    #groups, #is_active, #is_anonymized, #is_qbnewb, #is_datasetnewb, #locale, #login_attributes, \
    #sso_source, #must_change_password, #date_joined, #updated_at, #first_login, #last_login, \
    #generation, #version, #folded";

/// The profile of a user, and the user's position in the index.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) struct UserItem {
    id: u64,
    /// Absent for every user except service accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<KindItem>,
    email: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pending_email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email_settled_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(with = "serde_dynamo::number_set")]
    groups: Vec<u64>,
    is_active: bool,
    #[serde(default, skip_serializing_if = "Not::not")]
    is_anonymized: bool,
    #[serde(default = "default_true", skip_serializing_if = "Clone::clone")]
    is_qbnewb: bool,
    #[serde(default = "default_true", skip_serializing_if = "Clone::clone")]
    is_datasetnewb: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    login_attributes: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sso_source: Option<String>,
    #[serde(default, skip_serializing_if = "Not::not")]
    must_change_password: bool,
    #[serde(default, skip_serializing_if = "Not::not")]
    lacks_password: bool,
    date_joined: Timestamp,
    updated_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_login: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_login: Option<Timestamp>,
    generation: u32,
    version: u64,
    #[serde(default, skip_serializing_if = "Not::not")]
    has_imported_password: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    creation_record: Option<String>,
    /// Absent for service accounts, which no list contains.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    list_pk: Option<String>,
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    list_sk: Option<String>,
    #[serde(skip_deserializing)]
    search: String,
    /// Whether the sort key of this version differs from that of earlier versions, which kept
    /// accents.
    #[serde(default, skip_serializing_if = "Not::not")]
    folded: bool,
}

/// The default of a flag. Only the other value is stored, because nearly all users have the
/// default.
const fn default_true() -> bool {
    true
}

/// The kind of a user, if it is not a person.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KindItem {
    ApiKey,
}

impl UserItem {
    pub(in crate::store) fn new(user: &User, sharding: Sharding) -> Self {
        let name = |name: &Option<PersonName>| name.clone().map(String::from);
        let is_listed = user.kind == UserKind::Person;
        Self {
            id: user.id.get(),
            kind: (!is_listed).then_some(KindItem::ApiKey),
            email: user.email.as_str().to_owned(),
            pending_email: user.pending_email.as_ref().map(|email| email.as_str().to_owned()),
            email_settled_at: user.email_settled_at,
            first_name: name(&user.first_name),
            last_name: name(&user.last_name),
            groups: user.groups.iter().map(GroupId::get).collect(),
            is_active: user.is_active,
            is_anonymized: user.is_anonymized,
            is_qbnewb: user.is_qbnewb,
            is_datasetnewb: user.is_datasetnewb,
            locale: user.locale.as_ref().map(|locale| locale.as_str().to_owned()),
            login_attributes: user.login_attributes.as_ref().map(|texts| texts.as_map().clone()),
            sso_source: user.sso_source.clone().map(String::from),
            must_change_password: user.must_change_password,
            lacks_password: user.lacks_password,
            date_joined: user.date_joined,
            updated_at: user.updated_at,
            first_login: user.first_login,
            last_login: user.last_login,
            generation: user.generation.0,
            version: user.version,
            has_imported_password: user.has_imported_password,
            creation_record: user.creation_record.clone(),
            list_pk: is_listed.then(|| sharding.index_partition(user.id, user.is_active)),
            list_sk: is_listed.then(|| keys::new_index_sort_key(user)),
            search: user.search_text(),
            folded: has_accents(user),
        }
    }
}

impl TryFrom<UserItem> for User {
    type Error = StoreError;

    fn try_from(item: UserItem) -> Result<Self, StoreError> {
        let malformed = |error| StoreError::Malformed("user", Box::new(error));
        let groups = item.groups.into_iter().map(GroupId::try_from).collect::<Result<_, _>>();
        let user = Self {
            id: UserId::try_from(item.id).map_err(malformed)?,
            kind: match item.kind {
                None => UserKind::Person,
                Some(KindItem::ApiKey) => UserKind::ApiKey,
            },
            email: Email::from_stored(item.email),
            pending_email: item.pending_email.map(Email::from_stored),
            email_settled_at: item.email_settled_at,
            first_name: item.first_name.map(PersonName::from_stored),
            last_name: item.last_name.map(PersonName::from_stored),
            groups: groups.map_err(malformed)?,
            is_active: item.is_active,
            is_anonymized: item.is_anonymized,
            is_qbnewb: item.is_qbnewb,
            is_datasetnewb: item.is_datasetnewb,
            locale: item.locale.map(Locale::from_stored),
            login_attributes: item.login_attributes.map(LoginAttributes::from_stored),
            sso_source: item.sso_source.map(SsoSource::from_stored),
            must_change_password: item.must_change_password,
            lacks_password: item.lacks_password,
            date_joined: item.date_joined,
            updated_at: item.updated_at,
            first_login: item.first_login,
            last_login: item.last_login,
            generation: SessionGeneration(item.generation),
            version: item.version,
            has_imported_password: item.has_imported_password,
            creation_record: item.creation_record,
            has_earlier_position: false,
        };
        let has_earlier_position = !item.folded && has_accents(&user);
        Ok(Self { has_earlier_position, ..user })
    }
}

/// Whether the names have accents, so that earlier versions sorted them in another way.
fn has_accents(user: &User) -> bool {
    let is_ascii =
        |name: &Option<PersonName>| name.as_ref().is_none_or(|name| name.as_str().is_ascii());
    let are_ascii = is_ascii(&user.first_name) && is_ascii(&user.last_name);
    !are_ascii && user.folded_names() != user.earlier_folded_names()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use aws_sdk_dynamodb::types::AttributeValue;
    use time::OffsetDateTime;

    use super::*;
    use crate::{
        domain::NewUser,
        store::items::{self, Item},
    };

    fn user() -> User {
        let new = NewUser::with_email(Email::parse("jane@example.com").unwrap());
        User::new(UserId::INSTALLER, new, Timestamp::new(OffsetDateTime::UNIX_EPOCH))
    }

    /// A user with every attribute that an item may contain.
    fn full() -> User {
        let attributes = BTreeMap::from([("team".to_owned(), "blue".to_owned())]);
        let user = User {
            kind: UserKind::ApiKey,
            pending_email: Email::parse("zoe@example.com"),
            email_settled_at: Some(Timestamp::new(OffsetDateTime::UNIX_EPOCH)),
            first_name: PersonName::parse("Zoë"),
            last_name: PersonName::parse("Doe"),
            is_anonymized: true,
            is_qbnewb: false,
            is_datasetnewb: false,
            locale: Locale::parse("de"),
            login_attributes: Some(LoginAttributes::from_stored(attributes)),
            sso_source: SsoSource::parse("saml"),
            must_change_password: true,
            has_imported_password: true,
            creation_record: Some("id".to_owned()),
            ..user()
        };
        user.with_login(Timestamp::new(OffsetDateTime::UNIX_EPOCH))
    }

    fn stored(user: &User) -> Item {
        serde_dynamo::to_item(UserItem::new(user, Sharding::default())).unwrap()
    }

    fn read(item: Item) -> User {
        items::from_item::<UserItem>("user", item).unwrap().try_into().unwrap()
    }

    #[test]
    fn a_list_reads_the_attributes_of_a_user_and_no_others() {
        let projected: HashSet<_> =
            LIST_PROJECTION.split(", ").filter_map(|name| name.strip_prefix('#')).collect();
        let item = stored(&full());
        let omitted = [
            "search",
            "creation_record",
            "pending_email",
            "email_settled_at",
            "has_imported_password",
        ];
        let is_listed = |name: &&str| !omitted.contains(name);
        let expected: HashSet<_> = item.keys().map(String::as_str).filter(is_listed).collect();
        assert_eq!(projected, expected);
        for user in [user(), full()] {
            let mut item = stored(&user);
            item.retain(|name, _| projected.contains(name.as_str()));
            let listed = User {
                creation_record: None,
                pending_email: None,
                email_settled_at: None,
                has_imported_password: false,
                ..user
            };
            assert_eq!(read(item), listed);
        }
    }

    #[test]
    fn default_flags_are_not_stored() {
        let mut item = stored(&user());
        for flag in ["is_anonymized", "is_qbnewb", "is_datasetnewb", "must_change_password"] {
            assert_eq!(item.get(flag), None, "{flag}");
        }
        // Earlier versions stored both flags.
        item.extend([("is_qbnewb".to_owned(), AttributeValue::Bool(true))]);
        assert_eq!(read(item), user());
    }
}
