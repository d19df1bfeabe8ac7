//! Each function's policy in `template.yaml` contains the permissions that the function uses, and
//! no others.
//!
//! `testkit` fails every test in which a function lacks a permission. These tests find unused ones.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use shared::{
    auth::token::DeviceToken,
    config::Settings,
    domain::{Dialect, IdleTimeout, SessionGeneration, UserId},
    lambda::warm_up,
    store::Key,
};
use testkit::{ADMIN_EMAIL, IamEnforcer, IamRequest, ImportedForm, PASSWORD, POLICIES, TestApp};

use crate::{
    faults::matrix::{Actor, RequestParts, Scenario, ScenarioApp, scenarios},
    support::{functions, reset_token, update_user},
};

/// The condition of a call, beyond the users and groups of [`ScenarioApp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    /// No further condition.
    None,
    /// The request has an idempotency key.
    IdempotencyKey,
    /// The request has an idempotency key, and sending the email fails.
    FailingMail,
    /// The creation of Jane has an idempotency record.
    CreationRecord,
    /// The stored password hash of the administrator has outdated parameters.
    OutdatedHash,
    /// The client sends the cookie of a device.
    DeviceCookie,
    /// The user list exceeds one query.
    LongUserList,
    /// The group `{full_group}` exceeds one removal batch.
    FullGroup,
    /// The API key is in the group.
    ApiKeyInGroup,
    /// The deactivated user is in the group.
    DeactivatedMember,
    /// The email address of Jane is `straße@example.com`.
    SharpSInEmail,
}

/// A call of a function, for the permissions that it uses.
#[derive(Debug)]
struct Call {
    condition: Condition,
    scenario: Scenario,
}

impl Call {
    /// A call by the administrator.
    fn new(
        condition: Condition,
        function: &'static str,
        request_line: &'static str,
        (body, status): (Value, u16),
    ) -> Self {
        let scenario = Scenario { function, request_line, actor: Actor::Admin, body, status };
        Self { condition, scenario }
    }
}

/// All calls: the [`scenarios`], and calls for permissions that these do not use.
fn calls() -> Vec<Call> {
    let scenarios = scenarios().into_iter();
    let scenarios = scenarios.map(|scenario| Call { condition: Condition::None, scenario });
    scenarios.chain(repeatable_calls()).chain(user_calls()).chain(group_calls()).collect()
}

/// Calls with an idempotency key.
fn repeatable_calls() -> Vec<Call> {
    let sso_user = json!({
        "email": "sso@example.com", "first_name": "S", "last_name": "S", "sso_source": "saml",
    });
    let membership = json!({ "user_id": "{jane}", "group_id": "{group}" });
    let invite = "POST /api/user/{jane}/send_invite";
    let with_key = |function, request_line, body| {
        Call::new(Condition::IdempotencyKey, function, request_line, (body, 200))
    };
    vec![
        with_key("create-user", "POST /api/user", sso_user),
        with_key("create-group", "POST /api/permissions/group", json!({ "name": "Managers" })),
        with_key("create-membership", "POST /api/permissions/membership", membership),
        with_key("create-api-key", "POST /api/api-key", json!({ "name": "X", "group_id": 1 })),
        with_key("password-reset-url", "POST /api/user/{jane}/password-reset-url", json!({})),
        with_key("send-invite", invite, json!({})),
        with_key("test-email", "POST /api/email/test", json!({})),
        with_key("anonymize-user", "POST /api/user/{jane}/anonymize", json!({})),
        Call::new(Condition::FailingMail, "send-invite", invite, (json!({}), 503)),
        Call::new(
            Condition::CreationRecord,
            "anonymize-user",
            "POST /api/user/{jane}/anonymize",
            (json!({}), 200),
        ),
    ]
}

/// Calls for users, logins and setup.
fn user_calls() -> Vec<Call> {
    let login = json!({ "username": ADMIN_EMAIL, "password": PASSWORD });
    let user = json!({ "email": ADMIN_EMAIL, "password": PASSWORD });
    let wrong_token = json!({ "token": "wrong", "user": user });
    let email = json!({ "email": "strasse@example.com" });
    let international = json!({ "email": "jane@bücher.example" });
    let new_international = json!({
        "email": "x@bücher.example", "first_name": "S", "last_name": "S", "sso_source": "saml",
    });
    let exact = "GET /api/user?query=ada@example.com";
    let [recipients, reactivate] =
        ["GET /api/user/recipients", "PUT /api/user/{deactivated}/reactivate"];
    vec![
        Call::new(Condition::LongUserList, "list-recipients", recipients, (json!({}), 200)),
        Call::new(Condition::SharpSInEmail, "update-user", "PUT /api/user/{jane}", (email, 200)),
        Call::new(Condition::DeactivatedMember, "reactivate-user", reactivate, (json!({}), 200)),
        Call::new(Condition::None, "list-users", exact, (json!({}), 200)),
        Call::new(Condition::None, "create-user", "POST /api/user", (new_international, 200)),
        Call::new(Condition::None, "update-user", "PUT /api/user/{jane}", (international, 200)),
        Call::new(Condition::OutdatedHash, "login", "POST /api/session", (login.clone(), 200)),
        Call::new(Condition::DeviceCookie, "login", "POST /api/session", (login, 200)),
        Call::new(Condition::None, "setup", "POST /api/setup", (wrong_token, 400)),
    ]
}

