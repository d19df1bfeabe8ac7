//! A new email address of one's own: proof, confirmation, the way back, and the limit.

use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{PASSWORD, TestApp, TestResponse, TestUser};
use tokio::task::JoinSet;

use crate::support::{email_taken, get_user, invalid, update_user};

const NEW: &str = "an0ther secret";
const CONFIRM: &str = "http://localhost:3000/auth/confirm_email/";
const REVERT: &str = "http://localhost:3000/auth/revert_email/";
const TEN_MINUTES: i64 = 600;
const TWO_DAYS: i64 = 48 * 3_600;
const WEEK: i64 = 7 * 24 * 3_600;

/// Jane, user 2, with emails enabled.
async fn with_jane(dialect: Dialect) -> (TestApp, TestUser) {
    let app = TestApp::with_mail(Settings { dialect, ..Settings::default() }).await;
    let jane = app.user_with_session("jane").await;
    drop(app.emails.drain());
    (app, jane)
}

async fn change(app: &TestApp, by: &TestUser, email: &str) -> TestResponse {
    update_user(app, by, 2, json!({ "email": email })).await
}

async fn use_link(app: &TestApp, path: &str, token: &str) -> TestResponse {
    app.post(path).json(&json!({ "token": token })).send().await
}

async fn confirm(app: &TestApp, token: &str) -> TestResponse {
    use_link(app, "/api/user/confirm-email", token).await
}

async fn revert(app: &TestApp, token: &str) -> TestResponse {
    use_link(app, "/api/user/revert-email", token).await
}

/// The token of the only email to an address among the emails since the last call.
#[track_caller]
fn token_to(emails: &[String], address: &str, link: &str) -> String {
    let to = format!("To: {address}\n");
    let found: Vec<_> =
        emails.iter().filter(|email| email.starts_with(&to) && email.contains(link)).collect();
    let [email] = found[..] else { panic!("{emails:?}") };
    let (_, rest) = email.split_once(link).unwrap_or_else(|| panic!("{email}"));
    rest.lines().next().unwrap().to_owned()
}

/// Asks for `new@example.com`. Returns the tokens to the new and to the old address.
async fn pending(app: &TestApp, jane: &TestUser) -> [String; 2] {
    change(app, jane, "new@example.com").await.expect_status(200);
    let emails = app.emails.drain();
    assert_eq!(emails.len(), 2);
    [token_to(&emails, "new@example.com", CONFIRM), token_to(&emails, "jane@example.com", REVERT)]
}

async fn email(app: &TestApp) -> Value {
    get_user(app, 2).await["email"].clone()
}

fn invalid_token() -> (u16, Value) {
    invalid("token", "Invalid or expired token")
}

#[tokio::test]
async fn a_new_address_is_pending_until_its_link_is_opened() {
    let (app, jane) = with_jane(Dialect::Documented).await;
    let body = json!({ "email": "New@example.com", "first_name": "Joan" });

    let changed = update_user(&app, &jane, 2, body).await.expect_status(200);

    assert_eq!(changed["email"], "jane@example.com");
    assert_eq!(changed["pending_email"], "new@example.com");
    assert_eq!(changed["first_name"], "Joan");
    let emails = app.emails.drain();
    let token = token_to(&emails, "new@example.com", CONFIRM);
    token_to(&emails, "jane@example.com", REVERT);
    let current = app.get("/api/user/current").session(&jane.session).send().await;
    assert_eq!(current.expect_status(200)["pending_email"], "new@example.com");
    assert_eq!(get_user(&app, 2).await["pending_email"], "new@example.com");
    let listed = app.get("/api/user").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(listed[1].get("pending_email"), None);
    app.log_in("jane@example.com", PASSWORD).await;
    assert!(!format!("{:?}", app.items().await).contains(&token));

    confirm(&app, &token).await.expect_status(204);

    let confirmed = get_user(&app, 2).await;
    assert_eq!(confirmed["email"], "new@example.com");
    assert_eq!(confirmed.get("pending_email"), None);
    assert!(app.is_session_valid(&jane.session).await);
    app.log_in("new@example.com", PASSWORD).await;
    let body = json!({ "username": "jane@example.com", "password": PASSWORD });
    app.post("/api/session").json(&body).send().await.expect_status(401);
    assert_eq!(confirm(&app, &token).await.status_and_body(), invalid_token());
}

