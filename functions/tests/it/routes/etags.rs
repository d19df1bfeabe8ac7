//! Entity tags and conditional requests.

use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{ADMIN_EMAIL, PASSWORD, Request, TestApp, TestResponse};
use tokio::task::JoinSet;

use crate::support::{forbidden, get_user, not_found};

const OUTDATED: &str =
    "The user does not meet the precondition of the request. Please read it again.";

fn precondition_failed() -> (u16, Value) {
    (412, json!({ "error": OUTDATED }))
}

fn tag(response: &TestResponse) -> String {
    response.header("etag").unwrap().to_owned()
}

async fn get(app: &TestApp, path: &str) -> TestResponse {
    app.get(path).session(&app.admin.session).send().await
}

/// The entity tag of a user, read by the administrator.
async fn tag_of(app: &TestApp, id: u64) -> String {
    tag(&get(app, &format!("/api/user/{id}")).await)
}

/// An update of user 2 by the administrator.
fn change(app: &TestApp, tag: &str) -> Request {
    let body = json!({ "locale": "es" });
    app.put("/api/user/2").session(&app.admin.session).header("if-match", tag).json(&body)
}

async fn with_jane(dialect: Dialect) -> TestApp {
    let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
    app.sso_user("Jane", "Doe").await;
    app
}

#[tokio::test]
async fn a_view_of_a_user_has_an_etag_of_version_and_body() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
        let admin = &app.admin.session;
        let new = json!({
            "email": "a@b.co", "first_name": "A", "last_name": "B", "sso_source": "saml",
            "login_attributes": { "a": "b" },
        });
        let created = app.post("/api/user").session(admin).json(&new).send().await;
        let found = get(&app, "/api/user/2").await;
        let changed = app.put("/api/user/2").session(admin).json(&json!({})).send().await;
        app.delete("/api/user/2").session(admin).send().await.expect_status(200);
        let reactivated = app.put("/api/user/2/reactivate").session(admin).send().await;
        let current = get(&app, "/api/user/current").await;
        for (response, version) in [
            (&created, "2.1"),
            (&found, "2.1"),
            (&changed, "2.1"),
            (&reactivated, "2.3"),
            (&current, "1.1"),
        ] {
            assert!(tag(response).starts_with(&format!("\"{version}.")), "{response:?}");
            assert!(tag(response).ends_with('"'));
        }
        assert_eq!(tag(&created), tag(&changed));
        let has_equal_bodies = created.body == found.body;
        assert_eq!(tag(&created) == tag(&found), has_equal_bodies);
        assert_eq!(has_equal_bodies, dialect == Dialect::Documented);
    }
}

#[tokio::test]
async fn other_responses_have_no_etag() {
    let app = with_jane(Dialect::Documented).await;
    let request = |method: &str, path: &str| app.request(method, path).session(&app.admin.session);
    for request in [
        request("GET", "/api/user"),
        request("GET", "/api/user/recipients"),
        request("GET", "/api/user/99"),
        request("PUT", "/api/user/2/modal/qbnewb"),
        request("DELETE", "/api/user/2"),
    ] {
        assert_eq!(request.send().await.header("etag"), None);
    }
}

#[tokio::test]
async fn an_unchanged_view_is_not_sent_again() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let app = with_jane(dialect).await;
        for path in ["/api/user/2", "/api/user/current"] {
            let tag = tag(&get(&app, path).await);
            let read = |value: String| {
                let request = app.get(path).session(&app.admin.session);
                request.header("if-none-match", &value).send()
            };
            for etag_list in
                [tag.clone(), format!("W/{tag}"), format!("\"x\" , W/\"y\",{tag}"), "*".into()]
            {
                let response = read(etag_list).await;
                assert_eq!(response.header("etag"), Some(tag.as_str()));
                assert_eq!(response.header("cache-control"), Some("no-store"));
                assert_eq!(response.header("content-type"), None);
                assert_eq!(response.status_and_body(), (304, Value::Null));
            }
            for other in ["\"x\"", "", "x", &tag.replace('"', ""), &tag.replace('.', "-")] {
                read(other.to_owned()).await.expect_status(200);
            }
        }
    }
}

#[tokio::test]
async fn an_etag_covers_all_fields_of_one_view() {
    let app = TestApp::new().await;
    let before = tag(&get(&app, "/api/user/current").await);
    app.sso_user("Jane", "Doe").await;
    let invited = get(&app, "/api/user/current").await;
    assert_eq!(invited.body["has_invited_second_user"], true);
    assert_ne!(tag(&invited), before);
    assert_ne!(tag_of(&app, 1).await, tag(&invited));

    let before = tag_of(&app, 1).await;
    app.clock.advance(1);
    app.log_in(ADMIN_EMAIL, PASSWORD).await;
    assert_ne!(tag_of(&app, 1).await, before, "last_login changed");
}

