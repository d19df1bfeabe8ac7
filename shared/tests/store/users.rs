use shared::{
    auth::reset_token::NewPasswordReset,
    domain::{Change, DomainError, Email, GroupId, GroupSet, UserPatch},
    http::PathUser,
    store::{Conflict, InitialCredentials, Key, WriteError},
};
use testkit::TestApp;

use crate::proofs::{
    access, access_if_match, admin, conflict, context, id, new_user, some_hash, user,
};

fn groups(numbers: &[u64]) -> GroupSet {
    numbers.iter().map(|number| GroupId::try_from(*number).unwrap()).collect()
}

fn to_email(email: &str) -> UserPatch {
    UserPatch { email: Email::parse(email), ..UserPatch::default() }
}

fn promotion(is_superuser: bool) -> UserPatch {
    UserPatch { is_superuser: Some(is_superuser), ..UserPatch::default() }
}

#[tokio::test]
async fn create_writes_profile_credentials_and_counts() {
    let app = TestApp::new().await;
    let before = app.items().await;
    let new = new_user(&app, 2, "new@example.com", groups(&[2]));

    app.store()
        .create_user(
            &admin(&app).await,
            &new,
            &InitialCredentials::Password(some_hash()),
            &context(&app),
        )
        .await
        .unwrap();

    let after = app.items().await;
    let changed: Vec<_> = after
        .iter()
        .filter(|(key, item)| before.get(*key) != Some(item))
        .map(|(key, _)| key.0.trim_end_matches(char::is_numeric))
        .collect();
    assert_eq!(
        changed,
        ["ADMINS", "AUDIT#2026-01-01#", "LOGIN#new@example.com", "TALLY#", "USER#"]
    );
    let login =
        app.item(&Key::credentials(&Email::parse("new@example.com").unwrap())).await.unwrap();
    assert_eq!(login["user_id"], 2);
}

#[tokio::test]
async fn each_condition_of_create_fails_alone_and_nothing_is_written() {
    let app = TestApp::new().await;
    let admin = admin(&app).await;
    let before = app.items().await;
    for (number, email, numbers, expected) in [
        (1, "new@example.com", &[][..], Conflict::UserIdTaken),
        (2, "ADA@example.com", &[], Conflict::EmailTaken),
        (2, "new@example.com", &[77], Conflict::UnknownGroup(GroupId::try_from(77).unwrap())),
        (1, "ada@example.com", &[77], Conflict::UserIdTaken),
    ] {
        let new = new_user(&app, number, email, groups(numbers));
        let result =
            app.store().create_user(&admin, &new, &InitialCredentials::None, &context(&app)).await;
        assert_eq!(conflict(result), expected);
    }
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn ids_come_from_the_counter() {
    let app = TestApp::new().await;
    let admin = admin(&app).await;
    assert_eq!(app.store().next_user_id(&admin).await.unwrap(), id(2));
    assert_eq!(app.store().next_user_id(&admin).await.unwrap(), id(3));
}

#[tokio::test]
async fn an_existing_group_can_be_joined() {
    let app = TestApp::new().await;
    let number = app.group("Analysts").await;
    let group = GroupId::try_from(number).unwrap();
    let new = new_user(&app, 2, "new@example.com", groups(&[number]));
    app.store()
        .create_user(&admin(&app).await, &new, &InitialCredentials::None, &context(&app))
        .await
        .unwrap();
    assert!(user(&app, 2).await.groups.contains(group));

    app.remove(&Key::group(group)).await;
    let patch = UserPatch { groups: Some(groups(&[number])), ..UserPatch::default() };
    let result =
        app.store().update_user(&access(&app, 1).await, patch.clone(), &context(&app)).await;
    assert_eq!(conflict(result), Conflict::UnknownGroup(group));
    app.store().update_user(&access(&app, 2).await, patch, &context(&app)).await.unwrap();
}

#[tokio::test]
async fn an_update_from_a_stale_read_applies_to_the_current_user() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    let stale = access(&app, 2).await;
    app.store()
        .update_user(&access(&app, 2).await, to_email("jd@example.com"), &context(&app))
        .await
        .unwrap();

    let after = app.store().update_user(&stale, promotion(true), &context(&app)).await.unwrap();

    assert!(after.is_superuser());
    assert_eq!(after.email.as_str(), "jd@example.com");
    assert_eq!(after.version, 3);
    assert_eq!(user(&app, 2).await, after);
}

#[tokio::test]
async fn an_update_with_if_match_does_not_apply_to_another_version() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    let pinned = access_if_match(&app, 2, "\"2.1.x\"").await;
    app.store()
        .update_user(&access(&app, 2).await, to_email("jd@example.com"), &context(&app))
        .await
        .unwrap();
    let before = app.items().await;
    app.meter.take();

    let result = app.store().update_user(&pinned, promotion(true), &context(&app)).await;

    assert_eq!(conflict(result), Conflict::PreconditionFailed);
    assert_eq!(app.meter.take(), ["TransactWriteItems"], "no second read");
    assert_eq!(app.items().await, before);
    let moved =
        app.store().update_user(&pinned, to_email("joan@example.com"), &context(&app)).await;
    assert_eq!(conflict(moved), Conflict::PreconditionFailed, "the attempt has moved, too");
}

#[tokio::test]
async fn a_link_with_if_match_is_not_issued_for_another_version() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    let now = app.call("", 0).now();
    let pinned = access_if_match(&app, 2, "\"2.1.x\"").await;
    let free = access(&app, 2).await;
    app.store().update_user(&free, to_email("jd@example.com"), &context(&app)).await.unwrap();
    let before = app.items().await;
    let reset = NewPasswordReset::new(pinned.user(), now).unwrap();

    let result = app.store().issue_password_reset(&pinned, &reset, &context(&app)).await;

    assert_eq!(conflict(result), Conflict::PreconditionFailed);
    assert_eq!(app.items().await, before);
    app.store().issue_password_reset(&free, &reset, &context(&app)).await.unwrap();
}

