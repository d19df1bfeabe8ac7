//! API keys: what is asked of them, and what comes of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    lists::{Chosen, Shown},
    spec::{Caller, Effect, Outcome},
    state::Model,
};

#[derive(Debug, Clone)]
pub(super) enum OfKeys {
    List,
    Count,
    Make(String, u64),
    /// Another name, another group.
    Change(u64, Option<String>, Option<u64>),
    Regenerate(u64),
    Delete(u64),
}

/// A key, with what its hidden account has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ApiKey {
    pub(super) name: String,
    pub(super) groups: BTreeSet<u64>,
    /// Who answers for it.
    pub(super) owner: u64,
    /// Unknown if the answer that told it was lost.
    pub(super) token: Option<String>,
}

/// What becomes of a key.
#[derive(Debug, Clone)]
pub(super) enum KeyOutcome {
    /// It is this; without a number, it is new.
    Is(Option<u64>, ApiKey),
    Deleted(u64),
}

impl OfKeys {
    pub(super) fn line(&self) -> (&'static str, String, Value) {
        let path = |rest: String| format!("/api/api-key{rest}");
        match self {
            Self::List => ("GET", path(String::new()), Value::Null),
            Self::Count => ("GET", path("/count".to_owned()), Value::Null),
            Self::Make(name, group) => {
                ("POST", path(String::new()), json!({ "name": name, "group_id": group }))
            }
            Self::Change(id, name, group) => {
                ("PUT", path(format!("/{id}")), json!({ "name": name, "group_id": group }))
            }
            Self::Regenerate(id) => ("PUT", path(format!("/{id}/regenerate")), Value::Null),
            Self::Delete(id) => ("DELETE", path(format!("/{id}")), Value::Null),
        }
    }

    pub(super) fn is_malformed(&self) -> bool {
        let is_blank = |name: &String| name.trim().is_empty();
        match self {
            Self::Make(name, _) => is_blank(name),
            Self::Change(_, name, _) => name.as_ref().is_some_and(is_blank),
            _ => false,
        }
    }

    pub(super) const fn is_read(&self) -> bool {
        matches!(self, Self::List | Self::Count)
    }
}

impl Model {
    /// What is found, or is not, when a request about keys is authenticated.
    pub(super) fn admit_to_keys(&self, request: &OfKeys) -> Result<(), u16> {
        let known = |group: &u64| self.groups.get(group).map(drop).ok_or(400_u16);
        let key = |id: &u64| self.keys.get(id).map(drop).ok_or(404_u16);
        match request {
            OfKeys::List | OfKeys::Count => Ok(()),
            OfKeys::Make(_, group) => known(group),
            OfKeys::Change(id, _, group) => {
                key(id)?;
                group.as_ref().map_or(Ok(()), known)
            }
            OfKeys::Regenerate(id) | OfKeys::Delete(id) => key(id),
        }
    }

    pub(super) fn of_keys(&self, caller: &Caller, request: &OfKeys) -> Result<Outcome, u16> {
        let key = |id: &u64| self.keys.get(id).cloned().ok_or(404_u16);
        let fate = match request {
            OfKeys::List => return Ok(Outcome::shows(Shown::Keys)),
            OfKeys::Count => return Ok(Outcome::shows(Shown::KeyCount)),
            OfKeys::Make(name, group) => {
                let owner = caller.responsible();
                let key =
                    ApiKey { name: name.clone(), groups: [1, *group].into(), owner, token: None };
                KeyOutcome::Is(None, key)
            }
            OfKeys::Change(id, name, group) => {
                let mut key = key(id)?;
                key.name = name.clone().unwrap_or(key.name);
                key.groups = group.map_or(key.groups, |group| [1, group].into());
                KeyOutcome::Is(Some(*id), key)
            }
            OfKeys::Regenerate(id) => KeyOutcome::Is(
                Some(*id),
                ApiKey { owner: caller.responsible(), token: None, ..key(id)? },
            ),
            OfKeys::Delete(id) => {
                key(id)?;
                KeyOutcome::Deleted(*id)
            }
        };
        self.changes_key(request, fate)
    }

    fn changes_key(&self, request: &OfKeys, fate: KeyOutcome) -> Result<Outcome, u16> {
        let mut outcome = Outcome::shows(match request {
            OfKeys::Make(..) => Shown::MadeKey,
            OfKeys::Regenerate(_) => Shown::Regenerated,
            _ => Shown::Nothing,
        });
        if let KeyOutcome::Is(id, key) = &fate {
            let is_same = |name: &String| name.to_lowercase() == key.name.to_lowercase();
            let mut others = self.keys.iter().filter(|(other, _)| Some(**other) != *id);
            let joined = || {
                let before = id.and_then(|id| self.keys.get(&id)).map(|before| &before.groups);
                key.groups.iter().filter(move |group| before.is_none_or(|it| !it.contains(group)))
            };
            let is_unknown = joined().any(|group| !self.groups.contains_key(group));
            if others.any(|(_, other)| is_same(&other.name)) || is_unknown {
                return Err(400);
            }
        } else {
            outcome.status = 204;
        }
        outcome.effect = Effect { key: Some(fate), ..Effect::default() };
        Ok(outcome)
    }

    /// Lets a key become what it becomes, unless its number is impossible.
    pub(super) fn befall_key(&mut self, fate: KeyOutcome, chosen: &Chosen) -> Option<()> {
        match fate {
            KeyOutcome::Is(id, mut key) => {
                let id = id.or_else(|| chosen.number.filter(|number| self.is_free(*number)))?;
                let is_new = key.token.is_none();
                if is_new {
                    key.token.clone_from(&chosen.token);
                }
                self.keys.insert(id, key);
            }
            KeyOutcome::Deleted(id) => drop(self.keys.remove(&id)),
        }
        Some(())
    }

    /// Whether a number is nobody's.
    pub(super) fn is_free(&self, number: u64) -> bool {
        !self.accounts.contains_key(&number) && !self.keys.contains_key(&number)
    }

    /// The key with a token, if it counts.
    pub(super) fn key_of(&self, token: &str) -> Option<u64> {
        let mut keys = self.keys.iter();
        let (id, key) = keys.find(|(_, key)| key.token.as_deref() == Some(token))?;
        let owner = &self.accounts[&key.owner];
        (owner.active && owner.is_admin()).then_some(*id)
    }

    pub(super) fn shows_keys(&self, seen: &Value) -> bool {
        let seen = seen.as_array().into_iter().flatten();
        let seen: Vec<_> = seen.map(|key| (key["id"].as_u64(), key["name"].as_str())).collect();
        let keys = self.keys.iter().map(|(id, key)| (Some(*id), Some(key.name.as_str())));
        seen == keys.collect::<Vec<_>>()
    }
}
