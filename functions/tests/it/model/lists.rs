//! What an answer shows, and whom lists list.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::TestResponse;

use super::{
    operation::{Query, session_id},
    spec::{Caller, Effect, Outcome},
    state::{Account, Model, Session, key},
};

/// What an answer shows.
#[derive(Debug, Clone, Default)]
pub(super) enum Shown {
    /// Nothing that matters.
    #[default]
    Nothing,
    Success,
    Account(u64),
    Created,
    /// The token of a session, under this name.
    Session(&'static str),
    /// Accounts in this order, and how many there are on all pages.
    List(Vec<u64>, usize),
    /// Accounts of which everybody sees something, in this order.
    Recipients(Vec<u64>),
    Group(u64),
    Groups,
    /// A group that has just got its name, and one that was just made.
    NamedGroup(u64),
    MadeGroup,
    Members(u64),
    Memberships,
    Keys,
    KeyCount,
    MadeKey,
    Regenerated,
    Sessions(u64),
}

/// What only the service could choose.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    pub(super) number: Option<u64>,
    pub(super) token: Option<String>,
}

impl Model {
    pub(super) fn lists(&self, caller: &Caller, query: &Query) -> Outcome {
        if !caller.is_admin && !self.accounts.contains_key(&caller.id) {
            return Outcome::shows(Shown::Nothing);
        }
        let seen = |id: u64| caller.is_admin || id == caller.id;
        let all = self.ordered(|account| account.folded().into());
        let all = all.into_iter().filter(|id| seen(*id) && query.finds(&self.accounts[id]));
        let all: Vec<_> = all.collect();
        let total = all.len();
        let (limit, offset) = query.page.unwrap_or((usize::MAX, 0));
        let page = all.into_iter().skip(offset).take(limit).collect();
        Outcome::shows(Shown::List(page, total))
    }

    pub(super) fn lists_recipients(&self) -> Outcome {
        let all = self.ordered(|account| account.folded().into_iter().rev().collect());
        let active = all.into_iter().filter(|id| self.accounts[id].active);
        Outcome::shows(Shown::Recipients(active.collect()))
    }

    pub(super) fn ordered(&self, name: impl Fn(&Account) -> Vec<String>) -> Vec<u64> {
        let mut ids: Vec<_> = self.accounts.keys().copied().collect();
        ids.sort_by_cached_key(|id| (name(&self.accounts[id]), *id));
        ids
    }

    /// Whether an answer is the one that is due; then the request has taken effect.
    #[must_use]
    pub(super) fn take(&mut self, outcome: Outcome, answer: &TestResponse) -> bool {
        if answer.status != outcome.status {
            return false;
        }
        let chosen = outcome.shown.chosen(&answer.body);
        let Some(number) = self.apply(outcome.effect, &chosen) else { return false };
        self.is_shown(&outcome.shown, number, &answer.body)
    }

    /// Lets a request take effect; gives back the number of the account that it saved, and nothing if
    /// what the service chose could not be.
    #[expect(clippy::option_option, reason = "most requests save no account")]
    pub(super) fn apply(&mut self, effect: Effect, chosen: &Chosen) -> Option<Option<u64>> {
        let mut number = None;
        if let Some((id, account)) = effect.saved {
            let free = chosen.number.filter(|number| self.is_free(*number));
            let id = id.or(free)?;
            let before = self.accounts.insert(id, account.clone());
            if before.is_some_and(|before| before.era != account.era) {
                self.revoke_sessions(id);
            }
            number = Some(id);
        }
        if let (Some(user), Some(token)) = (effect.begun, chosen.token.clone()) {
            let session = Session { user, began: self.now };
            if self.sessions.insert(token, session).is_some() {
                return None;
            }
        }
        if let Some(token) = effect.ended {
            self.sessions.remove(&token);
        }
        if let Some(address) = effect.failed {
            self.failures.count(&address, self.now);
        }
        if let Some(fate) = effect.group {
            self.befall(fate, chosen.number)?;
        }
        if let Some(fate) = effect.key {
            self.befall_key(fate, chosen)?;
        }
        Some(number)
    }

    /// All sessions that count, by what they are called.
    fn shows_sessions(&self, user: u64, seen: &Value) -> bool {
        let seen: BTreeSet<_> = items(seen).iter().filter_map(|one| one["id"].as_str()).collect();
        let live = self.sessions.keys().filter(|token| self.holder(token) == Some(user));
        let live: BTreeSet<_> = live.map(|token| session_id(token)).collect();
        let all = live.len() == seen.len() || !self.knows_all;
        all && live.iter().all(|id| seen.contains(id.as_str()))
    }

    fn is_shown(&self, shown: &Shown, number: Option<u64>, body: &Value) -> bool {
        let is_account = |id: u64, seen: &Value| self.accounts[&id].is_shown_in(id, seen);
        match shown {
            Shown::Nothing => true,
            Shown::Success => *body == json!({ "success": true }),
            Shown::Session(name) => body[*name].is_string(),
            Shown::Account(id) => is_account(*id, body),
            Shown::Created => number.is_some_and(|id| is_account(id, body)),
            Shown::List(ids, total) => {
                let items = items(body);
                let told = body.get("total").is_none_or(|told| *told == json!(total));
                told && items.len() == ids.len()
                    && ids.iter().zip(items).all(|(id, item)| is_account(*id, item))
            }
            Shown::Recipients(ids) => {
                let seen: Vec<_> = items(body).iter().map(|item| item["id"].as_u64()).collect();
                seen == ids.iter().copied().map(Some).collect::<Vec<_>>()
            }
            Shown::Group(id) => {
                self.shows_group(*id, body) && self.shows_members(*id, &body["members"])
            }
            Shown::NamedGroup(id) => self.shows_group(*id, body),
            Shown::MadeGroup => body["id"].as_u64().is_some_and(|id| self.shows_group(id, body)),
            Shown::Groups => self.shows_groups(body),
            Shown::Members(group) => self.shows_members(*group, body),
            Shown::Memberships => self.shows_memberships(body),
            Shown::Keys => self.shows_keys(body),
            Shown::KeyCount => *body == json!(self.keys.len()),
            Shown::MadeKey | Shown::Regenerated => body["unmasked_key"].is_string(),
            Shown::Sessions(user) => self.shows_sessions(*user, body),
        }
    }
}

impl Shown {
    fn chosen(&self, body: &Value) -> Chosen {
        match self {
            Self::Created | Self::MadeGroup => {
                Chosen { number: body["id"].as_u64(), ..Chosen::default() }
            }
            Self::Session(name) => {
                Chosen { token: body[*name].as_str().map(str::to_owned), ..Chosen::default() }
            }
            Self::MadeKey | Self::Regenerated => Chosen {
                number: body["id"].as_u64(),
                token: body["unmasked_key"].as_str().map(str::to_owned),
            },
            _ => Chosen::default(),
        }
    }
}

/// The items of an array or of an envelope.
fn items(body: &Value) -> &[Value] {
    body.as_array().or_else(|| body["data"].as_array()).map_or(&[], Vec::as_slice)
}

impl Query {
    fn finds(&self, account: &Account) -> bool {
        let state = match self.status {
            Some("all") => true,
            Some("deactivated") => !account.active,
            _ => account.active,
        };
        let [first, last] = account.folded();
        let text = format!("{first}\n{last}\n{}", key(&account.email));
        state
            && self.text.is_none_or(|part| text.contains(&part.to_lowercase()))
            && self.group.is_none_or(|group| account.groups.contains(&group))
    }
}
