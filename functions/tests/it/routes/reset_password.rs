//! Password reset tokens: issue, check and use.

use serde_json::{Value, json};
use shared::{
    config::Settings,
    domain::{SiteUrl, UserId},
    http::Dialect,
    store::Key,
};
use testkit::{PASSWORD, TestApp, TestResponse};
use tokio::task::JoinSet;

use crate::support::{RESET_PAGE, get_user, invalid, not_found, reset_token, update_user};

const NEW: &str = "an0ther secret";
const TWO_DAYS: i64 = 48 * 3_600;

async fn reset(app: &TestApp, token: &str) -> TestResponse {
    let body = json!({ "token": token, "password": NEW });
    app.post("/api/session/reset_password").json(&body).send().await
}

async fn is_valid(app: &TestApp, token: &str) -> bool {
    let path = format!("/api/session/password_reset_token_valid?token={token}");
    let body = app.get(&path).send().await.expect_status(200);
    assert_eq!(body, json!({ "valid": body["valid"] }));
    body["valid"].as_bool().unwrap()
}

fn invalid_token() -> (u16, Value) {
    invalid("password", "Invalid reset token")
}

async fn assert_is_invalid(app: &TestApp, token: &str) {
    assert!(!is_valid(app, token).await, "{token}");
    assert_eq!(reset(app, token).await.status_and_body(), invalid_token(), "{token}");
}

fn reset_key(id: u64) -> Key {
    Key::reset(UserId::try_from(id).unwrap())
}

#[tokio::test]
async fn a_token_is_exchanged_for_a_new_password_and_a_session() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    app.clock.advance(60);
    let token = reset_token(&app, 2).await;
    assert!(is_valid(&app, &token).await);

    let response = reset(&app, &token).await;

    let cookie = response.cookie().unwrap().to_owned();
    let body = response.expect_status(200);
    let fresh = body["session_id"].as_str().unwrap();
    assert_eq!(body, json!({ "success": true, "session_id": fresh }));
    assert_eq!(cookie, format!("metabase.SESSION={fresh}; HttpOnly; SameSite=Lax; Secure; Path=/"));
    assert!(app.is_session_valid(fresh).await && !app.is_session_valid(&jane.session).await);
    assert_eq!(get_user(&app, 2).await["last_login"], "2026-01-01T00:01:00.000000Z");
    app.log_in(&jane.email, NEW).await;
    let old_login = json!({ "username": jane.email, "password": PASSWORD });
    app.post("/api/session").json(&old_login).send().await.expect_status(401);
}

#[tokio::test]
async fn a_token_works_once() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let token = reset_token(&app, 2).await;
    reset(&app, &token).await.expect_status(200);
    assert_eq!(app.item(&reset_key(2)).await, None);
    assert_is_invalid(&app, &token).await;
}

#[tokio::test]
async fn a_user_of_an_identity_provider_gets_no_password() {
    let app = TestApp::new().await;
    let id = app.sso_user("Sam", "Saml").await;
    let token = reset_token(&app, id).await;
    let message = "The identity provider of the user manages the password.";
    let errors = reset(&app, &token).await.expect_status(400)["errors"].clone();
    assert_eq!(errors, json!({ "password": message }));
    assert!(is_valid(&app, &token).await);
}

#[tokio::test]
async fn a_pending_change_is_not_satisfied_by_the_old_password() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let body = json!({ "must_change_password": true });
    update_user(&app, &app.admin, 2, body).await.expect_status(200);
    let token = reset_token(&app, 2).await;
    let with = |password: &str| json!({ "token": token, "password": password });
    let reset = async |password: &str| {
        app.post("/api/session/reset_password").json(&with(password)).send().await
    };
    let errors = reset(PASSWORD).await.expect_status(400)["errors"].clone();
    assert_eq!(errors, json!({ "password": "password must not be the current one." }));
    let session = reset(NEW).await.expect_status(200)["session_id"].clone();
    assert!(app.is_session_valid(session.as_str().unwrap()).await);
    assert_eq!(get_user(&app, 2).await["must_change_password"], Value::Null);
}

#[tokio::test]
async fn a_token_expires_after_two_days() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let token = reset_token(&app, 2).await;
    app.clock.advance(TWO_DAYS - 1);
    assert!(is_valid(&app, &token).await);
    app.clock.advance(1);
    assert_is_invalid(&app, &token).await;
    let item = app.item(&reset_key(2)).await.unwrap();
    assert_eq!(item["expires_at"], 1_767_225_600 + TWO_DAYS);
}

