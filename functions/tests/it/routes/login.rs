use std::net::Ipv4Addr;

use serde_json::{Value, json};
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp, TestResponse};

use crate::support::{NOW, forbidden, get_user, invalid};

async fn log_in(app: &TestApp, username: &str, password: &str) -> TestResponse {
    let body = json!({ "username": username, "password": password });
    app.post("/api/session").json(&body).send().await
}

fn rejected() -> (u16, Value) {
    let sentence = "did not match stored password";
    (401, json!({ "error": sentence, "errors": { "password": sentence } }))
}

fn rate_limited(seconds: u64) -> (u16, Value) {
    let wait = format!("Too many attempts! You must wait {seconds} seconds before trying again.");
    (429, json!({ "error": wait }))
}

#[tokio::test]
async fn exchanges_a_password_for_a_session() {
    let app = TestApp::new().await;
    app.clock.advance(60);

    let response = log_in(&app, " ADA@example.com ", PASSWORD).await;

    let cookie = response.cookie().unwrap().to_owned();
    let body = response.expect_status(200);
    let token = body["id"].as_str().unwrap();
    assert_eq!(body, json!({ "id": token }));
    assert_eq!(cookie, format!("metabase.SESSION={token}; HttpOnly; SameSite=Lax; Secure; Path=/"));
    assert!(app.is_session_valid(token).await && app.is_session_valid(&app.admin.session).await);
    assert_eq!(get_user(&app, 1).await["last_login"], "2026-01-01T00:01:00.000000Z");
    assert_eq!(get_user(&app, 1).await["updated_at"], NOW);
}

#[tokio::test]
async fn the_cookie_lasts_when_asked() {
    let app = TestApp::new().await;
    let body = json!({ "username": ADMIN_EMAIL, "password": PASSWORD, "remember": true });

    let request = app.post("/api/session").json(&body).header("x-forwarded-proto", "https");
    let response = request.send().await;

    let cookie = response.cookie().unwrap();
    assert!(cookie.ends_with("; Secure; Path=/; Max-Age=1209600"), "{cookie}");
}

#[tokio::test]
async fn the_cookie_is_secure_except_over_plain_http_on_one_machine() {
    let app = TestApp::new().await;
    let (own, other) = (Ipv4Addr::LOCALHOST, Ipv4Addr::new(192, 0, 2, 1));
    for (ip, host, scheme, expected) in [
        (own, "localhost:3000", "", false),
        (own, "127.0.0.1:3000", "http", false),
        (own, "[::1]:3000", "http, https", false),
        (own, "localhost:3000", "https", true),
        (own, "localhost:3000", "HTTPS,http", true),
        (own, "users.example.com", "", true),
        (own, "users.example.com", "http", true),
        (other, "localhost:3000", "", true),
        (other, "users.example.com", "http", true),
        (other, "users.example.com", "https,http", true),
    ] {
        let body = json!({ "username": ADMIN_EMAIL, "password": PASSWORD });
        let request = app.post("/api/session").json(&body).from_ip(ip).header("host", host);
        let response = request.header("x-forwarded-proto", scheme).send().await;
        let is_secure = response.cookie().unwrap().contains("; Secure");
        assert_eq!(is_secure, expected, "{ip} {host} {scheme}");
    }
}

#[tokio::test]
async fn a_login_from_another_site_is_rejected() {
    let app = TestApp::new().await;
    let setup = json!({ "token": "x", "user": { "email": ADMIN_EMAIL, "password": PASSWORD } });
    for (path, body) in [
        ("/api/session", json!({ "username": ADMIN_EMAIL, "password": PASSWORD })),
        ("/api/session/reset_password", json!({ "token": "x", "password": PASSWORD })),
        ("/api/setup", setup),
    ] {
        let from = |site: &str| app.post(path).json(&body).header("sec-fetch-site", site).send();
        assert_eq!(from("cross-site").await.status_and_body(), forbidden(), "{path}");
        for site in ["same-origin", "same-site", "none"] {
            assert_ne!(from(site).await.status_and_body(), forbidden(), "{path} {site}");
        }
    }
    let body = json!({ "username": ADMIN_EMAIL, "password": PASSWORD });
    let cross_site = || app.post("/api/session").json(&body).header("sec-fetch-site", "cross-site");
    let invalid = app.post("/api/session").bytes("{").header("sec-fetch-site", "cross-site");
    assert_eq!(invalid.send().await.status_and_body(), forbidden());
    assert_eq!(cross_site().send().await.cookie(), None);
}

#[tokio::test]
async fn the_token_is_not_in_the_table() {
    let app = TestApp::new().await;
    let token = app.log_in(ADMIN_EMAIL, PASSWORD).await;
    let table = format!("{:?}", app.items().await);
    assert!(!table.contains(&token) && !table.contains(&token[16..]));
    assert!(!table.contains(PASSWORD));
}

