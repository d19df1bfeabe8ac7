//! `Idempotency-Key`: one effect and one response for repeated and concurrent requests.

use functions::routes::ROUTES;
use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{ADMIN_EMAIL, Fault, PASSWORD, Request, SETUP_TOKEN, TestApp, TestResponse};

use crate::support::{at_once, count, email_taken, forbidden, update_user};

const DAY: i64 = 86_400;
const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";
const ALREADY_PROCESSED: &str =
    "A request with this Idempotency-Key was already processed. Its response was not stored.";
const KEY_REUSED: &str = "The Idempotency-Key was used for another request.";

fn jane() -> Value {
    json!({
        "email": "jane@example.com", "first_name": "Jane", "last_name": "Doe", "password": PASSWORD,
    })
}

fn post(app: &TestApp, path: &str, key: &str, body: &Value) -> Request {
    app.post(path).session(&app.admin.session).header("idempotency-key", key).json(body)
}

async fn create(app: &TestApp, key: &str, body: &Value) -> TestResponse {
    post(app, "/api/user", key, body).send().await
}

/// The number of items in the table.
async fn item_count(app: &TestApp) -> usize {
    app.items().await.len()
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_response() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
        let first = create(&app, KEY, &jane()).await;
        assert_eq!(first.header("idempotency-replayed"), None);
        update_user(&app, &app.admin, 2, json!({ "first_name": "Joan" })).await.expect_status(200);
        let before = app.items().await;

        let again = create(&app, KEY, &jane()).await;

        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        for name in ["etag", "content-type", "cache-control"] {
            assert_eq!(again.header(name), first.header(name), "{name}");
            assert!(again.header(name).is_some());
        }
        assert_eq!(again.status_and_body(), first.status_and_body());
        assert_eq!(app.items().await, before);
        app.assert_invariants().await;
    }
}

#[tokio::test]
async fn works_for_groups_and_memberships() {
    let app = TestApp::new().await;
    let jane = app.sso_user("Jane", "Doe").await;
    let managers = app.group("Managers").await;
    let group = json!({ "name": "Analysts" });
    let membership = json!({ "user_id": jane, "group_id": managers });
    for (path, body) in
        [("/api/permissions/group", group), ("/api/permissions/membership", membership)]
    {
        let first = post(&app, path, KEY, &body).send().await.expect_status(200);
        let before = app.items().await;
        assert_eq!(post(&app, path, KEY, &body).send().await.expect_status(200), first);
        assert_eq!(app.items().await, before);
        post(&app, path, "another", &body).send().await.expect_status(400);
    }
}

#[tokio::test]
async fn a_response_with_a_secret_is_not_stored() {
    let app = TestApp::new().await;
    let body = json!({ "name": "Robot", "group_id": 1 });
    let create = || post(&app, "/api/api-key", KEY, &body).send();
    let key = create().await.expect_status(200)["unmasked_key"].as_str().unwrap().to_owned();
    let before = app.items().await;
    assert_eq!(create().await.status_and_body(), (409, json!({ "error": ALREADY_PROCESSED })));
    assert_eq!(app.items().await, before);
    assert!(!format!("{before:?}").contains(&key));
}

#[tokio::test]
async fn a_password_reset_link_is_not_stored() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let link = || post(&app, "/api/user/2/password-reset-url", KEY, &json!({})).send();
    let url = link().await.expect_status(200)["password_reset_url"].as_str().unwrap().to_owned();
    let (_, token) = url.rsplit_once('/').unwrap();
    let before = app.items().await;
    assert_eq!(link().await.status_and_body(), (409, json!({ "error": ALREADY_PROCESSED })));
    assert_eq!(app.items().await, before, "the issued link stays valid");
    assert!(!format!("{before:?}").contains(&token[2..]));
    let body = json!({ "token": token, "password": "an0ther secret" });
    app.post("/api/session/reset_password").json(&body).send().await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn repeated_invitations_send_one_email() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let app = TestApp::with_mail(Settings { dialect, ..Settings::default() }).await;
        let path = format!("/api/user/{}/send_invite", app.sso_user("Jane", "Doe").await);
        let duplicates = (0..4).map(|_| post(&app, &path, KEY, &json!({}))).collect();
        assert_eq!(count(&at_once(duplicates).await, 200), 4);
        assert_eq!(app.emails.drain().len(), 1);
    }
}

