use shared::{
    auth::reset_token::{NewPasswordReset, ResetGrant},
    domain::{Action, SiteUrl},
    store::{Conflict, Key},
};
use testkit::TestApp;

use crate::proofs::{access, admin, conflict, context, id, some_hash};

/// A link would give access to somebody who has just lost it, or undo a new password.
#[tokio::test]
async fn no_link_is_issued_for_a_concurrently_changed_user() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let admin = admin(&app).await;
    let now = app.call("", 0).now();
    let read = access(&app, 2).await;
    let permit = NewPasswordReset::new(read.user(), now).unwrap();
    let permit_reset = async |permit: &NewPasswordReset| {
        conflict(
            app.store()
                .issue_password_reset(&read, Action::PasswordResetUrl, permit, &context(&app))
                .await,
        )
    };

    app.store().deactivate(&admin, &read, &context(&app)).await.unwrap();
    assert_eq!(permit_reset(&permit).await, Conflict::StaleUser);
    app.store().reactivate(&admin, &access(&app, 2).await, &context(&app)).await.unwrap();
    assert_eq!(permit_reset(&permit).await, Conflict::StaleUser, "of another generation");
    let newer = NewPasswordReset::new(access(&app, 2).await.user(), now).unwrap();
    app.set_bool(&Key::user(id(2)), "is_active", false).await;
    assert_eq!(permit_reset(&newer).await, Conflict::StaleUser, "of the same generation");
    assert_eq!(app.item(&Key::reset(id(2))).await, None);
}

/// Of two tokens for an account the later counts, also for whoever was just about to spend the other.
#[tokio::test]
async fn a_concurrently_replaced_token_is_not_used() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let now = app.call("", 0).now();
    let read = access(&app, 2).await;
    let permit = async || {
        let permit = NewPasswordReset::new(read.user(), now).unwrap();
        app.store()
            .issue_password_reset(&read, Action::PasswordResetUrl, &permit, &context(&app))
            .await
            .unwrap();
        permit.token.reset_url(&SiteUrl::parse("https://example.com").unwrap())
    };
    let link = permit().await;
    let claim = app.store().reset_attempt(link.rsplit('/').next().unwrap()).await.unwrap();
    let grant = ResetGrant::check(&claim, app.call("", 0).now()).unwrap();
    permit().await;
    let before = app.items().await;
    let opening = app.call("", 0).new_session(id(2), read.user().generation.next()).unwrap();

    let result = app.store().reset_password(&grant, &some_hash(), &opening, &context(&app)).await;

    assert_eq!(conflict(result), Conflict::StaleReset);
    assert_eq!(app.items().await, before);
}
