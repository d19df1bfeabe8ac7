//! The rules of the API: authorization and outcome of each request.

use std::collections::BTreeSet;

use super::{
    api_key_rules::ApiKeyOutcome,
    expected_body::ExpectedBody,
    group_rules::GroupOutcome,
    operation::{Action, GroupList, NewPassword, NewUser, Operation, Patch},
    state::{Model, User},
};

const WEAK: &str = "123456";

/// The result of authenticating and authorizing a request.
///
/// Later changes of the caller's permissions do not affect the request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Authorization {
    /// Rejected with a status.
    Rejected(u16),
    /// Authenticated together with its effect, in one write.
    Deferred,
    /// Authorized, with the caller and the target user if there is one.
    Authenticated(Caller),
    /// The correct password of an active user: user ID and session generation.
    ValidLogin(u64, u32),
    /// A wrong password, or no active user with the email address.
    InvalidLogin,
}

/// The user or API key that sent a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Caller {
    pub(super) id: u64,
    pub(super) is_admin: bool,
    /// The responsible user and their session generation, if the caller is an API key.
    owner: Option<(u64, u32)>,
    /// The session generation, if the caller is a user.
    generation: u32,
    target: Option<Target>,
}

/// The state of the target user at authentication.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Target {
    active: bool,
    generation: u32,
    email: String,
}

/// The effect of a request.
#[derive(Debug, Clone, Default)]
pub(super) struct Effect {
    /// The new state of a user. Without an ID, the user is new.
    pub(super) saved_user: Option<(Option<u64>, User)>,
    /// The user of a new session.
    pub(super) new_session_of: Option<u64>,
    /// The token of a deleted session.
    pub(super) deleted_session: Option<String>,
    /// The normalized email address of a failed login.
    pub(super) failed_login_of: Option<String>,
    /// A change of a group.
    pub(super) group: Option<GroupOutcome>,
    /// A change of an API key.
    pub(super) key: Option<ApiKeyOutcome>,
}

/// The expected response and the effect of a request.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    pub(super) status: u16,
    pub(super) effect: Effect,
    pub(super) expected_body: ExpectedBody,
}

impl Outcome {
    fn error(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(super) fn ok(expected_body: ExpectedBody) -> Self {
        Self { status: 200, expected_body, ..Self::default() }
    }

    pub(super) fn saved_user(id: Option<u64>, user: User, expected_body: ExpectedBody) -> Self {
        let effect = Effect { saved_user: Some((id, user)), ..Effect::default() };
        Self { effect, ..Self::ok(expected_body) }
    }
}

impl From<Result<Outcome, u16>> for Outcome {
    fn from(result: Result<Outcome, u16>) -> Self {
        result.unwrap_or_else(Self::error)
    }
}

impl From<&User> for Target {
    fn from(user: &User) -> Self {
        let User { active, generation, email, .. } = user.clone();
        Self { active, generation, email }
    }
}

impl Caller {
    /// The user responsible for the actions of the caller, and their session generation.
    pub(super) fn responsible_user(&self) -> (u64, u32) {
        self.owner.unwrap_or((self.id, self.generation))
    }
}

impl Operation {
    /// Whether the request is allowed before a required password change.
    const fn allows_pending_password_change(&self) -> bool {
        matches!(self.action, Action::CurrentUser | Action::SetPassword(_))
    }

    /// The ID of the user in the path.
    const fn target(&self) -> Option<u64> {
        match &self.action {
            Action::Update(id, _)
            | Action::Deactivate(id)
            | Action::Reactivate(id)
            | Action::DismissModal(id, _)
            | Action::GetUser(id)
            | Action::Anonymize(id)
            | Action::ListSessions(id)
            | Action::RevokeSessions(id)
            | Action::RevokeSession(id, _) => Some(*id),
            Action::SetPassword(new) => Some(new.target),
            _ => None,
        }
    }