#[tokio::test]
async fn a_read_supports_if_match() {
    let app = with_jane(Dialect::Documented).await;
    let tag = tag_of(&app, 2).await;
    let read = |value: &str| {
        app.get("/api/user/2").session(&app.admin.session).header("if-match", value).send()
    };
    read(&tag).await.expect_status(200);
    read("*").await.expect_status(200);
    assert_eq!(read(&format!("W/{tag}")).await.status_and_body(), precondition_failed());
    change(&app, "*").send().await.expect_status(200);
    assert_eq!(read(&tag).await.status_and_body(), precondition_failed());
}

/// All write requests for user 2 by the administrator, with their status.
fn write_requests(app: &TestApp) -> [(Request, u16); 5] {
    let admin = &app.admin.session;
    let put = |path: &str, body: Value| app.put(path).session(admin).json(&body);
    [
        (put("/api/user/2", json!({ "locale": "es" })), 200),
        (put("/api/user/2/modal/qbnewb", json!({})), 200),
        (put("/api/user/2/password", json!({ "password": "an0ther secret" })), 204),
        (app.delete("/api/user/2").session(admin), 200),
        (app.put("/api/user/2/reactivate").session(admin), 200),
    ]
}

#[tokio::test]
async fn every_write_requires_the_state_in_if_match() {
    let app = with_jane(Dialect::Documented).await;
    let first = tag_of(&app, 2).await;
    for write in 0..5 {
        let send = |value: String| {
            let (request, status) = write_requests(&app).into_iter().nth(write).unwrap();
            let sent = request.header("if-match", &value).send();
            async move { (sent.await, status) }
        };
        let (before, current) = (app.items().await, tag_of(&app, 2).await);
        let other_tag = tag_of(&app, 1).await;
        let garbled = current.replace('"', "");
        for other in [&format!("W/{current}"), "\"x\"", "", "x", &garbled, &other_tag] {
            assert_eq!(
                send(other.to_owned()).await.0.status_and_body(),
                precondition_failed(),
                "{write} {other}"
            );
        }
        if write > 0 {
            assert_eq!(
                send(first.clone()).await.0.status_and_body(),
                precondition_failed(),
                "{write}"
            );
        }
        assert_eq!(app.items().await, before);
        let (response, status) = send(format!("\"x\", {current}")).await;
        response.expect_status(status);
    }
}

#[tokio::test]
async fn an_asterisk_is_any_state_of_an_account_that_exists() {
    let app = with_jane(Dialect::Documented).await;
    for (request, status) in write_requests(&app) {
        request.header("if-match", "*").send().await.expect_status(status);
    }
    let unknown = app.delete("/api/user/99").session(&app.admin.session).header("if-match", "*");
    assert_eq!(unknown.send().await.status_and_body(), not_found());
}

#[tokio::test]
async fn a_write_supports_if_none_match() {
    let app = with_jane(Dialect::Documented).await;
    let send = |value: &str| {
        let body = json!({ "locale": "es" });
        let request = app.put("/api/user/2").session(&app.admin.session).json(&body);
        request.header("if-none-match", value).send()
    };
    for excluded in ["*".to_owned(), tag_of(&app, 2).await, format!("W/{}", tag_of(&app, 2).await)]
    {
        assert_eq!(send(&excluded).await.status_and_body(), precondition_failed());
    }
    send("\"2.7.x\"").await.expect_status(200);
}

#[tokio::test]
async fn the_etag_of_any_view_works() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let app = with_jane(dialect).await;
        let response = change(&app, &tag_of(&app, 2).await).send().await;
        let second =
            app.put("/api/user/2").session(&app.admin.session).json(&json!({ "locale": "es" }));
        second.header("if-match", &tag(&response)).send().await.expect_status(200);

        let current_tag = tag(&get(&app, "/api/user/current").await);
        let body = json!({ "locale": "es" });
        let own = app.put("/api/user/1").session(&app.admin.session).json(&body);
        own.header("if-match", &current_tag).send().await.expect_status(200);
    }
}

#[tokio::test]
async fn the_metabase_dialect_reports_plain_text() {
    let app = with_jane(Dialect::Metabase).await;
    assert_eq!(change(&app, "\"x\"").send().await.status_and_body(), (412, OUTDATED.into()));
}

