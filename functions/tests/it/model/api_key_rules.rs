//! Requests for API keys, and their rules.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    expected_body::{ExpectedBody, ServerChosen},
    spec::{Caller, Effect, Outcome},
    state::Model,
};

/// A request for API keys.
#[derive(Debug, Clone)]
pub(super) enum ApiKeyRequest {
    List,
    Count,
    Create(String, u64),
    /// ID, new name and new group.
    Update(u64, Option<String>, Option<u64>),
    Regenerate(u64),
    Delete(u64),
}

/// An API key with the groups of its service account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ApiKey {
    pub(super) name: String,
    pub(super) groups: BTreeSet<u64>,
    /// The responsible user, and their session generation when the token was created.
    pub(super) owner: (u64, u32),
    /// The token. Unknown if the response with the token was lost.
    pub(super) token: Option<String>,
}

/// A change of an API key.
#[derive(Debug, Clone)]
pub(super) enum ApiKeyOutcome {
    /// The new state. Without an ID, the key is new.
    Saved(Option<u64>, ApiKey),
    Deleted(u64),
}

impl ApiKeyRequest {
    pub(super) fn request_line(&self) -> (&'static str, String, Value) {
        let path = |rest: String| format!("/api/api-key{rest}");
        match self {
            Self::List => ("GET", path(String::new()), Value::Null),
            Self::Count => ("GET", path("/count".to_owned()), Value::Null),
            Self::Create(name, group) => {
                ("POST", path(String::new()), json!({ "name": name, "group_id": group }))
            }
            Self::Update(id, name, group) => {
                ("PUT", path(format!("/{id}")), json!({ "name": name, "group_id": group }))
            }
            Self::Regenerate(id) => ("PUT", path(format!("/{id}/regenerate")), Value::Null),
            Self::Delete(id) => ("DELETE", path(format!("/{id}")), Value::Null),
        }
    }

    pub(super) fn is_malformed(&self) -> bool {
        let is_blank = |name: &String| name.trim().is_empty();
        match self {
            Self::Create(name, _) => is_blank(name),
            Self::Update(_, name, _) => name.as_ref().is_some_and(is_blank),
            _ => false,
        }
    }

    pub(super) const fn needs_several_reads(&self) -> bool {
        matches!(self, Self::List | Self::Count)
    }
}

impl Model {
    /// Checks the targets of a request at authentication.
    pub(super) fn authorize_api_key_request(&self, request: &ApiKeyRequest) -> Result<(), u16> {
        let existing_group = |group: &u64| self.groups.get(group).map(drop).ok_or(400_u16);
        let key = |id: &u64| self.api_keys.get(id).map(drop).ok_or(404_u16);
        match request {
            ApiKeyRequest::List | ApiKeyRequest::Count => Ok(()),
            ApiKeyRequest::Create(_, group) => existing_group(group),
            ApiKeyRequest::Update(id, _, group) => {
                key(id)?;
                group.as_ref().map_or(Ok(()), existing_group)
            }
            ApiKeyRequest::Regenerate(id) | ApiKeyRequest::Delete(id) => key(id),
        }
    }

    pub(super) fn api_key_outcome(
        &self,
        caller: &Caller,
        request: &ApiKeyRequest,
    ) -> Result<Outcome, u16> {
        let key = |id: &u64| self.api_keys.get(id).cloned().ok_or(404_u16);
        let change = match request {
            ApiKeyRequest::List => return Ok(Outcome::ok(ExpectedBody::ApiKeys)),
            ApiKeyRequest::Count => return Ok(Outcome::ok(ExpectedBody::ApiKeyCount)),
            ApiKeyRequest::Create(name, group) => {
                let owner = caller.responsible_user();
                let key =
                    ApiKey { name: name.clone(), groups: [1, *group].into(), owner, token: None };
                ApiKeyOutcome::Saved(None, key)
            }
            ApiKeyRequest::Update(id, name, group) => {
                let mut key = key(id)?;
                key.name = name.clone().unwrap_or(key.name);
                key.groups = group.map_or(key.groups, |group| [1, group].into());
                ApiKeyOutcome::Saved(Some(*id), key)
            }
            ApiKeyRequest::Regenerate(id) => ApiKeyOutcome::Saved(
                Some(*id),
                ApiKey { owner: caller.responsible_user(), token: None, ..key(id)? },
            ),
            ApiKeyRequest::Delete(id) => {
                key(id)?;
                ApiKeyOutcome::Deleted(*id)
            }
        };
        self.save_api_key(request, change)
    }