    fn is_for_admins(&self, metabase: bool) -> bool {
        match self.action {
            Action::Create(_)
            | Action::Deactivate(_)
            | Action::Reactivate(_)
            | Action::Anonymize(_)
            | Action::Groups(_)
            | Action::ApiKeys(_) => true,
            Action::ListUsers(_) => metabase,
            _ => false,
        }
    }

    /// Whether the body or the path is invalid.
    fn is_malformed(&self, metabase: bool) -> bool {
        match &self.action {
            Action::Create(NewUser { names, password, sso, .. }) => {
                let lacks = names.contains(&None) || password.is_none() && sso.is_none();
                !metabase && lacks || password.as_deref() == Some(WEAK)
            }
            Action::DismissModal(_, modal) => !["qbnewb", "datasetnewb"].contains(modal),
            Action::SetPassword(new) => new.new == WEAK,
            Action::Groups(request) => request.is_malformed(),
            Action::ApiKeys(request) => request.is_malformed(),
            _ => false,
        }
    }
}

impl Model {
    /// Authenticates and authorizes a request.
    pub(super) fn authorize(&self, operation: &Operation) -> Authorization {
        match &operation.action {
            Action::LogIn { email, password } => self.authorize_login(email, password),
            Action::LogOut => Authorization::Deferred,
            _ => self
                .authorize_caller(operation)
                .map_or_else(Authorization::Rejected, Authorization::Authenticated),
        }
    }

    fn authorize_login(&self, email: &str, password: &str) -> Authorization {
        let (email_key, generation) = self.login_key(email);
        if self.failed_logins.retry_after(&email_key, generation, self.now).is_some() {
            return Authorization::Rejected(if self.metabase { 401 } else { 429 });
        }
        match self.user_by_email(email) {
            Some((id, user)) if user.active && user.password.as_deref() == Some(password) => {
                Authorization::ValidLogin(id, user.generation)
            }
            _ => Authorization::InvalidLogin,
        }
    }

    /// The normalized email address, and the session generation of its user.
    pub(super) fn login_key(&self, email: &str) -> (String, u32) {
        let generation = self.user_by_email(email).map_or(0, |(_, user)| user.generation);
        (super::state::normalized_email(email), generation)
    }

    /// The response to a failed login: with a wait if the limit was reached before.
    fn failed_login(&self, email: &str) -> Outcome {
        let (key, generation) = self.login_key(email);
        let is_beyond = self.failed_logins.is_beyond(&key, generation, self.now);
        let status = if is_beyond && !self.metabase { 429 } else { 401 };
        Outcome { status, ..failed_login(email) }
    }

    fn authorize_caller(&self, operation: &Operation) -> Result<Caller, u16> {
        let id = operation
            .credential
            .as_ref()
            .and_then(|token| self.authenticated_user(token))
            .ok_or(401_u16)?;
        let must_change = self.users.get(&id).is_some_and(|user| user.must_change_password);
        if must_change && !operation.allows_pending_password_change() {
            return Err(403);
        }
        if operation.is_malformed(self.metabase) {
            return Err(400);
        }
        let key = self.api_keys.get(&id);
        let groups = key.map_or_else(|| &self.users[&id].groups, |key| &key.groups);
        let is_admin = groups.contains(&2);
        let target = operation.target();
        let is_privileged =
            operation.is_for_admins(self.metabase) || target.is_some_and(|target| target != id);
        if is_privileged && (!is_admin || must_change) {
            return Err(403);
        }
        if let Action::Groups(request) = &operation.action {
            self.authorize_group_request(request)?;
        }
        if let Action::ApiKeys(request) = &operation.action {
            self.authorize_api_key_request(request)?;
        }
        let target_user = target.map(|id| self.users.get(&id).ok_or(404_u16)).transpose()?;
        let owner = key.map(|key| key.owner);
        let generation = self.users.get(&id).map_or(0, |user| user.generation);
        Ok(Caller { id, is_admin, owner, generation, target: target_user.map(Target::from) })
    }

