use shared::{
    auth::{
        device::DeviceTokens,
        login::{LoginAttempt, VerifiedCredentials},
        session::NewSession,
    },
    domain::{ClientInfo, Email, RateLimitedAction, Session},
    store::{Conflict, Key},
};
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp};

use crate::proofs::{access, admin, conflict, context, id, token, user};

const TTL: u32 = 60;

async fn attempt(app: &TestApp, email: &str) -> LoginAttempt {
    let (devices, now) = (DeviceTokens::default(), app.call("", 0).now());
    app.store().login_attempt(email, "192.0.2.1", &devices, now).await.unwrap()
}

async fn verified(attempt: &LoginAttempt) -> VerifiedCredentials<'_> {
    VerifiedCredentials::check(attempt, &PASSWORD.into()).await.unwrap()
}

fn new_session(app: &TestApp, verified: &VerifiedCredentials<'_>) -> NewSession {
    let login = verified.credentials();
    let (now, device) = (app.call("", 0).now(), ClientInfo::new("curl/8.5.0", "192.0.2.1"));
    let session = Session::new(login.generation, device, now, TTL);
    NewSession::new(login.user, session, now).unwrap()
}

async fn hash_of(app: &TestApp, key: &Key) -> String {
    app.item(key).await.unwrap()["password_hash"].as_str().unwrap().to_owned()
}

/// The conflict of a login with a concurrent change.
async fn log_in_after(app: &TestApp, change: impl AsyncFnOnce()) -> Conflict {
    let attempt = attempt(app, ADMIN_EMAIL).await;
    let verified = verified(&attempt).await;
    let new_session = new_session(app, &verified);
    change().await;
    let before = app.items().await;
    let conflict =
        conflict(app.store().create_session(&verified, &new_session, &[], &context(app)).await);
    assert_eq!(app.items().await, before);
    conflict
}

#[tokio::test]
async fn a_login_writes_a_session_and_the_last_login() {
    let app = TestApp::new().await;
    app.clock.advance(7);
    let attempt = attempt(&app, ADMIN_EMAIL).await;
    let verified = verified(&attempt).await;
    let new_session = new_session(&app, &verified);
    let version = user(&app, 1).await.version;

    app.store().create_session(&verified, &new_session, &[], &context(&app)).await.unwrap();

    let session = app.item(&Key::session(&new_session.token)).await.unwrap();
    assert_eq!(session["created_at"], 1_767_225_607);
    assert_eq!(session["expires_at"], 1_767_225_607 + 3_600);
    assert_eq!(session["generation"], 0);
    assert_eq!([&session["user_agent"], &session["ip"]], ["curl/8.5.0", "192.0.2.1"]);
    let after = user(&app, 1).await;
    assert_eq!(after.last_login, Some(new_session.now));
    assert_eq!(after.version, version + 1);
}

#[tokio::test]
async fn a_login_after_a_concurrent_deactivation_writes_nothing() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let attempt = attempt(&app, &jane.email).await;
    let verified = verified(&attempt).await;
    let new_session = new_session(&app, &verified);
    let admin = admin(&app).await;
    app.store().deactivate(&admin, &access(&app, 2).await, &context(&app)).await.unwrap();
    let before = app.items().await;

    assert_eq!(
        conflict(app.store().create_session(&verified, &new_session, &[], &context(&app)).await),
        Conflict::StaleCredentials
    );
    assert_eq!(app.items().await, before);

    app.store().reactivate(&admin, &access(&app, 2).await, &context(&app)).await.unwrap();
    assert_eq!(
        conflict(app.store().create_session(&verified, &new_session, &[], &context(&app)).await),
        Conflict::StaleCredentials
    );
}

#[tokio::test]
async fn a_login_of_an_inactive_user_writes_nothing() {
    let app = TestApp::new().await;
    let deactivate = async || {
        app.set_bool(&Key::user(id(1)), "is_active", false).await;
        assert!(!app.is_session_valid(&app.admin.session).await);
    };
    assert_eq!(log_in_after(&app, deactivate).await, Conflict::StaleCredentials);
}