#[tokio::test]
async fn an_older_session_needs_the_current_password() {
    let (app, jane) = with_jane(Dialect::Documented).await;
    app.clock.advance(TEN_MINUTES - 1);
    change(&app, &jane, "one@example.com").await.expect_status(200);
    app.clock.advance(1);
    let with = |password: Value| json!({ "email": "new@example.com", "password": password });
    let wrong = invalid("password", "Invalid password");
    for body in [json!({ "email": "new@example.com" }), with(json!("wrong pw 1")), with(json!(" "))]
    {
        assert_eq!(update_user(&app, &jane, 2, body).await.status_and_body(), wrong);
    }
    assert_eq!(get_user(&app, 2).await["pending_email"], "one@example.com");

    let changed = update_user(&app, &jane, 2, with(json!(PASSWORD))).await.expect_status(200);

    assert_eq!(changed["pending_email"], "new@example.com");
    let same = json!({ "email": "Jane@example.com", "first_name": "Joan" });
    let unchanged = update_user(&app, &jane, 2, same).await.expect_status(200);
    assert_eq!(unchanged["first_name"], "Joan");
}

#[tokio::test]
async fn wrong_passwords_are_limited() {
    let (app, jane) = with_jane(Dialect::Documented).await;
    app.clock.advance(TEN_MINUTES);
    let body = json!({ "email": "new@example.com", "password": "wrong pw 1" });
    for _ in 0..10 {
        update_user(&app, &jane, 2, body.clone()).await.expect_status(400);
    }
    update_user(&app, &jane, 2, body).await.expect_status(429);
    let path = "/api/audit?action=wrong-password";
    let audit = app.get(path).session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(audit["data"][0]["actor"], json!({ "id": 2, "via": "session" }));
}

#[tokio::test]
async fn an_administrator_changes_the_address_of_others_at_once() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let (app, _) = with_jane(dialect).await;
        app.clock.advance(TEN_MINUTES);
        let changed = change(&app, &app.admin, "new@example.com").await.expect_status(200);
        assert_eq!(changed["email"], "new@example.com");
        assert_eq!(changed.get("pending_email"), None);
        assert_eq!(app.emails.drain(), [""; 0]);
    }
}

#[tokio::test]
async fn an_administrators_own_address_is_protected_too() {
    let (app, _) = with_jane(Dialect::Documented).await;
    app.clock.advance(TEN_MINUTES);
    let body = json!({ "email": "new@example.com" });
    let response = update_user(&app, &app.admin, 1, body).await;
    assert_eq!(response.status_and_body(), invalid("password", "Invalid password"));
}

#[tokio::test]
async fn without_emails_the_address_changes_at_once() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    app.clock.advance(TEN_MINUTES);
    change(&app, &jane, "new@example.com").await.expect_status(400);
    let body = json!({ "email": "new@example.com", "password": PASSWORD });
    let changed = update_user(&app, &jane, 2, body).await.expect_status(200);
    assert_eq!(changed["email"], "new@example.com");
    assert_eq!(changed.get("pending_email"), None);
}

#[tokio::test]
async fn metabase_changes_at_once_and_informs_the_old_address() {
    let (app, jane) = with_jane(Dialect::Metabase).await;
    app.clock.advance(TEN_MINUTES);

    let changed = change(&app, &jane, "new@example.com").await.expect_status(200);

    assert_eq!(changed["email"], "new@example.com");
    let emails = app.emails.drain();
    assert_eq!(emails.len(), 1);
    revert(&app, &token_to(&emails, "jane@example.com", REVERT)).await.expect_status(204);
    assert_eq!(email(&app).await, "jane@example.com");
}

#[tokio::test]
async fn the_old_address_takes_the_account_back_from_a_thief() {
    let (app, jane) = with_jane(Dialect::Documented).await;
    let [token, back] = pending(&app, &jane).await;
    confirm(&app, &token).await.expect_status(204);
    let thief = TestUser { session: app.log_in("new@example.com", PASSWORD).await, ..jane };
    let body = json!({ "password": PASSWORD, "new_password": NEW });
    let path = "/api/user/2/password";
    let changed = app.put(path).session(&thief.session).json(&body).send().await;
    let session = changed.expect_status(200)["session_id"].as_str().unwrap().to_owned();
    let thief = TestUser { session, ..thief };
    app.clock.advance(5);
    change(&app, &thief, "other@example.com").await.expect_status(200);
    let emails = app.emails.drain();
    let second = token_to(&emails, "other@example.com", CONFIRM);
    let back_to_thief = token_to(&emails, "new@example.com", REVERT);
    confirm(&app, &second).await.expect_status(204);
    app.clock.advance(5);

    revert(&app, &back).await.expect_status(204);

    assert_eq!(email(&app).await, "jane@example.com");
    assert!(!app.is_session_valid(&thief.session).await);
    for (username, password) in [("jane", NEW), ("jane", PASSWORD), ("new", NEW), ("other", NEW)] {
        let username = format!("{username}@example.com");
        let body = json!({ "username": username, "password": password });
        app.post("/api/session").json(&body).send().await.expect_status(401);
    }
    for token in [&back, &back_to_thief] {
        assert_eq!(revert(&app, token).await.status_and_body(), invalid_token());
    }
    let body = json!({ "email": "jane@example.com" });
    app.post("/api/session/forgot_password").json(&body).send().await.expect_status(204);
    let emails = app.emails.drain();
    let reset = token_to(&emails, "jane@example.com", crate::support::RESET_PAGE);
    let body = json!({ "token": reset, "password": "my 0wn again" });
    app.post("/api/session/reset_password").json(&body).send().await.expect_status(200);
}