    /// The outcome of a request that takes effect now.
    pub(super) fn outcome(&self, operation: &Operation, authorization: &Authorization) -> Outcome {
        let caller = match (authorization, &operation.action) {
            (Authorization::Rejected(status), _) => return Outcome::error(*status),
            (Authorization::ValidLogin(id, generation), _) => {
                return self.log_in(*id, *generation, operation.credential.as_deref());
            }
            (_, Action::LogIn { email, .. }) => return self.failed_login(email),
            (Authorization::Authenticated(caller), _) => caller,
            _ => return self.log_out(operation.credential.as_deref()).into(),
        };
        match &operation.action {
            Action::Create(new) => self.create(new).into(),
            Action::Update(id, patch) => self.update(caller, *id, patch).into(),
            Action::Deactivate(id) => self.deactivate(*id).into(),
            Action::Reactivate(id) => self.reactivate(*id).into(),
            Action::DismissModal(id, modal) => self.dismiss_modal(*id, modal).into(),
            Action::SetPassword(new) => self.set_password(caller, new).into(),
            Action::GetUser(id) => Outcome::ok(ExpectedBody::User(*id)),
            Action::CurrentUser if caller.owner.is_some() => Outcome::ok(ExpectedBody::Any),
            Action::CurrentUser => Outcome::ok(ExpectedBody::User(caller.id)),
            Action::ListUsers(query) => self.list_users(caller, query),
            Action::Groups(request) => self.group_outcome(request).into(),
            Action::ApiKeys(request) => self.api_key_outcome(caller, request).into(),
            Action::Anonymize(id) => self.anonymize(*id).into(),
            Action::ListSessions(id) => Outcome::ok(ExpectedBody::Sessions(*id)),
            Action::RevokeSessions(id) => self.revoke_sessions(*id),
            Action::RevokeSession(id, token) => self.revoke_session(*id, token).into(),
            _ => self.list_recipients(),
        }
    }

    /// Whether a response may report that concurrent requests took effect first.
    ///
    /// A password change may do so only if the password, the email address or the state of the user
    /// changed since authentication.
    pub(super) fn may_lose_race(
        &self,
        operation: &Operation,
        authorization: &Authorization,
        status: u16,
    ) -> bool {
        let (Action::SetPassword(new), Authorization::Authenticated(caller)) =
            (&operation.action, authorization)
        else {
            return status != 404;
        };
        let (before, now) = (caller.target.as_ref().unwrap(), &self.users[&new.target]);
        match status {
            404 => before.active && !now.active,
            _ => now.generation != before.generation || now.email != before.email,
        }
    }

    /// A login, which ends the session that it came with.
    fn log_in(&self, id: u64, generation: u32, replaced: Option<&str>) -> Outcome {
        let mut user = self.users[&id].clone();
        if !user.active || user.generation != generation {
            return Outcome::error(401);
        }
        let first = user.logins.map_or(self.now, |[first, _]| first);
        user.logins = Some([first, self.now]);
        let mut outcome = Outcome::saved_user(Some(id), user, ExpectedBody::Session("id"));
        outcome.effect.new_session_of = Some(id);
        outcome.effect.deleted_session = replaced.map(ToOwned::to_owned);
        outcome
    }

    fn log_out(&self, token: Option<&str>) -> Result<Outcome, u16> {
        let token = token.filter(|token| self.is_session_valid(token)).ok_or(404_u16)?;
        let effect = Effect { deleted_session: Some(token.to_owned()), ..Effect::default() };
        Ok(Outcome { status: 204, effect, expected_body: ExpectedBody::Any })
    }

    /// Whether a list of memberships lacks All Users, which the Metabase dialect requires.
    fn omits_all_users(&self, groups: &GroupList) -> bool {
        self.metabase && groups.as_memberships && !groups.ids.contains(&1)
    }

    const fn email_taken_status(&self) -> u16 {
        if self.metabase { 400 } else { 409 }
    }

