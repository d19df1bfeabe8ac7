use shared::{
    domain::Action,
    store::{Conflict, Key, Permit},
};
use testkit::TestApp;

use crate::proofs::{access, admin, conflict, id};

/// A link would give access to somebody who has just lost it, or undo a new password.
#[tokio::test]
async fn no_link_is_given_for_an_account_that_has_changed_since_it_was_read() {
    let app = TestApp::new().await;
    app.person("jane").await;
    let admin = admin(&app).await;
    let now = app.call("", 0).now();
    let read = access(&app, 2).await;
    let permit = Permit::new(read.user(), now).unwrap();
    let permit_reset = async |permit: &Permit| {
        conflict(app.store().permit_reset(&read, Action::PasswordResetUrl, permit).await)
    };

    app.store().deactivate(&admin, &read, now).await.unwrap();
    assert_eq!(permit_reset(&permit).await, Conflict::StaleUser);
    app.store().reactivate(&admin, &access(&app, 2).await, now).await.unwrap();
    assert_eq!(permit_reset(&permit).await, Conflict::StaleUser, "of another generation");
    let newer = Permit::new(access(&app, 2).await.user(), now).unwrap();
    app.set_flag(&Key::user(id(2)), "is_active", false).await;
    assert_eq!(permit_reset(&newer).await, Conflict::StaleUser, "of the same generation");
    assert_eq!(app.item(&Key::reset(id(2))).await, None);
}