#[tokio::test]
async fn an_owner_who_repeats_outdated_groups_is_forbidden() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let (caller, target) = app.call(&jane.session, 2).authenticate_active(PathUser).await.unwrap();
    let own = caller.self_or_admin(target).unwrap();
    app.store().update_user(&access(&app, 2).await, promotion(true), &context(&app)).await.unwrap();

    let repeated =
        UserPatch { groups: Some(groups(&[1])), first_name: Change::Clear, ..UserPatch::default() };
    let result = app.store().update_user(&own, repeated, &context(&app)).await;

    assert!(matches!(result, Err(WriteError::Domain(DomainError::Forbidden))), "{result:?}");
    assert!(user(&app, 2).await.is_superuser());
}

#[tokio::test]
async fn an_update_of_a_concurrently_deactivated_user_is_not_found() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    let stale = access(&app, 2).await;
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);

    let result = app.store().update_user(&stale, promotion(true), &context(&app)).await;

    assert!(matches!(result, Err(WriteError::Domain(DomainError::NotFound))), "{result:?}");
}

#[tokio::test]
async fn an_update_gives_up_after_repeated_conflicts() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    let access = access(&app, 2).await;
    app.remove(&Key::user(id(2))).await;
    let result = app.store().update_user(&access, promotion(true), &context(&app)).await;
    assert_eq!(conflict(result), Conflict::StaleUser);
}

#[tokio::test]
async fn a_change_to_a_taken_email_address_changes_nothing() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    let before = app.items().await;

    let result = app
        .store()
        .update_user(&access(&app, 2).await, to_email("ada@example.com"), &context(&app))
        .await;

    assert_eq!(conflict(result), Conflict::EmailTakenOnUpdate);
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn a_change_from_credentials_of_another_user_fails() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    let login = Key::credentials(&Email::parse("jane.doe@example.com").unwrap());
    app.set_number(&login, "user_id", 1).await;
    let before = app.items().await;

    let result = app
        .store()
        .update_user(&access(&app, 2).await, to_email("jd@example.com"), &context(&app))
        .await;

    assert_eq!(conflict(result), Conflict::StaleCredentials);
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn the_last_administrator_can_be_neither_demoted_nor_deactivated() {
    let app = TestApp::new().await;
    let (access, admin) = (access(&app, 1).await, admin(&app).await);
    let before = app.items().await;

    let demoted = app.store().update_user(&access, promotion(false), &context(&app)).await;
    assert_eq!(conflict(demoted), Conflict::LastAdmin);
    let deactivated = app.store().deactivate(&admin, &access, &context(&app)).await;
    assert_eq!(conflict(deactivated), Conflict::LastAdmin);
    let anonymized = app.store().anonymize(&admin, &access, &context(&app)).await;
    assert_eq!(conflict(anonymized), Conflict::LastAdmin);
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn deactivation_with_foreign_credentials_fails() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    let login = Key::credentials(&Email::parse("jane.doe@example.com").unwrap());
    app.set_number(&login, "generation", 9).await;
    let before = app.items().await;

    let jane = access(&app, 2).await;
    let admin = admin(&app).await;
    let deactivated = app.store().deactivate(&admin, &jane, &context(&app)).await;
    assert_eq!(conflict(deactivated), Conflict::StaleCredentials);
    let anonymized = app.store().anonymize(&admin, &jane, &context(&app)).await;
    assert_eq!(conflict(anonymized), Conflict::StaleCredentials);
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn anonymization_replaces_the_credentials_and_drops_the_password() {
    let app = TestApp::new().await;
    let jane = app.second_admin("jane").await;
    let admin = admin(&app).await;

    app.store().anonymize(&admin, &access(&app, 2).await, &context(&app)).await.unwrap();

    let credentials_key = Key::credentials(&Email::anonymized(id(2)));
    let expected = serde_json::json!({
        "pk": "LOGIN#anonymized-2@anonymized.invalid", "sk": "LOGIN", "user_id": 2,
        "email": "anonymized-2@anonymized.invalid", "enabled": false, "generation": 1,
    });
    assert_eq!(app.item(&credentials_key).await, Some(expected));
    assert_eq!(app.item(&Key::credentials(&Email::parse(&jane.email).unwrap())).await, None);
    assert_eq!(app.item(&Key::admins()).await.unwrap()["ids"], serde_json::json!([1]));
    assert_eq!(app.item(&Key::user(id(2))).await.unwrap()["list_pk"], "USERS#inactive");
}

#[tokio::test]
async fn deactivation_and_reactivation_update_credentials_counts_and_list() {
    let app = TestApp::new().await;
    app.second_admin("jane").await;
    let admin = admin(&app).await;
    let login = Key::credentials(&Email::parse("jane@example.com").unwrap());

    app.store().deactivate(&admin, &access(&app, 2).await, &context(&app)).await.unwrap();
    assert_eq!(app.item(&login).await.unwrap()["enabled"], false);
    assert_eq!(app.item(&Key::admins()).await.unwrap()["ids"], serde_json::json!([1]));
    assert_eq!(app.item(&Key::user(id(2))).await.unwrap()["list_pk"], "USERS#inactive");

    app.store().reactivate(&admin, &access(&app, 2).await, &context(&app)).await.unwrap();
    assert_eq!(app.item(&login).await.unwrap()["enabled"], true);
    assert_eq!(app.item(&Key::admins()).await.unwrap()["ids"], serde_json::json!([1]));
    assert_eq!(app.item(&Key::user(id(2))).await.unwrap()["list_pk"], "USERS#active");
}