#[tokio::test]
async fn a_hash_is_not_replaced_in_the_credentials_of_another_user() {
    let app = TestApp::new().await;
    let key = app.downgrade_hash(ADMIN_EMAIL).await;
    let conflict = log_in_after(&app, async || app.set_number(&key, "user_id", 2).await).await;
    assert_eq!(conflict, Conflict::StaleCredentials);
}

#[tokio::test]
async fn the_correct_password_above_the_limit_creates_no_session() {
    let app = TestApp::new().await;
    let right = attempt(&app, ADMIN_EMAIL).await;
    let verified = verified(&right).await;
    let new_session = new_session(&app, &verified);
    let wrong = attempt(&app, ADMIN_EMAIL).await;
    for _ in 0..10 {
        app.store().record_attempt(&wrong.rate_limits, new_session.now).await.unwrap();
    }
    let before = app.items().await;

    let throttled = Conflict::RateLimited(RateLimitedAction::Login);
    assert_eq!(
        conflict(app.store().create_session(&verified, &new_session, &[], &context(&app)).await),
        throttled
    );
    let one_more = app.store().record_failed_login(&wrong, &context(&app)).await;
    assert_eq!(conflict(one_more), throttled);
    let after = app.items().await.into_iter().filter(|(key, item)| before.get(key) != Some(item));
    let [audit, rate_limit] = &after.map(|((pk, _), _)| pk).collect::<Vec<_>>()[..] else {
        panic!()
    };
    assert!(audit.starts_with("AUDIT#"), "the audit event of the attempt");
    assert!(rate_limit.starts_with("THROTTLE#"), "only the count of the client IP");
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_at_login() {
    let app = TestApp::new().await;
    let initial = hash_of(&app, &Key::credentials(&Email::parse(ADMIN_EMAIL).unwrap())).await;
    let key = app.downgrade_hash(ADMIN_EMAIL).await;
    let outdated = hash_of(&app, &key).await;

    app.log_in(ADMIN_EMAIL, PASSWORD).await;
    let replaced = hash_of(&app, &key).await;
    assert!(replaced != outdated && replaced != initial);
    assert!(replaced.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));

    app.log_in(ADMIN_EMAIL, PASSWORD).await;
    assert_eq!(hash_of(&app, &key).await, replaced);
}

#[tokio::test]
async fn an_outdated_hash_does_not_overwrite_a_new_password() {
    let app = TestApp::new().await;
    let key = app.downgrade_hash(ADMIN_EMAIL).await;
    let conflict = log_in_after(&app, async || app.set_number(&key, "generation", 5).await).await;
    assert_eq!(conflict, Conflict::StaleCredentials);
}

#[tokio::test]
async fn each_condition_of_logout_fails_alone() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let jane = token(&jane.session);
    let now = app.call("", 0).now();
    let then = context(&app);
    let out = || app.store().delete_session(&jane, TTL, &then);
    let unknown = Conflict::UnknownSession;

    app.set_number(&Key::user(id(2)), "generation", 9).await;
    assert_eq!(conflict(out().await), unknown);
    app.set_number(&Key::user(id(2)), "generation", 0).await;
    app.set_bool(&Key::user(id(2)), "is_active", false).await;
    assert_eq!(conflict(out().await), unknown);
    app.set_bool(&Key::user(id(2)), "is_active", true).await;

    app.clock.advance(i64::from(TTL) * 60);
    assert_eq!(conflict(app.store().delete_session(&jane, TTL, &context(&app)).await), unknown);
    app.set_number(&Key::session(&jane), "expires_at", now.epoch_seconds()).await;
    assert_eq!(conflict(out().await), unknown);
    app.set_number(&Key::session(&jane), "expires_at", now.epoch_seconds() + 1).await;

    out().await.unwrap();
    assert_eq!(conflict(out().await), unknown);
}

