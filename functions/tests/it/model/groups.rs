//! Groups and memberships: what is asked of them, and what comes of it.

use serde_json::{Value, json};

use super::{
    lists::Shown,
    spec::{Effect, Outcome},
    state::Model,
};
use crate::support::membership;

const ALL_USERS: u64 = 1;
const ADMINISTRATORS: u64 = 2;

#[derive(Debug, Clone)]
pub(super) enum OfGroups {
    List,
    Get(u64),
    Make(String),
    Rename(u64, String),
    Delete(u64),
    Clear(u64),
    Memberships,
    /// An account and a group.
    Join(u64, u64),
    Leave(u64, u64),
    Manage(u64, u64),
}

/// What becomes of a group.
#[derive(Debug, Clone)]
pub(super) enum GroupOutcome {
    /// It has a name; without a number, it is new.
    Named(Option<u64>, String),
    Emptied(u64),
    Deleted(u64),
}

impl OfGroups {
    pub(super) fn line(&self) -> (&'static str, String, Value) {
        let path = |rest: String| format!("/api/permissions/{rest}");
        let group = |id: &u64| path(format!("group/{id}"));
        let pair =
            |user: &u64, group: &u64| path(format!("membership/{}", membership(*user, *group)));
        let named = |name: &String| json!({ "name": name });
        match self {
            Self::List => ("GET", path("group".to_owned()), Value::Null),
            Self::Get(id) => ("GET", group(id), Value::Null),
            Self::Make(name) => ("POST", path("group".to_owned()), named(name)),
            Self::Rename(id, name) => ("PUT", group(id), named(name)),
            Self::Delete(id) => ("DELETE", group(id), Value::Null),
            Self::Clear(id) => ("PUT", path(format!("membership/{id}/clear")), Value::Null),
            Self::Memberships => ("GET", path("membership".to_owned()), Value::Null),
            Self::Join(user, group) => {
                let body = json!({ "user_id": user, "group_id": group });
                ("POST", path("membership".to_owned()), body)
            }
            Self::Leave(user, group) => ("DELETE", pair(user, group), Value::Null),
            Self::Manage(user, group) => {
                ("PUT", pair(user, group), json!({ "is_group_manager": true }))
            }
        }
    }

    pub(super) fn is_malformed(&self) -> bool {
        matches!(self, Self::Make(name) | Self::Rename(_, name) if name.trim().is_empty())
    }

    /// Whether it reads more than once for its answer.
    pub(super) const fn is_read(&self) -> bool {
        matches!(self, Self::List | Self::Get(_) | Self::Memberships)
    }
}

impl Model {
    /// What is found, or is not, when a request about groups is authenticated.
    pub(super) fn admit_to_groups(&self, request: &OfGroups) -> Result<(), u16> {
        let group = |id: &u64| self.groups.get(id).map(drop).ok_or(404_u16);
        match request {
            OfGroups::Get(id)
            | OfGroups::Rename(id, _)
            | OfGroups::Delete(id)
            | OfGroups::Clear(id) => group(id),
            OfGroups::Join(user, _) => self.accounts.get(user).map(drop).ok_or(400),
            OfGroups::Leave(user, group) => {
                let account = self.accounts.get(user).filter(|user| user.groups.contains(group));
                account.map(drop).ok_or(404)
            }
            OfGroups::Manage(..) => Err(402),
            OfGroups::List | OfGroups::Make(_) | OfGroups::Memberships => Ok(()),
        }
    }

    pub(super) fn of_groups(&self, request: &OfGroups) -> Result<Outcome, u16> {
        match request {
            OfGroups::List => Ok(Outcome::shows(Shown::Groups)),
            OfGroups::Get(id) => Ok(Outcome::shows(Shown::Group(*id))),
            OfGroups::Make(name) => self.names(None, name),
            OfGroups::Rename(id, name) => self.names(Some(*id), name),
            OfGroups::Delete(id) if *id <= ADMINISTRATORS => Err(400),
            OfGroups::Delete(id) => self.ends(*id, GroupOutcome::Deleted(*id)),
            OfGroups::Clear(id) if *id <= ADMINISTRATORS => Err(400),
            OfGroups::Clear(id) => self.ends(*id, GroupOutcome::Emptied(*id)),
            OfGroups::Memberships => Ok(Outcome::shows(Shown::Memberships)),
            OfGroups::Join(user, group) => self.joins(*user, *group),
            OfGroups::Leave(user, group) => self.leaves(*user, *group),
            OfGroups::Manage(..) => Err(402),
        }
    }

