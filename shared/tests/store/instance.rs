use shared::{
    config::Settings,
    domain::{Email, Generation, Groups, NewUser, UserId},
    permissions::SetupGrant,
    store::{Conflict, Installation, Instance, WriteError},
};
use testkit::{SETUP_TOKEN, TestApp};

use crate::proofs::{conflict, some_hash};

fn grant(token: &str) -> Option<SetupGrant> {
    let settings = Settings { setup_token: Some(SETUP_TOKEN.into()), ..Settings::default() };
    SetupGrant::check(&token.into(), &settings).ok()
}

async fn set_up(app: &TestApp) -> Result<(), WriteError> {
    let admin = NewUser {
        email: Email::parse("ada@example.com").unwrap(),
        first_name: None,
        last_name: None,
        groups: Groups::default().with_admin(true),
        locale: None,
        login_attributes: None,
        sso_source: None,
        must_change_password: false,
    };
    let instance = Instance { site_name: None, site_locale: None };
    let installation = Installation { admin, password: some_hash(), instance };
    let opening = app.call("", 0).opening(UserId::INSTALLER, Generation::default()).unwrap();
    app.store().set_up(&grant(SETUP_TOKEN).unwrap(), installation, &opening).await
}

#[tokio::test]
async fn writes_all_that_an_instance_needs() {
    let app = TestApp::empty().await;
    set_up(&app).await.unwrap();
    let kinds: Vec<_> =
        app.items().await.into_keys().map(|(pk, sk)| format!("{pk} {sk}")).collect();
    let expected = [
        "ADMINS ADMINS",
        "COUNTER#group COUNTER",
        "COUNTER#user COUNTER",
        "GROUPS GROUP#0000000000000000001",
        "GROUPS GROUP#0000000000000000002",
        "INSTANCE INSTANCE",
        "LOGIN#ada@example.com LOGIN",
        "TALLY#01 TALLY",
        "USER#0000000000000000001 PROFILE",
        "USER#0000000000000000001 SESSION#",
    ];
    assert_eq!(kinds.len(), expected.len());
    for (kind, expected) in kinds.iter().zip(expected) {
        assert!(kind.starts_with(expected), "{kind}");
    }
}

#[tokio::test]
async fn each_leg_refuses_alone_and_nothing_is_written() {
    let complete = TestApp::empty().await;
    set_up(&complete).await.unwrap();
    for (pk, sk) in complete.items().await.into_keys().filter(|(_, sk)| !sk.starts_with("SESSION"))
    {
        let app = TestApp::empty().await;
        app.put_bare(&pk, &sk).await;
        let before = app.items().await;
        assert_eq!(conflict(set_up(&app).await), Conflict::AlreadySetUp, "{pk}");
        assert_eq!(app.items().await, before);
    }
}

#[test]
fn only_the_operators_token_grants_setup() {
    assert!(grant(SETUP_TOKEN).is_some());
    for token in ["", "test-setup-toke", "test-setup-tokens", "TEST-SETUP-TOKEN"] {
        assert!(grant(token).is_none(), "{token}");
    }
    assert!(SetupGrant::check(&"".into(), &Settings::default()).is_err());
}