#[tokio::test]
async fn only_the_last_token_is_valid() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let (first, last) = (reset_token(&app, 2).await, reset_token(&app, 2).await);
    assert_is_invalid(&app, &first).await;
    assert!(is_valid(&app, &last).await);
}

#[tokio::test]
async fn a_new_password_a_new_email_address_and_deactivation_invalidate_a_token() {
    let app = TestApp::new().await;
    let admin = &app.admin.session;
    let jane = app.user_with_session("jane").await;

    let token = reset_token(&app, 2).await;
    let own = json!({ "password": PASSWORD, "new_password": NEW });
    app.put("/api/user/2/password")
        .session(&jane.session)
        .json(&own)
        .send()
        .await
        .expect_status(200);
    assert_is_invalid(&app, &token).await;

    let token = reset_token(&app, 2).await;
    for email in ["joan@example.com", "jane@example.com"] {
        update_user(&app, &app.admin, 2, json!({ "email": email })).await.expect_status(200);
        assert_is_invalid(&app, &token).await;
    }

    let token = reset_token(&app, 2).await;
    app.delete("/api/user/2").session(admin).send().await.expect_status(200);
    assert_is_invalid(&app, &token).await;
    app.put("/api/user/2/reactivate").session(admin).send().await.expect_status(200);
    assert_is_invalid(&app, &token).await;
}

#[tokio::test]
async fn a_token_stays_valid_after_other_changes() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let token = reset_token(&app, 2).await;
    let change = json!({ "first_name": "Joan", "is_superuser": true, "email": "JANE@example.com" });
    update_user(&app, &app.admin, 2, change).await.expect_status(200);
    app.log_in("jane@example.com", PASSWORD).await;
    reset(&app, &token).await.expect_status(200);
}

#[tokio::test]
async fn a_token_of_another_user_is_invalid() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    app.user_with_session("john").await;
    let (jane, _john) = (reset_token(&app, 2).await, reset_token(&app, 3).await);
    let (_, secret) = jane.split_once('_').unwrap();
    for token in [&format!("3_{secret}"), &format!("99_{secret}"), "2_", "2", "nothing", secret] {
        assert_is_invalid(&app, token).await;
    }
}

#[tokio::test]
async fn neither_token_nor_password_is_in_the_table() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let token = reset_token(&app, 2).await;
    let (_, secret) = token.split_once('_').unwrap();
    assert!(!format!("{:?}", app.items().await).contains(secret));
    reset(&app, &token).await.expect_status(200);
    assert!(!format!("{:?}", app.items().await).contains(NEW));
}

