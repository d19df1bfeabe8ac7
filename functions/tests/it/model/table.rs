//! The model against what is in the table.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::{
    auth::{api_key::ApiKeyToken, token::SessionToken},
    store::Key,
};
use testkit::{Item, Items, Snapshot, assert_sound, moment, texts};

use super::{
    keys::ApiKey,
    state::{Account, Model},
};

impl Model {
    /// What is not in the table as the model has it, if anything.
    pub(super) fn disagreement(&self, snapshot: &Snapshot) -> Option<String> {
        let items = snapshot.items();
        assert_sound(&items);
        let users = items.iter().filter(|((_, sk), _)| sk == "PROFILE");
        let users = users.filter(|(_, user)| user.get("kind").is_none()).count();
        if users != self.accounts.len() {
            return Some(format!("{users} accounts in the place of {}", self.accounts.len()));
        }
        let groups = items.iter().filter(|((pk, _), _)| pk == "GROUPS").map(|(_, group)| group);
        let names = groups.map(|group| (group["id"].as_u64().unwrap(), text(&group["name"])));
        let names: BTreeMap<_, _> = names.collect();
        if names != self.groups {
            return Some(format!("groups {names:?} in the place of {:?}", self.groups));
        }
        let keys = items.iter().filter(|((pk, _), _)| pk == "APIKEYS").count();
        let wrong = self.keys.iter().find(|(id, key)| !key.is_in(**id, &items));
        if keys != self.keys.len() || wrong.is_some() {
            return Some(format!("{keys} keys in the place of {}, {wrong:?}", self.keys.len()));
        }
        let wrong = self.accounts.iter().find(|(id, account)| !account.is_in(**id, &items));
        if let Some((id, account)) = wrong {
            return Some(format!("{account:?} is {:#?}", profile(&items, *id)));
        }
        let lost = self.sessions.keys().find(|token| !is_stored(token, &items));
        lost.map(|token| format!("the session {token} is not there"))
    }
}

fn is_stored(token: &str, items: &Items) -> bool {
    let token = SessionToken::parse(token).unwrap();
    items.contains_key(&texts(&Key::session(&token)))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn profile(items: &Items, id: u64) -> Option<&Item> {
    items.get(&texts(&Key::user(id.try_into().unwrap())))
}

impl ApiKey {
    fn is_in(&self, id: u64, items: &Items) -> bool {
        let key = items.get(&("APIKEYS".to_owned(), format!("APIKEY#{id:019}")));
        let (Some(key), Some(account)) = (key, profile(items, id)) else { return false };
        let token = self.token.as_ref().and_then(|token| ApiKeyToken::parse(token));
        key["name"] == *self.name
            && account["groups"] == json!(self.groups)
            && token.is_none_or(|token| {
                key["key_hash"] == *token.hash().as_str()
                    && token.responsible_user().get() == self.owner
            })
    }
}

impl Account {
    fn is_in(&self, id: u64, items: &Items) -> bool {
        let Some(profile) = profile(items, id) else { return false };
        let email = profile["email"].as_str().and_then(shared::domain::Email::parse).unwrap();
        let Some(claim) = items.get(&texts(&Key::credentials(&email))) else { return false };
        let logins = self.logins.map(|logins| logins.map(|seconds| moment(seconds).to_string()));
        let [first_login, last_login] = logins.map_or([None, None], |logins| logins.map(Some));
        let is = |name: &str, value: Value| profile.get(name).unwrap_or(&Value::Null) == &value;
        let flag = |name: &str, usual: bool| profile.get(name).map_or(usual, |kept| *kept == true);
        let [first_name, last_name] = &self.names;
        is("email", json!(self.email))
            && is("first_name", json!(first_name))
            && is("last_name", json!(last_name))
            && is("groups", json!(self.groups))
            && is("is_active", json!(self.active))
            && flag("is_anonymized", false) == self.anonymous
            && flag("must_change_password", false) == self.must_change
            && flag("is_qbnewb", true) == self.newcomer[0]
            && flag("is_datasetnewb", true) == self.newcomer[1]
            && is("locale", json!(self.locale))
            && is("login_attributes", json!(self.attribute.as_ref().map(|it| json!({ "a": it }))))
            && is("sso_source", json!(self.sso))
            && is("generation", json!(self.era))
            && is("updated_at", json!(moment(self.updated).to_string()))
            && is("first_login", json!(first_login))
            && is("last_login", json!(last_login))
            && claim.get("password_hash").is_some() == self.password.is_some()
    }
}