    fn create(&self, new: &NewUser) -> Result<Outcome, u16> {
        if self.omits_all_users(&new.groups) {
            return Err(400);
        }
        if self.is_email_taken(&new.email, None) {
            return Err(self.email_taken_status());
        }
        let groups = with_all_users(&new.groups);
        if !groups.iter().all(|group| self.groups.contains_key(group)) {
            return Err(400);
        }
        let user = User {
            email: new.email.trim().to_lowercase(),
            names: new.names.clone(),
            groups,
            active: true,
            anonymous: false,
            must_change_password: new.must_change_password,
            undismissed_modals: [true; 2],
            locale: None,
            attribute: None,
            sso: new.sso.clone(),
            password: new.password.clone(),
            generation: 0,
            date_joined: self.now,
            updated_at: self.now,
            logins: None,
        };
        Ok(Outcome::saved_user(None, user, ExpectedBody::Created))
    }

    fn update(&self, caller: &Caller, id: u64, patch: &Patch) -> Result<Outcome, u16> {
        let before = &self.users[&id];
        let patch =
            if caller.is_admin { patch.clone() } else { self.restrict_to_owner(before, patch)? };
        if !before.active {
            return Err(404);
        }
        let mut after = before.patched(&patch);
        if before.sso.is_some() && after.names != before.names {
            return Err(400);
        }
        after.groups = self.resulting_groups(before, &patch)?;
        after.must_change_password =
            patch.must_change_password.unwrap_or(before.must_change_password);
        if after == *before {
            return Ok(Outcome::ok(ExpectedBody::User(id)));
        }
        after.updated_at = self.now;
        if self.is_email_taken(&after.email, Some(id)) {
            return Err(self.email_taken_status());
        }
        let joins_unknown_group =
            after.groups.difference(&before.groups).any(|id| !self.groups.contains_key(id));
        if joins_unknown_group || self.is_last_admin(id) && !after.is_admin() {
            return Err(400);
        }
        Ok(Outcome::saved_user(Some(id), after, ExpectedBody::User(id)))
    }

    /// The changes that a user without administrator rights may make to their own profile.
    fn restrict_to_owner(&self, before: &User, patch: &Patch) -> Result<Patch, u16> {
        let other_groups = patch.groups.as_ref().is_some_and(|groups| {
            self.omits_all_users(groups) || with_all_users(groups) != before.groups
        });
        let changes_email = before.patched(patch).email != before.email;
        let is_managed_by_provider = matches!(before.sso.as_deref(), Some("google" | "ldap"));
        if other_groups || changes_email && is_managed_by_provider {
            return Err(403);
        }
        Ok(Patch {
            groups: None,
            is_superuser: None,
            must_change_password: None,
            attribute: None,
            ..patch.clone()
        })
    }

    fn resulting_groups(&self, before: &User, patch: &Patch) -> Result<BTreeSet<u64>, u16> {
        if patch.groups.as_ref().is_some_and(|groups| self.omits_all_users(groups)) {
            return Err(400);
        }
        let listed = patch.groups.as_ref().map(with_all_users);
        let mut groups = listed.clone().unwrap_or_else(|| before.groups.clone());
        match patch.is_superuser {
            Some(admin) if listed.is_some() && groups.contains(&2) != admin => return Err(400),
            Some(true) => drop(groups.insert(2)),
            Some(false) => drop(groups.remove(&2)),
            None => {}
        }
        Ok(groups)
    }

    fn deactivate(&self, id: u64) -> Result<Outcome, u16> {
        let user = self.users[&id].clone();
        if !user.active {
            return Ok(Outcome::ok(ExpectedBody::Success));
        }
        if self.is_last_admin(id) {
            return Err(400);
        }
        let (active, generation, updated_at) = (false, user.generation + 1, self.now);
        let after = User { active, generation, updated_at, ..user };
        Ok(Outcome::saved_user(Some(id), after, ExpectedBody::Success))
    }

    fn reactivate(&self, id: u64) -> Result<Outcome, u16> {
        let mut user = self.users[&id].clone();
        if user.active || user.anonymous {
            return Err(400);
        }
        user.groups.remove(&2);
        let sso = user.sso.filter(|source| !["google", "ldap"].contains(&source.as_str()));
        let after = User { active: true, sso, updated_at: self.now, ..user };
        Ok(Outcome::saved_user(Some(id), after, ExpectedBody::User(id)))
    }

