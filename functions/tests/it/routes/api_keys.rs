//! `/api/api-key`, and requests with an API key.

use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{Request, TestApp, TestResponse};

use crate::support::{NOW, at_once, count};

const PATH: &str = "/api/api-key";

fn send(app: &TestApp, method: &str, path: &str) -> Request {
    app.request(method, &format!("{PATH}{path}")).session(&app.admin.session)
}

fn create_request(app: &TestApp, name: &str, group: u64) -> Request {
    send(app, "POST", "").json(&json!({ "name": name, "group_id": group }))
}

/// Creates an API key and returns its ID and its secret.
async fn create(app: &TestApp, name: &str, group: u64) -> (u64, String) {
    let key = create_request(app, name, group).send().await.expect_status(200);
    (key["id"].as_u64().unwrap(), secret(&key))
}

fn secret(key: &Value) -> String {
    key["unmasked_key"].as_str().unwrap().to_owned()
}

async fn current(app: &TestApp, key: &str) -> TestResponse {
    app.get("/api/user/current").header("x-api-key", key).send().await
}

#[tokio::test]
async fn are_shown_once_and_then_masked() {
    let app = TestApp::new().await;
    let group = app.group("Robots").await;
    let mut key = create_request(&app, " Nightly sync ", group).send().await.expect_status(200);
    let secret = secret(&key);
    assert!(secret.starts_with("mb_"));
    key.as_object_mut().unwrap().remove("unmasked_key");
    let mut expected = json!({
        "id": 2, "name": "Nightly sync", "group": { "id": group, "name": "Robots" },
        "masked_key": format!("{}{}", &secret[..7], "*".repeat(20)),
        "created_at": NOW, "updated_at": NOW,
        "updated_by": { "id": 1, "common_name": "Ada Admin" }, "expires_at": null,
    });
    assert_eq!(key, expected);
    for (name, value) in [
        ("owner", json!({ "id": 1, "common_name": "Ada Admin", "is_active": true })),
        ("is_active", json!(true)),
        ("inactive_since", json!(null)),
        ("last_used_at", json!(null)),
    ] {
        expected[name] = value;
    }
    assert_eq!(send(&app, "GET", "").send().await.status_and_body(), (200, json!([expected])));
    assert_eq!(send(&app, "GET", "/count").send().await.status_and_body(), (200, json!(1)));
    let items = json!(app.items().await.into_values().collect::<Vec<_>>()).to_string();
    assert!(!items.contains(&secret[3..]));
}

#[tokio::test]
async fn have_a_service_account() {
    let app = TestApp::new().await;
    let (id, key) = create(&app, "Robot", 1).await;
    let user = current(&app, &key).await.expect_status(200);
    assert_eq!((&user["id"], &user["common_name"]), (&json!(id), &json!("Robot")));
    assert_eq!(user["is_superuser"], false);
    let email = user["email"].as_str().unwrap();
    assert!(email.starts_with("api-key-user-") && email.ends_with("@api-key.invalid"), "{email}");
    let with_key = |method: &str, path: &str| app.request(method, path).header("X-API-KEY", &key);
    with_key("GET", "/api/user/1").send().await.expect_status(403);
    with_key("GET", "/api/user/recipients").send().await.expect_status(200);
    with_key("GET", &format!("/api/user/{id}")).send().await.expect_status(200);
    with_key("DELETE", "/api/session").send().await.expect_status(404);
    with_key("PUT", &format!("/api/user/{id}"))
        .json(&json!({ "first_name": "X" }))
        .send()
        .await
        .expect_status(404);
    with_key("PUT", &format!("/api/user/{id}/modal/qbnewb")).send().await.expect_status(404);
    let password = json!({ "password": "x", "new_password": "an0ther secret" });
    with_key("PUT", &format!("/api/user/{id}/password"))
        .json(&password)
        .send()
        .await
        .expect_status(404);
}

#[tokio::test]
async fn have_the_rights_of_their_group() {
    let app = TestApp::new().await;
    let (_, key) = create(&app, "Robot", 2).await;
    assert_eq!(current(&app, &key).await.expect_status(200)["is_superuser"], true);
    app.get("/api/user/1").header("x-api-key", &key).send().await.expect_status(200);
    let body = json!({ "name": "Created by a key" });
    let group = app.post("/api/permissions/group").header("x-api-key", &key).json(&body);
    group.send().await.expect_status(200);
    app.assert_invariants().await;
    let last = app.delete("/api/user/1").session(&app.admin.session).send().await;
    assert_eq!(last.status, 400, "an API key is not a remaining administrator");
}