#[tokio::test]
async fn a_way_back_before_the_confirmation_withdraws_the_new_address() {
    let (app, jane) = with_jane(Dialect::Documented).await;
    let [token, back] = pending(&app, &jane).await;
    revert(&app, &back).await.expect_status(204);
    assert!(!app.is_session_valid(&jane.session).await);
    assert_eq!(get_user(&app, 2).await.get("pending_email"), None);
    assert_eq!(confirm(&app, &token).await.status_and_body(), invalid_token());
    assert_eq!(email(&app).await, "jane@example.com");
}

#[tokio::test]
async fn a_new_password_another_address_and_deactivation_withdraw_the_new_address() {
    let revoke = ("DELETE", "/api/user/2/sessions", json!({}));
    let password = ("PUT", "/api/user/2/password", json!({ "new_password": NEW }));
    let address = ("PUT", "/api/user/2", json!({ "email": "third@example.com" }));
    let deactivate = ("DELETE", "/api/user/2", json!({}));
    let anonymize = ("POST", "/api/user/2/anonymize", json!({}));
    for (method, path, body) in [revoke, password, address, deactivate, anonymize] {
        let (app, jane) = with_jane(Dialect::Documented).await;
        let [token, _] = pending(&app, &jane).await;
        let response =
            app.request(method, path).session(&app.admin.session).json(&body).send().await;
        assert!(response.status < 300, "{method} {path}");
        assert_eq!(confirm(&app, &token).await.status_and_body(), invalid_token());
        assert_ne!(email(&app).await, "new@example.com", "{method} {path}");
    }
}

#[tokio::test]
async fn the_present_address_withdraws_the_new_one() {
    let (app, jane) = with_jane(Dialect::Documented).await;
    let [token, _] = pending(&app, &jane).await;
    let withdrawn = change(&app, &jane, "jane@example.com").await.expect_status(200);
    assert_eq!(withdrawn.get("pending_email"), None);
    assert_eq!(confirm(&app, &token).await.status_and_body(), invalid_token());
}

#[tokio::test]
async fn a_link_to_one_address_does_not_confirm_another() {
    let (app, jane) = with_jane(Dialect::Documented).await;
    let [first, _] = pending(&app, &jane).await;
    change(&app, &jane, "other@example.com").await.expect_status(200);
    let second = token_to(&app.emails.drain(), "other@example.com", CONFIRM);
    assert_eq!(confirm(&app, &first).await.status_and_body(), invalid_token());
    confirm(&app, &second).await.expect_status(204);
    assert_eq!(email(&app).await, "other@example.com");
}

#[tokio::test]
async fn links_expire() {
    let (app, jane) = with_jane(Dialect::Documented).await;
    let [token, back] = pending(&app, &jane).await;
    app.clock.advance(TWO_DAYS);
    assert_eq!(confirm(&app, &token).await.status_and_body(), invalid_token());
    app.clock.advance(WEEK - TWO_DAYS - 1);
    revert(&app, &back).await.expect_status(204);

    let (app, jane) = with_jane(Dialect::Documented).await;
    let [token, back] = pending(&app, &jane).await;
    app.clock.advance(TWO_DAYS - 1);
    confirm(&app, &token).await.expect_status(204);
    app.clock.advance(WEEK - TWO_DAYS + 1);
    assert_eq!(revert(&app, &back).await.status_and_body(), invalid_token());
}

#[tokio::test]
async fn an_administrators_change_ends_the_way_back() {
    let (app, jane) = with_jane(Dialect::Metabase).await;
    change(&app, &jane, "new@example.com").await.expect_status(200);
    let back = token_to(&app.emails.drain(), "jane@example.com", REVERT);
    app.clock.advance(1);
    change(&app, &app.admin, "third@example.com").await.expect_status(200);
    revert(&app, &back).await.expect_status(400);
    assert_eq!(email(&app).await, "third@example.com");
}

