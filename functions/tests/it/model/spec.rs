//! What the contract says of each request: sections 3, 6, 7 and 9.

use std::collections::BTreeSet;

use super::{
    groups::GroupOutcome,
    keys::KeyOutcome,
    lists::Shown,
    operation::{Action, GroupList, New, NewPassword, Operation, Patch},
    state::{Account, Model},
};

const WEAK: &str = "123456";

/// What a request was found to be when it was authenticated: later changes of its sender's rights do
/// not matter to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Authorization {
    /// It is refused with this status.
    Refused(u16),
    /// It is decided as a whole when it takes effect.
    Later,
    /// Its sender, and the account that it is about, if it is about one.
    Of(Caller),
    /// The right password of an active account, in an era of its sessions.
    Login(u64, u32),
    /// A wrong password, or that of nobody who is active.
    NoLogin,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Caller {
    pub(super) id: u64,
    pub(super) is_admin: bool,
    /// Who answers for the API key that it is.
    owner: Option<u64>,
    target: Option<Target>,
}

/// The account that a request is about, as it was when the request was authenticated.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Target {
    active: bool,
    era: u32,
    email: String,
}

/// What a request does.
#[derive(Debug, Clone, Default)]
pub(super) struct Effect {
    /// An account becomes this; without a number, a new one.
    pub(super) saved: Option<(Option<u64>, Account)>,
    /// A session of an account begins.
    pub(super) begun: Option<u64>,
    /// A session ends.
    pub(super) ended: Option<String>,
    /// A login with an address failed.
    pub(super) failed: Option<String>,
    /// Something happens to a group.
    pub(super) group: Option<GroupOutcome>,
    /// Something happens to an API key.
    pub(super) key: Option<KeyOutcome>,
}

/// How a request is answered, and what it does.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    pub(super) status: u16,
    pub(super) effect: Effect,
    pub(super) shown: Shown,
}

impl Outcome {
    fn refused(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(super) fn shows(shown: Shown) -> Self {
        Self { status: 200, shown, ..Self::default() }
    }

    pub(super) fn saves(id: Option<u64>, account: Account, shown: Shown) -> Self {
        let effect = Effect { saved: Some((id, account)), ..Effect::default() };
        Self { effect, ..Self::shows(shown) }
    }
}

impl From<Result<Outcome, u16>> for Outcome {
    fn from(result: Result<Outcome, u16>) -> Self {
        result.unwrap_or_else(Self::refused)
    }
}

impl From<&Account> for Target {
    fn from(account: &Account) -> Self {
        let Account { active, era, email, .. } = account.clone();
        Self { active, era, email }
    }
}

impl Caller {
    /// Who answers for what the caller does.
    pub(super) fn responsible(&self) -> u64 {
        self.owner.unwrap_or(self.id)
    }
}

impl Operation {
    /// Whether it is for those, too, who must change their password before anything else.
    const fn is_for_the_bound(&self) -> bool {
        matches!(self.action, Action::Current | Action::SetPassword(_))
    }

    /// The account that the path names.
    const fn target(&self) -> Option<u64> {
        match &self.action {
            Action::Update(id, _)
            | Action::Deactivate(id)
            | Action::Reactivate(id)
            | Action::Dismiss(id, _)
            | Action::Get(id)
            | Action::Anonymize(id)
            | Action::Sessions(id)
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
            | Action::OfGroups(_)
            | Action::OfKeys(_) => true,
            Action::List(_) => metabase,
            _ => false,
        }
    }

    /// Whether it is not even well formed.
    fn is_malformed(&self, metabase: bool) -> bool {
        match &self.action {
            Action::Create(New { names, password, sso, .. }) => {
                let lacks = names.contains(&None) || password.is_none() && sso.is_none();
                !metabase && lacks || password.as_deref() == Some(WEAK)
            }
            Action::Dismiss(_, modal) => !["qbnewb", "datasetnewb"].contains(modal),
            Action::SetPassword(new) => new.new == WEAK,
            Action::OfGroups(request) => request.is_malformed(),
            Action::OfKeys(request) => request.is_malformed(),
            _ => false,
        }
    }
}

impl Model {
    /// What a request is granted now.
    pub(super) fn admit(&self, operation: &Operation) -> Authorization {
        match &operation.action {
            Action::LogIn { email, password } => self.admit_login(email, password),
            Action::LogOut => Authorization::Later,
            _ => {
                self.admit_caller(operation).map_or_else(Authorization::Refused, Authorization::Of)
            }
        }
    }

