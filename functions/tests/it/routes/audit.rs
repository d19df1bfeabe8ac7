//! The audit log: one event for each change, without secrets.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{ADMIN_EMAIL, Fault, PASSWORD, Request, SETUP_TOKEN, TestApp, TestResponse};

use crate::support::{NOW, forbidden, invalid, reset_token, update_user};

const DAY: i64 = 86_400;

async fn read(app: &TestApp, query: &str) -> TestResponse {
    app.get(&format!("/api/audit{query}")).session(&app.admin.session).send().await
}

/// The events on all pages of a query.
async fn all(app: &TestApp, query: &str) -> Vec<Value> {
    let mut audit_events = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = read(app, &format!("?{query}{cursor}")).await.expect_status(200);
        audit_events.extend(page["data"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return audit_events,
        }
    }
}

fn actions(audit_events: &[Value]) -> Vec<&str> {
    audit_events.iter().map(|audit_event| audit_event["action"].as_str().unwrap()).collect()
}

/// The expected event of a request at the current time, without random values.
fn audit_event(action: &str, actor: &Value, target: Option<u64>, fields: &[&str]) -> Value {
    let target = target.map(|id| json!({ "type": "user", "id": id }));
    json!({
        "at": NOW, "action": action, "actor": actor, "target": target, "source_ip": "192.0.2.1",
        "fields": fields,
    })
}

/// Removes the random values of an event.
fn without_ids(mut audit_event: Value) -> Value {
    for name in ["id", "request_id"] {
        let id = audit_event.as_object_mut().unwrap().remove(name).unwrap();
        assert!(!id.as_str().unwrap().is_empty());
    }
    audit_event
}

async fn log_in(app: &TestApp, username: &str, password: &str) -> TestResponse {
    app.post("/api/session")
        .json(&json!({ "username": username, "password": password }))
        .send()
        .await
}

/// Makes every kind of change. All have the same time, so their order is random.
async fn make_changes(app: &TestApp) {
    let jane = app.user_with_session_in("jane", &[2]).await;
    update_jane(app, &jane.session).await;
    log_in_and_out(app).await;
    let admin = &app.admin.session;
    for _ in 0..2 {
        app.delete("/api/user/2").session(admin).send().await.expect_status(200);
    }
    app.put("/api/user/2/reactivate").session(admin).send().await.expect_status(200);
}

async fn update_jane(app: &TestApp, jane: &str) {
    let put = |path: &str, session: &str, body: Value| {
        app.put(&format!("/api/user/2{path}")).session(session).json(&body).send()
    };
    let admin = &app.admin.session;
    let renamed = json!({ "first_name": "Joan", "last_name": "Test", "is_superuser": false });
    put("", admin, renamed).await.expect_status(200);
    let more =
        json!({ "email": "joan@example.com", "locale": "es", "login_attributes": { "a": "b" } });
    put("", admin, more).await.expect_status(200);
    put("", admin, json!({})).await.expect_status(200);
    put("/modal/qbnewb", jane, json!({})).await.expect_status(200);
    let own = json!({ "password": PASSWORD, "new_password": "an0ther secret" });
    put("/password", jane, own).await.expect_status(200);
    put("/password", admin, json!({ "password": PASSWORD })).await.expect_status(204);
}

async fn log_in_and_out(app: &TestApp) {
    log_in(app, "joan@example.com", "wrong").await.expect_status(401);
    log_in(app, "nobody@example.com", "wrong").await.expect_status(401);
    let session = app.log_in("joan@example.com", PASSWORD).await;
    app.delete("/api/session").session(&session).send().await.expect_status(204);
}

