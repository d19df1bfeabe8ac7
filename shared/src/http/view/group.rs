//! Groups and memberships on the wire, in both dialects.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::{Group, GroupId, Magic, MembershipId, User};

/// A group.
#[derive(Debug, Serialize)]
pub struct GroupView<'a> {
    id: u64,
    name: &'a str,
    magic_group_type: Option<&'static str>,
    entity_id: (),
    is_tenant_group: bool,
}

/// A group in a list.
#[derive(Debug, Serialize)]
pub struct ListedGroup<'a> {
    #[serde(flatten)]
    group: GroupView<'a>,
    member_count: usize,
}

/// A group and who is in it.
#[derive(Debug, Serialize)]
pub struct GroupWithMembers<'a> {
    #[serde(flatten)]
    group: GroupView<'a>,
    members: Vec<MemberView<'a>>,
}

/// Somebody in a group.
#[derive(Debug, Serialize)]
pub struct MemberView<'a> {
    id: u64,
    user_id: u64,
    membership_id: u64,
    group_id: u64,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    common_name: String,
    email: &'a str,
    is_superuser: bool,
    r#type: &'static str,
}

/// That an account is in a group.
#[derive(Debug, Serialize)]
pub struct MembershipView {
    membership_id: u64,
    group_id: u64,
    user_id: u64,
    is_group_manager: bool,
}

impl<'a> From<&'a Group> for GroupView<'a> {
    fn from(group: &'a Group) -> Self {
        Self {
            id: group.id.get(),
            name: group.name.as_str(),
            magic_group_type: group.id.magic().map(Magic::kind),
            entity_id: (),
            is_tenant_group: false,
        }
    }
}

impl<'a> ListedGroup<'a> {
    /// The group with the number of its active members.
    #[must_use]
    pub fn new(group: &'a Group, member_count: usize) -> Self {
        Self { group: group.into(), member_count }
    }
}

impl<'a> GroupWithMembers<'a> {
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
            membership_id: MembershipId::of(user.id, group).get(),
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
            membership_id: MembershipId::of(user.id, group).get(),
            group_id: group.get(),
            user_id: user.id.get(),
            is_group_manager: false,
        }
    }
}