    fn admit_login(&self, email: &str, password: &str) -> Authorization {
        if self.failures.wait(&super::state::key(email), self.now).is_some() {
            return Authorization::Refused(if self.metabase { 401 } else { 429 });
        }
        match self.by_email(email) {
            Some((id, user)) if user.active && user.password.as_deref() == Some(password) => {
                Authorization::Login(id, user.era)
            }
            _ => Authorization::NoLogin,
        }
    }

    fn admit_caller(&self, operation: &Operation) -> Result<Caller, u16> {
        let id = operation.by.as_ref().and_then(|token| self.comer(token)).ok_or(401_u16)?;
        let is_bound = self.accounts.get(&id).is_some_and(|account| account.must_change);
        if is_bound && !operation.is_for_the_bound() {
            return Err(403);
        }
        if operation.is_malformed(self.metabase) {
            return Err(400);
        }
        let key = self.keys.get(&id);
        let groups = key.map_or_else(|| &self.accounts[&id].groups, |key| &key.groups);
        let is_admin = groups.contains(&2);
        let target = operation.target();
        let is_others = operation.is_for_admins(self.metabase) || target.is_some_and(|it| it != id);
        if is_others && (!is_admin || is_bound) {
            return Err(403);
        }
        if let Action::OfGroups(request) = &operation.action {
            self.admit_to_groups(request)?;
        }
        if let Action::OfKeys(request) = &operation.action {
            self.admit_to_keys(request)?;
        }
        let found = target.map(|id| self.accounts.get(&id).ok_or(404_u16)).transpose()?;
        let owner = key.map(|key| key.owner);
        Ok(Caller { id, is_admin, owner, target: found.map(Target::from) })
    }

    /// What a request comes to when it takes effect now.
    pub(super) fn outcome(&self, operation: &Operation, grant: &Authorization) -> Outcome {
        let caller = match (grant, &operation.action) {
            (Authorization::Refused(status), _) => return Outcome::refused(*status),
            (Authorization::Login(user, era), _) => return self.logs_in(*user, *era),
            (_, Action::LogIn { email, .. }) => return fails(email),
            (Authorization::Of(caller), _) => caller,
            _ => return self.logs_out(operation.by.as_deref()).into(),
        };
        match &operation.action {
            Action::Create(new) => self.creates(new).into(),
            Action::Update(id, patch) => self.updates(caller, *id, patch).into(),
            Action::Deactivate(id) => self.deactivates(*id).into(),
            Action::Reactivate(id) => self.reactivates(*id).into(),
            Action::Dismiss(id, modal) => self.dismisses(*id, modal).into(),
            Action::SetPassword(new) => self.sets_password(caller, new).into(),
            Action::Get(id) => Outcome::shows(Shown::Account(*id)),
            Action::Current if caller.owner.is_some() => Outcome::shows(Shown::Nothing),
            Action::Current => Outcome::shows(Shown::Account(caller.id)),
            Action::List(query) => self.lists(caller, query),
            Action::OfGroups(request) => self.of_groups(request).into(),
            Action::OfKeys(request) => self.of_keys(caller, request).into(),
            Action::Anonymize(id) => self.anonymizes(*id).into(),
            Action::Sessions(id) => Outcome::shows(Shown::Sessions(*id)),
            Action::RevokeSessions(id) => self.ends_sessions(*id),
            Action::RevokeSession(id, token) => self.ends_session(*id, token).into(),
            _ => self.lists_recipients(),
        }
    }

    /// Whether a request may be told that others were faster. A new password is told so if the password,
    /// the address or the account's state has changed since it was authenticated, and only then; the
    /// password that was asked for was the right one in between.
    pub(super) fn lets_give_up(
        &self,
        operation: &Operation,
        grant: &Authorization,
        status: u16,
    ) -> bool {
        let (Action::SetPassword(new), Authorization::Of(caller)) = (&operation.action, grant)
        else {
            return status != 404;
        };
        let (before, now) = (caller.target.as_ref().unwrap(), &self.accounts[&new.target]);
        match status {
            404 => before.active && !now.active,
            _ => now.era != before.era || now.email != before.email,
        }
    }

