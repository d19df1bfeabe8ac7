//! Requests to the service.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::auth::token::SessionToken;
use testkit::{Request, TestApp};

use super::{api_key_rules::ApiKeyRequest, group_rules::GroupRequest};

/// A request with a session or an API key, or an anonymous one.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) credential: Option<String>,
    pub(super) action: Action,
}

#[derive(Debug, Clone)]
pub(super) enum Action {
    Create(NewUser),
    Update(u64, Patch),
    Deactivate(u64),
    Reactivate(u64),
    DismissModal(u64, &'static str),
    SetPassword(NewPassword),
    LogIn {
        email: String,
        password: String,
    },
    LogOut,
    GetUser(u64),
    CurrentUser,
    ListUsers(Query),
    ListRecipients,
    Groups(GroupRequest),
    ApiKeys(ApiKeyRequest),
    Anonymize(u64),
    ListSessions(u64),
    RevokeSessions(u64),
    /// User ID and session token.
    RevokeSession(u64, String),
}

#[derive(Debug, Clone)]
pub(super) struct NewUser {
    pub(super) email: String,
    pub(super) names: [Option<String>; 2],
    pub(super) password: Option<String>,
    pub(super) sso: Option<String>,
    pub(super) must_change_password: bool,
    pub(super) groups: GroupList,
}

/// Groups in a request body.
#[derive(Debug, Clone)]
pub(super) struct GroupList {
    pub(super) ids: BTreeSet<u64>,
    /// Whether the body has `user_group_memberships` instead of `group_ids`.
    pub(super) as_memberships: bool,
}

/// Changes of a user. An inner `None` clears the value.
#[derive(Debug, Clone, Default)]
#[expect(clippy::option_option, reason = "absent and null are different")]
pub(super) struct Patch {
    pub(super) email: Option<String>,
    pub(super) names: [Option<Option<String>>; 2],
    pub(super) locale: Option<Option<String>>,
    pub(super) attribute: Option<Option<String>>,
    pub(super) is_superuser: Option<bool>,
    pub(super) must_change_password: Option<bool>,
    pub(super) groups: Option<GroupList>,
}

#[derive(Debug, Clone)]
pub(super) struct NewPassword {
    pub(super) target: u64,
    pub(super) current: Option<String>,
    pub(super) new: String,
    /// Whether the body has `old_password` and `password` instead of `password` and `new_password`.
    pub(super) as_metabase: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Query {
    pub(super) status: Option<&'static str>,
    pub(super) text: Option<&'static str>,
    pub(super) group: Option<u64>,
    pub(super) page: Option<(usize, usize)>,
}

/// The public ID of a session.
pub(super) fn session_id(token: &str) -> String {
    let token = SessionToken::parse(token);
    token.map_or_else(|| "none".to_owned(), |token| token.hash().id().as_str().to_owned())
}

impl GroupList {
    fn insert_into(&self, body: &mut Value) {
        if self.as_memberships {
            let list: Vec<_> = self.ids.iter().map(|id| json!({ "id": id })).collect();
            body["user_group_memberships"] = json!(list);
        } else {
            body["group_ids"] = json!(self.ids);
        }
    }
}

impl NewUser {
    fn body(&self) -> Value {
        let mut body =
            json!({ "email": self.email, "must_change_password": self.must_change_password });
        let key_strings = [
            ("first_name", &self.names[0]),
            ("last_name", &self.names[1]),
            ("password", &self.password),
            ("sso_source", &self.sso),
        ];
        for (name, text) in key_strings.into_iter().filter(|(_, text)| text.is_some()) {
            body[name] = json!(text);
        }
        self.groups.insert_into(&mut body);
        body
    }
}

impl Patch {
    fn body(&self) -> Value {
        let mut body = json!({});
        if let Some(email) = &self.email {
            body["email"] = json!(email);
        }
        let flags = [
            ("is_superuser", self.is_superuser),
            ("must_change_password", self.must_change_password),
        ];
        for (name, flag) in flags.into_iter().filter(|(_, flag)| flag.is_some()) {
            body[name] = json!(flag);
        }
        let [first, last] = &self.names;
        for (name, change) in [("first_name", first), ("last_name", last), ("locale", &self.locale)]
        {
            if let Some(text) = change {
                body[name] = json!(text);
            }
        }
        if let Some(value) = &self.attribute {
            body["login_attributes"] = json!(value.as_ref().map(|value| json!({ "a": value })));
        }
        if let Some(groups) = &self.groups {
            groups.insert_into(&mut body);
        }
        body
    }
}

impl NewPassword {
    fn body(&self) -> Value {
        let Self { current, new, .. } = self;
        if self.as_metabase {
            json!({ "old_password": current, "password": new })
        } else {
            json!({ "password": current, "new_password": new })
        }
    }
}

impl Query {
    fn text(&self) -> String {
        let page = self.page.map(|(limit, offset)| format!("limit={limit}&offset={offset}"));
        let parts = [
            self.status.map(|status| format!("status={status}")),
            self.text.map(|text| format!("query={text}")),
            self.group.map(|group| format!("group_id={group}")),
            page,
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("&")
    }
}

impl Operation {
    /// Whether the response depends on a single read.
    pub(super) const fn is_one_read(&self) -> bool {
        matches!(self.action, Action::GetUser(_) | Action::CurrentUser)
    }

    pub(super) fn request(&self, app: &TestApp) -> Request {
        let (method, path, body) = self.request_line();
        let request = app.request(method, &path);
        let request = match &self.credential {
            Some(token) if token.starts_with("mb_") => request.header("x-api-key", token),
            Some(token) => request.session(token),
            None => request,
        };
        if body.is_null() { request } else { request.json(&body) }
    }

    fn request_line(&self) -> (&'static str, String, Value) {
        let user = |id: u64, rest: &str| format!("/api/user/{id}{rest}");
        match &self.action {
            Action::Create(new) => ("POST", "/api/user".to_owned(), new.body()),
            Action::Update(id, patch) => ("PUT", user(*id, ""), patch.body()),
            Action::Deactivate(id) => ("DELETE", user(*id, ""), Value::Null),
            Action::Reactivate(id) => ("PUT", user(*id, "/reactivate"), Value::Null),
            Action::DismissModal(id, modal) => {
                ("PUT", user(*id, &format!("/modal/{modal}")), Value::Null)
            }
            Action::SetPassword(new) => ("PUT", user(new.target, "/password"), new.body()),
            Action::LogIn { email, password } => {
                let body = json!({ "username": email, "password": password });
                ("POST", "/api/session".to_owned(), body)
            }
            Action::LogOut => ("DELETE", "/api/session".to_owned(), Value::Null),
            Action::GetUser(id) => ("GET", user(*id, ""), Value::Null),
            Action::CurrentUser => ("GET", "/api/user/current".to_owned(), Value::Null),
            Action::ListUsers(query) => ("GET", format!("/api/user?{}", query.text()), Value::Null),
            Action::Groups(request) => request.request_line(),
            Action::ApiKeys(request) => request.request_line(),
            Action::Anonymize(id) => ("POST", user(*id, "/anonymize"), Value::Null),
            Action::ListSessions(id) => ("GET", user(*id, "/sessions"), Value::Null),
            Action::RevokeSessions(id) => ("DELETE", user(*id, "/sessions"), Value::Null),
            Action::RevokeSession(id, token) => {
                ("DELETE", user(*id, &format!("/sessions/{}", session_id(token))), Value::Null)
            }
            Action::ListRecipients => ("GET", "/api/user/recipients".to_owned(), Value::Null),
        }
    }
}