/// Calls for groups, memberships and API keys.
fn group_calls() -> Vec<Call> {
    let all_users = json!({ "group_id": 1 });
    let [list, leave] = [
        "GET /api/permissions/membership",
        "DELETE /api/permissions/membership/{admin_membership}",
    ];
    let [all, admins, full] = [
        "GET /api/permissions/group/1",
        "GET /api/permissions/group/2",
        "DELETE /api/permissions/group/{full_group}",
    ];
    let [update, delete] = ["PUT /api/api-key/{api_key}", "DELETE /api/api-key/{api_key}"];
    vec![
        Call::new(Condition::LongUserList, "list-memberships", list, (json!({}), 200)),
        Call::new(Condition::LongUserList, "get-group", all, (json!({}), 200)),
        Call::new(Condition::None, "get-group", admins, (json!({}), 200)),
        Call::new(Condition::FullGroup, "delete-group", full, (json!({}), 204)),
        Call::new(Condition::None, "delete-membership", leave, (json!({}), 204)),
        Call::new(Condition::ApiKeyInGroup, "update-api-key", update, (all_users, 200)),
        Call::new(Condition::ApiKeyInGroup, "delete-api-key", delete, (json!({}), 204)),
    ]
}

/// Establishes a condition. Returns the ID of the full group, if there is one.
async fn prepare(fixture: &ScenarioApp, condition: Condition) -> Option<u64> {
    let app = &fixture.app;
    let by_admin = async |request_line, body| {
        let actor = Actor::Admin;
        let scenario = Scenario { function: "", request_line, actor, body, status: 200 };
        fixture.request(&scenario).send().await.expect_status(200);
    };
    match condition {
        Condition::None | Condition::IdempotencyKey | Condition::DeviceCookie => {}
        Condition::FailingMail => app.emails.fail(),
        Condition::CreationRecord => {
            let jane = Key::user(fixture.id("{jane}").try_into().unwrap());
            app.set_text(&jane, "creation_record", "id").await;
        }
        Condition::OutdatedHash => drop(app.downgrade_hash(ADMIN_EMAIL).await),
        Condition::LongUserList => app.large_users(20).await,
        Condition::FullGroup => return Some(app.group_over_batch_size("member").await),
        Condition::ApiKeyInGroup => {
            by_admin("PUT /api/api-key/{api_key}", json!({ "group_id": "{group}" })).await;
        }
        Condition::DeactivatedMember => {
            let membership = json!({ "user_id": "{deactivated}", "group_id": "{group}" });
            by_admin("POST /api/permissions/membership", membership).await;
        }
        Condition::SharpSInEmail => {
            by_admin("PUT /api/user/{jane}", json!({ "email": "straße@example.com" })).await;
        }
    }
    None
}

/// Sends the request of a call.
async fn send(fixture: &ScenarioApp, Call { condition, scenario }: &Call) {
    let app = &fixture.app;
    let full_group = prepare(fixture, *condition).await.unwrap_or_default().to_string();
    app.iam.take();
    let RequestParts { method, path, header, body } = fixture.request_parts(scenario);
    let path = path.replace("{full_group}", &full_group);
    let mut request = app.request(method, &path).json(&body);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    if [Condition::IdempotencyKey, Condition::FailingMail].contains(condition) {
        request = request.header("idempotency-key", "key");
    }
    if *condition == Condition::DeviceCookie {
        let token = DeviceToken::generate(UserId::INSTALLER, SessionGeneration::default());
        let cookie = format!("metabase.DEVICE={}", token.unwrap().expose());
        request = request.header("cookie", &cookie);
    }
    let response = request.send().await;
    assert_eq!(response.status, scenario.status, "{condition:?} {scenario}: {}", response.body);
    if *condition == Condition::FailingMail {
        app.emails.recover();
    }
}

