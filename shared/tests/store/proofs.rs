//! Proof types. Only the checks of a real request create them.

use shared::{
    auth::{password_hash::PasswordHash, token::SessionToken},
    authorization::{Admin, Caller, UserAccess},
    domain::{AuthMethod, Email, GroupSet, NewUser, PersonName, User, UserId, WriteContext},
    http::PathUser,
    store::{Conflict, WriteError},
};
use testkit::TestApp;

/// A user ID.
pub(crate) fn id(number: u64) -> UserId {
    UserId::try_from(number).unwrap()
}

/// The circumstances of a write of the first administrator.
pub(crate) fn context(app: &TestApp) -> WriteContext {
    app.call("", 0).write_context(Some(UserId::INSTALLER), AuthMethod::Session)
}

/// The first administrator.
pub(crate) async fn caller(app: &TestApp) -> Caller {
    app.call(&app.admin.session, 1).caller().await.unwrap()
}

/// The proof of the first administrator's rights.
pub(crate) async fn admin(app: &TestApp) -> Admin {
    caller(app).await.admin().unwrap()
}

/// The first administrator's access to a user.
pub(crate) async fn access(app: &TestApp, number: u64) -> UserAccess {
    let (caller, target) =
        app.call(&app.admin.session, number).authenticate_active(PathUser).await.unwrap();
    caller.self_or_admin(target).unwrap()
}

/// The same with `If-Match`.
pub(crate) async fn access_if_match(app: &TestApp, number: u64, tag: &str) -> UserAccess {
    let call = app.call_with(&app.admin.session, number, &[("if-match", tag)]);
    let (caller, target) = call.authenticate_active(PathUser).await.unwrap();
    caller.self_or_admin(target).unwrap()
}

/// The current state of a user.
pub(crate) async fn user(app: &TestApp, number: u64) -> User {
    access(app, number).await.user().clone()
}

/// A user that is not stored yet.
pub(crate) fn new_user(app: &TestApp, number: u64, email: &str, groups: GroupSet) -> User {
    let new = NewUser {
        email: Email::parse(email).unwrap(),
        first_name: PersonName::parse("New"),
        last_name: PersonName::parse("Comer"),
        groups,
        locale: None,
        login_attributes: None,
        sso_source: None,
        must_change_password: false,
    };
    User::new(id(number), new, app.call("", 0).now())
}

/// A hash for tests without password check.
pub(crate) fn some_hash() -> PasswordHash {
    PasswordHash::from_stored("$test$".to_owned())
}

/// The parsed token of a session.
pub(crate) fn token(session: &str) -> SessionToken {
    SessionToken::parse(session).unwrap()
}

/// The conflict of a failed write.
#[track_caller]
pub(crate) fn conflict<T: std::fmt::Debug>(result: Result<T, WriteError>) -> Conflict {
    match result {
        Err(WriteError::Conflict(conflict)) => conflict,
        other => panic!("no conflict: {other:?}"),
    }
}
