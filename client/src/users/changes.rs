//! Users in requests.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Serialize, Serializer};

use crate::{GroupId, secret};

/// A new user.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewUser {
    /// Email address.
    pub email: String,
    /// First name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Password. A user without one gets an invitation.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "secret::serialize_option")]
    pub password: Option<SecretString>,
    /// Identity provider of a user without a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sso_source: Option<String>,
    /// Groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_ids: Option<Vec<GroupId>>,
    /// Preferred language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Attributes for other systems.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login_attributes: Option<BTreeMap<String, String>>,
    /// Whether the user must change the password first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub must_change_password: Option<bool>,
    /// Whether the user gets an invitation, which needs neither names nor a password.
    #[serde(rename = "source", skip_serializing_if = "is_false", serialize_with = "as_source")]
    pub is_invitation: bool,
}

impl NewUser {
    /// A user with a password.
    #[must_use]
    pub fn with_password(email: &str, password: SecretString) -> Self {
        Self { email: email.to_owned(), password: Some(password), ..Self::default() }
    }

    /// A user who gets an invitation.
    #[must_use]
    pub fn invitation(email: &str) -> Self {
        Self { email: email.to_owned(), is_invitation: true, ..Self::default() }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature of serde")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// The value of Metabase for an invitation by an administrator.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature of serde")]
fn as_source<S: Serializer>(_: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("admin")
}

/// A field of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// The field does not change.
    #[default]
    Keep,
    /// The field has no value.
    Clear,
    /// The field has this value.
    Set(T),
}

impl<T> Change<T> {
    /// Whether the field does not change.
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<T> From<Option<T>> for Change<T> {
    /// Sets the value, or clears the field.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }
}

impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set(value) => value.serialize(serializer),
            Self::Keep | Self::Clear => serializer.serialize_none(),
        }
    }
}

/// Changes of a user. The default changes nothing.
#[derive(Debug, Clone, Default, Serialize)]
pub struct UserChanges {
    /// Email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// First name.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub first_name: Change<String>,
    /// Last name.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub last_name: Change<String>,
    /// Preferred language.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub locale: Change<String>,
    /// Attributes for other systems.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub login_attributes: Change<BTreeMap<String, String>>,
    /// All groups of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_ids: Option<Vec<GroupId>>,
    /// Whether the user is an administrator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_superuser: Option<bool>,
    /// Whether the user must change the password first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub must_change_password: Option<bool>,
    /// Current password, for a new email address of one's own.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "secret::serialize_option")]
    pub password: Option<SecretString>,
}