/// The expected events of setup and [`make_changes`].
fn expected_events() -> Vec<Value> {
    let by = |id: u64, via: &str| json!({ "id": id, "via": via });
    let (admin, jane, jane_by_password) = (by(1, "session"), by(2, "session"), by(2, "self"));
    let anonymous = json!({ "id": null, "via": "self" });
    let new = [
        "email",
        "first_name",
        "last_name",
        "is_superuser",
        "user_group_memberships.2",
        "password",
    ];
    let rights = ["first_name", "is_superuser", "user_group_memberships.2"];
    vec![
        audit_event("setup", &by(1, "setup"), Some(1), &new),
        audit_event("create-user", &admin, Some(2), &new),
        audit_event("login", &jane_by_password, Some(2), &[]),
        audit_event("update-user", &admin, Some(2), &rights),
        audit_event("update-user", &admin, Some(2), &["email", "locale", "login_attributes"]),
        audit_event("dismiss-modal", &jane, Some(2), &["is_qbnewb"]),
        audit_event("update-password", &jane, Some(2), &["password"]),
        audit_event("update-password", &admin, Some(2), &["password"]),
        audit_event("failed-login", &anonymous, Some(2), &[]),
        audit_event("failed-login", &anonymous, None, &[]),
        audit_event("login", &jane_by_password, Some(2), &[]),
        audit_event("logout", &jane, Some(2), &[]),
        audit_event("deactivate-user", &admin, Some(2), &["is_active"]),
        audit_event("reactivate-user", &admin, Some(2), &["is_active"]),
    ]
}

#[tokio::test]
async fn records_actor_action_and_target() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
        make_changes(&app).await;

        let page = read(&app, "").await.expect_status(200);

        assert_eq!(page["next_cursor"], Value::Null);
        let events: Vec<_> =
            page["data"].as_array().unwrap().iter().cloned().map(without_ids).collect();
        let as_set = |audit_events: &[Value]| {
            let mut key_strings: Vec<_> = audit_events.iter().map(Value::to_string).collect();
            key_strings.sort();
            key_strings
        };
        assert_eq!(as_set(&events), as_set(&expected_events()));
        app.assert_invariants().await;
    }
}

#[tokio::test]
async fn contains_neither_secrets_nor_submitted_values() {
    let app = TestApp::new().await;
    make_changes(&app).await;
    log_in(&app, "my secret typed in the wrong place", PASSWORD).await.expect_status(401);
    let items = app.items().await;
    let events: Vec<_> = items.iter().filter(|((pk, _), _)| pk.starts_with("AUDIT#")).collect();
    let text = format!("{events:?}");
    let secrets = [PASSWORD, "an0ther secret", SETUP_TOKEN, &app.admin.session, "argon2", "typed"];
    for secret in secrets.into_iter().chain(["Joan", "joan@", "jane@", "nobody@", "\"es\""]) {
        assert!(!text.contains(secret), "{secret}");
    }
    assert_eq!(events.len(), 15);
}

/// Invites a user and resets the password by email and by link. Returns the secrets.
async fn reset_passwords(app: &TestApp) -> [String; 2] {
    let path = format!("/api/user/{}", app.user_with_session("jane").await.id);
    let admin = &app.admin.session;
    app.post(&format!("{path}/send_invite")).session(admin).send().await.expect_status(200);
    for email in ["jane@example.com", "nobody@example.com"] {
        let forgot = json!({ "email": email });
        app.post("/api/session/forgot_password").json(&forgot).send().await.expect_status(204);
    }
    let token = reset_token(app, 2).await;
    let body = json!({ "token": token, "password": "an0ther secret" });
    let reset = || app.post("/api/session/reset_password").json(&body).send();
    let session = reset().await.expect_status(200)["session_id"].as_str().unwrap().to_owned();
    reset().await.expect_status(400);
    [token, session]
}

#[tokio::test]
async fn records_password_reset_links() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let app = TestApp::with_mail(Settings { dialect, ..Settings::default() }).await;
        let secrets = reset_passwords(&app).await;
        let by = |id: Value, via: &str| json!({ "id": id, "via": via });
        let admin = by(json!(1), "session");

        let events = all(&app, "target=2").await.into_iter().map(without_ids);

        let events: BTreeSet<_> = events.map(|event| event.to_string()).collect();
        let links = [
            audit_event("send-invite", &admin, Some(2), &[]),
            audit_event("forgot-password", &by(Value::Null, "self"), Some(2), &[]),
            audit_event("password-reset-url", &admin, Some(2), &[]),
            audit_event("reset-password", &by(json!(2), "reset-token"), Some(2), &["password"]),
        ];
        for link in &links {
            assert!(events.contains(&link.to_string()), "{link} {events:#?}");
        }
        assert_eq!(events.len(), 2 + links.len(), "one creation, one login and the links");
        assert_eq!(all(&app, "action=forgot-password").await.len(), 1, "no event of unknown users");
        let items = app.items().await;
        let audit_items: Vec<_> =
            items.iter().filter(|((pk, _), _)| pk.starts_with("AUDIT#")).collect();
        for secret in secrets.iter().chain(&app.emails.drain()) {
            assert!(!format!("{audit_items:?}").contains(&secret[2..]));
        }
        app.assert_invariants().await;
    }
}