#[tokio::test]
async fn reports_each_invalid_field() {
    let app = TestApp::new().await;
    let send = async |body: Value| {
        app.post("/api/session/reset_password").json(&body).send().await.status_and_body()
    };
    let blank = "value must be a non-blank string.";
    assert_eq!(send(json!({ "token": " ", "password": NEW })).await, invalid("token", blank));
    let weak = invalid("password", "password is too common.");
    assert_eq!(send(json!({ "token": "x", "password": "123456" })).await, weak);
    let both = json!({ "token": blank, "password": "password is too common." });
    assert_eq!(send(json!({})).await.1["errors"], both);
    for query in ["", "?token=", "?token=%20", "?other=x"] {
        let path = format!("/api/session/password_reset_token_valid{query}");
        assert_eq!(
            app.get(&path).send().await.status_and_body(),
            invalid("token", blank),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_link_begins_with_the_configured_url() {
    let site_url = SiteUrl::parse("https://users.example.com/");
    let app = TestApp::with(Settings { site_url, ..Settings::default() }).await;
    let url = app.post("/api/user/1/password-reset-url").session(&app.admin.session);
    let url = url.header("host", "evil.example").send().await.expect_status(200);
    let link = url["password_reset_url"].as_str().unwrap();
    assert_eq!(url, json!({ "password_reset_url": link }));
    assert!(link.starts_with("https://users.example.com/auth/reset_password/1_"), "{link}");
    assert_eq!(link.len(), "https://users.example.com/auth/reset_password/1_".len() + 43);
}

#[tokio::test]
async fn no_header_changes_the_url_of_a_link() {
    let app = TestApp::new().await;
    let url = app.post("/api/user/1/password-reset-url").session(&app.admin.session);
    let url = url.header("host", "evil.example").header("x-forwarded-host", "evil.example");
    let url = url.header("origin", "https://evil.example").send().await.expect_status(200);
    assert!(url["password_reset_url"].as_str().unwrap().starts_with(RESET_PAGE));
}

#[tokio::test]
async fn only_an_active_account_gets_a_link() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let url = |id: u64| {
        let path = format!("/api/user/{id}/password-reset-url");
        app.post(&path).session(&app.admin.session).send()
    };
    assert_eq!(url(99).await.status_and_body(), not_found());
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(url(2).await.status_and_body(), not_found());
    assert_eq!(app.item(&reset_key(2)).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_concurrent_requests_uses_the_token() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    for _ in 0..4 {
        let token = reset_token(&app, 2).await;
        let body = |number: u8| json!({ "token": token, "password": format!("{NEW} {number}") });
        let requests = (0..8).map(|number| {
            let request = app.post("/api/session/reset_password").json(&body(number));
            async move { (number, request.send().await) }
        });

        let responses = requests.collect::<JoinSet<_>>().join_all().await;

        let (successful, failed): (Vec<_>, Vec<_>) =
            responses.into_iter().partition(|(_, response)| response.status == 200);
        let [(number, response)] = &successful[..] else { panic!("{successful:?}") };
        assert!(app.is_session_valid(response.body["session_id"].as_str().unwrap()).await);
        app.log_in(&jane.email, &format!("{NEW} {number}")).await;
        for (_, response) in failed {
            assert_eq!(response.status_and_body(), invalid_token());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_concurrent_login_does_not_use_the_token() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    for password in [PASSWORD, NEW, NEW, NEW] {
        let token = reset_token(&app, 2).await;
        let login = json!({ "username": jane.email, "password": password });
        let login = app.post("/api/session").json(&login).send();
        let (login, reset) = tokio::join!(login, reset(&app, &token));
        assert!([200, 401].contains(&login.status), "{login:?}");
        reset.expect_status(200);
    }
}

#[tokio::test]
async fn ten_invalid_tokens_per_client_ip_are_the_limit_and_a_valid_one_passes() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let token = reset_token(&app, 2).await;
    for _ in 0..5 {
        assert_eq!(reset(&app, "made up").await.status_and_body(), invalid_token());
        assert_eq!(reset(&app, "2_made-up").await.status_and_body(), invalid_token());
    }
    app.meter.take();

    let response = reset(&app, "2_made-up").await;

    assert_eq!(app.meter.take(), ["BatchGetItem"]);
    assert_eq!(response.header("retry-after"), Some("15"));
    let wait = "Too many attempts! You must wait 15 seconds before trying again.";
    assert_eq!(response.status_and_body(), (429, json!({ "error": wait })));
    reset(&app, &token).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_invalid_tokens_cannot_exceed_the_limit() {
    let app = TestApp::new().await;
    let body = json!({ "token": "made up", "password": NEW });
    let request = || app.post("/api/session/reset_password").json(&body).send();
    let responses = (0..30).map(|_| request()).collect::<JoinSet<_>>().join_all().await;
    let count = |status| responses.iter().filter(|response| response.status == status).count();
    assert_eq!((count(400), count(429)), (10, 20));
}

#[tokio::test]
async fn a_password_is_checked_without_a_trace() {
    let app = TestApp::new().await;
    app.meter.take();
    let check = async |body: Value| {
        app.post("/api/session/password-check").json(&body).send().await.status_and_body()
    };
    assert_eq!(check(json!({ "password": PASSWORD })).await, (200, json!({ "valid": true })));
    let weak = invalid("password", "password is too common.");
    for password in [json!("123456"), json!("passw0rd"), json!(""), json!(null), json!(123_456)] {
        assert_eq!(check(json!({ "password": password })).await, weak, "{password}");
    }
    assert_eq!(check(json!({})).await, weak);
    assert_eq!(app.meter.take(), [""; 0]);
}

#[tokio::test]
async fn the_metabase_dialect_has_its_own_form() {
    let settings = Settings { dialect: Dialect::Metabase, ..Settings::default() };
    let app = TestApp::with(settings).await;
    let errors = |message: &str| (400, json!({ "errors": { "password": message } }));
    let token = reset_token(&app, 1).await;
    let body = reset(&app, &token).await.expect_status(200);
    assert_eq!(body, json!({ "success": true, "session_id": body["session_id"] }));
    for _ in 0..10 {
        assert_eq!(reset(&app, &token).await.status_and_body(), errors("Invalid reset token"));
    }
    let wait = "Too many attempts! You must wait 15 seconds before trying again.";
    assert_eq!(reset(&app, &token).await.status_and_body(), errors(wait));

    let weak = json!({ "password": "123456" });
    let weak = app.post("/api/session/password-check").json(&weak).send().await.expect_status(400);
    assert_eq!(weak["errors"], json!({ "password": "password is too common." }));
    let blank = app.get("/api/session/password_reset_token_valid").send().await.expect_status(400);
    assert_eq!(blank["errors"], json!({ "token": "value must be a non-blank string." }));
}
