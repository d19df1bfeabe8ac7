//! The state of the model.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp, timestamp};

use super::{api_key_rules::ApiKey, login_rate_limit::FailedLogins};

/// Lifetime of a session.
const SESSION_TTL_SECONDS: i64 = 20_160 * 60;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct User {
    pub(super) email: String,
    /// First name and last name.
    pub(super) names: [Option<String>; 2],
    pub(super) groups: BTreeSet<u64>,
    pub(super) active: bool,
    /// Whether the user was anonymized.
    pub(super) anonymous: bool,
    pub(super) must_change_password: bool,
    /// Whether `qbnewb` and `datasetnewb` are still shown.
    pub(super) undismissed_modals: [bool; 2],
    pub(super) locale: Option<String>,
    /// The value of the login attribute `a`.
    pub(super) attribute: Option<String>,
    pub(super) sso: Option<String>,
    pub(super) password: Option<String>,
    /// Session generation.
    pub(super) generation: u32,
    pub(super) date_joined: i64,
    pub(super) updated_at: i64,
    /// First login and last login.
    pub(super) logins: Option<[i64; 2]>,
}

/// A session. It may have expired.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Session {
    pub(super) user_id: u64,
    pub(super) created_at: i64,
}

/// The expected state of the service.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Model {
    /// Whether the service uses the Metabase dialect.
    pub(super) metabase: bool,
    pub(super) now: i64,
    pub(super) users: BTreeMap<u64, User>,
    /// Names of the groups by ID.
    pub(super) groups: BTreeMap<u64, String>,
    /// API keys by the ID of their service account.
    pub(super) api_keys: BTreeMap<u64, ApiKey>,
    /// Whether the model knows all tokens. A lost response may contain a token.
    pub(super) knows_all_sessions: bool,
    /// Sessions by token.
    pub(super) sessions: BTreeMap<String, Session>,
    pub(super) failed_logins: FailedLogins,
}

/// The normalized form of an email address.
pub(super) fn normalized_email(email: &str) -> String {
    email.trim().to_lowercase().replace('ß', "ss")
}

impl User {
    pub(super) fn is_admin(&self) -> bool {
        self.groups.contains(&2)
    }

    fn common_name(&self) -> String {
        let names: Vec<_> = self.names.iter().flatten().map(String::as_str).collect();
        if names.is_empty() { self.email.clone() } else { names.join(" ") }
    }

    /// First name and last name in the form used for sorting.
    pub(super) fn folded_names(&self) -> [String; 2] {
        let fold = |name: String| name.to_lowercase().replace(['É', 'é'], "e").replace('ë', "e");
        self.names.clone().map(|name| fold(name.unwrap_or_default()))
    }

    /// The fields in every view of the user for the owner and administrators.
    pub(super) fn view(&self, id: u64) -> Value {
        let text = |seconds: i64| timestamp(seconds).to_string();
        json!({
            "id": id,
            "email": self.email,
            "first_name": self.names[0],
            "last_name": self.names[1],
            "common_name": self.common_name(),
            "is_active": self.active,
            "is_qbnewb": self.undismissed_modals[0],
            "is_superuser": self.is_admin(),
            "locale": self.locale,
            "login_attributes": self.attribute.as_ref().map(|value| json!({ "a": value })),
            "sso_source": self.sso,
            "date_joined": text(self.date_joined),
            "updated_at": text(self.updated_at),
            "last_login": self.logins.map(|[_, last]| text(last)),
        })
    }

    /// Whether a JSON view agrees with this user. Checks groups only if the view contains them.
    pub(super) fn matches_view(&self, id: u64, body: &Value) -> bool {
        let groups: Vec<_> = self.groups.iter().map(|id| json!(id)).collect();
        let memberships: Vec<_> = self.groups.iter().map(|id| json!({ "id": id })).collect();
        let lists = [("group_ids", groups), ("user_group_memberships", memberships)];
        let view = self.view(id);
        let must_change = body.get("must_change_password").and_then(Value::as_bool);
        if must_change.unwrap_or_default() != self.must_change_password {
            return false;
        }
        view.as_object().unwrap().iter().all(|(name, value)| body.get(name) == Some(value))
            && lists
                .iter()
                .all(|(name, list)| body.get(*name).is_none_or(|body| body == &json!(list)))
    }
}

impl Model {
    /// The state after setup.
    pub(super) fn new(app: &TestApp, metabase: bool) -> Self {
        let now = app.clock.seconds();
        let admin = User {
            email: ADMIN_EMAIL.to_owned(),
            names: [Some("Ada".to_owned()), Some("Admin".to_owned())],
            groups: [1, 2].into(),
            active: true,
            anonymous: false,
            must_change_password: false,
            undismissed_modals: [true; 2],
            locale: None,
            attribute: None,
            sso: None,
            password: Some(PASSWORD.to_owned()),
            generation: 0,
            date_joined: now,
            updated_at: now,
            logins: Some([now; 2]),
        };
        let sessions =
            [(app.admin.session.clone(), Session { user_id: 1, created_at: now })].into();
        let users = [(1, admin)].into();
        let groups = [(1, "All Users".to_owned()), (2, "Administrators".to_owned())].into();
        Self {
            metabase,
            now,
            users,
            groups,
            api_keys: BTreeMap::new(),
            knows_all_sessions: true,
            sessions,
            failed_logins: FailedLogins::default(),
        }
    }

    pub(super) fn is_session_valid(&self, token: &str) -> bool {
        self.session_user(token).is_some()
    }

    /// The ID of the user or API key with a valid token.
    pub(super) fn authenticated_user(&self, token: &str) -> Option<u64> {
        self.session_user(token).or_else(|| self.api_key_user(token))
    }

    /// The user of a valid session.
    pub(super) fn session_user(&self, token: &str) -> Option<u64> {
        let session = self.sessions.get(token)?;
        (self.now - session.created_at < SESSION_TTL_SECONDS).then_some(session.user_id)
    }

    pub(super) fn remove_sessions(&mut self, user_id: u64) {
        self.sessions.retain(|_, session| session.user_id != user_id);
    }

    pub(super) fn is_email_taken(&self, email: &str, except: Option<u64>) -> bool {
        let normalized = normalized_email(email);
        let mut others = self.users.iter().filter(|(id, _)| Some(**id) != except);
        others.any(|(_, user)| normalized_email(&user.email) == normalized)
    }

    /// Whether a user is the only active administrator.
    pub(super) fn is_last_admin(&self, id: u64) -> bool {
        let admins = self.users.iter().filter(|(_, user)| user.active && user.is_admin());
        admins.map(|(id, _)| *id).eq([id])
    }

    pub(super) fn user_by_email(&self, email: &str) -> Option<(u64, &User)> {
        let normalized = normalized_email(email);
        let mut users = self.users.iter();
        users
            .find(|(_, user)| normalized_email(&user.email) == normalized)
            .map(|(id, user)| (*id, user))
    }
}