#[tokio::test]
async fn an_api_key_is_an_actor_of_its_own() {
    let app = TestApp::new().await;
    let body = json!({ "name": "Robot", "group_id": 2 });
    let request = app.post("/api/api-key").session(&app.admin.session).json(&body);
    let created = request.send().await.expect_status(200);
    let (robot, key) = (&created["id"], created["unmasked_key"].as_str().unwrap());
    let sam = json!({
        "email": "sam@example.com", "first_name": "S", "last_name": "S", "sso_source": "saml",
    });
    let with_key = |request: Request| request.header("x-api-key", key);
    with_key(app.post("/api/user")).json(&sam).send().await.expect_status(200);
    with_key(app.post("/api/user/3/password-reset-url")).send().await.expect_status(200);
    with_key(app.delete("/api/user/3")).send().await.expect_status(200);

    let events = all(&app, &format!("actor={robot}")).await;
    let key_events = all(&app, &format!("target=api-key:{robot}")).await;

    let key_actions: BTreeSet<_> = actions(&events).into_iter().collect();
    let expected = ["create-user", "deactivate-user", "password-reset-url", "use-api-key"];
    assert_eq!(key_actions, expected.into());
    let actor = json!({ "id": robot, "via": "api-key" });
    assert!(events.len() == 4 && events.iter().all(|event| event["actor"] == actor), "{events:#?}");
    let mut key_actions = actions(&key_events);
    key_actions.sort_unstable();
    assert_eq!(key_actions, ["create-api-key", "use-api-key"]);
    let mut by_session = key_events.iter().filter(|event| event["action"] == "create-api-key");
    assert_eq!(by_session.next().unwrap()["actor"], json!({ "id": 1, "via": "session" }));
    assert!(!format!("{events:?} {key_events:?}").contains(key));
}

#[tokio::test]
async fn rejected_changes_are_not_recorded() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let before = all(&app, "").await;
    let taken = json!({
        "email": ADMIN_EMAIL, "first_name": "A", "last_name": "B", "sso_source": "saml",
    });
    let admin = &app.admin.session;
    app.post("/api/user").session(admin).json(&taken).send().await.expect_status(409);
    app.delete("/api/user/1").session(admin).send().await.expect_status(400);
    update_user(&app, &app.admin, 2, json!({ "email": ADMIN_EMAIL })).await.expect_status(409);
    app.post("/api/setup")
        .json(&json!({ "token": SETUP_TOKEN, "user": {
        "email": "x@example.com", "password": PASSWORD,
    } }))
        .send()
        .await
        .expect_status(403);
    app.delete("/api/session").send().await.expect_status(404);
    assert_eq!(all(&app, "").await, before);
}

#[tokio::test]
async fn is_newest_first_in_pages_that_join() {
    let app = TestApp::new().await;
    for number in 0..9 {
        app.clock.advance(number % 2);
        app.sso_user("U", &format!("L{number}")).await;
    }
    let complete = read(&app, "?limit=100").await.expect_status(200);
    let complete = complete["data"].as_array().unwrap();
    assert_eq!(complete.len(), 10);
    let key = |audit_event: &Value| {
        (audit_event["at"].as_str().unwrap().to_owned(), audit_event["id"].clone().to_string())
    };
    assert!(complete.windows(2).all(|pair| key(&pair[0]) > key(&pair[1])));
    for limit in [1, 2, 3, 10, 100] {
        assert_eq!(&all(&app, &format!("limit={limit}")).await, complete, "{limit}");
        let first = read(&app, &format!("?limit={limit}")).await.expect_status(200);
        assert_eq!(first["data"].as_array().unwrap().len(), limit.min(10));
    }
    let ids: BTreeSet<_> =
        complete.iter().map(|audit_event| audit_event["id"].to_string()).collect();
    assert_eq!(ids.len(), 10);
}

