//! Concurrent requests. The rules hold under any interleaving.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::auth::token::SessionToken;
use testkit::{ADMIN_EMAIL, PASSWORD, Request, SETUP_TOKEN, TestApp, TestUser};

use crate::support::{at_once, count, get_user};

mod group_concurrency;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_creations_with_one_email_address_create_one_user() {
    let app = TestApp::new().await;
    let requests = (0..50).map(|number| {
        let email = if number % 2 == 0 { "jane@example.com" } else { "JANE@example.com" };
        let body = json!({
            "email": email, "first_name": "Jane", "last_name": "Doe", "password": PASSWORD,
        });
        app.post("/api/user").session(&app.admin.session).json(&body)
    });

    let responses = at_once(requests.collect()).await;

    assert_eq!((count(&responses, 200), count(&responses, 409)), (1, 49));
    let list =
        app.get("/api/user?limit=10").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!((&list["total"], list["data"].as_array().unwrap().len()), (&json!(2), 2));
    app.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn creations_with_different_email_addresses_all_succeed() {
    let app = TestApp::new().await;
    let requests = (0..50).map(|number| {
        let body = json!({
            "email": format!("u{number}@example.com"), "first_name": "U", "last_name": "U",
            "sso_source": "saml",
        });
        app.post("/api/user").session(&app.admin.session).json(&body)
    });

    let responses = at_once(requests.collect()).await;

    let mut ids: Vec<u64> = responses
        .into_iter()
        .map(|response| response.expect_status(200)["id"].as_u64().unwrap())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, (2..=51).collect::<Vec<_>>());
    app.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_update_and_a_creation_compete_for_an_email_address() {
    let app = TestApp::new().await;
    for round in 0..10 {
        let id = app.sso_user("Jane", &format!("D{round}")).await;
        let email = format!("wanted{round}@example.com");
        let create =
            json!({ "email": email, "first_name": "U", "last_name": "U", "sso_source": "saml" });
        let responses = at_once(vec![
            app.post("/api/user").session(&app.admin.session).json(&create),
            app.put(&format!("/api/user/{id}"))
                .session(&app.admin.session)
                .json(&json!({ "email": email })),
        ])
        .await;
        assert_eq!((count(&responses, 200), count(&responses, 409)), (1, 1));
    }
    app.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_changes_of_an_email_address_leave_one() {
    let app = TestApp::new().await;
    let id = app.sso_user("Jane", "Doe").await;
    for round in 0..10 {
        let moved = |to: &str| json!({ "email": format!("{to}{round}@example.com") });
        let put = |body: &Value| {
            app.put(&format!("/api/user/{id}")).session(&app.admin.session).json(body)
        };
        let responses = at_once(vec![put(&moved("a")), put(&moved("b"))]).await;
        assert_eq!(count(&responses, 200), 2, "{responses:?}");
        app.assert_invariants().await;
    }
}

/// Lets two administrators send each other the same request.
///
/// One of them fails, because its sender is no longer an administrator or is the last one.
async fn send_to_each_other(request: impl Fn(&TestApp, &TestUser, u64) -> Request) {
    for _ in 0..8 {
        let app = TestApp::new().await;
        let other_admin = app.second_admin("rival").await;
        let send_to_each_other =
            vec![request(&app, &app.admin, other_admin.id), request(&app, &other_admin, 1)];

        let responses = at_once(send_to_each_other).await;

        assert_eq!(count(&responses, 200), 1, "{responses:?}");
        assert!(responses.iter().all(|response| [200, 400, 401, 403].contains(&response.status)));
        app.assert_invariants().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_administrators_who_demote_each_other_leave_one() {
    send_to_each_other(|app, by, id| {
        let body = json!({ "is_superuser": false });
        app.put(&format!("/api/user/{id}")).session(&by.session).json(&body)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_administrators_who_deactivate_each_other_leave_one() {
    send_to_each_other(|app, by, id| app.delete(&format!("/api/user/{id}")).session(&by.session))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_edit_is_lost_silently() {
    let app = TestApp::new().await;
    let id = app.sso_user("Jane", "Doe").await;
    let before = get_user(&app, id).await;
    let fields = [
        json!({ "locale": "es" }),
        json!({ "login_attributes": { "a": "b" } }),
        json!({ "is_superuser": true }),
        json!({ "email": "moved@example.com" }),
    ];
    let path = format!("/api/user/{id}");
    let requests = fields.iter().map(|body| app.put(&path).session(&app.admin.session).json(body));

    let responses = at_once(requests.collect()).await;

    let after = get_user(&app, id).await;
    assert_eq!(count(&responses, 200), 4, "retries suffice for four writers: {responses:?}");
    let expected = json!({
        "locale": "es", "login_attributes": { "a": "b" }, "is_superuser": true,
        "email": "moved@example.com", "user_group_memberships": [{ "id": 1 }, { "id": 2 }],
    });
    assert_eq!(after, crate::support::merge(before, expected));
    app.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_writer_learns_its_outcome() {
    let app = TestApp::new().await;
    app.sso_user("Jane", "Doe").await;
    let requests = (0..30).map(|number| {
        let body = json!({ "locale": "es", "login_attributes": { "writer": number } });
        app.put("/api/user/2").session(&app.admin.session).json(&body)
    });

    let responses = at_once(requests.collect()).await;

    let won = count(&responses, 200);
    assert_eq!(won + count(&responses, 409), 30);
    let key = shared::store::Key::user(2.try_into().unwrap());
    let version = app.item(&key).await.unwrap()["version"].as_u64().unwrap();
    assert_eq!(version, 1 + u64::try_from(won).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_login_during_deactivation_leaves_no_valid_session() {
    let app = TestApp::new().await;
    for round in 0..8 {
        let jane = app.user_with_session(&format!("jane{round}")).await;
        let login = json!({ "username": jane.email, "password": PASSWORD });
        let path = format!("/api/user/{}", jane.id);
        let responses = at_once(vec![
            app.post("/api/session").json(&login),
            app.delete(&path).session(&app.admin.session),
            app.post("/api/session").json(&login),
        ])
        .await;

        for response in responses {
            if let Some(token) = response.body["id"].as_str() {
                assert!(!app.is_session_valid(token).await);
            }
        }
        app.put(&format!("{path}/reactivate"))
            .session(&app.admin.session)
            .send()
            .await
            .expect_status(200);
        assert!(!app.is_session_valid(&jane.session).await);
    }
    app.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_login_during_a_password_change_leaves_no_valid_session() {
    let app = TestApp::new().await;
    for round in 0..8 {
        let jane = app.user_with_session(&format!("jane{round}")).await;
        let login = json!({ "username": jane.email, "password": PASSWORD });
        let body = json!({ "password": "an0ther secret" });
        let path = format!("/api/user/{}/password", jane.id);
        let responses = at_once(vec![
            app.post("/api/session").json(&login),
            app.put(&path).session(&app.admin.session).json(&body),
        ])
        .await;
        assert_eq!(count(&responses, 204), 1);
        for response in responses {
            if let Some(token) = response.body["id"].as_str() {
                assert!(!app.is_session_valid(token).await);
            }
        }
    }
}

/// The public IDs of the listed sessions of a user.
async fn listed_ids(app: &TestApp, id: u64) -> BTreeSet<String> {
    let path = format!("/api/user/{id}/sessions");
    let list = app.get(&path).session(&app.admin.session).send().await.expect_status(200);
    list.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

fn public_id(token: &str) -> String {
    SessionToken::parse(token).unwrap().hash().id().as_str().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_is_revoked_once_during_logins() {
    let app = TestApp::new().await;
    for round in 0..8 {
        let jane = app.user_with_session(&format!("jane{round}")).await;
        let body = json!({ "username": jane.email, "password": PASSWORD });
        let path = format!("/api/user/{}/sessions/{}", jane.id, public_id(&jane.session));
        let revoke = || app.delete(&path).session(&app.admin.session);
        let log_in = || app.post("/api/session").json(&body);

        let responses = at_once(vec![log_in(), revoke(), log_in(), revoke()]).await;

        assert_eq!(
            (count(&responses, 200), count(&responses, 204), count(&responses, 404)),
            (2, 1, 1)
        );
        assert!(!app.is_session_valid(&jane.session).await);
        let created = responses.iter().filter_map(|response| response.body["id"].as_str());
        assert_eq!(listed_ids(&app, jane.id).await, created.map(public_id).collect());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn revoking_all_sessions_includes_every_existing_one() {
    let app = TestApp::new().await;
    for round in 0..8 {
        let jane = app.user_with_session(&format!("jane{round}")).await;
        let body = json!({ "username": jane.email, "password": PASSWORD });
        let path = format!("/api/user/{}/sessions", jane.id);
        let log_in = || app.post("/api/session").json(&body);

        let responses = at_once(vec![
            log_in(),
            app.delete(&path).session(&app.admin.session),
            app.delete(&path).session(&jane.session),
            log_in(),
        ])
        .await;

        assert!(
            responses.iter().all(|response| [200, 204, 401].contains(&response.status)),
            "{responses:?}"
        );
        assert!(!app.is_session_valid(&jane.session).await);
        let mut valid = BTreeSet::new();
        for token in responses.iter().filter_map(|response| response.body["id"].as_str()) {
            if app.is_session_valid(token).await {
                valid.insert(public_id(token));
            }
        }
        assert_eq!(listed_ids(&app, jane.id).await, valid);
        app.clock.advance(3_600);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_changes_do_not_survive_anonymization() {
    let app = TestApp::new().await;
    for round in 0..8 {
        let jane = app.second_admin(&format!("jane{round}")).await;
        let path = |rest: &str| format!("/api/user/{}{rest}", jane.id);
        let by_admin = |request: Request| request.session(&app.admin.session);
        let moved = json!({ "email": format!("joan{round}@example.com"), "locale": "es" });
        let body = json!({ "username": jane.email, "password": PASSWORD });

        let responses = at_once(vec![
            by_admin(app.put(&path(""))).json(&moved),
            by_admin(app.post(&path("/anonymize"))),
            app.post("/api/session").json(&body),
            by_admin(app.post(&path("/anonymize"))),
            by_admin(app.delete(&path("/sessions"))),
            by_admin(app.put(&path(""))).json(&json!({ "is_superuser": false })),
        ])
        .await;

        let statuses = [200, 204, 401, 404];
        assert!(
            responses.iter().all(|response| statuses.contains(&response.status)),
            "{responses:?}"
        );
        let email = format!("anonymized-{}@anonymized.invalid", jane.id);
        let anonymized = get_user(&app, jane.id).await;
        let values = ["email", "locale", "first_name", "is_active"].map(|name| &anonymized[name]);
        assert_eq!(values, [&json!(email), &Value::Null, &Value::Null, &json!(false)]);
        for token in responses.iter().filter_map(|response| response.body["id"].as_str()) {
            assert!(!app.is_session_valid(token).await);
        }
        app.assert_invariants().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_setups_create_one_administrator() {
    let app = TestApp::without_setup().await;
    let requests = (0..10).map(|number| {
        let email = format!("admin{number}@example.com");
        let body =
            json!({ "token": SETUP_TOKEN, "user": { "email": email, "password": PASSWORD } });
        app.post("/api/setup").json(&body)
    });

    let responses = at_once(requests.collect()).await;

    assert_eq!((count(&responses, 200), count(&responses, 403)), (1, 9));
    app.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_of_many_concurrent_guesses_are_checked() {
    let app = TestApp::new().await;
    let wrong = json!({ "username": ADMIN_EMAIL, "password": "wrong pw 1" });
    let send_guesses = async |number: usize| {
        let requests = (0..number).map(|_| app.post("/api/session").json(&wrong));
        let responses = at_once(requests.collect()).await;
        assert_eq!(count(&responses, 401) + count(&responses, 429), number);
        count(&responses, 401)
    };
    for _ in 0..3 {
        // A guess that one limit rejects may have been counted by another one.
        assert!((5..=10).contains(&send_guesses(40).await));
        app.clock.advance(3_600);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_of_many_guesses_from_one_client_ip_are_checked() {
    let app = TestApp::new().await;
    let guess = |number| {
        let wrong =
            json!({ "username": format!("u{number}@example.com"), "password": "wrong pw 1" });
        app.post("/api/session").json(&wrong)
    };
    let responses = at_once((0..80).map(guess).collect()).await;
    assert_eq!((count(&responses, 401), count(&responses, 429)), (50, 30));
}
