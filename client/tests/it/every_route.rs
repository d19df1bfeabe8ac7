//! Every method calls the operation of its name, and the service accepts the request.

use std::{collections::BTreeSet, pin::pin};

use client::{
    ApiKeyChanges, AuditQuery, Change, Client, Error, GroupId, Modal, NewApiKey, NewUser,
    PermissionsGraph, SetupRequest, UserChanges, UserId, UserQuery, operations,
};
use futures_util::{Stream, TryStreamExt};
use secrecy::{ExposeSecret, SecretString};
use testkit::{ADMIN_EMAIL, PASSWORD, SETUP_TOKEN, TestApp, TestUser};

use crate::service::Service;

fn password() -> SecretString {
    PASSWORD.into()
}

pub(crate) async fn collect<T>(stream: impl Stream<Item = Result<T, Error>>) -> Vec<T> {
    pin!(stream).try_collect().await.unwrap()
}

/// The status of an expected error.
#[track_caller]
fn status<T>(result: Result<T, Error>) -> u16 {
    match result {
        Ok(_) => panic!("no error"),
        Err(error) => error.status().unwrap_or_else(|| panic!("{error}")),
    }
}

async fn call_instance(client: &Client) {
    assert_eq!(client.health().await.unwrap().status, "ok");
    assert!(client.properties().await.unwrap().has_user_setup);
    assert!(client.settings().await.unwrap().len() > 5);
    client.update_setting("site-name", Some("Examples")).await.unwrap();
    assert_eq!(client.properties().await.unwrap().site_name, "Examples");
    client.update_setting("site-name", None).await.unwrap();
    assert_eq!(status(client.test_email().await), 400);
    assert_eq!(client.openapi().await.unwrap()["openapi"], "3.1.0");
    let graph = client.permissions_graph().await.unwrap();
    assert_eq!(client.group_permissions(GroupId::ALL_USERS).await.unwrap(), graph);
    assert_eq!(client.update_permissions_graph(&graph).await.unwrap(), PermissionsGraph::default());
    let events = collect(client.audit(AuditQuery::default())).await;
    // The clock stands still, so the order is random.
    assert!(events.iter().any(|event| event.action == "setup"));
}

async fn call_groups(client: &Client) {
    let group = client.create_group("Analysts").await.unwrap();
    let renamed = client.rename_group(group.id, "Readers").await.unwrap();
    assert_eq!((renamed.id, renamed.name.as_str()), (group.id, "Readers"));
    let members = client.create_membership(group.id, UserId::new(1)).await.unwrap();
    let membership = members[0].membership_id;
    assert_eq!(client.group(group.id).await.unwrap().members, members);
    let all = collect(client.memberships()).await;
    assert!(all.iter().any(|each| each.membership_id == membership));
    client.delete_membership(membership).await.unwrap();
    assert!(client.group(group.id).await.unwrap().members.is_empty());
    client.create_membership(group.id, UserId::new(1)).await.unwrap();
    client.clear_group(group.id).await.unwrap();
    let groups = collect(client.groups()).await;
    let listed = groups.iter().find(|each| each.group.id == group.id).unwrap();
    assert_eq!(listed.member_count, 0);
    client.delete_group(group.id).await.unwrap();
    assert_eq!(status(client.group(group.id).await), 404);
}

async fn call_api_keys(client: &Client) {
    let (name, group_id) = ("Nightly sync".to_owned(), GroupId::ADMINISTRATORS);
    let new = NewApiKey { name, group_id, expires_at: Some("2026-06-01".to_owned()) };
    let created = client.create_api_key(&new).await.unwrap();
    assert!(created.key.expires_at.is_some());
    let with_key = client.with_api_key(created.secret.clone());
    assert_eq!(with_key.user(UserId::new(1)).await.unwrap().email, ADMIN_EMAIL);
    let renamed = ApiKeyChanges { name: Some("Sync".to_owned()), group_id: None };
    assert_eq!(client.update_api_key(created.key.id, &renamed).await.unwrap().name, "Sync");
    let rotated = client.regenerate_api_key(created.key.id).await.unwrap();
    assert_ne!(rotated.secret.expose_secret(), created.secret.expose_secret());
    assert!(!format!("{rotated:?}").contains(rotated.secret.expose_secret()));
    assert_eq!(status(with_key.user(UserId::new(1)).await), 401);
    assert_eq!(client.api_key_count().await.unwrap(), 1);
    let keys = collect(client.api_keys()).await;
    assert_eq!(keys[0].owner.as_ref().unwrap().id, UserId::new(1));
    client.delete_api_key(created.key.id).await.unwrap();
    assert_eq!(client.api_key_count().await.unwrap(), 0);
}