#[tokio::test]
async fn are_in_no_user_list_and_are_no_user() {
    let app = TestApp::new().await;
    let group = app.group("Robots").await;
    let (id, _) = create(&app, "Robot", group).await;
    let get = |path: &str| app.get(path).session(&app.admin.session).send();
    for path in ["/api/user?status=all", "/api/user/recipients"] {
        assert_eq!(get(path).await.expect_status(200).as_array().unwrap().len(), 1, "{path}");
    }
    assert_eq!(get("/api/user?limit=5").await.expect_status(200)["total"], 1);
    for (method, path) in
        [("GET", ""), ("DELETE", ""), ("PUT", "/reactivate"), ("PUT", "/modal/qbnewb")]
    {
        let request = app.request(method, &format!("/api/user/{id}{path}"));
        request.session(&app.admin.session).send().await.expect_status(404);
    }
    app.assert_invariants().await;
}

/// ID and type of the members of a group.
async fn members(app: &TestApp, group: u64) -> Vec<(u64, String)> {
    let path = format!("/api/permissions/group/{group}");
    let view = app.get(&path).session(&app.admin.session).send().await.expect_status(200);
    let member = |one: &Value| (one["id"].as_u64().unwrap(), one["type"].as_str().unwrap().into());
    view["members"].as_array().unwrap().iter().map(member).collect()
}

/// Group ID and `member_count` of all groups.
async fn counts(app: &TestApp) -> Vec<(u64, u64)> {
    let groups = app.get("/api/permissions/group").session(&app.admin.session).send().await;
    let groups = groups.expect_status(200);
    let number = |one: &Value, name: &str| one[name].as_u64().unwrap();
    let counts = groups.as_array().unwrap().iter();
    let mut counts: Vec<_> =
        counts.map(|one| (number(one, "id"), number(one, "member_count"))).collect();
    counts.sort_unstable();
    counts
}