/// The permissions used by each function, with the calls that were sent for it.
#[derive(Debug, Default)]
struct Usage {
    permissions: BTreeMap<String, BTreeSet<IamRequest>>,
    calls: BTreeMap<&'static str, Vec<String>>,
}

impl Usage {
    fn record(&mut self, iam: &IamEnforcer) {
        for (function, used) in iam.take() {
            self.permissions.entry(function).or_default().extend(used);
        }
    }

    /// Sends all calls, each to the same initial table.
    async fn record_calls(&mut self) {
        let fixture = ScenarioApp::with_mail().await;
        let initial = fixture.app.snapshot().await;
        for call in calls().iter().filter(|call| call.scenario.status != 200 || !is_setup(call)) {
            self.record_call(&fixture, call).await;
            fixture.app.restore(&fixture.app.snapshot().await, &initial).await;
        }
    }

    async fn record_call(&mut self, fixture: &ScenarioApp, call: &Call) {
        send(fixture, call).await;
        self.record(&fixture.app.iam);
        let Call { condition, scenario } = call;
        let calls = self.calls.entry(scenario.function).or_default();
        calls.push(format!("{condition:?} {scenario}"));
    }

    /// Sends the call of a successful setup to an instance before setup.
    async fn record_setup(&mut self) {
        for call in calls().iter().filter(|call| call.scenario.status == 200 && is_setup(call)) {
            let fixture = ScenarioApp::new(&call.scenario).await;
            self.record_call(&fixture, call).await;
        }
    }

    /// Sends a request with a new API key to each function that accepts one. Most reject it.
    async fn record_api_key_uses(&mut self) {
        let app = TestApp::new().await;
        for route in functions().filter(|route| route.access.is_authenticated()) {
            let key = app.api_key(route.function).await;
            app.iam.take();
            let path = route.path.replace("{id}", "1").replace("{session}", "x");
            let request = app.request(route.method, &path.replace("{modal}", "qbnewb"));
            request.header("x-api-key", &key).json(&json!({})).send().await;
            self.record(&app.iam);
        }
    }

    /// Sends a request with an unused session to each function, and logs in beyond the maximum.
    async fn record_session_limits(&mut self) {
        let (session_idle, max_sessions) = (IdleTimeout::minutes(30), Some(1));
        let app =
            TestApp::with(Settings { session_idle, max_sessions, ..Settings::default() }).await;
        let session = app.log_in(ADMIN_EMAIL, PASSWORD).await;
        self.record(&app.iam);
        for route in functions().filter(|route| route.access.is_authenticated()) {
            app.clock.advance(60);
            let path = route.path.replace("{id}", "99").replace("{session}", "x");
            let request = app.request(route.method, &path.replace("{modal}", "qbnewb"));
            request.session(&session).json(&json!({})).send().await;
            self.record(&app.iam);
        }
    }

    /// Creates a user without a password in the metabase dialect, with an invitation.
    async fn record_invitation(&mut self) {
        let settings = Settings { dialect: Dialect::Metabase, ..Settings::default() };
        let app = TestApp::with_mail(settings).await;
        let invited = json!({ "email": "invited@example.com" });
        app.iam.take();
        let request = app.post("/api/user").session(&app.admin.session).json(&invited);
        request.send().await.expect_status(200);
        self.record(&app.iam);
    }

    /// Resets a password that must change.
    async fn record_required_change(&mut self) {
        let app = TestApp::new().await;
        app.user_with_session("jane").await;
        let change = json!({ "must_change_password": true });
        update_user(&app, &app.admin, 2, change).await.expect_status(200);
        let body = json!({ "token": reset_token(&app, 2).await, "password": "an0ther secret" });
        app.iam.take();
        let reset = app.post("/api/session/reset_password").json(&body);
        reset.send().await.expect_status(200);
        self.record(&app.iam);
    }

    /// Goes back to an email address with an international domain.
    async fn record_international_reversal(&mut self) {
        let app = TestApp::new().await;
        let jane = app.user_with_session("jane").await;
        let international = json!({ "email": "jane@bücher.example" });
        update_user(&app, &app.admin, 2, international).await.expect_status(200);
        app.clock.advance(1);
        let tokens = app.email_links(&jane.session, 2, "new@example.com").await;
        app.iam.take();
        for (path, token) in ["confirm-email", "revert-email"].into_iter().zip(tokens) {
            let request = app.post(&format!("/api/user/{path}")).json(&json!({ "token": token }));
            request.send().await.expect_status(204);
        }
        self.record(&app.iam);
    }