    /// Removes all personal data.
    fn anonymize(&self, id: u64) -> Result<Outcome, u16> {
        let user = self.users[&id].clone();
        if user.anonymous {
            return Ok(Outcome::ok(ExpectedBody::User(id)));
        }
        if self.is_last_admin(id) {
            return Err(400);
        }
        let after = User {
            email: format!("anonymized-{id}@anonymized.invalid"),
            names: [None, None],
            groups: [1].into(),
            active: false,
            anonymous: true,
            must_change_password: false,
            locale: None,
            attribute: None,
            sso: None,
            password: None,
            generation: user.generation + 1,
            updated_at: self.now,
            ..user
        };
        Ok(Outcome::saved_user(Some(id), after, ExpectedBody::User(id)))
    }

    fn revoke_sessions(&self, id: u64) -> Outcome {
        let user = self.users[&id].clone();
        let generation = user.generation + u32::from(user.active);
        let outcome = Outcome::saved_user(Some(id), User { generation, ..user }, ExpectedBody::Any);
        Outcome { status: 204, ..outcome }
    }

    fn revoke_session(&self, id: u64, token: &str) -> Result<Outcome, u16> {
        let token = Some(token).filter(|token| self.session_user(token) == Some(id));
        self.log_out(token)
    }

    fn dismiss_modal(&self, id: u64, modal: &str) -> Result<Outcome, u16> {
        let mut user = self.users[&id].clone();
        if !user.active {
            return Err(404);
        }
        user.undismissed_modals[usize::from(modal == "datasetnewb")] = false;
        Ok(Outcome::saved_user(Some(id), user, ExpectedBody::Success))
    }

    fn set_password(&self, caller: &Caller, new: &NewPassword) -> Result<Outcome, u16> {
        let user = self.users[&new.target].clone();
        let is_own = caller.id == new.target;
        let Target { active: was_active, generation, .. } = caller.target.clone().unwrap();
        let is_correct = new.current.is_some() && new.current == user.password;
        let requires_current_password = is_own && !(self.metabase && caller.is_admin);
        let repeats_password = user.must_change_password && new.current.as_ref() == Some(&new.new);
        if requires_current_password && (!is_correct || repeats_password) {
            return Err(400);
        }
        if !user.active || !is_own && !was_active {
            return Err(404);
        }
        if user.generation != generation {
            return Err(409);
        }
        let (password, updated_at) = (Some(new.new.clone()), self.now);
        let must_change_password = user.must_change_password && !is_own;
        let after =
            User { password, must_change_password, generation: generation + 1, updated_at, ..user };
        let mut outcome = Outcome::saved_user(Some(new.target), after, ExpectedBody::Any);
        if is_own {
            outcome.effect.new_session_of = Some(new.target);
            outcome.expected_body = ExpectedBody::Session("session_id");
        } else {
            outcome.status = 204;
        }
        Ok(outcome)
    }
}

impl User {
    /// Applies changes of the email address, names, locale and attribute.
    fn patched(&self, patch: &Patch) -> Self {
        let mut after = self.clone();
        if let Some(email) = &patch.email {
            after.email = email.trim().to_lowercase();
        }
        for (name, change) in after.names.iter_mut().zip(&patch.names) {
            if let Some(change) = change {
                name.clone_from(change);
            }
        }
        if let Some(locale) = &patch.locale {
            after.locale.clone_from(locale);
        }
        if let Some(attribute) = &patch.attribute {
            after.attribute.clone_from(attribute);
        }
        after
    }
}

fn failed_login(email: &str) -> Outcome {
    let effect = Effect {
        failed_login_of: Some(super::state::normalized_email(email)),
        ..Effect::default()
    };
    Outcome { status: 401, effect, expected_body: ExpectedBody::Any }
}

fn with_all_users(groups: &GroupList) -> BTreeSet<u64> {
    groups.ids.iter().copied().chain([1]).collect()
}