#[tokio::test]
async fn permission_and_existence_are_checked_first() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let with_stale_tag = |request: Request| request.header("if-match", "\"x\"").send();
    let put = |path: &str, body: Value| app.put(path).session(&app.admin.session).json(&body);
    with_stale_tag(app.put("/api/user/1").json(&json!({}))).await.expect_status(401);
    with_stale_tag(put("/api/user/1", json!({ "first_name": "" }))).await.expect_status(400);
    let forbidden_request = app.put("/api/user/1").session(&jane.session).json(&json!({}));
    assert_eq!(with_stale_tag(forbidden_request).await.status_and_body(), forbidden());
    assert_eq!(with_stale_tag(put("/api/user/99", json!({}))).await.status_and_body(), not_found());
    assert_eq!(
        with_stale_tag(put("/api/user/2", json!({}))).await.status_and_body(),
        precondition_failed()
    );
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(with_stale_tag(put("/api/user/2", json!({}))).await.status_and_body(), not_found());
    let password = json!({ "password": "an0ther secret" });
    assert_eq!(
        with_stale_tag(put("/api/user/2/password", password)).await.status_and_body(),
        not_found()
    );
    assert_eq!(
        with_stale_tag(put("/api/user/2/modal/qbnewb", json!({}))).await.status_and_body(),
        not_found()
    );
}

#[tokio::test]
async fn rules_are_checked_later() {
    let app = with_jane(Dialect::Documented).await;
    let admin = &app.admin.session;
    let before = app.items().await;
    let wrong = json!({ "password": "wrong", "new_password": "an0ther secret" });
    for request in [
        app.delete("/api/user/1").session(admin),
        app.put("/api/user/1").session(admin).json(&json!({ "is_superuser": false })),
        app.put("/api/user/2").session(admin).json(&json!({ "email": ADMIN_EMAIL })),
        app.put("/api/user/2").session(admin).json(&json!({ "last_name": "X" })),
        app.put("/api/user/2/reactivate").session(admin),
        app.put("/api/user/1/password").session(admin).json(&wrong),
    ] {
        assert_eq!(
            request.header("if-match", "\"x\"").send().await.status_and_body(),
            precondition_failed()
        );
    }
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn a_write_without_changes_checks_the_precondition() {
    let app = with_jane(Dialect::Documented).await;
    let stale_tag = tag_of(&app, 2).await;
    change(&app, &stale_tag).send().await.expect_status(200);
    let nothing = app.put("/api/user/2").session(&app.admin.session).json(&json!({}));
    assert_eq!(
        nothing.header("if-match", &stale_tag).send().await.status_and_body(),
        precondition_failed()
    );
}

#[tokio::test]
async fn preconditions_cost_no_request() {
    let app = with_jane(Dialect::Documented).await;
    let tag = tag_of(&app, 2).await;
    app.meter.take();
    let read = app.get("/api/user/2").session(&app.admin.session).header("if-none-match", &tag);
    read.send().await.expect_status(304);
    assert_eq!(app.meter.take(), ["BatchGetItem"]);
    change(&app, "\"x\"").send().await.expect_status(412);
    assert_eq!(app.meter.take(), ["BatchGetItem"]);
    change(&app, &tag).send().await.expect_status(200);
    assert_eq!(app.meter.take(), ["BatchGetItem", "TransactWriteItems"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_several_writers_from_one_state_succeeds() {
    let app = with_jane(Dialect::Documented).await;
    for round in 0..8 {
        let tag = tag_of(&app, 2).await;
        let mut writers = JoinSet::new();
        for writer in 0..10 {
            let body = json!({ "login_attributes": { "writer": format!("{round} {writer}") } });
            let request = app.put("/api/user/2").session(&app.admin.session).json(&body);
            writers.spawn(request.header("if-match", &tag).send());
        }
        let mut responses = writers.join_all().await;
        let successful: Vec<_> =
            responses.extract_if(.., |response| response.status == 200).collect();
        assert_eq!((successful.len(), responses.len()), (1, 9));
        assert!(
            responses
                .into_iter()
                .all(|response| response.status_and_body() == precondition_failed())
        );
        assert_eq!(get_user(&app, 2).await, successful[0].body);
    }
}

#[tokio::test]
async fn password_reset_links_check_the_precondition() {
    let app = TestApp::with_mail(Settings::default()).await;
    app.sso_user("Jane", "Doe").await;
    let outdated_tag = tag_of(&app, 2).await;
    change(&app, &outdated_tag).send().await.expect_status(200);
    for path in ["/api/user/2/password-reset-url", "/api/user/2/send_invite"] {
        let post = |tag: &str| app.post(path).session(&app.admin.session).header("if-match", tag);
        let before = app.items().await;
        assert_eq!(
            post(&outdated_tag).send().await.status_and_body(),
            precondition_failed(),
            "{path}"
        );
        assert_eq!(app.items().await, before);
        post(&tag_of(&app, 2).await).send().await.expect_status(200);
    }
    assert_eq!(app.emails.drain().len(), 1);
}