    /// Replaces passwords that were imported from Metabase, in each way that there is.
    async fn record_imported_passwords(&mut self) {
        for function in ["login", "update-password", "reset-password", "anonymize-user"] {
            let app = TestApp::new().await;
            let id = app.imported_user("jane", PASSWORD, ImportedForm::Kept).await;
            let token = reset_token(&app, id).await;
            let password = "an0ther secret";
            let (path, body) = match function {
                "login" => {
                    let body = json!({ "username": "jane@example.com", "password": PASSWORD });
                    ("/api/session".to_owned(), body)
                }
                "update-password" => {
                    (format!("/api/user/{id}/password"), json!({ "password": password }))
                }
                "reset-password" => {
                    let body = json!({ "token": token, "password": password });
                    ("/api/session/reset_password".to_owned(), body)
                }
                _ => (format!("/api/user/{id}/anonymize"), json!({})),
            };
            let method = if function == "update-password" { "PUT" } else { "POST" };
            app.iam.take();
            let request = app.request(method, &path).session(&app.admin.session).json(&body);
            assert!(request.send().await.status < 300, "{function}");
            self.record(&app.iam);
        }
    }

    /// Uses an API key of Metabase with each function, and replaces and deletes it.
    async fn record_imported_api_keys(&mut self) {
        let app = TestApp::new().await;
        for (number, route) in functions().enumerate() {
            if !route.access.is_authenticated() {
                continue;
            }
            let key = format!("mb_{number:04}imported");
            app.imported_api_key(&key).await;
            app.iam.take();
            let path = route.path.replace("{id}", "1").replace("{session}", "x");
            let request = app.request(route.method, &path.replace("{modal}", "qbnewb"));
            request.header("x-api-key", &key).json(&json!({})).send().await;
            self.record(&app.iam);
        }
        for (method, path) in [("PUT", "/regenerate"), ("DELETE", "")] {
            let id = app.imported_api_key(&format!("mb_{method}_imported")).await;
            app.iam.take();
            let request = app.request(method, &format!("/api/api-key/{id}{path}"));
            let request = request.session(&app.admin.session).json(&json!({}));
            assert!(request.send().await.status < 300, "{method}");
            self.record(&app.iam);
        }
    }

    /// Opens the connection of each function, like a cold start.
    async fn record_warm_ups(&mut self) {
        let fixture = ScenarioApp::with_mail().await;
        for route in functions() {
            let start = warm_up(fixture.app.service());
            IamEnforcer::as_function(route.function, start).await;
        }
        self.record(&fixture.app.iam);
    }
}

fn is_setup(call: &Call) -> bool {
    call.scenario.function == "setup"
}

#[tokio::test]
async fn no_permission_is_unused() {
    let mut usage = Usage::default();
    usage.record_warm_ups().await;
    usage.record_setup().await;
    usage.record_calls().await;
    usage.record_api_key_uses().await;
    usage.record_session_limits().await;
    usage.record_invitation().await;
    usage.record_required_change().await;
    usage.record_international_reversal().await;
    usage.record_imported_passwords().await;
    usage.record_imported_api_keys().await;

    let mut unused = Vec::new();
    for (function, permissions) in &*POLICIES {
        let used = usage.permissions.get(function).cloned().unwrap_or_default();
        for permission in permissions {
            if !used.iter().any(|request| permission.allows(request)) {
                let calls = usage.calls.get(function.as_str());
                unused.push(format!("{function} {permission}: unused by its calls {calls:#?}"));
            }
        }
    }
    assert!(unused.is_empty(), "add calls or remove permissions:\n{}", unused.join("\n"));
}

#[test]
fn no_function_can_change_the_audit_log() {
    let readers: Vec<String> = POLICIES
        .iter()
        .flat_map(|(function, permissions)| {
            permissions.iter().map(move |permission| format!("{function} {permission}"))
        })
        .filter(|permission| permission.contains("AUDIT#"))
        .filter(|permission| !permission.contains("dynamodb:PutItem"))
        .collect();
    assert_eq!(readers, ["list-audit dynamodb:Query Table.Arn AUDIT#*"]);
}

#[test]
fn only_functions_that_need_credentials_can_access_them() {
    let with_credentials: BTreeSet<&str> = POLICIES
        .iter()
        .filter(|(_, permissions)| {
            permissions.iter().any(|permission| permission.to_string().contains("LOGIN#"))
        })
        .map(|(function, _)| function.as_str())
        .collect();
    let expected = [
        "anonymize-user",
        "confirm-email",
        "create-user",
        "deactivate-user",
        "revoke-sessions",
        "forgot-password",
        "list-users",
        "login",
        "reactivate-user",
        "release-rate-limits",
        "reset-password",
        "revert-email",
        "setup",
        "update-password",
        "update-user",
    ];
    assert_eq!(with_credentials, BTreeSet::from(expected));
}
