//! `/api/permissions/membership`

use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{Request, TestApp};

use crate::support::{get_user, membership};

const PATH: &str = "/api/permissions/membership";

fn send(app: &TestApp, method: &str, path: &str) -> Request {
    app.request(method, &format!("{PATH}{path}")).session(&app.admin.session)
}

fn join(app: &TestApp, user: u64, group: u64) -> Request {
    send(app, "POST", "").json(&json!({ "user_id": user, "group_id": group }))
}

fn leave(app: &TestApp, user: u64, group: u64) -> Request {
    send(app, "DELETE", &format!("/{}", membership(user, group)))
}

/// A service with the IDs of Jane and of a group without members.
async fn fixture_with(dialect: Dialect) -> (TestApp, u64, u64) {
    let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
    let group = app.group("Analysts").await;
    let jane = app.user_with_session("jane").await.id;
    (app, jane, group)
}

async fn fixture() -> (TestApp, u64, u64) {
    fixture_with(Dialect::Documented).await
}

async fn groups(app: &TestApp, user: u64) -> Value {
    get_user(app, user).await["user_group_memberships"].take()
}

#[tokio::test]
async fn are_listed_by_user_in_any_state() {
    let (app, jane, group) = fixture().await;
    join(&app, jane, group).send().await.expect_status(200);
    app.delete(&format!("/api/user/{jane}"))
        .session(&app.admin.session)
        .send()
        .await
        .expect_status(200);
    let item = |user: u64, group: u64| {
        json!({
            "membership_id": membership(user, group), "group_id": group, "user_id": user,
            "is_group_manager": false,
        })
    };
    let expected = json!({
        "1": [item(1, 1), item(1, 2)],
        jane.to_string(): [item(jane, 1), item(jane, group)],
    });
    assert_eq!(send(&app, "GET", "").send().await.status_and_body(), (200, expected));
}

#[tokio::test]
async fn are_created_and_deleted() {
    let (app, jane, group) = fixture().await;
    let members = join(&app, jane, group).send().await.expect_status(200);
    let expected = json!([{
        "id": jane, "user_id": jane, "membership_id": membership(jane, group),
        "group_id": group, "first_name": "jane", "last_name": "Test",
        "common_name": "jane Test", "email": "jane@example.com",
        "is_superuser": false, "type": "personal",
    }]);
    assert_eq!(members, expected);
    assert_eq!(groups(&app, jane).await, json!([{ "id": 1 }, { "id": group }]));
    join(&app, jane, group).send().await.expect_status(400);

    leave(&app, jane, group).send().await.expect_status(204);
    assert_eq!(groups(&app, jane).await, json!([{ "id": 1 }]));
    app.meter.take();
    leave(&app, jane, group).send().await.expect_status(404);
    assert_eq!(app.meter.take(), ["BatchGetItem"], "no write is attempted");
}

#[tokio::test]
async fn of_administrators_are_the_same_as_their_rights() {
    let (app, jane, _) = fixture().await;
    let members = join(&app, jane, 2).send().await.expect_status(200);
    assert_eq!(members.as_array().unwrap().len(), 2);
    assert_eq!(get_user(&app, jane).await["is_superuser"], true);
    leave(&app, jane, 2).send().await.expect_status(204);
    assert_eq!(get_user(&app, jane).await["is_superuser"], false);
    let last = "You cannot remove the last member of the 'Admin' group!";
    assert_eq!(leave(&app, 1, 2).send().await.status_and_body(), (400, json!({ "error": last })));
}

#[tokio::test]
async fn of_all_users_cannot_change() {
    let (app, jane, _) = fixture().await;
    let error = json!({ "error": "You cannot add or remove users to/from the 'All Users' group." });
    assert_eq!(join(&app, jane, 1).send().await.status_and_body(), (400, error.clone()));
    assert_eq!(leave(&app, jane, 1).send().await.status_and_body(), (400, error.clone()));
    assert_eq!(send(&app, "PUT", "/1/clear").send().await.status_and_body(), (400, error));
    assert_eq!(groups(&app, jane).await, json!([{ "id": 1 }]));
}

#[tokio::test]
async fn of_deactivated_users_can_change() {
    let (app, jane, group) = fixture().await;
    app.delete(&format!("/api/user/{jane}"))
        .session(&app.admin.session)
        .send()
        .await
        .expect_status(200);
    assert_eq!(join(&app, jane, group).send().await.expect_status(200), json!([]));
    assert_eq!(groups(&app, jane).await, json!([{ "id": 1 }, { "id": group }]));
    leave(&app, jane, group).send().await.expect_status(204);
}

