//! Requests by chance, of somebody who remembers what was answered.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use shared::auth::token::SessionToken;
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp, TestResponse};

use super::{
    groups::OfGroups,
    keys::OfKeys,
    operation::{Action, GroupList, New, NewPassword, Operation, Patch, Query},
    state::key,
};

const NAMES: [&str; 5] = ["Ann", "bob", "Éva", "zoë", "Ann"];
const PASSWORDS: [&str; 3] = [PASSWORD, "an0ther secret", "123456"];
const DAY: i64 = 24 * 3_600;

/// What the answers so far have told.
#[derive(Debug, Clone)]
pub(super) struct OperationGenerator {
    rng: Rng,
    /// Tokens that nothing is known against, those that lacked a right, and those that did not count.
    tokens: Vec<String>,
    humble: Vec<String>,
    refused: Vec<String>,
    /// Addresses by number.
    emails: BTreeMap<u64, String>,
    groups: Vec<u64>,
    keys: Vec<u64>,
    /// Passwords by address, as far as they are known.
    passwords: BTreeMap<String, String>,
}

impl OperationGenerator {
    pub(super) fn new(seed: u64, app: &TestApp) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            tokens: vec![app.admin.session.clone()],
            humble: Vec::new(),
            refused: vec![app.admin.session.to_lowercase()],
            emails: [(1, ADMIN_EMAIL.to_owned())].into(),
            groups: vec![1, 2, 77],
            keys: vec![78],
            passwords: [(ADMIN_EMAIL.to_owned(), PASSWORD.to_owned())].into(),
        }
    }

    /// Every token that was ever given out.
    pub(super) fn tokens(&self) -> impl Iterator<Item = &String> {
        self.tokens.iter().chain(&self.humble).chain(&self.refused)
    }

    /// Learns from an answer.
    pub(super) fn learn(&mut self, operation: &Operation, answer: &TestResponse) {
        if let Some(token) = operation.by.as_ref().filter(|_| [401, 403].contains(&answer.status)) {
            self.tokens.retain(|known| known != token);
            self.humble.retain(|known| known != token);
            let list = if answer.status == 403 { &mut self.humble } else { &mut self.refused };
            list.push(token.clone());
        }
        if answer.status >= 300 {
            return;
        }
        match &operation.action {
            Action::Create(New { password, .. }) => {
                let (id, email) = Self::meet(answer);
                self.emails.insert(id, email.clone());
                self.passwords.extend(password.iter().map(|it| (email.clone(), it.clone())));
            }
            Action::Update(..) => {
                let (id, email) = Self::meet(answer);
                let before = self.emails.insert(id, email.clone());
                let password = before.and_then(|before| self.passwords.remove(&before));
                self.passwords.extend(password.map(|password| (email, password)));
            }
            Action::SetPassword(new) => {
                if let Some(email) = self.emails.get(&new.target) {
                    self.passwords.insert(email.clone(), new.new.clone());
                }
                self.tokens.extend(answer.body["session_id"].as_str().map(str::to_owned));
            }
            Action::OfKeys(OfKeys::Make(..) | OfKeys::Regenerate(_)) => {
                self.tokens.extend(answer.body["unmasked_key"].as_str().map(str::to_owned));
                self.keys.extend(answer.body["id"].as_u64());
            }
            Action::OfGroups(OfGroups::Make(_)) => self.groups.extend(answer.body["id"].as_u64()),
            Action::LogIn { .. } => {
                self.tokens.extend(answer.body["id"].as_str().map(str::to_owned));
            }
            _ => {}
        }
    }

    fn meet(answer: &TestResponse) -> (u64, String) {
        (answer.body["id"].as_u64().unwrap(), key(answer.body["email"].as_str().unwrap()))
    }

    /// The seconds until the next request, at times so many that sessions end.
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
        let is_lost = self.tokens.is_empty() && self.rng.bool();
        let action = if is_lost { self.login() } else { self.action() };
        Operation { by: self.caller(), action }
    }

    /// A request that can be judged amid others at the same time: nothing that reads twice.
    pub(super) fn quick_operation(&mut self) -> Operation {
        loop {
            let operation = self.operation();
            match &operation.action {
                Action::List(Query { page: None, status, .. }) if *status != Some("all") => {
                    return operation;
                }
                Action::OfGroups(request) if request.is_read() => {}
                Action::OfKeys(request) if request.is_read() => {}
                Action::List(_) | Action::Recipients | Action::Sessions(_) => {}
                _ => return operation,
            }
        }
    }

    fn action(&mut self) -> Action {
        match self.rng.u8(0..140) {
            100..=119 => Action::OfGroups(self.of_groups()),
            120..=129 => Action::OfKeys(self.of_keys()),
            130 => Action::Anonymize(self.target()),
            131..=133 => Action::Sessions(self.target()),
            134..=135 => Action::RevokeSessions(self.target()),
            136.. => self.revoke_session(),
            0..=19 => Action::Create(self.new_account()),
            20..=44 => Action::Update(self.target(), self.patch()),
            45..=51 => Action::Deactivate(self.target()),
            52..=59 => Action::Reactivate(self.target()),
            60..=64 => {
                let modal = self.pick(&["qbnewb", "datasetnewb", "nothing"]);
                Action::Dismiss(self.target(), modal)
            }
            65..=68 => Action::SetPassword(self.new_password()),
            69..=79 => self.login(),
            80..=82 => Action::LogOut,
            83..=87 => Action::Get(self.target()),
            88..=91 => Action::Current,
            92..=97 => Action::List(self.query()),
            _ => Action::Recipients,
        }
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.rng.usize(0..choices.len())]
    }

    /// Something, in one of so many cases.
    fn one_in<T>(&mut self, cases: u8, some: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.rng.u8(0..cases) == 0).then(|| some(self))
    }

    /// Some session; at times none, or one that does not count.
    fn caller(&mut self) -> Option<String> {
        let tokens = match self.rng.u8(0..20) {
            0 => return None,
            1 => &self.refused,
            2..=6 => &self.humble,
            _ if self.tokens.is_empty() => &self.humble,
            _ => &self.tokens,
        };
        tokens.get(self.rng.usize(0..tokens.len().max(1))).cloned()
    }

    /// An account, the first administrator's less often, or a number that none has.
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

    /// A group, the newer the likelier, or a number that none has.
    fn group(&mut self) -> u64 {
        let count = self.groups.len();
        let back = self.rng.usize(0..count).min(self.rng.usize(0..count));
        self.groups[count - 1 - back]
    }

    fn of_groups(&mut self) -> OfGroups {
        let name = self.pick(&["Ops", "OPS", "Élan", "élan", "Data", "all users", " "]).to_owned();
        match self.rng.u8(0..20) {
            0..=2 => OfGroups::Make(name),
            3..=4 => OfGroups::Rename(self.group(), name),
            5..=6 => OfGroups::Delete(self.group()),
            7 => OfGroups::Clear(self.group()),
            8..=11 => OfGroups::Join(self.target(), self.group()),
            12..=15 => OfGroups::Leave(self.target(), self.group()),
            16 => OfGroups::List,
            17 => OfGroups::Get(self.group()),
            18 => OfGroups::Memberships,
            _ => OfGroups::Manage(self.target(), self.group()),
        }
    }

    fn of_keys(&mut self) -> OfKeys {
        let name = self.pick(&["Sync", "SYNC", "Robot", " "]).to_owned();
        let known: Vec<_> = self.keys.iter().rev().take(4).copied().collect();
        let id = self.pick(&known);
        match self.rng.u8(0..10) {
            0..=2 => OfKeys::Make(name, self.group()),
            3..=4 => OfKeys::Change(id, self.one_in(2, |_| name), self.one_in(2, Self::group)),
            5 => OfKeys::Regenerate(id),
            6..=7 => OfKeys::Delete(id),
            8 => OfKeys::List,
            _ => OfKeys::Count,
        }
    }

    /// Some session of whoever it is of, or of somebody else.
    fn revoke_session(&mut self) -> Action {
        let tokens: Vec<_> = self.tokens().filter(|token| !token.starts_with("mb_")).collect();
        let token = tokens[self.rng.clone().usize(0..tokens.len())].clone();
        let owner = SessionToken::parse(&token).map(|token| token.user().get());
        let target = self.target();
        Action::RevokeSession(owner.filter(|_| self.rng.u8(0..4) > 0).unwrap_or(target), token)
    }

    fn new_account(&mut self) -> New {
        let with_password = self.rng.u8(0..4) == 0;
        let password = self.pick(&PASSWORDS);
        let source = self.pick(&["saml", "google", "jwt", "ldap"]);
        New {
            email: self.email(),
            names: [self.name(), self.name()],
            password: with_password.then(|| password.to_owned()),
            sso: (!with_password || self.rng.u8(0..8) == 0).then(|| source.to_owned()),
            must_change: self.rng.u8(0..12) == 0,
            groups: self.groups(),
        }
    }

    fn patch(&mut self) -> Patch {
        Patch {
            email: self.one_in(3, Self::email),
            names: [self.one_in(3, Self::name), self.one_in(3, Self::name)],
            locale: self.one_in(4, |dice| dice.one_in(2, |_| "es_MX".to_owned())),
            attribute: self.one_in(4, |dice| dice.one_in(2, |dice| dice.rng.u8(..).to_string())),
            is_superuser: self.one_in(4, |dice| dice.rng.bool()),
            must_change: self.one_in(16, |dice| dice.rng.u8(0..3) == 0),
            groups: self.one_in(4, Self::groups),
        }
    }

    /// The password of an address as far as it is known, or some other.
    fn password_of(&mut self, email: &str) -> String {
        let known = self.passwords.get(&key(email)).cloned();
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
            status: self.one_in(2, |dice| dice.pick(&["active", "deactivated", "all", "odd"])),
            text: self.one_in(3, |dice| dice.pick(&["an", "AN", "a1@", "zzz"])),
            group: self.one_in(4, |dice| dice.pick(&[1, 2, 77])),
            page: self.one_in(2, |dice| (dice.rng.usize(1..6), dice.rng.usize(0..8))),
        }
    }
}
