//! Requests for groups and memberships, and their rules.

use serde_json::{Value, json};

use super::{
    api_key_rules::ApiKey,
    expected_body::ExpectedBody,
    spec::{Effect, Outcome},
    state::Model,
};
use crate::support::membership;

const ALL_USERS: u64 = 1;
const ADMINISTRATORS: u64 = 2;

/// A request for groups or memberships.
#[derive(Debug, Clone)]
pub(super) enum GroupRequest {
    List,
    Get(u64),
    Create(String),
    Rename(u64, String),
    Delete(u64),
    Clear(u64),
    Memberships,
    /// The IDs of a user and a group, as in the following variants.
    Join(u64, u64),
    Leave(u64, u64),
    SetManager(u64, u64),
}

/// A change of a group.
#[derive(Debug, Clone)]
pub(super) enum GroupOutcome {
    /// The group has this name. Without an ID, the group is new.
    Named(Option<u64>, String),
    Cleared(u64),
    Deleted(u64),
}

impl GroupRequest {
    pub(super) fn request_line(&self) -> (&'static str, String, Value) {
        let path = |rest: String| format!("/api/permissions/{rest}");
        let group = |id: &u64| path(format!("group/{id}"));
        let pair = |user_id: &u64, group_id: &u64| {
            path(format!("membership/{}", membership(*user_id, *group_id)))
        };
        let named = |name: &String| json!({ "name": name });
        match self {
            Self::List => ("GET", path("group".to_owned()), Value::Null),
            Self::Get(id) => ("GET", group(id), Value::Null),
            Self::Create(name) => ("POST", path("group".to_owned()), named(name)),
            Self::Rename(id, name) => ("PUT", group(id), named(name)),
            Self::Delete(id) => ("DELETE", group(id), Value::Null),
            Self::Clear(id) => ("PUT", path(format!("membership/{id}/clear")), Value::Null),
            Self::Memberships => ("GET", path("membership".to_owned()), Value::Null),
            Self::Join(user_id, group_id) => {
                let body = json!({ "user_id": user_id, "group_id": group_id });
                ("POST", path("membership".to_owned()), body)
            }
            Self::Leave(user_id, group_id) => ("DELETE", pair(user_id, group_id), Value::Null),
            Self::SetManager(user_id, group_id) => {
                ("PUT", pair(user_id, group_id), json!({ "is_group_manager": true }))
            }
        }
    }

    pub(super) fn is_malformed(&self) -> bool {
        matches!(self, Self::Create(name) | Self::Rename(_, name) if name.trim().is_empty())
    }

    /// Whether the response depends on more than one read.
    pub(super) const fn needs_several_reads(&self) -> bool {
        matches!(self, Self::List | Self::Get(_) | Self::Memberships)
    }
}

impl Model {
    /// Checks the targets of a request at authentication.
    pub(super) fn authorize_group_request(&self, request: &GroupRequest) -> Result<(), u16> {
        let group = |id: &u64| self.groups.get(id).map(drop).ok_or(404_u16);
        match request {
            GroupRequest::Get(id)
            | GroupRequest::Rename(id, _)
            | GroupRequest::Delete(id)
            | GroupRequest::Clear(id) => group(id),
            GroupRequest::Join(user_id, _) => self.users.get(user_id).map(drop).ok_or(400),
            GroupRequest::Leave(user_id, group) => {
                let user = self.users.get(user_id).filter(|user| user.groups.contains(group));
                user.map(drop).ok_or(404)
            }
            GroupRequest::SetManager(..) => Err(402),
            GroupRequest::List | GroupRequest::Create(_) | GroupRequest::Memberships => Ok(()),
        }
    }

    pub(super) fn group_outcome(&self, request: &GroupRequest) -> Result<Outcome, u16> {
        match request {
            GroupRequest::List => Ok(Outcome::ok(ExpectedBody::Groups)),
            GroupRequest::Get(id) => Ok(Outcome::ok(ExpectedBody::Group(*id))),
            GroupRequest::Create(name) => self.name_group(None, name),
            GroupRequest::Rename(id, name) => self.name_group(Some(*id), name),
            GroupRequest::Delete(id) if *id <= ADMINISTRATORS => Err(400),
            GroupRequest::Delete(id) => self.remove_members(*id, GroupOutcome::Deleted(*id)),
            GroupRequest::Clear(id) if *id <= ADMINISTRATORS => Err(400),
            GroupRequest::Clear(id) => self.remove_members(*id, GroupOutcome::Cleared(*id)),
            GroupRequest::Memberships => Ok(Outcome::ok(ExpectedBody::Memberships)),
            GroupRequest::Join(user_id, group) => self.join_group(*user_id, *group),
            GroupRequest::Leave(user_id, group) => self.leave_group(*user_id, *group),
            GroupRequest::SetManager(..) => Err(402),
        }
    }

