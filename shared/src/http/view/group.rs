//! Groups and memberships in responses, in both dialects.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{
    BuiltinGroup, Email, Group, GroupId, GroupName, MembershipId, PersonName, User, UserId,
    UserKind,
};

/// A group.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Group")]
pub struct GroupView<'a> {
    /// Group ID.
    #[schemars(with = "GroupId")]
    id: u64,
    #[schemars(with = "GroupName")]
    name: &'a str,
    /// Kind of a builtin group; null for a custom group.
    #[schemars(extend("enum" = ["all-internal-users", "admin", null]))]
    magic_group_type: Option<&'static str>,
    /// Always null; present for compatibility with Metabase.
    entity_id: (),
    /// Always false; present for compatibility with Metabase.
    #[schemars(extend("const" = false))]
    is_tenant_group: bool,
}

/// A group in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GroupListItem<'a> {
    #[serde(flatten)]
    group: GroupView<'a>,
    /// Number of active members, including API keys.
    member_count: usize,
}

/// A group with its members.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GroupDetails<'a> {
    #[serde(flatten)]
    group: GroupView<'a>,
    /// Active members, including the service accounts of API keys.
    members: Vec<MemberView<'a>>,
}

/// A member of a group.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GroupMember")]
pub struct MemberView<'a> {
    /// User ID.
    #[schemars(with = "UserId")]
    id: u64,
    /// User ID, the same as `id`.
    #[schemars(with = "UserId")]
    user_id: u64,
    /// Membership ID.
    #[schemars(with = "MembershipId")]
    membership_id: u64,
    /// Group ID.
    #[schemars(with = "GroupId")]
    group_id: u64,
    #[schemars(with = "Option<PersonName>")]
    first_name: Option<&'a str>,
    #[schemars(with = "Option<PersonName>")]
    last_name: Option<&'a str>,
    /// First and last name, or the only one; the email address if both are null.
    common_name: String,
    #[schemars(with = "Email")]
    email: &'a str,
    /// Whether the user is an administrator, a member of group 2.
    is_superuser: bool,
    /// `api-key` for the service account of an API key.
    #[schemars(extend("enum" = ["personal", "api-key"]))]
    r#type: &'static str,
}

/// A membership of a user in a group.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Membership")]
pub struct MembershipView {
    /// Membership ID.
    #[schemars(with = "MembershipId")]
    membership_id: u64,
    /// Group ID.
    #[schemars(with = "GroupId")]
    group_id: u64,
    /// User ID.
    #[schemars(with = "UserId")]
    user_id: u64,
    /// Always false: group managers are a paid feature of Metabase.
    #[schemars(extend("const" = false))]
    is_group_manager: bool,
}

impl<'a> From<&'a Group> for GroupView<'a> {
    fn from(group: &'a Group) -> Self {
        Self {
            id: group.id.get(),
            name: group.name.as_str(),
            magic_group_type: group.id.builtin().map(BuiltinGroup::kind),
            entity_id: (),
            is_tenant_group: false,
        }
    }
}

impl<'a> GroupListItem<'a> {
    /// Creates the view of a group with the number of its active members.
    #[must_use]
    pub fn new(group: &'a Group, member_count: usize) -> Self {
        Self { group: group.into(), member_count }
    }
}

impl<'a> GroupDetails<'a> {
    /// Creates the view of a group with its active members.
    #[must_use]
    pub fn new(group: &'a Group, members: &'a [User]) -> Self {
        Self { group: group.into(), members: MemberView::all(members, group.id) }
    }
}

impl<'a> MemberView<'a> {
    /// Creates the views of a group's members.
    #[must_use]
    pub fn all(members: &'a [User], group: GroupId) -> Vec<Self> {
        members.iter().map(|user| Self::new(user, group)).collect()
    }

    fn new(user: &'a User, group: GroupId) -> Self {
        Self {
            id: user.id.get(),
            user_id: user.id.get(),
            membership_id: MembershipId::encode(user.id, group).get(),
            group_id: group.get(),
            first_name: super::name(user.first_name.as_ref()),
            last_name: super::name(user.last_name.as_ref()),
            common_name: user.common_name(),
            email: user.email.as_str(),
            is_superuser: user.is_superuser(),
            r#type: match user.kind {
                UserKind::Person => "personal",
                UserKind::ApiKey => "api-key",
            },
        }
    }
}

impl MembershipView {
    /// Creates the views of all memberships of users, by user ID.
    #[must_use]
    pub fn by_user(users: &[User]) -> BTreeMap<u64, Vec<Self>> {
        let memberships =
            |user: &User| user.groups.iter().map(|group| Self::new(user, group)).collect();
        users.iter().map(|user| (user.id.get(), memberships(user))).collect()
    }

    fn new(user: &User, group: GroupId) -> Self {
        Self {
            membership_id: MembershipId::encode(user.id, group).get(),
            group_id: group.get(),
            user_id: user.id.get(),
            is_group_manager: false,
        }
    }
}