#[tokio::test]
async fn a_failed_email_is_sent_by_the_retry() {
    let app = TestApp::with_mail(Settings::default()).await;
    let path = format!("/api/user/{}/send_invite", app.sso_user("Jane", "Doe").await);
    let invite = || post(&app, &path, KEY, &json!({})).send();
    app.emails.fail();
    invite().await.expect_status(503);
    app.emails.recover();
    assert_eq!(invite().await.header("idempotency-replayed"), None);
    assert_eq!(app.emails.drain().len(), 1);
    assert_eq!(invite().await.header("idempotency-replayed"), Some("true"));
    assert!(app.emails.drain().is_empty());
}

#[tokio::test]
async fn idempotent_routes_ignore_the_key() {
    let app = TestApp::new().await;
    let id = app.sso_user("Jane", "Doe").await;
    let path = format!("/api/user/{id}/anonymize");
    let first = post(&app, &path, KEY, &json!({})).send().await.expect_status(200);
    let again = post(&app, &path, KEY, &json!({ "another": "body" })).send().await;
    assert_eq!(again.header("idempotency-replayed"), None);
    assert_eq!(again.expect_status(200), first);
}

#[tokio::test]
async fn works_with_an_api_key() {
    let app = TestApp::new().await;
    let robot = json!({ "name": "Robot", "group_id": 2 });
    let key = app.post("/api/api-key").session(&app.admin.session).json(&robot).send().await;
    let key = key.expect_status(200)["unmasked_key"].as_str().unwrap().to_owned();
    let create = || {
        let request = app.post("/api/user").header("x-api-key", &key);
        request.header("idempotency-key", KEY).json(&jane()).send()
    };
    let first = create().await.expect_status(200);
    assert_eq!(create().await.expect_status(200), first);
    assert_eq!(post(&app, "/api/user", KEY, &jane()).send().await.status_and_body(), email_taken());
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    for (dialect, expected) in [
        (Dialect::Documented, json!({ "error": KEY_REUSED })),
        (Dialect::Metabase, json!(KEY_REUSED)),
    ] {
        let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
        create(&app, KEY, &jane()).await.expect_status(200);
        let before = app.items().await;
        let mut other = jane();
        other["password"] = json!("an0ther secret");
        assert_eq!(create(&app, KEY, &other).await.status_and_body(), (422, expected.clone()));
        let query = post(&app, "/api/user?x=1", KEY, &jane()).send().await;
        assert_eq!(query.status_and_body(), (422, expected));
        assert_eq!(app.items().await, before);
    }
}

#[tokio::test]
async fn a_key_belongs_to_one_caller_and_one_route() {
    let app = TestApp::new().await;
    let other_admin = app.second_admin("rival").await;
    create(&app, KEY, &jane()).await.expect_status(200);
    let by_rival =
        app.post("/api/user").session(&other_admin.session).header("idempotency-key", KEY);
    assert_eq!(by_rival.json(&jane()).send().await.status_and_body(), email_taken());
    let group = json!({ "name": "Analysts" });
    post(&app, "/api/permissions/group", KEY, &group).send().await.expect_status(200);
    let session = app.log_in(ADMIN_EMAIL, PASSWORD).await;
    let another_session = app.post("/api/user").session(&session).header("idempotency-key", KEY);
    assert_eq!(another_session.json(&jane()).send().await.expect_status(200)["id"], 3);
}

#[tokio::test]
async fn quotation_marks_and_a_slash_make_no_difference() {
    let app = TestApp::new().await;
    let first = create(&app, KEY, &jane()).await.expect_status(200);
    assert_eq!(create(&app, &format!("\"{KEY}\""), &jane()).await.expect_status(200), first);
    assert_eq!(post(&app, "/api/user/", KEY, &jane()).send().await.expect_status(200), first);
}

#[tokio::test]
async fn an_invalid_key_is_rejected() {
    let app = TestApp::new().await;
    let jane_session = app.user_with_session("jane").await.session;
    let before = item_count(&app).await;
    let expected = (
        400,
        json!({ "error": "The Idempotency-Key must have 1 to 255 printable ASCII characters." }),
    );
    for key in ["", "\"", "\"\"", "\"a\" ; b", "a\tb", "ä", &"x".repeat(256)] {
        assert_eq!(create(&app, key, &jane()).await.status_and_body(), expected, "{key}");
        let anonymous = app.post("/api/user").header("idempotency-key", key).json(&jane());
        anonymous.send().await.expect_status(401);
        let user = app.post("/api/user").session(&jane_session).header("idempotency-key", key);
        assert_eq!(user.json(&jane()).send().await.status_and_body(), expected);
    }
    assert_eq!(item_count(&app).await, before);
    let longest = "x".repeat(255);
    create(&app, &longest, &json!({ "email": "x" })).await.expect_status(400);
}

