//! The groups of a user in a body.

use serde_json::Value;

use super::Fields;
use crate::{
    domain::{GroupId, GroupSet},
    http::field_value::POSITIVE_INTEGER,
};

impl Fields<'_> {
    /// The groups in `group_ids` or `user_group_memberships`. All Users is always included.
    pub fn groups(&mut self) -> Option<GroupSet> {
        let dialect = self.settings.dialect;
        let ids = self.group_list("group_ids", |item| dialect.integer(item));
        let memberships = self.group_list("user_group_memberships", |item| {
            let manager = item.get("is_group_manager").unwrap_or(&Value::Null);
            let is_valid = manager.is_null() || dialect.flag(manager).is_some();
            dialect.integer(item.get("id")?).filter(|_| is_valid)
        });
        if let (Some(ids), Some(memberships)) = (&ids, &memberships)
            && ids != memberships
        {
            let message = "group_ids and user_group_memberships must list the same groups.";
            self.errors.add("group_ids", message);
            self.errors.add("user_group_memberships", message);
        }
        ids.or(memberships)
    }

    /// Whether the list of memberships omits All Users, although the dialect requires it.
    pub fn omits_all_users(&self) -> bool {
        let dialect = self.settings.dialect;
        let all_users = |item: &Value| {
            let id = item.get("id").and_then(|id| dialect.integer(id));
            id == Some(GroupId::ALL_USERS.get())
        };
        let list = self.object.get("user_group_memberships").and_then(Value::as_array);
        dialect.requires_all_users() && list.is_some_and(|list| !list.iter().any(all_users))
    }

    fn group_list(&mut self, name: &str, id: impl Fn(&Value) -> Option<u64>) -> Option<GroupSet> {
        let list = self.json(name)?;
        let ids = list.as_array().and_then(|items| {
            items.iter().map(|item| GroupId::try_from(id(item)?).ok()).collect::<Option<GroupSet>>()
        });
        match ids {
            Some(groups) if groups.count() > GroupSet::MAX => {
                self.errors
                    .add(name, format!("a user can be in at most {} groups.", GroupSet::MAX));
            }
            Some(groups) => return Some(groups),
            None => self.errors.add(name, POSITIVE_INTEGER),
        }
        None
    }
}
