//! The present users and groups.

use std::collections::HashMap;

use client::{Client, GroupId, UserId, UserListItem, UserQuery, UserStatus, normalized_address};
use futures_util::TryStreamExt;

use crate::{
    Failure,
    references::{folded, groups},
};

/// The present users and groups.
#[derive(Debug)]
pub(super) struct Directory {
    users: HashMap<String, UserListItem>,
    groups: HashMap<String, GroupId>,
    names: HashMap<GroupId, String>,
    /// The user of the credentials.
    pub(super) me: UserId,
}

impl Directory {
    /// Reads all users and groups.
    pub(super) async fn load(client: &Client) -> Result<Self, Failure> {
        let me = client.current_user().await?.user.id;
        let groups = groups(client).await?.into_iter().map(|each| each.group);
        let names: HashMap<_, _> = groups.map(|group| (group.id, group.name)).collect();
        let groups = names.iter().map(|(id, name)| (folded(name), *id)).collect();
        let query = UserQuery { status: UserStatus::All, ..UserQuery::default() };
        let mut stream = std::pin::pin!(client.users(query));
        let mut users = HashMap::new();
        while let Some(user) = stream.try_next().await? {
            users.insert(normalized_address(&user.email), user);
        }
        Ok(Self { users, groups, names, me })
    }

    /// The user with an email address.
    pub(super) fn user(&self, email: &str) -> Option<&UserListItem> {
        self.users.get(&normalized_address(email))
    }

    /// All users, ordered by ID.
    pub(super) fn users(&self) -> Vec<&UserListItem> {
        let mut users: Vec<_> = self.users.values().collect();
        users.sort_by_key(|user| user.id);
        users
    }

    /// The ID of a group, by name, or by `#` and the ID.
    pub(super) fn group(&self, name: &str) -> Result<GroupId, String> {
        let id = name.strip_prefix('#').and_then(|id| id.parse().ok());
        let id = id.filter(|id| self.names.contains_key(id));
        let id = self.groups.get(&folded(name)).copied().or(id);
        id.ok_or_else(|| format!("groups: no group is named {name}"))
    }

    /// The names of groups for people, without All Users.
    pub(super) fn names(&self, ids: &[GroupId]) -> String {
        let ids = ids.iter().filter(|id| **id != GroupId::ALL_USERS);
        let names = ids.map(|id| self.names.get(id).cloned().unwrap_or_else(|| id.to_string()));
        names.collect::<Vec<_>>().join(";")
    }
}
