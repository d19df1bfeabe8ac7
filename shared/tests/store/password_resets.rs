use shared::{
    auth::reset_token::{NewPasswordReset, ResetGrant},
    domain::SiteUrl,
    store::{Conflict, Key},
};
use testkit::TestApp;

use crate::proofs::{access, admin, conflict, context, id, some_hash};

/// A link would restore lost access or undo a new password.
#[tokio::test]
async fn no_link_is_issued_for_a_concurrently_changed_user() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let admin = admin(&app).await;
    let now = app.call("", 0).now();
    let read = access(&app, 2).await;
    let reset = NewPasswordReset::new(read.user(), now).unwrap();
    let issue_conflict = async |reset: &NewPasswordReset| {
        conflict(app.store().issue_password_reset(&read, reset, &context(&app)).await)
    };

    app.store().deactivate(&admin, &read, &context(&app)).await.unwrap();
    assert_eq!(issue_conflict(&reset).await, Conflict::StaleUser);
    app.store().reactivate(&admin, &access(&app, 2).await, &context(&app)).await.unwrap();
    assert_eq!(issue_conflict(&reset).await, Conflict::StaleUser, "of another generation");
    let newer_reset = NewPasswordReset::new(access(&app, 2).await.user(), now).unwrap();
    app.set_bool(&Key::user(id(2)), "is_active", false).await;
    assert_eq!(issue_conflict(&newer_reset).await, Conflict::StaleUser, "the same generation");
    assert_eq!(app.item(&Key::reset(id(2))).await, None);
}

/// A newer token invalidates the older one, even for a request that has already checked it.
#[tokio::test]
async fn a_concurrently_replaced_token_is_not_used() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let now = app.call("", 0).now();
    let read = access(&app, 2).await;
    let reset = async || {
        let reset = NewPasswordReset::new(read.user(), now).unwrap();
        app.store().issue_password_reset(&read, &reset, &context(&app)).await.unwrap();
        reset.token.reset_url(&SiteUrl::parse("https://example.com").unwrap())
    };
    let link = reset().await;
    let attempt = app.store().reset_attempt(link.rsplit('/').next().unwrap()).await.unwrap();
    let grant = ResetGrant::check(&attempt, app.call("", 0).now()).unwrap();
    reset().await;
    let before = app.items().await;
    let new_session = app.call("", 0).new_session(id(2), read.user().generation.next()).unwrap();

    let result =
        app.store().reset_password(&grant, &some_hash(), &new_session, &context(&app)).await;

    assert_eq!(conflict(result), Conflict::StaleReset);
    assert_eq!(app.items().await, before);
}
