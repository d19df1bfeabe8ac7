//! What the service should know, in plain data.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp, moment};

use super::{keys::ApiKey, throttle::Failures};

/// How long a session lives, in seconds.
const SESSION: i64 = 20_160 * 60;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Account {
    pub(super) email: String,
    /// The first and the last one.
    pub(super) names: [Option<String>; 2],
    pub(super) groups: BTreeSet<u64>,
    pub(super) active: bool,
    /// Nobody's, for good.
    pub(super) anonymous: bool,
    /// Nothing goes before a new password.
    pub(super) must_change: bool,
    /// New to questions, and to data sets.
    pub(super) newcomer: [bool; 2],
    pub(super) locale: Option<String>,
    /// The one login attribute, `a`.
    pub(super) attribute: Option<String>,
    pub(super) sso: Option<String>,
    pub(super) password: Option<String>,
    /// How often all sessions were ended.
    pub(super) era: u32,
    pub(super) joined: i64,
    pub(super) updated: i64,
    /// The first and the last one.
    pub(super) logins: Option<[i64; 2]>,
}

/// A session that nothing has ended but, perhaps, time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Session {
    pub(super) user: u64,
    pub(super) began: i64,
}

/// What the service should know.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Model {
    /// Whether it speaks as Metabase does.
    pub(super) metabase: bool,
    pub(super) now: i64,
    pub(super) accounts: BTreeMap<u64, Account>,
    /// The names of groups.
    pub(super) groups: BTreeMap<u64, String>,
    /// By number, which is also that of a hidden account.
    pub(super) keys: BTreeMap<u64, ApiKey>,
    /// Whether every session is known.
    pub(super) knows_all: bool,
    /// By token.
    pub(super) sessions: BTreeMap<String, Session>,
    pub(super) failures: Failures,
}

/// The form in which addresses are the same.
pub(super) fn key(email: &str) -> String {
    email.trim().to_lowercase().replace('ß', "ss")
}

impl Account {
    pub(super) fn is_admin(&self) -> bool {
        self.groups.contains(&2)
    }

    fn common_name(&self) -> String {
        let names: Vec<_> = self.names.iter().flatten().map(String::as_str).collect();
        if names.is_empty() { self.email.clone() } else { names.join(" ") }
    }

    /// First name and last name as lists are ordered by them.
    pub(super) fn folded(&self) -> [String; 2] {
        self.names.clone().map(|name| name.unwrap_or_default().to_lowercase())
    }

    /// What every view of an account for its owner and administrators has.
    pub(super) fn view(&self, id: u64) -> Value {
        let text = |seconds: i64| moment(seconds).to_string();
        json!({
            "id": id,
            "email": self.email,
            "first_name": self.names[0],
            "last_name": self.names[1],
            "common_name": self.common_name(),
            "is_active": self.active,
            "is_qbnewb": self.newcomer[0],
            "is_superuser": self.is_admin(),
            "locale": self.locale,
            "login_attributes": self.attribute.as_ref().map(|value| json!({ "a": value })),
            "sso_source": self.sso,
            "date_joined": text(self.joined),
            "updated_at": text(self.updated),
            "last_login": self.logins.map(|[_, last]| text(last)),
        })
    }

    /// Whether an answer shows this account, and its groups where it shows groups.
    pub(super) fn is_shown_in(&self, id: u64, seen: &Value) -> bool {
        let groups: Vec<_> = self.groups.iter().map(|id| json!(id)).collect();
        let memberships: Vec<_> = self.groups.iter().map(|id| json!({ "id": id })).collect();
        let lists = [("group_ids", groups), ("user_group_memberships", memberships)];
        let view = self.view(id);
        let must = seen.get("must_change_password").and_then(Value::as_bool);
        if must.unwrap_or_default() != self.must_change {
            return false;
        }
        view.as_object().unwrap().iter().all(|(name, value)| seen.get(name) == Some(value))
            && lists
                .iter()
                .all(|(name, list)| seen.get(*name).is_none_or(|seen| seen == &json!(list)))
    }
}

impl Model {
    /// An instance that was just set up.
    pub(super) fn new(app: &TestApp, metabase: bool) -> Self {
        let now = app.clock.seconds();
        let ada = Account {
            email: ADMIN_EMAIL.to_owned(),
            names: [Some("Ada".to_owned()), Some("Admin".to_owned())],
            groups: [1, 2].into(),
            active: true,
            anonymous: false,
            must_change: false,
            newcomer: [true; 2],
            locale: None,
            attribute: None,
            sso: None,
            password: Some(PASSWORD.to_owned()),
            era: 0,
            joined: now,
            updated: now,
            logins: Some([now; 2]),
        };
        let sessions = [(app.admin.session.clone(), Session { user: 1, began: now })].into();
        let accounts = [(1, ada)].into();
        let groups = [(1, "All Users".to_owned()), (2, "Administrators".to_owned())].into();
        Self {
            metabase,
            now,
            accounts,
            groups,
            keys: BTreeMap::new(),
            knows_all: true,
            sessions,
            failures: Failures::default(),
        }
    }

    pub(super) fn is_live(&self, token: &str) -> bool {
        self.holder(token).is_some()
    }

    /// Who comes with a token: an account, or an API key.
    pub(super) fn comer(&self, token: &str) -> Option<u64> {
        self.holder(token).or_else(|| self.key_of(token))
    }

    /// Whose session a token is.
    pub(super) fn holder(&self, token: &str) -> Option<u64> {
        let session = self.sessions.get(token)?;
        (self.now - session.began < SESSION).then_some(session.user)
    }

    pub(super) fn revoke_sessions(&mut self, user: u64) {
        self.sessions.retain(|_, session| session.user != user);
    }

    pub(super) fn is_taken(&self, email: &str, by_other_than: Option<u64>) -> bool {
        let wanted = key(email);
        let mut others = self.accounts.iter().filter(|(id, _)| Some(**id) != by_other_than);
        others.any(|(_, account)| key(&account.email) == wanted)
    }

    /// Whether nobody else could administer.
    pub(super) fn is_last_admin(&self, id: u64) -> bool {
        let admins = self.accounts.iter().filter(|(_, user)| user.active && user.is_admin());
        admins.map(|(id, _)| *id).eq([id])
    }

    pub(super) fn by_email(&self, email: &str) -> Option<(u64, &Account)> {
        let wanted = key(email);
        let mut accounts = self.accounts.iter();
        accounts.find(|(_, account)| key(&account.email) == wanted).map(|(id, user)| (*id, user))
    }
}
