use shared::{
    authorization::SetupGrant,
    domain::{
        Email, GroupSet, Instance, NewUser, RateLimitedAction, RateLimits, SessionGeneration,
        UserId,
    },
    store::{Conflict, SetupRequest, WriteError},
};
use testkit::{SETUP_TOKEN, TestApp};

use crate::proofs::{conflict, context, some_hash};

fn check_token<'a>(token: &str, rate_limits: &'a RateLimits) -> Option<SetupGrant<'a>> {
    SetupGrant::check(&token.into(), Some(&SETUP_TOKEN.into()), rate_limits).ok()
}

async fn rate_limits(app: &TestApp) -> RateLimits {
    app.store().setup_attempt("192.0.2.1").await.unwrap().1
}

async fn set_up(app: &TestApp) -> Result<(), WriteError> {
    set_up_after(app, &rate_limits(app).await).await
}

async fn set_up_after(app: &TestApp, rate_limits: &RateLimits) -> Result<(), WriteError> {
    let admin = NewUser {
        email: Email::parse("ada@example.com").unwrap(),
        first_name: None,
        last_name: None,
        groups: GroupSet::default().with_admin(true),
        locale: None,
        login_attributes: None,
        sso_source: None,
        must_change_password: false,
    };
    let instance = Instance { site_name: None, site_locale: None };
    let request = SetupRequest { admin, password: some_hash(), instance };
    let new_session =
        app.call("", 0).new_session(UserId::INSTALLER, SessionGeneration::default()).unwrap();
    let grant = check_token(SETUP_TOKEN, rate_limits).unwrap();
    app.store().set_up(&grant, request, &new_session, &context(app)).await
}

#[tokio::test]
async fn writes_all_that_an_instance_needs() {
    let app = TestApp::without_setup().await;
    set_up(&app).await.unwrap();
    let kinds: Vec<_> =
        app.items().await.into_keys().map(|(pk, sk)| format!("{pk} {sk}")).collect();
    let expected = [
        "ADMINS ADMINS",
        "AUDIT#2026-01-01#",
        "COUNTER#group COUNTER",
        "COUNTER#user COUNTER",
        "DEVICE#0000000000000000001 DEVICE#",
        "GROUPS GROUP#0000000000000000001",
        "GROUPS GROUP#0000000000000000002",
        "INSTANCE INSTANCE",
        "LOGIN#ada@example.com LOGIN",
        "SESSION#0000000000000000001 SESSION#",
        "TALLY#01 TALLY",
        "USER#0000000000000000001 PROFILE",
    ];
    assert_eq!(kinds.len(), expected.len());
    for (kind, expected) in kinds.iter().zip(expected) {
        assert!(kind.starts_with(expected), "{kind}");
    }
}

#[tokio::test]
async fn each_condition_fails_alone_and_nothing_is_written() {
    let complete = TestApp::without_setup().await;
    set_up(&complete).await.unwrap();
    let has_condition = |(pk, _): &(String, String)| {
        !["SESSION", "AUDIT", "DEVICE"].iter().any(|p| pk.starts_with(p))
    };
    for (pk, sk) in complete.items().await.into_keys().filter(has_condition) {
        let app = TestApp::without_setup().await;
        let rate_limits = rate_limits(&app).await;
        app.put_key_only(&pk, &sk).await;
        let before = app.items().await;
        assert_eq!(
            conflict(set_up_after(&app, &rate_limits).await),
            Conflict::AlreadySetUp,
            "{pk}"
        );
        assert_eq!(app.items().await, before);
    }
}

#[tokio::test]
async fn only_the_operators_token_grants_setup() {
    let app = TestApp::without_setup().await;
    let rate_limits = rate_limits(&app).await;
    assert!(check_token(SETUP_TOKEN, &rate_limits).is_some());
    for token in ["", "test-setup-toke", "test-setup-tokens", "TEST-SETUP-TOKEN"] {
        assert!(check_token(token, &rate_limits).is_none(), "{token}");
    }
    assert!(SetupGrant::check(&"".into(), None, &rate_limits).is_err());
}

#[tokio::test]
async fn the_correct_token_above_the_limit_sets_up_nothing() {
    let app = TestApp::without_setup().await;
    let (right, wrong) = (rate_limits(&app).await, rate_limits(&app).await);
    let now = app.call("", 0).now();
    for _ in 0..20 {
        app.store().record_attempt(&wrong, now).await.unwrap();
    }
    let before = app.items().await;

    let rate_limited = Conflict::RateLimited(RateLimitedAction::Setup);
    assert_eq!(conflict(set_up_after(&app, &right).await), rate_limited);
    assert_eq!(conflict(app.store().record_attempt(&wrong, now).await), rate_limited);
    assert_eq!(app.items().await, before);
}