#[tokio::test]
async fn filters_narrow_it() {
    let app = TestApp::new().await;
    app.clock.advance(60);
    let jane = app.user_with_session("jane").await;
    app.clock.advance(60);
    update_user(&app, &jane, 2, json!({ "locale": "es" })).await.expect_status(200);
    log_in(&app, "jane@example.com", "wrong").await.expect_status(401);
    for (query, expected) in [
        ("actor=1", &["create-user", "setup"][..]),
        ("actor=2&action=update-user", &["update-user"]),
        ("actor=99", &[]),
        ("target=1", &["setup"]),
        ("target=user:1", &["setup"]),
        ("target=group:1", &[]),
        ("target=2&action=failed-login", &["failed-login"]),
        ("from=2026-01-01T00:01:00Z&to=2026-01-01T00:02:00Z&actor=1", &["create-user"]),
        ("to=2026-01-01T00:01:00Z", &["setup"]),
        ("to=2026-01-01T01:01:00.000%2B01:00", &["setup"]),
        ("from=2026-01-01T00:02:00Z&action=update-user", &["update-user"]),
        ("from=2026-01-02", &[]),
        ("to=2026-01-01", &[]),
        ("from=2026-01-01&to=2026-01-02&actor=1", &["create-user", "setup"]),
        ("from=2026-01-02&to=2026-01-01", &[]),
    ] {
        assert_eq!(actions(&all(&app, query).await), expected, "{query}");
        assert_eq!(actions(&all(&app, &format!("{query}&limit=1")).await), expected, "{query}");
    }
}

#[tokio::test]
async fn gaps_are_skipped_a_month_at_a_time() {
    let app = TestApp::new().await;
    for days in [1, 1, 29, 1, 100, 200] {
        app.clock.advance(days * DAY);
        app.log_in(ADMIN_EMAIL, PASSWORD).await;
    }
    let session = app.log_in(ADMIN_EMAIL, PASSWORD).await;
    let read = async |query: &str| {
        app.get(&format!("/api/audit?{query}")).session(&session).send().await.expect_status(200)
    };
    app.meter.take();
    let first = read("").await;
    assert_eq!(first["data"].as_array().unwrap().len(), 2);
    assert_eq!(app.meter.take().len(), 1 + 31 * 4);
    let (mut pages, mut audit_events) = (1, first["data"].as_array().unwrap().clone());
    let mut next = first["next_cursor"].clone();
    while let Some(cursor) = next.as_str() {
        let page = read(&format!("cursor={cursor}")).await;
        audit_events.extend(page["data"].as_array().unwrap().clone());
        next = page["next_cursor"].clone();
        pages += 1;
    }
    assert_eq!(actions(&audit_events), [&["login"; 7][..], &["setup"]].concat());
    assert_eq!(pages, 11, "331 days");
}

#[tokio::test]
async fn is_retained_for_the_configured_time() {
    let app = TestApp::with(Settings { audit_retention_days: 2, ..Settings::default() }).await;
    let items = app.items().await;
    let (_, setup) = items.iter().find(|((pk, _), _)| pk.starts_with("AUDIT#")).unwrap();
    assert_eq!(setup["expires_at"], 1_767_225_600 + 2 * DAY);
    app.clock.advance(2 * DAY);
    assert_eq!(actions(&all(&app, "").await), ["setup"]);
    app.clock.advance(1);
    assert_eq!(actions(&all(&app, "").await), [""; 0]);
    assert_eq!(actions(&all(&app, "from=2025-01-01").await), [""; 0]);
}

