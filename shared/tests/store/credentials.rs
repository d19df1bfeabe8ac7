use shared::{
    domain::{DomainError, RateLimitedAction},
    store::{Conflict, Key, PasswordChange, WriteError},
};
use testkit::{PASSWORD, TestApp};

use crate::proofs::{access, conflict, context, some_hash, user};

#[tokio::test]
async fn a_new_password_revokes_every_session_except_the_new_one() {
    let app = TestApp::new().await;
    let access = access(&app, 1).await;
    let next = access.user().generation.next();
    let new_session = app.call("", 0).new_session(access.user().id, next).unwrap();
    let hash = some_hash();
    let new = PasswordChange::new(&hash, Some(&new_session));

    app.store().replace_password(&access, new, &context(&app)).await.unwrap();

    assert!(!app.is_session_valid(&app.admin.session).await);
    assert!(app.is_session_valid(&new_session.token.expose()).await);
}

#[tokio::test]
async fn the_second_of_two_concurrent_password_changes_fails() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let (one, other) = (access(&app, 2).await, access(&app, 2).await);
    let hash = some_hash();
    let new = || PasswordChange::new(&hash, None);
    app.store().replace_password(&one, new(), &context(&app)).await.unwrap();
    let before = app.items().await;

    let result = app.store().replace_password(&other, new(), &context(&app)).await;

    assert_eq!(conflict(result), Conflict::StaleCredentials);
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn a_password_change_tolerates_a_concurrent_login_and_email_change() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let stale = access(&app, 2).await;
    app.log_in(&jane.email, PASSWORD).await;
    let moved = serde_json::json!({ "email": "joan@example.com" });
    app.put("/api/user/2").session(&app.admin.session).json(&moved).send().await.expect_status(200);
    let hash = some_hash();
    let new = PasswordChange::new(&hash, None);

    app.store().replace_password(&stale, new, &context(&app)).await.unwrap();

    let login = Key::credentials(&user(&app, 2).await.email);
    assert_eq!(app.item(&login).await.unwrap()["password_hash"], hash.expose());
}

#[tokio::test]
async fn a_concurrently_deactivated_user_gets_no_password() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    let stale = access(&app, 2).await;
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    let hash = some_hash();
    let new = PasswordChange::new(&hash, None);

    let result = app.store().replace_password(&stale, new, &context(&app)).await;

    assert!(matches!(result, Err(WriteError::Domain(DomainError::NotFound))), "{result:?}");
}

#[tokio::test]
async fn credentials_are_found_by_email_address() {
    let app = TestApp::new().await;
    let (login, _) = app.store().credentials_of(&access(&app, 1).await).await.unwrap();
    let login = login.unwrap();
    assert!(login.hash.is_some() && login.enabled);
    assert!(!format!("{login:?}").contains("argon2"));
}

#[tokio::test]
async fn the_correct_password_above_the_limit_changes_nothing() {
    let app = TestApp::new().await;
    let access = access(&app, 1).await;
    let rate_limits = async || app.store().credentials_of(&access).await.unwrap().1;
    let (right, wrong) = (rate_limits().await, rate_limits().await);
    let now = app.call("", 0).now();
    for _ in 0..10 {
        app.store().record_attempt(&wrong, now).await.unwrap();
    }
    let before = app.items().await;
    let next = access.user().generation.next();
    let new_session = app.call("", 0).new_session(access.user().id, next).unwrap();
    let hash = some_hash();
    let new = || PasswordChange::new(&hash, Some(&new_session));

    let result = app
        .store()
        .replace_password(&access, new().with_rate_limits(Some(&right)), &context(&app))
        .await;

    assert_eq!(conflict(result), Conflict::RateLimited(RateLimitedAction::ChangePassword));
    assert_eq!(app.items().await, before);
    app.store().replace_password(&access, new(), &context(&app)).await.unwrap();
}

#[tokio::test]
async fn a_concurrent_email_change_is_a_conflict_not_a_wrong_password() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    let stale = access(&app, 2).await;
    let moved = serde_json::json!({ "email": "joan@example.com" });
    app.put("/api/user/2").session(&app.admin.session).json(&moved).send().await.expect_status(200);
    assert_eq!(conflict(app.store().credentials_of(&stale).await), Conflict::StaleCredentials);

    app.sso_user("Jane", "Doe").await;
    assert_eq!(conflict(app.store().credentials_of(&stale).await), Conflict::StaleCredentials);
}