#[tokio::test]
async fn unknown_wrong_and_deactivated_get_the_same_response() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    let cases = [
        (ADMIN_EMAIL, "wrong pw 1"),
        ("nobody@example.com", PASSWORD),
        ("not an address", PASSWORD),
        ("jane@example.com", PASSWORD),
        ("jane@example.com", "wrong pw 1"),
    ];
    for (username, password) in cases {
        app.meter.take();
        let response = log_in(&app, username, password).await;
        let headers: Vec<_> = response.headers.keys().map(ToString::to_string).collect();
        let expected = [
            "content-type",
            "cache-control",
            "x-content-type-options",
            "www-authenticate",
            "content-length",
        ];
        assert_eq!(headers, expected, "{username}");
        assert_eq!(response.status_and_body(), rejected(), "{username}");
        let mut requests = app.meter.take();
        requests.sort();
        let expected =
            ["BatchGetItem", "TransactWriteItems", "UpdateItem", "UpdateItem", "UpdateItem"];
        assert_eq!(requests, expected, "{username}");
    }
}

#[tokio::test]
async fn reports_each_invalid_field() {
    let app = TestApp::new().await;
    let blank = "value must be a non-blank string.";
    for (field, value) in [
        ("username", json!(null)),
        ("username", json!(" ")),
        ("username", json!(1)),
        ("username", json!("a\0b")),
        ("password", json!(null)),
        ("password", json!("")),
        ("password", json!({})),
    ] {
        let mut body = json!({ "username": ADMIN_EMAIL, "password": PASSWORD });
        body[field] = value;
        let response = app.post("/api/session").json(&body).send().await;
        assert_eq!(response.status_and_body(), invalid(field, blank), "{body}");
    }
    let body = json!({ "username": ADMIN_EMAIL, "password": PASSWORD, "remember": "yes" });
    let response = app.post("/api/session").json(&body).send().await;
    assert_eq!(
        response.status_and_body(),
        invalid("remember", "nullable value must be a boolean.")
    );
}

#[tokio::test]
async fn all_spellings_of_an_email_address_share_a_limit() {
    let app = TestApp::new().await;
    let moved = json!({ "email": "stra\u{df}e@example.com" });
    crate::support::update_user(&app, &app.admin, 1, moved).await.expect_status(200);
    let spellings = ["straße@example.com", "STRASSE@example.com", "\u{17f}trasse@example.com"];
    for username in spellings.iter().cycle().take(10) {
        assert_eq!(log_in(&app, username, "wrong pw 1").await.status_and_body(), rejected());
    }
    for username in spellings {
        assert_eq!(log_in(&app, username, PASSWORD).await.status_and_body(), rate_limited(15));
    }
}

#[tokio::test]
async fn an_unknown_email_address_is_rate_limited_too() {
    let app = TestApp::new().await;
    for _ in 0..10 {
        log_in(&app, "nobody", "wrong pw 1").await.expect_status(401);
    }
    assert_eq!(log_in(&app, "NOBODY", "wrong pw 1").await.status_and_body(), rate_limited(15));
}

#[tokio::test]
async fn failures_expire_after_an_hour_even_if_still_stored() {
    let app = TestApp::new().await;
    for _ in 0..10 {
        log_in(&app, ADMIN_EMAIL, "wrong pw 1").await.expect_status(401);
    }
    app.clock.advance(3_600);
    for _ in 0..10 {
        assert_eq!(log_in(&app, ADMIN_EMAIL, "wrong pw 1").await.status_and_body(), rejected());
    }
    assert_eq!(log_in(&app, ADMIN_EMAIL, PASSWORD).await.status_and_body(), rate_limited(15));
}

/// The count ends in the second of its expiry, even if the table still contains it.
#[tokio::test]
async fn after_an_hour_the_correct_password_works_again() {
    let app = TestApp::new().await;
    for _ in 0..10 {
        log_in(&app, ADMIN_EMAIL, "wrong pw 1").await.expect_status(401);
    }
    app.clock.advance(3_600);
    log_in(&app, ADMIN_EMAIL, PASSWORD).await.expect_status(200);
}

#[tokio::test]
async fn a_throttled_attempt_costs_one_read() {
    let app = TestApp::new().await;
    for _ in 0..10 {
        log_in(&app, ADMIN_EMAIL, "wrong pw 1").await.expect_status(401);
    }
    app.meter.take();
    log_in(&app, ADMIN_EMAIL, PASSWORD).await.expect_status(429);
    assert_eq!(app.meter.take(), ["BatchGetItem"]);
}

/// Keyboards send `é` as one character or as a letter with an accent.
#[tokio::test]
async fn both_unicode_forms_of_a_password_sign_in() {
    let app = TestApp::new().await;
    let (composed, decomposed) = ("caf\u{e9} unc0mmon", "cafe\u{301} unc0mmon");
    app.user_with_session("jane").await;
    for stored in [composed, decomposed] {
        let new = json!({ "password": stored });
        let set = app.put("/api/user/2/password").session(&app.admin.session).json(&new);
        set.send().await.expect_status(204);
        for password in [composed, decomposed] {
            log_in(&app, "jane@example.com", password).await.expect_status(200);
        }
    }
}