    fn names(&self, id: Option<u64>, name: &str) -> Result<Outcome, u16> {
        if id.is_some_and(|id| id <= ADMINISTRATORS) {
            return Err(400);
        }
        if id.is_some_and(|id| !self.groups.contains_key(&id)) {
            return Err(404);
        }
        let is_same = |other: &String| other.to_lowercase() == name.to_lowercase();
        let mut others = self.groups.iter().filter(|(other, _)| Some(**other) != id);
        if others.any(|(_, other)| is_same(other)) {
            return Err(400);
        }
        let group = Some(GroupOutcome::Named(id, name.to_owned()));
        let effect = Effect { group, ..Effect::default() };
        let shown = id.map_or(Shown::MadeGroup, Shown::NamedGroup);
        Ok(Outcome { effect, ..Outcome::shows(shown) })
    }

    fn ends(&self, id: u64, fate: GroupOutcome) -> Result<Outcome, u16> {
        if !self.groups.contains_key(&id) {
            return Err(404);
        }
        let effect = Effect { group: Some(fate), ..Effect::default() };
        Ok(Outcome { status: 204, effect, shown: Shown::Nothing })
    }

    fn joins(&self, user: u64, group: u64) -> Result<Outcome, u16> {
        let mut account = self.accounts[&user].clone();
        if group == ALL_USERS || !self.groups.contains_key(&group) || !account.groups.insert(group)
        {
            return Err(400);
        }
        account.updated = self.now;
        Ok(Outcome::saves(Some(user), account, Shown::Members(group)))
    }

    fn leaves(&self, user: u64, group: u64) -> Result<Outcome, u16> {
        let mut account = self.accounts[&user].clone();
        if group == ALL_USERS || group == ADMINISTRATORS && self.is_last_admin(user) {
            return Err(400);
        }
        if !account.groups.remove(&group) {
            return Err(404);
        }
        account.updated = self.now;
        Ok(Outcome { status: 204, ..Outcome::saves(Some(user), account, Shown::Nothing) })
    }

    /// Lets a group become what it becomes, unless its number is impossible.
    pub(super) fn befall(&mut self, fate: GroupOutcome, number: Option<u64>) -> Option<()> {
        match fate {
            GroupOutcome::Named(id, name) => {
                let free = number.filter(|number| !self.groups.contains_key(number));
                self.groups.insert(id.or(free)?, name);
            }
            GroupOutcome::Emptied(id) => self.expel(id),
            GroupOutcome::Deleted(id) => {
                self.expel(id);
                self.groups.remove(&id);
            }
        }
        Some(())
    }

    fn expel(&mut self, group: u64) {
        for key in self.keys.values_mut() {
            key.groups.remove(&group);
        }
        for account in self.accounts.values_mut() {
            if account.groups.remove(&group) {
                account.updated = self.now;
            }
        }
    }

    /// The active accounts in a group, in the order in which they are shown.
    fn members(&self, group: u64) -> Vec<u64> {
        let all = self.ordered(|account| account.folded().into());
        let is_in = |id: &u64| {
            let account = &self.accounts[id];
            account.active && account.groups.contains(&group)
        };
        all.into_iter().filter(is_in).collect()
    }

    pub(super) fn shows_members(&self, group: u64, seen: &Value) -> bool {
        let seen = seen.as_array().into_iter().flatten();
        let seen: Vec<_> = seen.map(|member| (&member["id"], &member["membership_id"])).collect();
        let members = self.members(group).into_iter();
        let members: Vec<_> = members.map(|id| (json!(id), json!(membership(id, group)))).collect();
        seen == members.iter().map(|(id, pair)| (id, pair)).collect::<Vec<_>>()
    }

    pub(super) fn shows_group(&self, id: u64, seen: &Value) -> bool {
        seen["id"] == id && self.groups.get(&id).is_some_and(|name| seen["name"] == **name)
    }

    pub(super) fn shows_groups(&self, seen: &Value) -> bool {
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by_key(|(id, name)| (name.to_lowercase(), **id));
        let groups = groups.into_iter().map(|(id, name)| (*id, name, self.members(*id).len()));
        let expected: Vec<_> = groups.map(|(id, name, count)| json!([id, name, count])).collect();
        let seen = seen.as_array().into_iter().flatten();
        let shown = |group: &Value| json!([group["id"], group["name"], group["member_count"]]);
        seen.map(shown).collect::<Vec<_>>() == expected
    }

    pub(super) fn shows_memberships(&self, seen: &Value) -> bool {
        let groups = |list: &Value| {
            let list = list.as_array().into_iter().flatten();
            list.filter_map(|one| one["group_id"].as_u64()).collect()
        };
        let seen = seen.as_object().into_iter().flatten();
        let seen = seen.map(|(id, list)| (id.parse().ok(), groups(list)));
        let expected =
            self.accounts.iter().map(|(id, account)| (Some(*id), account.groups.clone()));
        seen.collect::<std::collections::BTreeMap<_, _>>() == expected.collect()
    }
}
