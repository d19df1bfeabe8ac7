//! Groups and memberships on the wire, in both dialects.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{
    BuiltinGroup, Email, Group, GroupId, GroupName, MembershipId, PersonName, User, UserId,
};

/// A group.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Group")]
pub struct GroupView<'a> {
    /// The group's number.
    #[schemars(with = "GroupId")]
    id: u64,
    #[schemars(with = "GroupName")]
    name: &'a str,
    /// Which of the groups that always exist it is, if it is one.
    #[schemars(extend("enum" = ["all-internal-users", "admin", null]))]
    magic_group_type: Option<&'static str>,
    /// Always null: Metabase has it.
    entity_id: (),
    /// Always false: Metabase has it.
    #[schemars(extend("const" = false))]
    is_tenant_group: bool,
}

/// A group in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GroupListItem<'a> {
    #[serde(flatten)]
    group: GroupView<'a>,
    /// How many active accounts are in it.
    member_count: usize,
}

/// A group and who is in it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GroupDetails<'a> {
    #[serde(flatten)]
    group: GroupView<'a>,
    /// The active accounts in it.
    members: Vec<MemberView<'a>>,
}

/// Somebody in a group.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Member")]
pub struct MemberView<'a> {
    /// The account's number.
    #[schemars(with = "UserId")]
    id: u64,
    /// The account's number once more.
    #[schemars(with = "UserId")]
    user_id: u64,
    /// The number of its being in this group.
    #[schemars(with = "MembershipId")]
    membership_id: u64,
    /// The group's number.
    #[schemars(with = "GroupId")]
    group_id: u64,
    #[schemars(with = "Option<PersonName>")]
    first_name: Option<&'a str>,
    #[schemars(with = "Option<PersonName>")]
    last_name: Option<&'a str>,
    /// Both names, or the one that there is, or the address.
    common_name: String,
    #[schemars(with = "Email")]
    email: &'a str,
    /// Whether it is an administrator: a member of group 2.
    is_superuser: bool,
    /// Always `personal`.
    #[schemars(extend("const" = "personal"))]
    r#type: &'static str,
}

/// That an account is in a group.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MembershipOfUser")]
pub struct MembershipView {
    /// The number of its being in this group.
    #[schemars(with = "MembershipId")]
    membership_id: u64,
    /// The group's number.
    #[schemars(with = "GroupId")]
    group_id: u64,
    /// The account's number.
    #[schemars(with = "UserId")]
    user_id: u64,
    /// Always false: Metabase sells it.
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
    /// The group with the number of its active members.
    #[must_use]
    pub fn new(group: &'a Group, member_count: usize) -> Self {
        Self { group: group.into(), member_count }
    }
}

impl<'a> GroupDetails<'a> {
    /// The group with its active members.
    #[must_use]
    pub fn new(group: &'a Group, members: &'a [User]) -> Self {
        Self { group: group.into(), members: MemberView::all(members, group.id) }
    }
}

impl<'a> MemberView<'a> {
    /// The members of a group.
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
            r#type: "personal",
        }
    }
}

impl MembershipView {
    /// The memberships of accounts, by account.
    #[must_use]
    pub fn by_user(users: &[User]) -> BTreeMap<u64, Vec<Self>> {
        let of = |user: &User| user.groups.iter().map(|group| Self::new(user, group)).collect();
        users.iter().map(|user| (user.id.get(), of(user))).collect()
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
