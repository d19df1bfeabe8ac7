//! Expected response bodies, the expected order of lists, and the application of a response.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::TestResponse;

use super::{
    operation::{Query, session_id},
    spec::{Caller, Effect, Outcome},
    state::{Model, Session, User, normalized_email},
};

/// The expected body of a response.
#[derive(Debug, Clone, Default)]
pub(super) enum ExpectedBody {
    /// Not checked.
    #[default]
    Any,
    Success,
    User(u64),
    Created,
    /// A session token in this field.
    Session(&'static str),
    /// Users in this order, and the total of all pages.
    List(Vec<u64>, usize),
    /// Recipients in this order.
    Recipients(Vec<u64>),
    Group(u64),
    Groups,
    RenamedGroup(u64),
    CreatedGroup,
    Members(u64),
    Memberships,
    ApiKeys,
    ApiKeyCount,
    CreatedApiKey,
    RegeneratedApiKey,
    Sessions(u64),
}

/// Values chosen by the service: the ID of a new item and a token.
#[derive(Debug, Default)]
pub(super) struct ServerChosen {
    pub(super) id: Option<u64>,
    pub(super) token: Option<String>,
}

impl Model {
    pub(super) fn list_users(&self, caller: &Caller, query: &Query) -> Outcome {
        if !caller.is_admin && !self.users.contains_key(&caller.id) {
            return Outcome::ok(ExpectedBody::Any);
        }
        let is_visible = |id: u64| caller.is_admin || id == caller.id;
        let all = self.ordered(|user| user.folded_names().into());
        let all = all.into_iter().filter(|id| is_visible(*id) && query.matches(&self.users[id]));
        let all: Vec<_> = all.collect();
        let total = all.len();
        let (limit, offset) = query.page.unwrap_or((usize::MAX, 0));
        let page = all.into_iter().skip(offset).take(limit).collect();
        Outcome::ok(ExpectedBody::List(page, total))
    }

    pub(super) fn list_recipients(&self) -> Outcome {
        let all = self.ordered(|user| user.folded_names().into_iter().rev().collect());
        let active = all.into_iter().filter(|id| self.users[id].active);
        Outcome::ok(ExpectedBody::Recipients(active.collect()))
    }

    /// The IDs of all users, sorted by name.
    pub(super) fn ordered(&self, name: impl Fn(&User) -> Vec<String>) -> Vec<u64> {
        let mut ids: Vec<_> = self.users.keys().copied().collect();
        ids.sort_by_cached_key(|id| (name(&self.users[id]), *id));
        ids
    }

    /// Compares a response with the expected outcome and applies its effect.
    #[must_use]
    pub(super) fn apply_response(&mut self, outcome: Outcome, response: &TestResponse) -> bool {
        if response.status != outcome.status {
            return false;
        }
        let chosen = outcome.expected_body.chosen(&response.body);
        let Some(saved_id) = self.apply(outcome.effect, &chosen) else { return false };
        self.body_matches(&outcome.expected_body, saved_id, &response.body)
    }

    /// Applies an effect. Returns the ID of the saved user, if any.
    ///
    /// Returns `None` if the service chose an invalid value, such as an existing ID.
    #[expect(clippy::option_option, reason = "most requests save no user")]
    pub(super) fn apply(&mut self, effect: Effect, chosen: &ServerChosen) -> Option<Option<u64>> {
        let mut saved_id = None;
        if let Some((id, user)) = effect.saved_user {
            let new_id = chosen.id.filter(|id| self.is_unused_id(*id));
            let id = id.or(new_id)?;
            let before = self.users.insert(id, user.clone());
            if before.is_some_and(|before| before.generation != user.generation) {
                self.remove_sessions(id);
            }
            saved_id = Some(id);
        }
        if let (Some(user_id), Some(token)) = (effect.new_session_of, chosen.token.clone()) {
            let session = Session { user_id, created_at: self.now };
            if self.sessions.insert(token, session).is_some() {
                return None;
            }
        }
        if let Some(token) = effect.deleted_session {
            self.sessions.remove(&token);
        }
        if let Some(email) = effect.failed_login_of {
            let (key, generation) = self.login_key(&email);
            self.failed_logins.record(&key, generation, self.now);
        }
        if let Some(change) = effect.group {
            self.apply_group_outcome(change, chosen.id)?;
        }
        if let Some(change) = effect.key {
            self.apply_key_outcome(change, chosen)?;
        }
        Some(saved_id)
    }

