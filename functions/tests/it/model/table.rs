//! Comparison of the model with the table.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::{
    auth::{api_key::ApiKeyToken, token::SessionToken},
    store::Key,
};
use testkit::{Item, Items, Snapshot, assert_invariants, key_strings, timestamp};

use super::{
    api_key_rules::ApiKey,
    state::{Model, User},
};

impl Model {
    /// The first difference between the model and the table.
    pub(super) fn difference(&self, snapshot: &Snapshot) -> Option<String> {
        let items = snapshot.items();
        assert_invariants(&items);
        let users = items.iter().filter(|((_, sk), _)| sk == "PROFILE");
        let users = users.filter(|(_, user)| user.get("kind").is_none()).count();
        if users != self.users.len() {
            return Some(format!("{users} users instead of {}", self.users.len()));
        }
        let groups = items.iter().filter(|((pk, _), _)| pk == "GROUPS").map(|(_, group)| group);
        let names = groups.map(|group| (group["id"].as_u64().unwrap(), text(&group["name"])));
        let names: BTreeMap<_, _> = names.collect();
        if names != self.groups {
            return Some(format!("groups {names:?} instead of {:?}", self.groups));
        }
        let api_keys = items.iter().filter(|((pk, _), _)| pk == "APIKEYS").count();
        let mismatch = self.api_keys.iter().find(|(id, key)| !key.is_stored_in(**id, &items));
        if api_keys != self.api_keys.len() || mismatch.is_some() {
            return Some(format!(
                "{api_keys} API keys instead of {}, {mismatch:?}",
                self.api_keys.len()
            ));
        }
        let mismatch = self.users.iter().find(|(id, user)| !user.is_stored_in(**id, &items));
        if let Some((id, user)) = mismatch {
            return Some(format!("{user:?} is stored as {:#?}", profile(&items, *id)));
        }
        let missing = self.sessions.keys().find(|token| !is_stored(token, &items));
        missing.map(|token| format!("the session {token} is missing"))
    }
}

fn is_stored(token: &str, items: &Items) -> bool {
    let token = SessionToken::parse(token).unwrap();
    items.contains_key(&key_strings(&Key::session(&token)))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn profile(items: &Items, id: u64) -> Option<&Item> {
    items.get(&key_strings(&Key::user(id.try_into().unwrap())))
}

impl ApiKey {
    fn is_stored_in(&self, id: u64, items: &Items) -> bool {
        let key = items.get(&("APIKEYS".to_owned(), format!("APIKEY#{id:019}")));
        let (Some(key), Some(user)) = (key, profile(items, id)) else { return false };
        let token = self.token.as_ref().and_then(|token| ApiKeyToken::parse(token));
        key["name"] == *self.name
            && user["groups"] == json!(self.groups)
            && token.is_none_or(|token| {
                key["key_hash"] == *token.hash().as_str()
                    && token.responsible_user().get() == self.owner.0
            })
    }
}

impl User {
    fn is_stored_in(&self, id: u64, items: &Items) -> bool {
        let Some(profile) = profile(items, id) else { return false };
        let email = profile["email"].as_str().and_then(shared::domain::Email::parse).unwrap();
        let Some(credentials) = items.get(&key_strings(&Key::credentials(&email))) else {
            return false;
        };
        let logins = self.logins.map(|logins| logins.map(|seconds| timestamp(seconds).to_string()));
        let [first_login, last_login] = logins.map_or([None, None], |logins| logins.map(Some));
        let is = |name: &str, value: Value| profile.get(name).unwrap_or(&Value::Null) == &value;
        let flag =
            |name: &str, default: bool| profile.get(name).map_or(default, |stored| *stored == true);
        let [first_name, last_name] = &self.names;
        is("email", json!(self.email))
            && is("first_name", json!(first_name))
            && is("last_name", json!(last_name))
            && is("groups", json!(self.groups))
            && is("is_active", json!(self.active))
            && flag("is_anonymized", false) == self.anonymous
            && flag("must_change_password", false) == self.must_change_password
            && flag("is_qbnewb", true) == self.undismissed_modals[0]
            && flag("is_datasetnewb", true) == self.undismissed_modals[1]
            && is("locale", json!(self.locale))
            && is(
                "login_attributes",
                json!(self.attribute.as_ref().map(|value| json!({ "a": value }))),
            )
            && is("sso_source", json!(self.sso))
            && is("generation", json!(self.generation))
            && is("updated_at", json!(timestamp(self.updated_at).to_string()))
            && is("first_login", json!(first_login))
            && is("last_login", json!(last_login))
            && credentials.get("password_hash").is_some() == self.password.is_some()
    }
}
