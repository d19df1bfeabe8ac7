//! The end of API keys: by their owner, by their expiry, and the list that shows it.

use serde_json::{Value, json};
use shared::{auth::api_key::ApiKeyToken, store::Key};
use testkit::{PASSWORD, Request, TestApp, TestUser};

use crate::support::{NOW, api_key_id};

const PATH: &str = "/api/api-key";
const HOUR: i64 = 3_600;

/// A service with a second administrator and an administrators' API key of theirs.
struct Scene {
    app: TestApp,
    owner: TestUser,
    key: String,
}

impl Scene {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let owner = app.user_with_session_in("owner", &[2]).await;
        let key = create(&app, &owner.session, "Robot", Value::Null).await;
        let scene = Self { app, owner, key };
        scene.assert_status(200).await;
        scene
    }

    async fn assert_status(&self, status: u16) {
        current(&self.app, &self.key).send().await.expect_status(status);
    }

    fn by_admin(&self, method: &str, path: &str) -> Request {
        let path = format!("/api/user/{}{path}", self.owner.id);
        self.app.request(method, &path).session(&self.app.admin.session)
    }

    /// Makes the owner an administrator again.
    async fn promote(&self) {
        let body = json!({ "is_superuser": true, "must_change_password": false });
        self.by_admin("PUT", "").json(&body).send().await.expect_status(200);
    }

    /// The API key in the list.
    async fn listed(&self) -> Value {
        list(&self.app).await[0].clone()
    }
}

async fn create(app: &TestApp, session: &str, name: &str, expires_at: Value) -> String {
    let body = json!({ "name": name, "group_id": 2, "expires_at": expires_at });
    let key = app.post(PATH).session(session).json(&body).send().await.expect_status(200);
    key["unmasked_key"].as_str().unwrap().to_owned()
}

fn current(app: &TestApp, key: &str) -> Request {
    app.get("/api/user/current").header("x-api-key", key)
}

async fn list(app: &TestApp) -> Value {
    app.get(PATH).session(&app.admin.session).send().await.expect_status(200)
}

