//! Concurrent requests for groups and memberships.

use serde_json::{Value, json};
use testkit::{Fault, Request, TestApp, TestUser};

use crate::support::{at_once, count, get_user, membership};

const WRITE: &str = "TransactWriteItems";

fn send(app: &TestApp, method: &str, path: &str, body: &Value) -> Request {
    let request = app.request(method, &format!("/api/permissions{path}"));
    request.session(&app.admin.session).json(body)
}

fn create(app: &TestApp, name: &str) -> Request {
    send(app, "POST", "/group", &json!({ "name": name }))
}

fn join(app: &TestApp, user: u64, group: u64) -> Request {
    send(app, "POST", "/membership", &json!({ "user_id": user, "group_id": group }))
}

async fn users(app: &TestApp, count: usize) -> Vec<TestUser> {
    let mut users = Vec::new();
    for number in 0..count {
        users.push(app.user_with_session(&format!("p{number}")).await);
    }
    users
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_creations_with_one_name_create_one_group() {
    let app = TestApp::new().await;
    let names = ["Analysts", "ANALYSTS", "analysts"];
    let responses =
        at_once(names.iter().cycle().take(30).map(|name| create(&app, name)).collect()).await;
    assert_eq!((count(&responses, 200), count(&responses, 400)), (1, 29));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_several_renames_to_one_name_succeeds() {
    let app = TestApp::new().await;
    let ids = [app.group("A").await, app.group("B").await, app.group("C").await];
    let name = json!({ "name": "Wanted" });
    let renames = ids.iter().map(|id| send(&app, "PUT", &format!("/group/{id}"), &name));
    let responses = at_once(renames.chain([create(&app, "wanted")]).collect()).await;
    assert_eq!((count(&responses, 200), count(&responses, 400)), (1, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_concurrent_joins_succeed_and_are_counted() {
    let app = TestApp::new().await;
    let group = app.group("Analysts").await;
    let users = users(&app, 8).await;
    let responses = at_once(users.iter().map(|user| join(&app, user.id, group)).collect()).await;
    assert_eq!(count(&responses, 200), 8);
    app.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_user_who_joins_twice_at_once_is_a_member_once() {
    let app = TestApp::new().await;
    let group = app.group("Analysts").await;
    let jane = app.user_with_session("jane").await.id;
    let responses = at_once((0..5).map(|_| join(&app, jane, group)).collect()).await;
    assert_eq!((count(&responses, 200), count(&responses, 400)), (1, 4));
    let path = format!("/membership/{}", membership(jane, group));
    let leave = || send(&app, "DELETE", &path, &json!({}));
    let responses = at_once((0..5).map(|_| leave()).collect()).await;
    assert_eq!((count(&responses, 204), count(&responses, 404)), (1, 4));
    app.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_member_remains_in_a_group_deleted_during_joins() {
    let app = TestApp::new().await;
    for round in 0..4 {
        let group = app.group(&format!("Group {round}")).await;
        let member = app.user_with_session_in(&format!("in{round}"), &[group]).await;
        let other = app.user_with_session(&format!("out{round}")).await;
        let delete = send(&app, "DELETE", &format!("/group/{group}"), &json!({}));
        let deactivate =
            app.delete(&format!("/api/user/{}", member.id)).session(&app.admin.session);
        let responses = at_once(vec![join(&app, other.id, group), delete, deactivate]).await;
        assert_eq!(count(&responses, 204), 1);
        assert_eq!(count(&responses, 200) + count(&responses, 400), 2);
        app.assert_invariants().await;
        for user in [member.id, other.id] {
            let groups = &get_user(&app, user).await["user_group_memberships"];
            assert_eq!(*groups, json!([{ "id": 1 }]));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_concurrently_deleted_group_is_not_found() {
    let app = TestApp::new().await;
    for round in 0..4 {
        let group = app.group(&format!("Group {round}")).await;
        let path = format!("/group/{group}");
        let name = json!({ "name": format!("Other {round}") });
        let delete = || send(&app, "DELETE", &path, &json!({}));
        let rename = send(&app, "PUT", &path, &name);
        let responses = at_once(vec![delete(), delete(), delete(), rename]).await;
        assert_eq!(count(&responses, 204), 1, "{responses:?}");
        assert!(responses.iter().all(|response| [200, 204, 404].contains(&response.status)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_administrators_who_remove_each_other_leave_one() {
    for _ in 0..5 {
        let app = TestApp::new().await;
        let other = app.user_with_session_in("other", &[2]).await;
        let out = |by: &str, user: u64| {
            let path = format!("/api/permissions/membership/{}", membership(user, 2));
            app.delete(&path).session(by)
        };
        let requests = vec![out(&app.admin.session, other.id), out(&other.session, 1)];
        let responses = at_once(requests).await;
        assert_eq!(count(&responses, 204), 1);
        app.assert_invariants().await;
    }
}

#[tokio::test]
async fn an_interrupted_deletion_hides_the_group_and_a_retry_finishes_it() {
    let app = TestApp::new().await;
    let group = app.group_over_batch_size("everybody").await;
    app.faults.sequence(6, [Fault::Failed; 3]);
    let delete = || send(&app, "DELETE", &format!("/group/{group}"), &json!({}));
    delete().send().await.expect_status(503);
    app.assert_invariants().await;
    send(&app, "GET", &format!("/group/{group}"), &json!({})).send().await.expect_status(404);
    join(&app, 1, group).send().await.expect_status(400);
    let listed = send(&app, "GET", "/group", &json!({})).send().await.expect_status(200);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    delete().send().await.expect_status(204);
    delete().send().await.expect_status(404);
    app.assert_invariants().await;
}

#[tokio::test]
async fn an_interrupted_clearing_leaves_the_rest_consistent() {
    let app = TestApp::new().await;
    let group = app.group_over_batch_size("everybody").await;
    app.faults.sequence(6, [Fault::Failed; 3]);
    let clear = || send(&app, "PUT", &format!("/membership/{group}/clear"), &json!({}));
    clear().send().await.expect_status(503);
    app.assert_invariants().await;
    clear().send().await.expect_status(204);
    app.assert_invariants().await;
}

#[tokio::test]
async fn a_lost_response_changes_a_group_once() {
    let app = TestApp::new().await;
    let group = app.group("Analysts").await;
    app.faults.push(WRITE, Fault::LostReply, 1);
    join(&app, 1, group).send().await.expect_status(200);
    app.assert_invariants().await;
    app.faults.push(WRITE, Fault::LostReply, 1);
    send(&app, "DELETE", &format!("/group/{group}"), &json!({})).send().await.expect_status(204);
    app.assert_invariants().await;
}