#[tokio::test]
async fn each_condition_of_revoke_session_fails_alone() {
    let app = TestApp::new().await;
    let jane = token(&app.user_with_session("jane").await.session);
    let access = access(&app, 2).await;
    let now = app.call("", 0).now();
    let sessions = app.store().sessions(&access, now, TTL).await.unwrap();
    let [one] = &sessions[..] else { panic!("{sessions:?}") };
    assert_eq!(one.id, jane.hash().id());
    let then = context(&app);
    let revoke = || app.store().revoke_session(&access, one, TTL, &then);
    let unknown = Conflict::UnknownSession;

    app.set_number(&Key::user(id(2)), "generation", 9).await;
    assert_eq!(conflict(revoke().await), unknown);
    app.set_number(&Key::user(id(2)), "generation", 0).await;
    app.set_bool(&Key::user(id(2)), "is_active", false).await;
    assert_eq!(conflict(revoke().await), unknown);
    app.set_bool(&Key::user(id(2)), "is_active", true).await;
    app.set_number(&Key::session(&jane), "expires_at", now.epoch_seconds()).await;
    assert_eq!(conflict(revoke().await), unknown);
    app.set_number(&Key::session(&jane), "expires_at", now.epoch_seconds() + 1).await;

    revoke().await.unwrap();
    assert_eq!(conflict(revoke().await), unknown);
    assert_eq!(app.item(&Key::session(&jane)).await, None);
}

#[tokio::test]
async fn a_session_without_client_info_is_valid_and_listed() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let key = Key::session(&token(&jane.session));
    let [created, expires] = ["created_at", "expires_at"];
    let stored = app.item(&key).await.unwrap();
    app.remove(&key).await;
    for name in [created, expires] {
        app.set_number(&key, name, stored[name].as_i64().unwrap()).await;
    }

    assert!(app.is_session_valid(&jane.session).await);
    let access = access(&app, 2).await;
    let sessions = app.store().sessions(&access, app.call("", 0).now(), TTL).await.unwrap();
    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0].session.client, ClientInfo::default());
}

#[tokio::test]
async fn revoking_all_sessions_writes_only_the_generation() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let before = app.items().await;

    app.store().revoke_sessions(&access(&app, 2).await, &context(&app)).await.unwrap();

    let after = app.items().await;
    let changed: Vec<_> = after
        .iter()
        .filter(|(key, item)| before.get(*key) != Some(item))
        .map(|(key, _)| key.0.as_str())
        .filter(|pk| !pk.starts_with("AUDIT#"))
        .collect();
    assert_eq!(changed, ["LOGIN#jane@example.com", "USER#0000000000000000002"]);
    assert_eq!(after.len(), before.len() + 1, "and one audit event");
}

#[tokio::test]
async fn the_window_of_failures_starts_with_the_first_and_lasts_an_hour() {
    let app = TestApp::new().await;
    let fail = async || {
        let attempt = attempt(&app, "x@example.com").await;
        app.store()
            .record_failed_login(&attempt, &context(&app))
            .await
            .unwrap()
            .within_limits
            .unwrap();
    };
    let stored = async || {
        let items = app.items().await;
        let throttles = items.into_iter().filter(|((pk, _), _)| pk.starts_with("THROTTLE#"));
        throttles
            .map(|(_, item)| (item["attempts"].clone(), item["expires_at"].clone()))
            .collect::<Vec<_>>()
    };
    let expiry = 1_767_225_600 + 3_600;
    fail().await;
    app.clock.advance(3_599);
    fail().await;
    assert_eq!(stored().await, vec![(2.into(), expiry.into()); 3]);

    app.clock.advance(1);
    fail().await;
    let expiry = expiry + 3_600;
    assert_eq!(stored().await, vec![(1.into(), expiry.into()); 3]);
}