    fn logs_in(&self, id: u64, era: u32) -> Outcome {
        let mut account = self.accounts[&id].clone();
        if !account.active || account.era != era {
            return Outcome::refused(401);
        }
        let first = account.logins.map_or(self.now, |[first, _]| first);
        account.logins = Some([first, self.now]);
        let mut outcome = Outcome::saves(Some(id), account, Shown::Session("id"));
        outcome.effect.begun = Some(id);
        outcome
    }

    fn logs_out(&self, token: Option<&str>) -> Result<Outcome, u16> {
        let token = token.filter(|token| self.is_live(token)).ok_or(404_u16)?;
        let effect = Effect { ended: Some(token.to_owned()), ..Effect::default() };
        Ok(Outcome { status: 204, effect, shown: Shown::Nothing })
    }

    /// A list of memberships names All Users, in Metabase's dialect.
    fn leaves_all_users(&self, groups: &GroupList) -> bool {
        self.metabase && groups.as_memberships && !groups.ids.contains(&1)
    }

    const fn taken(&self) -> u16 {
        if self.metabase { 400 } else { 409 }
    }

    fn creates(&self, new: &New) -> Result<Outcome, u16> {
        if self.leaves_all_users(&new.groups) {
            return Err(400);
        }
        if self.is_taken(&new.email, None) {
            return Err(self.taken());
        }
        let groups = with_everybody(&new.groups);
        if !groups.iter().all(|group| self.groups.contains_key(group)) {
            return Err(400);
        }
        let account = Account {
            email: new.email.trim().to_lowercase(),
            names: new.names.clone(),
            groups,
            active: true,
            anonymous: false,
            must_change: new.must_change,
            newcomer: [true; 2],
            locale: None,
            attribute: None,
            sso: new.sso.clone(),
            password: new.password.clone(),
            era: 0,
            joined: self.now,
            updated: self.now,
            logins: None,
        };
        Ok(Outcome::saves(None, account, Shown::Created))
    }

    fn updates(&self, caller: &Caller, id: u64, patch: &Patch) -> Result<Outcome, u16> {
        let before = &self.accounts[&id];
        let patch = if caller.is_admin { patch.clone() } else { self.by_owner(before, patch)? };
        if !before.active {
            return Err(404);
        }
        let mut after = before.patched(&patch);
        if before.sso.is_some() && after.names != before.names {
            return Err(400);
        }
        after.groups = self.resolved(before, &patch)?;
        after.must_change = patch.must_change.unwrap_or(before.must_change);
        if after == *before {
            return Ok(Outcome::shows(Shown::Account(id)));
        }
        after.updated = self.now;
        if self.is_taken(&after.email, Some(id)) {
            return Err(self.taken());
        }
        let joins_none =
            after.groups.difference(&before.groups).any(|id| !self.groups.contains_key(id));
        if joins_none || self.is_last_admin(id) && !after.is_admin() {
            return Err(400);
        }
        Ok(Outcome::saves(Some(id), after, Shown::Account(id)))
    }

    /// What somebody who is no administrator may change of themselves.
    fn by_owner(&self, before: &Account, patch: &Patch) -> Result<Patch, u16> {
        let other_groups = patch.groups.as_ref().is_some_and(|groups| {
            self.leaves_all_users(groups) || with_everybody(groups) != before.groups
        });
        let moves = before.patched(patch).email != before.email;
        let foreign = matches!(before.sso.as_deref(), Some("google" | "ldap"));
        if other_groups || moves && foreign {
            return Err(403);
        }
        Ok(Patch {
            groups: None,
            is_superuser: None,
            must_change: None,
            attribute: None,
            ..patch.clone()
        })
    }

    fn resolved(&self, before: &Account, patch: &Patch) -> Result<BTreeSet<u64>, u16> {
        if patch.groups.as_ref().is_some_and(|groups| self.leaves_all_users(groups)) {
            return Err(400);
        }
        let listed = patch.groups.as_ref().map(with_everybody);
        let mut groups = listed.clone().unwrap_or_else(|| before.groups.clone());
        match patch.is_superuser {
            Some(admin) if listed.is_some() && groups.contains(&2) != admin => return Err(400),
            Some(true) => drop(groups.insert(2)),
            Some(false) => drop(groups.remove(&2)),
            None => {}
        }
        Ok(groups)
    }