#[tokio::test]
async fn changes_are_limited_even_after_a_new_password() {
    for (dialect, status) in [(Dialect::Documented, 429), (Dialect::Metabase, 400)] {
        let (app, mut jane) = with_jane(dialect).await;
        for number in 0..10 {
            let taken = number % 2 == 0;
            let address =
                if taken { app.admin.email.clone() } else { format!("a{number}@example.com") };
            let expected = if !taken {
                200
            } else if status == 429 {
                409
            } else {
                400
            };
            change(&app, &jane, &address).await.expect_status(expected);
        }
        let sent = app.emails.drain().len();
        change(&app, &jane, &app.admin.email).await.expect_status(status);
        let body = json!({ "password": NEW, "old_password": PASSWORD });
        let path = "/api/user/2/password";
        let changed = app.put(path).session(&jane.session).json(&body).send().await;
        jane.session = changed.expect_status(200)["session_id"].as_str().unwrap().to_owned();
        assert_eq!(app.emails.drain().len(), 1, "about the new password");
        change(&app, &jane, "more@example.com").await.expect_status(status);
        assert_eq!((sent, app.emails.drain().len()), (if status == 429 { 10 } else { 5 }, 0));
        change(&app, &app.admin, "more@example.com").await.expect_status(200);
    }
}

#[tokio::test]
async fn concurrent_probes_cannot_exceed_the_limit() {
    let (app, jane) = with_jane(Dialect::Documented).await;
    let admin = app.admin.email.clone();
    let probe = || {
        let body = json!({ "email": admin });
        app.put("/api/user/2").session(&jane.session).json(&body).send()
    };
    let responses = (0..30).map(|_| probe()).collect::<JoinSet<_>>().join_all().await;
    let taken = responses.iter().filter(|response| response.status == 409).count();
    assert!(taken <= 10, "{taken}");
}

#[tokio::test]
async fn a_taken_address_is_refused_at_both_times() {
    let (app, jane) = with_jane(Dialect::Documented).await;
    let response = change(&app, &jane, &app.admin.email).await;
    assert_eq!(response.status_and_body(), email_taken());
    let [token, _] = pending(&app, &jane).await;
    let body = json!({ "email": "new@example.com" });
    update_user(&app, &app.admin, 1, body).await.expect_status(200);
    let other = token_to(&app.emails.drain(), "new@example.com", CONFIRM);
    confirm(&app, &other).await.expect_status(204);
    assert_eq!(confirm(&app, &token).await.status_and_body(), email_taken());
}

#[tokio::test]
async fn an_email_that_is_not_accepted_keeps_earlier_links() {
    let (app, jane) = with_jane(Dialect::Documented).await;
    let [token, _] = pending(&app, &jane).await;
    app.emails.fail();
    change(&app, &jane, "new@example.com").await.expect_status(503);
    app.emails.recover();
    confirm(&app, &token).await.expect_status(204);
    assert_eq!(email(&app).await, "new@example.com");
}

#[tokio::test]
async fn an_address_without_email_cannot_be_confirmed() {
    let (app, jane) = with_jane(Dialect::Documented).await;
    let response = change(&app, &jane, "jürgen@example.com").await;
    assert_eq!(response.status_and_body(), invalid("email", shared::mail::UNDELIVERABLE));
    assert_eq!(app.emails.drain(), [""; 0]);
}

#[tokio::test]
async fn invalid_tokens_are_counted_and_recorded() {
    let (app, jane) = with_jane(Dialect::Documented).await;
    let [token, back] = pending(&app, &jane).await;
    assert_eq!(confirm(&app, &back).await.status_and_body(), invalid_token());
    assert_eq!(revert(&app, &token).await.status_and_body(), invalid_token());
    for text in ["x", "2_made-up", &"A".repeat(59)] {
        assert_eq!(confirm(&app, text).await.status_and_body(), invalid_token());
    }
    for _ in 0..5 {
        revert(&app, "x").await.expect_status(400);
    }
    revert(&app, "x").await.expect_status(429);
    confirm(&app, &token).await.expect_status(204);
    let path = "/api/audit?action=invalid-email-token";
    let audit = app.get(path).session(&app.admin.session).send().await.expect_status(200);
    assert!(!audit["data"].as_array().unwrap().is_empty());
    let path = "/api/audit?action=confirm-email";
    let audit = app.get(path).session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(audit["data"][0]["actor"], json!({ "id": 2, "via": "email-token" }));
    assert_eq!(audit["data"][0]["fields"], json!(["email", "pending_email"]));
}