async fn call_users(client: &Client) {
    let new = NewUser {
        first_name: Some("Grace".to_owned()),
        last_name: Some("Hopper".to_owned()),
        ..NewUser::with_password("Grace@example.com", password())
    };
    let created = client.create_user(&new).await.unwrap();
    let id = created.id;
    let changes = UserChanges {
        locale: Change::Set("de".to_owned()),
        last_name: Change::Clear,
        ..UserChanges::default()
    };
    let updated = client.update_user(id, &changes).await.unwrap();
    assert_eq!((updated.locale.as_deref(), updated.last_name.as_deref()), (Some("de"), None));
    let stale = client.with_if_match(created.etag.as_ref().unwrap());
    assert_eq!(status(stale.update_user(id, &changes).await), 412);
    let fresh = client.with_if_match(updated.etag.as_ref().unwrap());
    assert_eq!(
        fresh.update_user(id, &changes).await.unwrap().value,
        client.user(id).await.unwrap().value
    );
    client.dismiss_modal(id, Modal::NewUser).await.unwrap();
    client.dismiss_modal(id, Modal::Datasets).await.unwrap();
    assert!(!client.send_invite(id).await.unwrap().is_sent);
    client.deactivate_user(id).await.unwrap();
    assert!(client.reactivate_user(id).await.unwrap().is_active);
    let listed = client.user_by_email("GRACE@example.com ").await.unwrap().unwrap();
    assert_eq!(client.users_by_id(&[id]).await.unwrap(), [listed]);
    assert_eq!(client.user_by_email("grace@example.org").await.unwrap(), None);
    assert_eq!(collect(client.users(UserQuery::default())).await.len(), 2);
    assert_eq!(collect(client.recipients()).await.len(), 2);
    assert_eq!(status(client.confirm_email(&"wrong".into()).await), 400);
    assert_eq!(status(client.revert_email(&"wrong".into()).await), 400);
    assert!(client.anonymize_user(id).await.unwrap().email.starts_with("anonymized-"));
}

async fn call_sessions(client: &Client, user: &TestUser) {
    let id = UserId::new(user.id);
    let session = client.login(&user.email, &password()).await.unwrap();
    let own = client.with_session(session);
    assert_eq!(own.current_user().await.unwrap().user.id, id);
    assert_eq!(own.login_history().await.unwrap().len(), 2);
    let sessions = client.sessions(id).await.unwrap();
    let mine = own.sessions(id).await.unwrap().into_iter().find(|session| session.is_current);
    let mine = mine.unwrap().id;
    let other = sessions.iter().find(|session| session.id != mine).unwrap();
    client.revoke_session(id, &other.id).await.unwrap();
    let left = client.sessions(id).await.unwrap();
    assert_eq!(left.iter().map(|session| &session.id).collect::<Vec<_>>(), [&mine]);
    own.logout().await.unwrap();
    assert_eq!(status(own.logout().await), 404);
    client.revoke_sessions(id).await.unwrap();
    client.release_rate_limits(id).await.unwrap();
    assert_eq!(client.sessions(id).await.unwrap(), []);
}

async fn call_passwords(client: &Client, user: &TestUser) {
    let id = UserId::new(user.id);
    client.forgot_password("unknown@example.com").await.unwrap();
    client.check_password(&password()).await.unwrap();
    let error = client.check_password(&"password".into()).await.unwrap_err();
    assert_eq!(error.api().unwrap().fields["password"], "password is too common.");
    let url = client.password_reset_url(id).await.unwrap();
    let token: SecretString = url.expose_secret().rsplit('/').next().unwrap().into();
    assert!(client.is_reset_token_valid(&token).await.unwrap());
    let session = client.reset_password(&token, &"an0ther long one".into()).await.unwrap();
    assert!(!client.is_reset_token_valid(&token).await.unwrap());
    let own = client.with_session(session);
    let current = "an0ther long one".into();
    assert!(own.update_password(id, &password(), Some(&current)).await.unwrap().is_some());
    assert!(client.update_password(id, &password(), None).await.unwrap().is_none());
}

#[tokio::test]
async fn every_method_calls_its_operation() {
    let service = Service::start(TestApp::without_setup().await).await;
    let anyone = service.builder().build().unwrap();
    let setup = SetupRequest {
        token: SETUP_TOKEN.into(),
        email: ADMIN_EMAIL.to_owned(),
        password: password(),
        first_name: Some("Ada".to_owned()),
        last_name: None,
        site_name: None,
    };
    let session = anyone.setup(&setup).await.unwrap();
    let mut service = service;
    session.expose_secret().clone_into(&mut service.app.admin.session);
    let client = anyone.with_session(session);
    let user = service.app.user_with_session("alan").await;
    call_sessions(&client, &user).await;
    call_passwords(&client, &user).await;
    client.deactivate_user(UserId::new(user.id)).await.unwrap();
    call_users(&client).await;
    call_groups(&client).await;
    call_api_keys(&client).await;
    call_instance(&client).await;

    let log = service.log.lock().unwrap();
    let called: BTreeSet<_> = log.iter().map(|(method, path)| operation(method, path)).collect();
    let all: BTreeSet<_> = operations().iter().map(|operation| operation.id).collect();
    assert_eq!(called, all);
}

/// The ID of the operation of a request.
fn operation(method: &str, path: &str) -> &'static str {
    let matches = |template: &str| {
        let (mut actual, mut expected) = (path.split('/'), template.split('/'));
        let all = expected.by_ref().all(|segment| {
            actual.next().is_some_and(|value| value == segment || segment.starts_with('{'))
        });
        all && actual.next().is_none()
    };
    let mut candidates = operations();
    candidates.retain(|operation| operation.method == method && matches(operation.path));
    // A path without parameters wins.
    candidates.sort_by_key(|operation| operation.path.matches('{').count());
    candidates.first().unwrap_or_else(|| panic!("{method} {path}")).id
}