#[tokio::test]
async fn are_members_of_their_groups() {
    let app = TestApp::new().await;
    let group = app.group("Robots").await;
    let (robot, _) = create(&app, "Robot", group).await;
    let (admin, _) = create(&app, "Admin robot", 2).await;
    let key = |id: u64| (id, "api-key".to_owned());
    let person = (1, "personal".to_owned());

    assert_eq!(members(&app, group).await, [key(robot)]);
    let mut administrators = members(&app, 2).await;
    administrators.sort();
    assert_eq!(administrators, [person.clone(), key(admin)]);
    let mut everyone = members(&app, 1).await;
    everyone.sort();
    assert_eq!(everyone, [person, key(robot), key(admin)]);
    assert_eq!(counts(&app).await, [(1, 3), (2, 2), (group, 1)]);

    let memberships = app.get("/api/permissions/membership").session(&app.admin.session).send();
    let memberships = memberships.await.expect_status(200);
    let groups_of = |id: u64| {
        let list = memberships[id.to_string()].as_array().unwrap().iter();
        list.map(|one| one["group_id"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(groups_of(robot), [1, group]);
    assert_eq!(groups_of(admin), [1, 2]);

    app.delete(&format!("{PATH}/{robot}")).session(&app.admin.session).send().await;
    assert_eq!(members(&app, group).await, []);
    assert_eq!(counts(&app).await, [(1, 2), (2, 2), (group, 0)]);
    app.assert_invariants().await;
}

#[tokio::test]
async fn are_valid_only_while_their_creator_is_an_administrator() {
    let app = TestApp::new().await;
    let other = app.user_with_session_in("other", &[2]).await;
    let body = json!({ "name": "Robot", "group_id": 2 });
    let key = app.post(PATH).session(&other.session).json(&body).send().await.expect_status(200);
    let key = secret(&key);
    current(&app, &key).await.expect_status(200);
    let path = format!("/api/user/{}", other.id);
    let demote = json!({ "is_superuser": false });
    app.put(&path).session(&app.admin.session).json(&demote).send().await.expect_status(200);
    current(&app, &key).await.expect_status(401);
    let promote = json!({ "is_superuser": true });
    app.put(&path).session(&app.admin.session).json(&promote).send().await.expect_status(200);
    current(&app, &key).await.expect_status(200);
    app.delete(&path).session(&app.admin.session).send().await.expect_status(200);
    current(&app, &key).await.expect_status(401);
}

#[tokio::test]
async fn created_by_api_keys_have_the_same_responsible_user() {
    let app = TestApp::new().await;
    let (_, first) = create(&app, "First", 2).await;
    let body = json!({ "name": "Second", "group_id": 1 });
    let second =
        app.post(PATH).header("x-api-key", &first).json(&body).send().await.expect_status(200);
    current(&app, &secret(&second)).await.expect_status(200);
    assert_eq!(second["updated_by"]["common_name"], "First");
}

#[tokio::test]
async fn are_ignored_with_a_valid_session() {
    let app = TestApp::new().await;
    let (id, key) = create(&app, "Robot", 1).await;
    let jane = app.user_with_session("jane").await;
    let both = |session: &str, key: &str| {
        app.get("/api/user/current").session(session).header("x-api-key", key).send()
    };
    assert_eq!(both(&jane.session, &key).await.expect_status(200)["id"], jane.id);
    assert_eq!(both("garbage", &key).await.expect_status(200)["id"], id);
    assert_eq!(both(&jane.session, "mb_garbage").await.expect_status(200)["id"], jane.id);
    both("garbage", "mb_garbage").await.expect_status(401);
    current(&app, "").await.expect_status(401);
}

#[tokio::test]
async fn can_change_name_and_group() {
    let app = TestApp::new().await;
    let robots = app.group("Robots").await;
    let (id, key) = create(&app, "Robot", robots).await;
    create(&app, "Other", 1).await;
    let put = |body: Value| send(&app, "PUT", &format!("/{id}")).json(&body).send();
    let renamed = put(json!({ "name": "ROBOT" })).await.expect_status(200);
    assert_eq!((&renamed["name"], &renamed["group"]["id"]), (&json!("ROBOT"), &json!(robots)));
    let moved = put(json!({ "name": "Machine", "group_id": 2 })).await.expect_status(200);
    assert_eq!(moved["group"], json!({ "id": 2, "name": "Administrators" }));
    let user = current(&app, &key).await.expect_status(200);
    assert_eq!((&user["common_name"], &user["is_superuser"]), (&json!("Machine"), &json!(true)));
    let taken = "An API key with this name already exists.";
    assert_eq!(
        put(json!({ "name": "OTHER" })).await.expect_status(400)["errors"],
        json!({ "name": taken })
    );
    put(json!({ "name": "" })).await.expect_status(400);
    assert_eq!(put(json!({ "group_id": 99 })).await.status, 400);
    assert_eq!(put(json!({})).await.expect_status(200)["name"], "Machine");
    send(&app, "PUT", "/99").json(&json!({ "name": "X" })).send().await.expect_status(404);
    send(&app, "PUT", "/1").json(&json!({ "name": "X" })).send().await.expect_status(404);
    create(&app, "Robot", 1).await;
    app.assert_invariants().await;
}

#[tokio::test]
async fn can_be_regenerated() {
    let app = TestApp::new().await;
    let (id, old) = create(&app, "Robot", 1).await;
    let regenerated =
        send(&app, "PUT", &format!("/{id}/regenerate")).send().await.expect_status(200);
    let new = secret(&regenerated);
    assert_eq!(regenerated["id"], id);
    assert_ne!(old, new);
    current(&app, &old).await.expect_status(401);
    assert_eq!(current(&app, &new).await.expect_status(200)["id"], id);
    send(&app, "PUT", "/99/regenerate").send().await.expect_status(404);
    app.assert_invariants().await;
}

#[tokio::test]
async fn can_be_deleted() {
    let app = TestApp::new().await;
    let group = app.group("Robots").await;
    let (id, key) = create(&app, "Robot", group).await;
    send(&app, "DELETE", &format!("/{id}")).send().await.expect_status(204);
    current(&app, &key).await.expect_status(401);
    send(&app, "DELETE", &format!("/{id}")).send().await.expect_status(404);
    assert_eq!(send(&app, "GET", "").send().await.expect_status(200), json!([]));
    create(&app, "Robot", group).await;
    app.assert_invariants().await;
}

#[tokio::test]
async fn outlive_their_group_without_its_rights() {
    let app = TestApp::new().await;
    let group = app.group("Robots").await;
    let (_, key) = create(&app, "Robot", group).await;
    let path = format!("/api/permissions/group/{group}");
    app.delete(&path).session(&app.admin.session).send().await.expect_status(204);
    assert_eq!(current(&app, &key).await.expect_status(200)["group_ids"], json!([1]));
    let keys = send(&app, "GET", "").send().await.expect_status(200);
    assert_eq!(keys[0]["group"], json!({ "id": 1, "name": "All Users" }));
    app.assert_invariants().await;
}

#[tokio::test]
async fn need_a_name_and_a_group() {
    let app = TestApp::new().await;
    create(&app, "Robot", 1).await;
    let taken = create_request(&app, "ROBOT", 1).send().await.expect_status(400);
    let message = "An API key with this name already exists.";
    assert_eq!(taken["errors"], json!({ "name": message }));
    let errors = send(&app, "POST", "").json(&json!({})).send().await.expect_status(400);
    let expected = json!({
        "name": "value must be a non-blank string.",
        "group_id": "value must be an integer greater than zero.",
    });
    assert_eq!(errors["errors"], expected);
    assert_eq!(create_request(&app, "Other", 99).send().await.status, 400);
}

#[tokio::test]
async fn have_the_errors_of_metabase() {
    let app = TestApp::with(Settings { dialect: Dialect::Metabase, ..Settings::default() }).await;
    create(&app, "Robot", 1).await;
    let message = "An API key with this name already exists.";
    let taken = create_request(&app, "robot", 1).send().await;
    assert_eq!(taken.status_and_body(), (400, json!({ "errors": { "name": message } })));
    let lenient = json!({ "name": "Other", "group_id": "1" });
    send(&app, "POST", "").json(&lenient).send().await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_one_name_are_created_once() {
    let app = TestApp::new().await;
    let responses = at_once((0..10).map(|_| create_request(&app, "Robot", 1)).collect()).await;
    assert_eq!((count(&responses, 200), count(&responses, 400)), (1, 9));
    app.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn change_completely_or_not_at_all() {
    let app = TestApp::new().await;
    let group = app.group("Robots").await;
    for round in 0..4 {
        let (id, _) = create(&app, &format!("Robot {round}"), group).await;
        let rename = json!({ "name": format!("Machine {round}"), "group_id": 2 });
        let requests = vec![
            send(&app, "PUT", &format!("/{id}")).json(&rename),
            send(&app, "PUT", &format!("/{id}/regenerate")),
            send(&app, "DELETE", &format!("/{id}")),
        ];
        let responses = at_once(requests).await;
        assert_eq!(count(&responses, 204), 1);
        assert_eq!(count(&responses, 200) + count(&responses, 404), 2);
        app.assert_invariants().await;
    }
    assert_eq!(send(&app, "GET", "/count").send().await.status_and_body(), (200, json!(0)));
}

#[tokio::test]
async fn have_reserved_email_addresses_without_password() {
    let app = TestApp::new().await;
    let (id, key) = create(&app, "Robot", 1).await;
    let email = current(&app, &key).await.expect_status(200)["email"].clone();
    let body = json!({
        "email": email, "first_name": "J", "last_name": "D", "password": "unc0mmon pw",
    });
    let taken = app.post("/api/user").session(&app.admin.session).json(&body).send().await;
    assert_eq!(taken.status, 400);
    let path = format!("/api/user/{id}/password");
    let body = json!({ "password": "x", "new_password": "an0ther secret" });
    app.put(&path).header("x-api-key", &key).json(&body).send().await.expect_status(404);
    let list = app.get("/api/user").header("x-api-key", &key).send().await;
    assert_eq!(list.expect_status(200), json!([]));
}

#[tokio::test]
async fn names_that_look_the_same_are_the_same() {
    let app = TestApp::new().await;
    create(&app, "Nightly sync", 1).await;
    let post = |name: &str| {
        let body = json!({ "name": name, "group_id": 1 });
        app.post(PATH).session(&app.admin.session).json(&body).send()
    };
    for name in ["nightly\u{2003}sync", "Nightly   sync"] {
        let taken = post(name).await.expect_status(400);
        assert_eq!(taken["errors"]["name"], "An API key with this name already exists.");
    }
    for name in ["Nightly\u{2060} sync", "\u{200f}Nightly sync", "\u{2800}\u{2800}"] {
        let invisible = post(name).await.expect_status(400);
        assert_eq!(invisible["errors"]["name"], "value must be a non-blank string.", "{name:?}");
    }
}