    fn save_api_key(&self, request: &ApiKeyRequest, change: ApiKeyOutcome) -> Result<Outcome, u16> {
        let mut outcome = Outcome::ok(match request {
            ApiKeyRequest::Create(..) => ExpectedBody::CreatedApiKey,
            ApiKeyRequest::Regenerate(_) => ExpectedBody::RegeneratedApiKey,
            _ => ExpectedBody::Any,
        });
        if let ApiKeyOutcome::Saved(id, key) = &change {
            let is_same_name = |name: &String| name.to_lowercase() == key.name.to_lowercase();
            let mut others = self.api_keys.iter().filter(|(other, _)| Some(**other) != *id);
            let joined_groups = || {
                let before = id.and_then(|id| self.api_keys.get(&id)).map(|before| &before.groups);
                key.groups
                    .iter()
                    .filter(move |group| before.is_none_or(|groups| !groups.contains(group)))
            };
            let joins_unknown_group = joined_groups().any(|group| !self.groups.contains_key(group));
            if others.any(|(_, other)| is_same_name(&other.name)) || joins_unknown_group {
                return Err(400);
            }
        } else {
            outcome.status = 204;
        }
        outcome.effect = Effect { key: Some(change), ..Effect::default() };
        Ok(outcome)
    }

    /// Applies a change of an API key. Returns `None` if a new ID is missing or in use.
    pub(super) fn apply_key_outcome(
        &mut self,
        change: ApiKeyOutcome,
        chosen: &ServerChosen,
    ) -> Option<()> {
        match change {
            ApiKeyOutcome::Saved(id, mut key) => {
                let id = id.or_else(|| chosen.id.filter(|id| self.is_unused_id(*id)))?;
                let is_new = key.token.is_none();
                if is_new {
                    key.token.clone_from(&chosen.token);
                }
                self.api_keys.insert(id, key);
            }
            ApiKeyOutcome::Deleted(id) => drop(self.api_keys.remove(&id)),
        }
        Some(())
    }

    /// Whether neither a user nor an API key has this ID.
    pub(super) fn is_unused_id(&self, id: u64) -> bool {
        !self.users.contains_key(&id) && !self.api_keys.contains_key(&id)
    }

    /// The ID of the API key with a token, if the key is valid.
    pub(super) fn api_key_user(&self, token: &str) -> Option<u64> {
        let mut api_keys = self.api_keys.iter();
        let (id, key) = api_keys.find(|(_, key)| key.token.as_deref() == Some(token))?;
        self.is_api_key_valid(key).then_some(*id)
    }

    /// Whether the owner of an API key is an active administrator of the key's session generation
    /// who need not change the password.
    fn is_api_key_valid(&self, key: &ApiKey) -> bool {
        let (owner, generation) = key.owner;
        let owner = &self.users[&owner];
        owner.active
            && owner.is_admin()
            && !owner.must_change_password
            && owner.generation == generation
    }

    pub(super) fn matches_api_keys(&self, body: &Value) -> bool {
        let actual = body.as_array().into_iter().flatten();
        let fields = ["id", "name", "is_active"];
        let actual: Vec<_> = actual
            .map(|key| (fields.map(|field| key[field].clone()), key["owner"]["id"].clone()))
            .collect();
        let api_keys = self.api_keys.iter().map(|(id, key)| {
            let is_active = self.is_api_key_valid(key);
            ([json!(id), json!(key.name), json!(is_active)], json!(key.owner.0))
        });
        actual == api_keys.collect::<Vec<_>>()
    }
}