    /// Whether a list contains all valid sessions of a user.
    fn matches_sessions(&self, user_id: u64, body: &Value) -> bool {
        let listed: BTreeSet<_> = items(body).iter().filter_map(|one| one["id"].as_str()).collect();
        let valid_sessions =
            self.sessions.keys().filter(|token| self.session_user(token) == Some(user_id));
        let valid_sessions: BTreeSet<_> = valid_sessions.map(|token| session_id(token)).collect();
        let is_complete = valid_sessions.len() == listed.len() || !self.knows_all_sessions;
        is_complete && valid_sessions.iter().all(|id| listed.contains(id.as_str()))
    }

    fn body_matches(&self, expected: &ExpectedBody, saved_id: Option<u64>, body: &Value) -> bool {
        let is_user = |id: u64, body: &Value| self.users[&id].matches_view(id, body);
        match expected {
            ExpectedBody::Any => true,
            ExpectedBody::Success => *body == json!({ "success": true }),
            ExpectedBody::Session(name) => body[*name].is_string(),
            ExpectedBody::User(id) => is_user(*id, body),
            ExpectedBody::Created => saved_id.is_some_and(|id| is_user(id, body)),
            ExpectedBody::List(ids, total) => {
                let items = items(body);
                let total_matches = body.get("total").is_none_or(|actual| *actual == json!(total));
                total_matches
                    && items.len() == ids.len()
                    && ids.iter().zip(items).all(|(id, item)| is_user(*id, item))
            }
            ExpectedBody::Recipients(ids) => {
                let actual: Vec<_> = items(body).iter().map(|item| item["id"].as_u64()).collect();
                actual == ids.iter().copied().map(Some).collect::<Vec<_>>()
            }
            ExpectedBody::Group(id) => {
                self.matches_group(*id, body) && self.matches_members(*id, &body["members"])
            }
            ExpectedBody::RenamedGroup(id) => self.matches_group(*id, body),
            ExpectedBody::CreatedGroup => {
                body["id"].as_u64().is_some_and(|id| self.matches_group(id, body))
            }
            ExpectedBody::Groups => self.matches_groups(body),
            ExpectedBody::Members(group) => self.matches_members(*group, body),
            ExpectedBody::Memberships => self.matches_memberships(body),
            ExpectedBody::ApiKeys => self.matches_api_keys(body),
            ExpectedBody::ApiKeyCount => *body == json!(self.api_keys.len()),
            ExpectedBody::CreatedApiKey | ExpectedBody::RegeneratedApiKey => {
                body["unmasked_key"].is_string()
            }
            ExpectedBody::Sessions(user_id) => self.matches_sessions(*user_id, body),
        }
    }
}

impl ExpectedBody {
    fn chosen(&self, body: &Value) -> ServerChosen {
        match self {
            Self::Created | Self::CreatedGroup => {
                ServerChosen { id: body["id"].as_u64(), ..ServerChosen::default() }
            }
            Self::Session(name) => ServerChosen {
                token: body[*name].as_str().map(str::to_owned),
                ..ServerChosen::default()
            },
            Self::CreatedApiKey | Self::RegeneratedApiKey => ServerChosen {
                id: body["id"].as_u64(),
                token: body["unmasked_key"].as_str().map(str::to_owned),
            },
            _ => ServerChosen::default(),
        }
    }
}

/// The items of an array or an envelope.
fn items(body: &Value) -> &[Value] {
    body.as_array().or_else(|| body["data"].as_array()).map_or(&[], Vec::as_slice)
}

impl Query {
    fn matches(&self, user: &User) -> bool {
        let state = match self.status {
            Some("all") => true,
            Some("deactivated") => !user.active,
            _ => user.active,
        };
        let [first, last] = user.folded_names();
        let text = format!("{first}\n{last}\n{}", normalized_email(&user.email));
        state
            && self.text.is_none_or(|part| text.contains(&part.to_lowercase()))
            && self.group.is_none_or(|group| user.groups.contains(&group))
    }
}
