//! Users in responses.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, serde::rfc3339};

use crate::{GroupId, UserId, secret};

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// User ID.
    pub id: UserId,
    /// Email address for login.
    pub email: String,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Both names, or the email address.
    pub common_name: String,
    /// Whether the user is an administrator.
    pub is_superuser: bool,
    /// Whether the user may log in.
    pub is_active: bool,
    /// Time of the last login.
    #[serde(with = "rfc3339::option")]
    pub last_login: Option<OffsetDateTime>,
    /// Time of creation.
    #[serde(with = "rfc3339")]
    pub date_joined: OffsetDateTime,
    /// Time of the last change.
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
    /// Preferred language.
    pub locale: Option<String>,
    /// Identity provider of a user without a password.
    pub sso_source: Option<String>,
    /// Attributes for other systems.
    pub login_attributes: Option<BTreeMap<String, String>>,
    /// Whether the user must change the password first.
    #[serde(default)]
    pub must_change_password: bool,
    /// New email address that the user has not confirmed.
    #[serde(default)]
    pub pending_email: Option<String>,
    /// Groups of the user, in ascending order.
    #[serde(rename = "user_group_memberships", with = "memberships", default)]
    pub group_ids: Vec<GroupId>,
}

/// The user of the credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentUser {
    /// The user.
    #[serde(flatten)]
    pub user: User,
    /// Whether the user set the instance up.
    pub is_installer: bool,
    /// Time of the first login.
    #[serde(with = "rfc3339")]
    pub first_login: OffsetDateTime,
}

/// A user in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserListItem {
    /// User ID.
    pub id: UserId,
    /// Email address for login.
    pub email: String,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Both names, or the email address.
    pub common_name: String,
    /// Whether the user is an administrator.
    pub is_superuser: bool,
    /// Whether the user may log in.
    pub is_active: bool,
    /// Time of the last login.
    #[serde(with = "rfc3339::option")]
    pub last_login: Option<OffsetDateTime>,
    /// Time of creation.
    #[serde(with = "rfc3339")]
    pub date_joined: OffsetDateTime,
    /// Time of the last change.
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
    /// Preferred language.
    pub locale: Option<String>,
    /// Identity provider of a user without a password.
    pub sso_source: Option<String>,
    /// Attributes for other systems.
    pub login_attributes: Option<BTreeMap<String, String>>,
    /// Whether the user must change the password first.
    #[serde(default)]
    pub must_change_password: bool,
    /// Groups of the user, in ascending order.
    pub group_ids: Vec<GroupId>,
}

/// A user as the recipient of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// User ID.
    pub id: UserId,
    /// Email address.
    pub email: String,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Both names, or the email address.
    pub common_name: String,
}

/// The result of an invitation.
#[derive(Debug, Clone, Deserialize)]
pub struct Invitation {
    /// Whether the email is sent.
    #[serde(rename = "success")]
    pub is_sent: bool,
    /// The link of the invitation, if the service sends no emails.
    #[serde(default, rename = "password_reset_url")]
    #[serde(deserialize_with = "secret::deserialize_option")]
    pub url: Option<SecretString>,
}

/// Memberships as objects with an ID.
mod memberships {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::GroupId;

    #[derive(Serialize, Deserialize)]
    struct Reference {
        id: GroupId,
    }

    pub(super) fn serialize<S: Serializer>(
        groups: &[GroupId],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(groups.iter().map(|id| Reference { id: *id }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<GroupId>, D::Error> {
        let references = Vec::<Reference>::deserialize(deserializer)?;
        Ok(references.into_iter().map(|reference| reference.id).collect())
    }
}