#[tokio::test]
async fn need_a_user_and_a_group() {
    let (app, jane, group) = fixture().await;
    let errors = |field: &str| {
        let sentence = format!("There is no resource with the ID in {field}.");
        json!({ "error": format!("Invalid value for {field}."), "errors": { field: sentence } })
    };
    assert_eq!(join(&app, 99, group).send().await.status_and_body(), (400, errors("user_id")));
    assert_eq!(join(&app, jane, 99).send().await.status_and_body(), (400, errors("group_id")));
    for body in [json!({}), json!({ "user_id": 0, "group_id": group.to_string() })] {
        let response = send(&app, "POST", "").json(&body).send().await;
        let integer = "value must be an integer greater than zero.";
        assert_eq!(
            response.expect_status(400)["errors"],
            json!({ "user_id": integer, "group_id": integer })
        );
    }
    let not_a_member = format!("/{}", membership(jane, group));
    for path in ["/1", &not_a_member, "/9223372036854775807"] {
        send(&app, "DELETE", path).send().await.expect_status(404);
    }
    send(&app, "DELETE", "/x").send().await.expect_status(400);
}

#[tokio::test]
async fn with_group_managers_are_a_paid_feature() {
    let (app, jane, group) = fixture().await;
    let manager = json!({ "user_id": jane, "group_id": group, "is_group_manager": true });
    send(&app, "POST", "").json(&manager).send().await.expect_status(402);
    assert_eq!(groups(&app, jane).await, json!([{ "id": 1 }]));
    let path = format!("/{}", membership(jane, group));
    let put = |body: Value| send(&app, "PUT", &path).json(&body).send();
    let result = put(json!({ "is_group_manager": true })).await.expect_status(402);
    assert!(result["error"].as_str().unwrap().contains("advanced-permissions"));
    put(json!({})).await.expect_status(400);
}

#[tokio::test]
async fn of_a_group_can_be_cleared() {
    let (app, jane, _) = fixture().await;
    let group = app.group_over_batch_size("everybody").await;
    join(&app, jane, group).send().await.expect_status(200);
    send(&app, "PUT", &format!("/{group}/clear")).send().await.expect_status(204);
    assert_eq!(groups(&app, jane).await, json!([{ "id": 1 }]));
    let group_request =
        app.get(&format!("/api/permissions/group/{group}")).session(&app.admin.session);
    assert_eq!(group_request.send().await.expect_status(200)["members"], json!([]));
    let listed = app.get("/api/permissions/group").session(&app.admin.session).send().await;
    let listed = listed.expect_status(200);
    let count = listed.as_array().unwrap().iter().find(|item| item["id"] == group).unwrap();
    assert_eq!(count["member_count"], 0);
    join(&app, jane, group).send().await.expect_status(200);
    assert_eq!(
        send(&app, "PUT", "/2/clear").send().await.status_and_body(),
        (400, json!({ "error": "Invalid Request." }))
    );
    send(&app, "PUT", "/99/clear").send().await.expect_status(404);
}

#[tokio::test]
async fn are_limited_per_user() {
    let (app, jane, group) = fixture().await;
    let mut created = Vec::new();
    for number in 0..44 {
        created.push(app.group(&format!("Group {number}")).await);
    }
    let put = |groups: &[u64]| {
        let body = json!({ "group_ids": groups });
        app.put(&format!("/api/user/{jane}")).session(&app.admin.session).json(&body)
    };
    put(&created[..43]).send().await.expect_status(200);
    let sentence =
        "a user can be in at most 44 groups, and at most 44 memberships can change at once.";
    let result = join(&app, jane, group).send().await.expect_status(400);
    assert_eq!(result["errors"]["group_ids"], sentence);
    let result = put(&[group]).send().await;
    assert_eq!(result.status, 200, "{}", result.body);
    put(&created[1..44]).send().await.expect_status(200);
}

#[tokio::test]
async fn have_the_errors_of_metabase() {
    let (app, jane, group) = fixture_with(Dialect::Metabase).await;
    let lenient = json!({ "user_id": jane.to_string(), "group_id": group.to_string() });
    send(&app, "POST", "").json(&lenient).send().await.expect_status(200);
    let all_users = "You cannot add or remove users to/from the 'All Users' group.";
    assert_eq!(join(&app, jane, 1).send().await.status_and_body(), (400, json!(all_users)));
    let unknown = "Cannot add non-tenant user to tenant-group or vice versa";
    assert_eq!(join(&app, jane, 99).send().await.status_and_body(), (400, json!(unknown)));
    assert_eq!(join(&app, 99, group).send().await.status_and_body(), (400, json!(unknown)));
    assert_eq!(
        send(&app, "PUT", "/2/clear").send().await.status_and_body(),
        (400, json!("Invalid Request."))
    );
    let path = format!("/{}", membership(jane, group));
    let manager =
        send(&app, "PUT", &path).json(&json!({ "is_group_manager": "True" })).send().await;
    assert_eq!(manager.status, 402);
    assert!(manager.body.as_str().unwrap().starts_with("The group manager permissions"));
}