    fn deactivates(&self, id: u64) -> Result<Outcome, u16> {
        let account = self.accounts[&id].clone();
        if !account.active {
            return Ok(Outcome::shows(Shown::Success));
        }
        if self.is_last_admin(id) {
            return Err(400);
        }
        let (active, era, updated) = (false, account.era + 1, self.now);
        let after = Account { active, era, updated, ..account };
        Ok(Outcome::saves(Some(id), after, Shown::Success))
    }

    fn reactivates(&self, id: u64) -> Result<Outcome, u16> {
        let mut account = self.accounts[&id].clone();
        if account.active || account.anonymous {
            return Err(400);
        }
        account.groups.remove(&2);
        let sso = account.sso.filter(|source| !["google", "ldap"].contains(&source.as_str()));
        let after = Account { active: true, sso, updated: self.now, ..account };
        Ok(Outcome::saves(Some(id), after, Shown::Account(id)))
    }

    /// Nothing is left that tells whose an account was.
    fn anonymizes(&self, id: u64) -> Result<Outcome, u16> {
        let account = self.accounts[&id].clone();
        if account.anonymous {
            return Ok(Outcome::shows(Shown::Account(id)));
        }
        if self.is_last_admin(id) {
            return Err(400);
        }
        let after = Account {
            email: format!("anonymized-{id}@anonymized.invalid"),
            names: [None, None],
            groups: [1].into(),
            active: false,
            anonymous: true,
            must_change: false,
            locale: None,
            attribute: None,
            sso: None,
            password: None,
            era: account.era + 1,
            updated: self.now,
            ..account
        };
        Ok(Outcome::saves(Some(id), after, Shown::Account(id)))
    }

    fn ends_sessions(&self, id: u64) -> Outcome {
        let account = self.accounts[&id].clone();
        let era = account.era + u32::from(account.active);
        let outcome = Outcome::saves(Some(id), Account { era, ..account }, Shown::Nothing);
        Outcome { status: 204, ..outcome }
    }

    fn ends_session(&self, id: u64, token: &str) -> Result<Outcome, u16> {
        let token = Some(token).filter(|token| self.holder(token) == Some(id));
        self.logs_out(token)
    }

    fn dismisses(&self, id: u64, modal: &str) -> Result<Outcome, u16> {
        let mut account = self.accounts[&id].clone();
        if !account.active {
            return Err(404);
        }
        account.newcomer[usize::from(modal == "datasetnewb")] = false;
        Ok(Outcome::saves(Some(id), account, Shown::Success))
    }

    fn sets_password(&self, caller: &Caller, new: &NewPassword) -> Result<Outcome, u16> {
        let account = self.accounts[&new.target].clone();
        let is_own = caller.id == new.target;
        let Target { active: was_active, era, .. } = caller.target.clone().unwrap();
        let knows = new.current.is_some() && new.current == account.password;
        let is_asked = is_own && !(self.metabase && caller.is_admin);
        let is_same = account.must_change && new.current.as_ref() == Some(&new.new);
        if is_asked && (!knows || is_same) {
            return Err(400);
        }
        if !account.active || !is_own && !was_active {
            return Err(404);
        }
        if account.era != era {
            return Err(409);
        }
        let (password, updated) = (Some(new.new.clone()), self.now);
        let must_change = account.must_change && !is_own;
        let after = Account { password, must_change, era: era + 1, updated, ..account };
        let mut outcome = Outcome::saves(Some(new.target), after, Shown::Nothing);
        if is_own {
            outcome.effect.begun = Some(new.target);
            outcome.shown = Shown::Session("session_id");
        } else {
            outcome.status = 204;
        }
        Ok(outcome)
    }
}

impl Account {
    /// The account with other texts; what is about groups is decided elsewhere.
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

fn fails(email: &str) -> Outcome {
    let effect = Effect { failed: Some(super::state::key(email)), ..Effect::default() };
    Outcome { status: 401, effect, shown: Shown::Nothing }
}

fn with_everybody(groups: &GroupList) -> BTreeSet<u64> {
    groups.ids.iter().copied().chain([1]).collect()
}
