//! Random requests, based on earlier responses.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use shared::auth::token::SessionToken;
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp, TestResponse};

use super::{
    api_key_rules::ApiKeyRequest,
    group_rules::GroupRequest,
    operation::{Action, GroupList, NewPassword, NewUser, Operation, Patch, Query},
    state::normalized_email,
};

const NAMES: [&str; 5] = ["Ann", "bob", "Éva", "zoë", "Ann"];
const PASSWORDS: [&str; 3] = [PASSWORD, "an0ther secret", "123456"];
const DAY: i64 = 24 * 3_600;

/// Generates requests from the tokens and IDs in earlier responses.
#[derive(Debug, Clone)]
pub(super) struct OperationGenerator {
    rng: Rng,
    /// Tokens without known errors.
    tokens: Vec<String>,
    /// Tokens with a 403.
    unprivileged: Vec<String>,
    /// Tokens with a 401.
    invalid: Vec<String>,
    /// Normalized email addresses by user ID.
    emails: BTreeMap<u64, String>,
    groups: Vec<u64>,
    api_keys: Vec<u64>,
    /// Known passwords by normalized email address.
    passwords: BTreeMap<String, String>,
}

impl OperationGenerator {
    pub(super) fn new(seed: u64, app: &TestApp) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            tokens: vec![app.admin.session.clone()],
            unprivileged: Vec::new(),
            invalid: vec![app.admin.session.to_lowercase()],
            emails: [(1, ADMIN_EMAIL.to_owned())].into(),
            groups: vec![1, 2, 77],
            api_keys: vec![78],
            passwords: [(ADMIN_EMAIL.to_owned(), PASSWORD.to_owned())].into(),
        }
    }

    /// All tokens issued so far.
    pub(super) fn tokens(&self) -> impl Iterator<Item = &String> {
        self.tokens.iter().chain(&self.unprivileged).chain(&self.invalid)
    }

    /// Records tokens and IDs of a response.
    pub(super) fn record(&mut self, operation: &Operation, response: &TestResponse) {
        match (response.status, &operation.credential) {
            (..300, _) => self.record_success(operation, response),
            (403, Some(token)) => {
                self.remove_token(token);
                self.unprivileged.push(token.clone());
            }
            (401, Some(token)) => {
                self.remove_token(token);
                self.invalid.push(token.clone());
            }
            _ => {}
        }
    }

    fn remove_token(&mut self, token: &String) {
        self.tokens.retain(|known| known != token);
        self.unprivileged.retain(|known| known != token);
    }

    fn record_success(&mut self, operation: &Operation, response: &TestResponse) {
        match &operation.action {
            Action::Create(NewUser { password, .. }) => {
                let (id, email) = Self::id_and_email(response);
                self.emails.insert(id, email.clone());
                self.passwords.extend(password.iter().map(|known| (email.clone(), known.clone())));
            }
            Action::Update(..) => {
                let (id, email) = Self::id_and_email(response);
                let before = self.emails.insert(id, email.clone());
                let password = before.and_then(|before| self.passwords.remove(&before));
                self.passwords.extend(password.map(|password| (email, password)));
            }
            Action::SetPassword(new) => {
                if let Some(email) = self.emails.get(&new.target) {
                    self.passwords.insert(email.clone(), new.new.clone());
                }
                self.tokens.extend(response.body["session_id"].as_str().map(str::to_owned));
            }
            Action::ApiKeys(ApiKeyRequest::Create(..) | ApiKeyRequest::Regenerate(_)) => {
                self.tokens.extend(response.body["unmasked_key"].as_str().map(str::to_owned));
                self.api_keys.extend(response.body["id"].as_u64());
            }
            Action::Groups(GroupRequest::Create(_)) => {
                self.groups.extend(response.body["id"].as_u64());
            }
            Action::LogIn { .. } => {
                self.tokens.extend(response.body["id"].as_str().map(str::to_owned));
            }
            _ => {}
        }
    }

    fn id_and_email(response: &TestResponse) -> (u64, String) {
        (
            response.body["id"].as_u64().unwrap(),
            normalized_email(response.body["email"].as_str().unwrap()),
        )
    }

    /// Seconds until the next request. Some pauses are long enough to expire sessions.
    pub(super) fn pause(&mut self) -> i64 {
        match self.rng.u8(0..200) {
            0 => 14 * DAY,
            1..=2 => 5 * DAY,
            3..=30 => self.rng.i64(0..2_400),
            31..=100 => 1,
            _ => 0,
        }
    }

    pub(super) fn operation(&mut self) -> Operation {
        let needs_login = self.tokens.is_empty() && self.rng.bool();
        let action = if needs_login { self.login() } else { self.action() };
        without_own_email(Operation { credential: self.caller(), action })
    }

    /// A request for a concurrent run. Excludes responses based on several reads.
    pub(super) fn atomic_operation(&mut self) -> Operation {
        loop {
            let operation = self.operation();
            match &operation.action {
                Action::ListUsers(Query { page: None, status, .. }) if *status != Some("all") => {
                    return operation;
                }
                Action::Groups(request) if request.needs_several_reads() => {}
                Action::ApiKeys(request) if request.needs_several_reads() => {}
                Action::ListUsers(_) | Action::ListRecipients | Action::ListSessions(_) => {}
                _ => return operation,
            }
        }
    }

    fn action(&mut self) -> Action {
        match self.rng.u8(0..140) {
            100..=119 => Action::Groups(self.group_request()),
            120..=129 => Action::ApiKeys(self.api_key_request()),
            130 => Action::Anonymize(self.target()),
            131..=133 => Action::ListSessions(self.target()),
            134..=135 => Action::RevokeSessions(self.target()),
            136.. => self.revoke_session(),
            0..=19 => Action::Create(self.new_user()),
            20..=44 => Action::Update(self.target(), self.patch()),
            45..=51 => Action::Deactivate(self.target()),
            52..=59 => Action::Reactivate(self.target()),
            60..=64 => {
                let modal = self.pick(&["qbnewb", "datasetnewb", "nothing"]);
                Action::DismissModal(self.target(), modal)
            }
            65..=68 => Action::SetPassword(self.new_password()),
            69..=79 => self.login(),
            80..=82 => Action::LogOut,
            83..=87 => Action::GetUser(self.target()),
            88..=91 => Action::CurrentUser,
            92..=97 => Action::ListUsers(self.query()),
            _ => Action::ListRecipients,
        }
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.rng.usize(0..choices.len())]
    }

    /// A value with a probability of one in `cases`.
    fn one_in<T>(&mut self, cases: u8, some: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.rng.u8(0..cases) == 0).then(|| some(self))
    }

    /// A random token: usually a valid one, sometimes an invalid one or none.
    fn caller(&mut self) -> Option<String> {
        let tokens = match self.rng.u8(0..20) {
            0 => return None,
            1 => &self.invalid,
            2..=6 => &self.unprivileged,
            _ if self.tokens.is_empty() => &self.unprivileged,
            _ => &self.tokens,
        };
        tokens.get(self.rng.usize(0..tokens.len().max(1))).cloned()
    }

    /// A random user ID: rarely the first administrator's or an unknown one.
    fn target(&mut self) -> u64 {
        let ids: Vec<_> = self.emails.keys().copied().collect();
        match self.rng.u8(0..20) {
            0 => ids.last().unwrap() + 50,
            1 => 1,
            _ => self.pick(&ids[1.min(ids.len() - 1)..]),
        }
    }

    fn email(&mut self) -> String {
        let local = self.pick(&["a", "b", "straße", "strasse"]);
        let email = format!("{local}{}@example.com", self.rng.u8(0..4));
        match self.rng.u8(0..4) {
            0 => email.to_uppercase(),
            1 => format!(" {email} "),
            _ => email,
        }
    }

    fn name(&mut self) -> Option<String> {
        let name = self.pick(&NAMES);
        (self.rng.u8(0..16) > 0).then(|| name.to_owned())
    }

    fn groups(&mut self) -> GroupList {
        let mut ids: BTreeSet<u64> =
            self.one_in(4, |_| 1).is_none().then_some(1).into_iter().collect();
        ids.extend((0..self.rng.u8(0..3)).map(|_| self.group()));
        GroupList { ids, as_memberships: self.rng.bool() }
    }

    /// A random group ID, sometimes unknown. Newer groups are more likely.
    fn group(&mut self) -> u64 {
        let count = self.groups.len();
        let back = self.rng.usize(0..count).min(self.rng.usize(0..count));
        self.groups[count - 1 - back]
    }

    fn group_request(&mut self) -> GroupRequest {
        let name = self.pick(&["Ops", "OPS", "Élan", "élan", "Data", "all users", " "]).to_owned();
        match self.rng.u8(0..20) {
            0..=2 => GroupRequest::Create(name),
            3..=4 => GroupRequest::Rename(self.group(), name),
            5..=6 => GroupRequest::Delete(self.group()),
            7 => GroupRequest::Clear(self.group()),
            8..=11 => GroupRequest::Join(self.target(), self.group()),
            12..=15 => GroupRequest::Leave(self.target(), self.group()),
            16 => GroupRequest::List,
            17 => GroupRequest::Get(self.group()),
            18 => GroupRequest::Memberships,
            _ => GroupRequest::SetManager(self.target(), self.group()),
        }
    }

    fn api_key_request(&mut self) -> ApiKeyRequest {
        let name = self.pick(&["Sync", "SYNC", "Robot", " "]).to_owned();
        let known: Vec<_> = self.api_keys.iter().rev().take(4).copied().collect();
        let id = self.pick(&known);
        match self.rng.u8(0..10) {
            0..=2 => ApiKeyRequest::Create(name, self.group()),
            3..=4 => {
                ApiKeyRequest::Update(id, self.one_in(2, |_| name), self.one_in(2, Self::group))
            }
            5 => ApiKeyRequest::Regenerate(id),
            6..=7 => ApiKeyRequest::Delete(id),
            8 => ApiKeyRequest::List,
            _ => ApiKeyRequest::Count,
        }
    }

    /// A random session, usually under the ID of its user, sometimes under another one.
    fn revoke_session(&mut self) -> Action {
        let tokens: Vec<_> = self.tokens().filter(|token| !token.starts_with("mb_")).collect();
        let token = tokens[self.rng.clone().usize(0..tokens.len())].clone();
        let owner = SessionToken::parse(&token).map(|token| token.user().get());
        let target = self.target();
        Action::RevokeSession(owner.filter(|_| self.rng.u8(0..4) > 0).unwrap_or(target), token)
    }

    fn new_user(&mut self) -> NewUser {
        let with_password = self.rng.u8(0..4) == 0;
        let password = self.pick(&PASSWORDS);
        let source = self.pick(&["saml", "google", "jwt", "ldap"]);
        NewUser {
            email: self.email(),
            names: [self.name(), self.name()],
            password: with_password.then(|| password.to_owned()),
            sso: (!with_password || self.rng.u8(0..8) == 0).then(|| source.to_owned()),
            must_change_password: self.rng.u8(0..12) == 0,
            groups: self.groups(),
        }
    }

    fn patch(&mut self) -> Patch {
        Patch {
            email: self.one_in(3, Self::email),
            names: [self.one_in(3, Self::name), self.one_in(3, Self::name)],
            locale: self.one_in(4, |generator| generator.one_in(2, |_| "es_MX".to_owned())),
            attribute: self.one_in(4, |generator| {
                generator.one_in(2, |generator| generator.rng.u8(..).to_string())
            }),
            is_superuser: self.one_in(4, |generator| generator.rng.bool()),
            must_change_password: self.one_in(16, |generator| generator.rng.u8(0..3) == 0),
            groups: self.one_in(4, Self::groups),
        }
    }

    /// The known password of an email address, or a random one.
    fn password_of(&mut self, email: &str) -> String {
        let known = self.passwords.get(&normalized_email(email)).cloned();
        let guess = self.pick(&PASSWORDS).to_owned();
        known.filter(|_| self.rng.u8(0..8) > 0).unwrap_or(guess)
    }

    fn new_password(&mut self) -> NewPassword {
        let target = self.target();
        let email = self.emails.get(&target).cloned().unwrap_or_default();
        let current = self.password_of(&email);
        NewPassword {
            target,
            current: (self.rng.u8(0..8) > 0).then_some(current),
            new: self.pick(&PASSWORDS).to_owned(),
            as_metabase: self.rng.bool(),
        }
    }

    fn login(&mut self) -> Action {
        let known: Vec<_> = self.passwords.keys().cloned().collect();
        let first = self.emails[&1].clone();
        let any = known[self.rng.usize(0..known.len())].clone();
        let email = if self.rng.bool() { first } else { any };
        let email = self.one_in(10, Self::email).unwrap_or(email);
        let password = self.password_of(&email);
        Action::LogIn { email, password }
    }

    fn query(&mut self) -> Query {
        Query {
            status: self
                .one_in(2, |generator| generator.pick(&["active", "deactivated", "all", "active"])),
            text: self.one_in(3, |generator| generator.pick(&["an", "AN", "a1@", "zzz"])),
            group: self.one_in(4, |generator| generator.pick(&[1, 2, 77])),
            page: self
                .one_in(2, |generator| (generator.rng.usize(1..6), generator.rng.usize(0..8))),
        }
    }
}

/// The request without a new email address of the caller's own. Such a change depends on the age of
/// the session and on earlier changes, and has tests of its own.
fn without_own_email(mut operation: Operation) -> Operation {
    let token = operation.credential.as_deref().and_then(SessionToken::parse);
    if let (Action::Update(target, patch), Some(token)) = (&mut operation.action, token)
        && token.user().get() == *target
    {
        patch.email = None;
    }
    operation
}