#[tokio::test]
async fn a_key_does_not_come_back_after_the_reactivation_of_its_owner() {
    let scene = Scene::new().await;
    scene.by_admin("DELETE", "").send().await.expect_status(200);
    scene.assert_status(401).await;
    let listed = scene.listed().await;
    let owner = json!({ "id": scene.owner.id, "common_name": "owner Test", "is_active": false });
    assert_eq!((&listed["owner"], &listed["is_active"]), (&owner, &json!(false)));
    assert_eq!(listed["inactive_since"], NOW);
    scene.by_admin("PUT", "/reactivate").send().await.expect_status(200);
    scene.promote().await;
    scene.assert_status(401).await;
    let listed = scene.listed().await;
    assert_eq!(
        (&listed["owner"]["is_active"], &listed["is_active"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(listed["inactive_since"], Value::Null);
    scene.app.assert_invariants().await;
}

#[tokio::test]
async fn a_key_ends_with_all_sessions_of_its_owner() {
    let scene = Scene::new().await;
    let other = create(&scene.app, &scene.owner.session, "Second", Value::Null).await;
    let admins = create(&scene.app, &scene.app.admin.session, "Other owner", Value::Null).await;
    scene.by_admin("DELETE", "/sessions").send().await.expect_status(204);
    scene.assert_status(401).await;
    current(&scene.app, &other).send().await.expect_status(401);
    current(&scene.app, &admins).send().await.expect_status(200);
}

#[tokio::test]
async fn a_key_ends_with_the_password_of_its_owner() {
    for by_owner in [true, false] {
        let Scene { app, owner, key } = Scene::new().await;
        let body = json!({ "password": PASSWORD, "new_password": "an0ther secret" });
        let session = if by_owner { &owner.session } else { &app.admin.session };
        let request = app.put(&format!("/api/user/{}/password", owner.id)).session(session);
        let status = request.json(&body).send().await.status;
        assert_eq!(status, if by_owner { 200 } else { 204 });
        current(&app, &key).send().await.expect_status(401);
    }
}

#[tokio::test]
async fn a_key_rests_while_its_owner_must_change_the_password() {
    let scene = Scene::new().await;
    let body = json!({ "must_change_password": true });
    scene.by_admin("PUT", "").json(&body).send().await.expect_status(200);
    scene.assert_status(401).await;
    assert_eq!(scene.listed().await["is_active"], false);
    scene.promote().await;
    scene.assert_status(200).await;
}

/// Version 0.1.0 kept the hash of a key in the partition of its service account.
#[tokio::test]
async fn a_key_of_version_0_1_0_is_invalid_until_its_rotation() {
    let app = TestApp::new().await;
    let key = create(&app, &app.admin.session, "Old", Value::Null).await;
    let token = ApiKeyToken::parse(&key).unwrap();
    let (id, hash) = (token.user(), token.hash());
    app.remove_attribute(&Key::api_key(id), "validity").await;
    app.remove_item(&Key::api_key_hash(id, &hash)).await;

    current(&app, &key).send().await.expect_status(401);
    let listed = list(&app).await[0].clone();
    assert_eq!((&listed["owner"], &listed["is_active"]), (&Value::Null, &json!(false)));
    let path = format!("{PATH}/{id}/regenerate");
    let new = app.put(&path).session(&app.admin.session).send().await.expect_status(200);
    current(&app, new["unmasked_key"].as_str().unwrap()).send().await.expect_status(200);
    app.assert_invariants().await;
}

#[tokio::test]
async fn a_key_expires() {
    let app = TestApp::new().await;
    let end = "2026-01-01T01:00:00.000000Z";
    let key = create(&app, &app.admin.session, "Robot", json!("2026-01-01T02:00:00+01:00")).await;
    app.clock.advance(HOUR - 1);
    current(&app, &key).send().await.expect_status(200);
    let listed = list(&app).await[0].clone();
    assert_eq!((&listed["expires_at"], &listed["is_active"]), (&json!(end), &json!(true)));
    app.clock.advance(1);
    current(&app, &key).send().await.expect_status(401);
    let listed = list(&app).await[0].clone();
    assert_eq!((&listed["inactive_since"], &listed["is_active"]), (&json!(end), &json!(false)));
    let path = format!("{PATH}/{}/regenerate", api_key_id(&key));
    let new = app.put(&path).session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(new["expires_at"], "2026-01-01T02:00:00.000000Z", "the same lifetime");
    app.assert_invariants().await;
}

#[tokio::test]
async fn an_expiry_is_a_time_in_the_future() {
    let app = TestApp::new().await;
    for (expires_at, message) in [
        (json!(NOW), "value must be in the future."),
        (json!("2025-12-31"), "value must be in the future."),
        (
            json!("soon"),
            "nullable value must be a date or a timestamp, e.g. '2026-01-31' or \
             '2026-01-31T12:00:00Z'.",
        ),
        (
            json!(true),
            "nullable value must be a date or a timestamp, e.g. '2026-01-31' or \
             '2026-01-31T12:00:00Z'.",
        ),
    ] {
        let body = json!({ "name": "Robot", "group_id": 1, "expires_at": expires_at });
        let response = app.post(PATH).session(&app.admin.session).json(&body).send().await;
        assert_eq!(response.expect_status(400)["errors"], json!({ "expires_at": message }));
    }
}

#[tokio::test]
async fn a_key_cannot_create_a_key_that_outlives_it() {
    let app = TestApp::new().await;
    let end = "2026-01-02T00:00:00.000000Z";
    let first = create(&app, &app.admin.session, "First", json!(end)).await;
    for (name, expires_at, expected) in [
        ("Second", Value::Null, end),
        ("Third", json!("2027-01-01"), end),
        ("Fourth", json!("2026-01-01T12:00:00.000000Z"), "2026-01-01T12:00:00.000000Z"),
    ] {
        let body = json!({ "name": name, "group_id": 1, "expires_at": expires_at });
        let key = app.post(PATH).header("x-api-key", &first).json(&body).send().await;
        assert_eq!(key.expect_status(200)["expires_at"], expected, "{name}");
    }
}

#[tokio::test]
async fn the_last_use_is_recorded_once_an_hour() {
    let scene = Scene::new().await;
    let (app, key) = (&scene.app, &scene.key);
    assert_eq!(scene.listed().await["last_used_at"], NOW);
    app.clock.advance(HOUR - 1);
    app.meter.take();
    scene.assert_status(200).await;
    assert_eq!(app.meter.take(), ["BatchGetItem"]);
    assert_eq!(scene.listed().await["last_used_at"], NOW);
    app.clock.advance(1);
    app.meter.take();
    scene.assert_status(200).await;
    assert_eq!(app.meter.take(), ["BatchGetItem", "TransactWriteItems"]);
    assert_eq!(scene.listed().await["last_used_at"], "2026-01-01T01:00:00.000000Z");
    let audit = app.get("/api/audit?action=use-api-key").session(&app.admin.session);
    let events = audit.send().await.expect_status(200)["data"].clone();
    let robot = api_key_id(key);
    assert_eq!(events.as_array().unwrap().len(), 2, "{events}");
    assert_eq!(events[0]["actor"], json!({ "id": robot, "via": "api-key" }));
    assert_eq!(events[0]["target"], json!({ "type": "api-key", "id": robot }));
}

/// The service account of a key is not a user that anybody can change, not even the key itself.
#[tokio::test]
async fn a_key_cannot_change_its_own_service_account() {
    let app = TestApp::new().await;
    let group = app.group("Robots").await;
    let key = create(&app, &app.admin.session, "Robot", Value::Null).await;
    let id = api_key_id(&key);
    let user = format!("/api/user/{id}");
    for (method, path, body, status) in [
        ("PUT", user.clone(), json!({ "first_name": "X" }), 404),
        ("DELETE", user.clone(), Value::Null, 404),
        ("PUT", format!("{user}/reactivate"), Value::Null, 404),
        ("PUT", format!("{user}/modal/qbnewb"), Value::Null, 404),
        ("PUT", format!("{user}/password"), json!({ "password": "an0ther secret" }), 404),
        ("POST", format!("{user}/anonymize"), Value::Null, 404),
        ("POST", format!("{user}/password-reset-url"), Value::Null, 404),
        ("POST", format!("{user}/send_invite"), Value::Null, 404),
        ("DELETE", format!("{user}/sessions"), Value::Null, 404),
        ("DELETE", format!("{user}/sessions/x"), Value::Null, 404),
        (
            "POST",
            "/api/permissions/membership".to_owned(),
            json!({ "user_id": id, "group_id": group }),
            400,
        ),
        ("GET", user.clone(), Value::Null, 200),
    ] {
        let request = app.request(method, &path).header("x-api-key", &key);
        let request = if body.is_null() { request } else { request.json(&body) };
        assert_eq!(request.send().await.status, status, "{method} {path}");
    }
    let groups = current(&app, &key).send().await.expect_status(200)["group_ids"].clone();
    assert_eq!(groups, json!([1, 2]));
    app.assert_invariants().await;
}