#[tokio::test]
async fn a_rejected_request_can_be_repeated() {
    let app = TestApp::new().await;
    let body = json!({ "name": "Analysts" });
    let group = app.group("Analysts").await;
    let create = || post(&app, "/api/permissions/group", KEY, &body).send();
    create().await.expect_status(400);
    create().await.expect_status(400);
    let path = format!("/api/permissions/group/{group}");
    app.delete(&path).session(&app.admin.session).send().await.expect_status(204);
    create().await.expect_status(200);
}

#[tokio::test]
async fn a_response_is_stored_for_a_day() {
    let app = TestApp::new().await;
    let first = create(&app, KEY, &jane()).await.expect_status(200);
    app.clock.advance(DAY - 1);
    assert_eq!(create(&app, KEY, &jane()).await.expect_status(200), first);
    app.clock.advance(1);
    assert_eq!(create(&app, KEY, &jane()).await.status_and_body(), email_taken());
    let mut other = jane();
    other["email"] = json!("joan@example.com");
    assert_eq!(
        create(&app, KEY, &other).await.expect_status(200)["id"],
        4,
        "the key is free again"
    );
    let stored: Vec<_> =
        app.items().await.into_iter().filter(|((pk, _), _)| pk.starts_with("IDEMP")).collect();
    let [(_, item)] = &stored[..] else { panic!("{stored:?}") };
    assert_eq!(item["expires_at"], 1_767_225_600 + 2 * DAY);
}

#[tokio::test]
async fn a_stored_response_requires_the_permission() {
    let app = TestApp::new().await;
    let other_admin = app.second_admin("rival").await;
    let create = || {
        let request = app.post("/api/user").session(&other_admin.session);
        request.header("idempotency-key", KEY).json(&jane()).send()
    };
    create().await.expect_status(200);
    update_user(&app, &app.admin, other_admin.id, json!({ "is_superuser": false }))
        .await
        .expect_status(200);
    assert_eq!(create().await.status_and_body(), forbidden());
    app.delete(&format!("/api/user/{}", other_admin.id)).session(&app.admin.session).send().await;
    create().await.expect_status(401);
}

#[tokio::test]
async fn a_key_costs_no_request_and_a_repetition_costs_one() {
    let app = TestApp::new().await;
    app.meter.take();
    create(&app, KEY, &jane()).await.expect_status(200);
    assert_eq!(app.meter.take(), ["BatchGetItem", "UpdateItem", "TransactWriteItems"]);
    create(&app, KEY, &jane()).await.expect_status(200);
    assert_eq!(app.meter.take(), ["BatchGetItem"]);
    create(&app, KEY, &json!({})).await.expect_status(400);
    assert_eq!(app.meter.take(), ["BatchGetItem"]);
}

#[tokio::test]
async fn other_methods_login_and_setup_ignore_the_key() {
    let app = TestApp::without_setup().await;
    let setup = json!({
        "token": SETUP_TOKEN, "user": { "email": ADMIN_EMAIL, "password": PASSWORD },
    });
    let with_key = |request: Request| request.header("idempotency-key", KEY);
    with_key(app.post("/api/setup")).json(&setup).send().await.expect_status(200);
    with_key(app.post("/api/setup")).json(&setup).send().await.expect_status(403);
    let login = json!({ "username": ADMIN_EMAIL, "password": PASSWORD });
    let sessions = [(); 2].map(|()| with_key(app.post("/api/session")).json(&login).send());
    let [one, other] = sessions;
    let (one, other) = (one.await.expect_status(200), other.await.expect_status(200));
    assert_ne!(one, other);
    let session = one["id"].as_str().unwrap();
    for locale in ["es", "fr"] {
        let change = app.put("/api/user/1").session(session).json(&json!({ "locale": locale }));
        assert_eq!(with_key(change).send().await.expect_status(200)["locale"], locale);
    }
    assert!(app.items().await.into_keys().all(|(pk, _)| !pk.starts_with("IDEMPOTENCY#")));
}