    fn name_group(&self, id: Option<u64>, name: &str) -> Result<Outcome, u16> {
        if id.is_some_and(|id| id <= ADMINISTRATORS) {
            return Err(400);
        }
        if id.is_some_and(|id| !self.groups.contains_key(&id)) {
            return Err(404);
        }
        let is_same_name = |other: &String| other.to_lowercase() == name.to_lowercase();
        let mut others = self.groups.iter().filter(|(other, _)| Some(**other) != id);
        if others.any(|(_, other)| is_same_name(other)) {
            return Err(400);
        }
        let group = Some(GroupOutcome::Named(id, name.to_owned()));
        let effect = Effect { group, ..Effect::default() };
        let expected_body = id.map_or(ExpectedBody::CreatedGroup, ExpectedBody::RenamedGroup);
        Ok(Outcome { effect, ..Outcome::ok(expected_body) })
    }

    fn remove_members(&self, id: u64, change: GroupOutcome) -> Result<Outcome, u16> {
        if !self.groups.contains_key(&id) {
            return Err(404);
        }
        let effect = Effect { group: Some(change), ..Effect::default() };
        Ok(Outcome { status: 204, effect, expected_body: ExpectedBody::Any })
    }

    fn join_group(&self, user_id: u64, group: u64) -> Result<Outcome, u16> {
        let mut user = self.users[&user_id].clone();
        if group == ALL_USERS || !self.groups.contains_key(&group) || !user.groups.insert(group) {
            return Err(400);
        }
        user.updated_at = self.now;
        Ok(Outcome::saved_user(Some(user_id), user, ExpectedBody::Members(group)))
    }

    fn leave_group(&self, user_id: u64, group: u64) -> Result<Outcome, u16> {
        let mut user = self.users[&user_id].clone();
        if group == ALL_USERS || group == ADMINISTRATORS && self.is_last_admin(user_id) {
            return Err(400);
        }
        if !user.groups.remove(&group) {
            return Err(404);
        }
        user.updated_at = self.now;
        Ok(Outcome { status: 204, ..Outcome::saved_user(Some(user_id), user, ExpectedBody::Any) })
    }

    /// Applies a change of a group. Returns `None` if a new ID is missing or in use.
    pub(super) fn apply_group_outcome(
        &mut self,
        change: GroupOutcome,
        new_id: Option<u64>,
    ) -> Option<()> {
        match change {
            GroupOutcome::Named(id, name) => {
                let new_id = new_id.filter(|id| !self.groups.contains_key(id));
                self.groups.insert(id.or(new_id)?, name);
            }
            GroupOutcome::Cleared(id) => self.remove_all_members(id),
            GroupOutcome::Deleted(id) => {
                self.remove_all_members(id);
                self.groups.remove(&id);
            }
        }
        Some(())
    }

    fn remove_all_members(&mut self, group: u64) {
        for key in self.api_keys.values_mut() {
            key.groups.remove(&group);
        }
        for user in self.users.values_mut() {
            if user.groups.remove(&group) {
                user.updated_at = self.now;
            }
        }
    }

    /// The active members of a group, and its API keys, sorted by name.
    fn members(&self, group: u64) -> Vec<u64> {
        let users = self.users.iter().filter(|(_, user)| user.active);
        let users = users.map(|(id, user)| (user.folded_names(), *id, &user.groups));
        let key_names = |key: &ApiKey| [key.name.to_lowercase(), String::new()];
        let keys = self.api_keys.iter().map(|(id, key)| (key_names(key), *id, &key.groups));
        let mut members: Vec<_> =
            users.chain(keys).filter(|(.., groups)| groups.contains(&group)).collect();
        members.sort();
        members.into_iter().map(|(_, id, _)| id).collect()
    }

    pub(super) fn matches_members(&self, group: u64, body: &Value) -> bool {
        let actual = body.as_array().into_iter().flatten();
        let actual: Vec<_> =
            actual.map(|member| (&member["id"], &member["membership_id"])).collect();
        let members = self.members(group).into_iter();
        let members: Vec<_> = members.map(|id| (json!(id), json!(membership(id, group)))).collect();
        actual == members.iter().map(|(id, pair)| (id, pair)).collect::<Vec<_>>()
    }

    pub(super) fn matches_group(&self, id: u64, body: &Value) -> bool {
        body["id"] == id && self.groups.get(&id).is_some_and(|name| body["name"] == **name)
    }

    pub(super) fn matches_groups(&self, body: &Value) -> bool {
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by_key(|(id, name)| (name.to_lowercase(), **id));
        let groups = groups.into_iter().map(|(id, name)| (*id, name, self.members(*id).len()));
        let expected: Vec<_> = groups.map(|(id, name, count)| json!([id, name, count])).collect();
        let actual = body.as_array().into_iter().flatten();
        let fields = |group: &Value| json!([group["id"], group["name"], group["member_count"]]);
        actual.map(fields).collect::<Vec<_>>() == expected
    }

    pub(super) fn matches_memberships(&self, body: &Value) -> bool {
        let groups = |list: &Value| {
            let list = list.as_array().into_iter().flatten();
            list.filter_map(|one| one["group_id"].as_u64()).collect()
        };
        let actual = body.as_object().into_iter().flatten();
        let actual = actual.map(|(id, list)| (id.parse().ok(), groups(list)));
        let users = self.users.iter().map(|(id, user)| (Some(*id), user.groups.clone()));
        let keys = self.api_keys.iter().map(|(id, key)| (Some(*id), key.groups.clone()));
        let expected = users.chain(keys);
        actual.collect::<std::collections::BTreeMap<_, _>>() == expected.collect()
    }
}