#[tokio::test]
async fn rejects_invalid_parameters() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let number = "value must be an integer greater than zero.";
    let target = "value must be a user ID, or a type and an ID, e.g. 'group:3'.";
    let timestamp =
        "value must be a date or a timestamp, e.g. '2026-01-31' or '2026-01-31T12:00:00Z'.";
    let limit = "value must be an integer from 1 to 100.";
    let cursor = "value must be the next_cursor of an earlier response.";
    for (field, value, message) in [
        ("actor", "0", number),
        ("actor", "x", number),
        ("target", "x", target),
        ("target", "user:", target),
        ("target", "door:1", target),
        ("action", "steal", "value must be the name of an action."),
        ("from", "yesterday", timestamp),
        ("to", "2026-02-30", timestamp),
        ("limit", "0", limit),
        ("limit", "101", limit),
        ("cursor", "x", cursor),
        ("cursor", "1-%23", cursor),
        ("cursor", "999999999999999999-a", cursor),
        ("cursor", "1-0123456789abc", cursor),
    ] {
        let response = read(&app, &format!("?{field}={value}")).await;
        assert_eq!(response.status_and_body(), invalid(field, message), "{field}={value}");
    }
    let response = app.get("/api/audit?limit=0").session(&jane.session).send().await;
    assert_eq!(response.status_and_body(), invalid("limit", limit));
    let response = app.get("/api/audit").session(&jane.session).send().await;
    assert_eq!(response.status_and_body(), forbidden());
}

#[tokio::test]
async fn an_event_costs_no_request() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    app.meter.take();
    update_user(&app, &app.admin, 2, json!({ "locale": "es" })).await.expect_status(200);
    assert_eq!(app.meter.take(), ["BatchGetItem", "TransactWriteItems"]);
}

#[tokio::test]
async fn a_failed_login_without_audit_event_is_an_error() {
    let app = TestApp::new().await;
    app.faults.push("TransactWriteItems", Fault::Failed, 3);
    log_in(&app, ADMIN_EMAIL, "wrong").await.expect_status(503);
    assert_eq!(app.faults.left(), 0);
}

/// Sends one random operation.
async fn send_random(app: &TestApp, rng: &mut Rng, number: usize) -> (&'static str, TestResponse) {
    let admin = &app.admin.session;
    let id = rng.u64(1..4);
    match rng.u8(0..4) {
        0 => {
            let body = json!({
                "email": format!("u{number}@example.com"), "first_name": "U", "last_name": "U",
                "sso_source": "saml",
            });
            ("create-user", app.post("/api/user").session(admin).json(&body).send().await)
        }
        1 => ("failed-login", log_in(app, &format!("u{number}@example.com"), "wrong").await),
        _ => {
            let body = json!({ "login_attributes": { "number": number } });
            let path = format!("/api/user/{id}");
            ("update-user", app.put(&path).session(admin).json(&body).send().await)
        }
    }
}

/// Numbers of acknowledged requests and of all requests, by action.
#[derive(Debug, Default)]
struct Sums {
    acknowledged: BTreeMap<&'static str, usize>,
    all: BTreeMap<&'static str, usize>,
}

#[tokio::test]
async fn no_acknowledged_change_is_missing_under_faults() {
    for seed in 0..2 {
        let mut rng = Rng::with_seed(seed);
        let app = TestApp::new().await;
        app.sso_user("Jane", "Doe").await;
        app.sso_user("Joan", "Doe").await;
        let mut sums = Sums::default();
        app.faults.chance(50, &Fault::TRANSIENT, seed);
        for number in 0..60 {
            let (action, response) = send_random(&app, &mut rng, number).await;
            *sums.all.entry(action).or_default() += 1;
            if response.status == 200 || (action, response.status) == ("failed-login", 401) {
                *sums.acknowledged.entry(action).or_default() += 1;
            } else {
                assert_eq!(response.status, 503, "{seed}: {action} {}", response.body);
            }
        }
        app.faults.stop();
        let audit_events = all(&app, "limit=100").await;
        for (action, all) in &sums.all {
            let recorded = actions(&audit_events).iter().filter(|name| *name == action).count();
            let acknowledged = sums.acknowledged.get(action).copied().unwrap_or_default();
            let recorded = recorded - if *action == "create-user" { 2 } else { 0 };
            assert!(
                (acknowledged..=*all).contains(&recorded),
                "{seed}: {action} {recorded} {sums:?}"
            );
            assert!(acknowledged < *all, "{seed}: no fault of {action}");
        }
        app.assert_invariants().await;
    }
}