/// The policy of each POST route with a session must allow idempotency keys.
#[tokio::test]
async fn every_post_route_has_the_permissions_for_it() {
    let app = TestApp::new().await;
    for route in ROUTES.iter().filter(|route| route.method == "POST") {
        let path = route.path.replace("{id}", "1");
        let response = post(&app, &path, KEY, &json!({})).send().await;
        assert_ne!(response.status, 500, "{path}");
    }
}

#[tokio::test]
async fn no_secret_is_stored() {
    let app = TestApp::new().await;
    create(&app, KEY, &jane()).await.expect_status(200);
    let items = app.items().await;
    let stored: Vec<_> =
        items.iter().filter(|((pk, _), _)| pk.starts_with("IDEMPOTENCY#")).collect();
    let text = format!("{stored:?}");
    for secret in [PASSWORD, KEY, &app.admin.session, "argon2"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert_eq!(stored.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_duplicates_have_one_effect_and_one_response() {
    let app = TestApp::new().await;
    let member = app.sso_user("Mem", "Ber").await;
    let group = app.group("Analysts").await;
    let bodies = [
        ("/api/user", jane()),
        ("/api/permissions/group", json!({ "name": "Managers" })),
        ("/api/permissions/membership", json!({ "user_id": member, "group_id": group })),
    ];
    for (path, body) in bodies {
        let before = item_count(&app).await;
        let duplicates = (0..8).map(|_| post(&app, path, KEY, &body)).collect();

        let responses = at_once(duplicates).await;

        assert_eq!(count(&responses, 200), 8, "{path} {responses:?}");
        assert!(
            responses.iter().all(|response| response.body == responses[0].body),
            "{responses:?}"
        );
        let replayed =
            responses.iter().filter(|response| response.header("idempotency-replayed").is_some());
        assert_eq!(replayed.count(), 7);
        // A creation writes two items (three for a user, with a count), an audit event and the
        // stored response.
        assert!((3..=5).contains(&(item_count(&app).await - before)), "{path}");
        app.assert_invariants().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_two_different_concurrent_requests_with_one_key_fails() {
    let app = TestApp::new().await;
    for round in 0..6 {
        let body = |name: &str| json!({ "name": format!("{name} {round}") });
        let key = format!("key {round}");
        let path = "/api/permissions/group";
        let requests = ["A", "B"].map(|name| post(&app, path, &key, &body(name)));
        let responses = at_once(requests.into()).await;
        assert_eq!((count(&responses, 200), count(&responses, 422)), (1, 1), "{responses:?}");
    }
    app.assert_invariants().await;
}

#[tokio::test]
async fn an_effect_with_a_lost_response_is_found() {
    let app = TestApp::new().await;
    app.faults.push("TransactWriteItems", Fault::LostReply, 3);
    let found = create(&app, KEY, &jane()).await;
    assert_eq!(found.header("idempotency-replayed"), Some("true"));
    assert_eq!(found.expect_status(200)["id"], 2);
    assert_eq!(app.faults.left(), 0);
    app.assert_invariants().await;
}

#[tokio::test]
async fn an_interrupted_request_takes_effect_once() {
    let app = TestApp::new().await;
    // The second read, which would find the effect, fails like the write before it.
    for (number, fault) in [(0, Fault::LostReply), (1, Fault::Failed)] {
        let mut body = jane();
        body["email"] = json!(format!("u{number}@example.com"));
        let key = format!("key {number}");
        app.faults.sequence(2, [fault; 6]);
        create(&app, &key, &body).await.expect_status(503);
        app.faults.stop();

        let again = create(&app, &key, &body).await;

        let took_effect = fault == Fault::LostReply;
        assert_eq!(again.header("idempotency-replayed").is_some(), took_effect);
        assert_eq!(again.expect_status(200)["email"], body["email"]);
        app.assert_invariants().await;
    }
}

#[tokio::test]
async fn a_key_that_is_no_text_is_not_ignored() {
    let app = TestApp::new().await;
    let body = json!({ "name": "Robots" });
    let request = app.post("/api/permissions/group").session(&app.admin.session).json(&body);
    request.header_bytes("idempotency-key", b"caf\xe9").send().await.expect_status(400);
    let update = json!({ "first_name": "Eve" });
    let request = app.put("/api/user/1").session(&app.admin.session).json(&update);
    request.header_bytes("if-match", b"\"caf\xe9\"").send().await.expect_status(412);
}
