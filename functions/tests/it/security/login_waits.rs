//! Waits after failed logins: guesses are bounded, and the right password always gets in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::json;
use shared::{config::Settings, http::Dialect};
use testkit::{ADMIN_EMAIL, PASSWORD, Request, TestApp, TestResponse};

use crate::support::{reset_token, update_user};

const HOUR: i64 = 3_600;
const WRONG: &str = "wrong pw 1";
const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1));
const OFFICE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1));

fn login(app: &TestApp, from: IpAddr, username: &str, password: &str) -> Request {
    let body = json!({ "username": username, "password": password });
    app.post("/api/session").from_ip(from).json(&body)
}

async fn admin_login(app: &TestApp, from: IpAddr, password: &str) -> TestResponse {
    login(app, from, ADMIN_EMAIL, password).send().await
}

/// Sends wrong passwords until the service answers with a wait. Returns the seconds to wait.
async fn guess_until_wait(app: &TestApp, from: IpAddr) -> i64 {
    loop {
        let response = admin_login(app, from, WRONG).await;
        if response.status == 429 {
            return response.header("retry-after").unwrap().parse().unwrap();
        }
    }
}

/// Guesses as often as the service compares a password. Returns the number of guesses, and the
/// seconds until the next one.
async fn guess_until_rejected(app: &TestApp, from: IpAddr) -> (usize, i64) {
    let mut compared = 0;
    loop {
        app.meter.take();
        let response = admin_login(app, from, WRONG).await;
        if app.meter.take() == ["BatchGetItem"] {
            assert_eq!(response.status, 429);
            return (compared, response.header("retry-after").unwrap().parse().unwrap());
        }
        compared += 1;
    }
}

/// The number of passwords that the service compares for sources that guess as fast as possible.
async fn flood(app: &TestApp, sources: &[IpAddr], seconds: i64) -> usize {
    let (mut total, mut elapsed) = (0, 0);
    while elapsed < seconds {
        let mut next = seconds - elapsed;
        for source in sources {
            let (compared, wait) = guess_until_rejected(app, *source).await;
            total += compared;
            next = next.min(wait);
        }
        app.clock.advance(next);
        elapsed += next;
    }
    total
}

#[tokio::test]
async fn a_chain_of_waits_keeps_nobody_out_for_more_than_a_minute() {
    for from in [STRANGER, OFFICE] {
        let app = TestApp::new().await;
        let mut elapsed = 0;
        while elapsed < 3 * HOUR {
            let wait = guess_until_wait(&app, STRANGER).await;
            assert!((1..=60).contains(&wait), "{wait}");
            app.clock.advance(wait);
            elapsed += wait;
        }
        // The stranger guesses first at the end of each wait, from the same network or another one.
        let mut waited = 0;
        loop {
            let wait = guess_until_wait(&app, STRANGER).await;
            let response = admin_login(&app, from, PASSWORD).await;
            if response.status == 200 {
                break;
            }
            app.clock.advance(wait);
            waited += wait;
            assert!(waited <= 60, "waited {waited} s");
        }
    }
}

#[tokio::test]
async fn a_flood_from_one_network_keeps_nobody_out_elsewhere() {
    let app = TestApp::new().await;
    flood(&app, &[STRANGER], 600).await;
    let mut waited = 0;
    while admin_login(&app, OFFICE, PASSWORD).await.status == 429 {
        flood(&app, &[STRANGER], 1).await;
        waited += 1;
        assert!(waited <= 60);
    }
}

#[tokio::test]
async fn the_guesses_against_one_account_are_bounded() {
    let app = TestApp::new().await;
    let sources: Vec<_> = (1..=30).map(|n| IpAddr::V4(Ipv4Addr::new(203, 0, n, 1))).collect();
    assert_eq!(flood(&app, &sources, 1).await, 10, "with a clock that stands still");
    app.clock.advance(HOUR);
    let of_one_network = flood(&app, &sources[..1], HOUR).await;
    assert!((170..=10 + 3 * 61).contains(&of_one_network), "{of_one_network}");
}

#[tokio::test]
async fn the_guesses_of_many_networks_are_bounded() {
    let app = TestApp::new().await;
    let sources: Vec<_> = (1..=4).map(|n| IpAddr::V4(Ipv4Addr::new(203, 0, n, 1))).collect();
    let compared = flood(&app, &sources, HOUR).await;
    assert!((500..=10 + 9 * 61).contains(&compared), "{compared}");
}

#[tokio::test]
async fn a_known_device_never_waits_for_the_failures_of_others() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
        let response = admin_login(&app, OFFICE, PASSWORD).await;
        let device = response.device_cookie().unwrap().to_owned();
        let known = |password| login(&app, OFFICE, ADMIN_EMAIL, password).header("cookie", &device);
        for _ in 0..30 {
            admin_login(&app, OFFICE, WRONG).await;
        }
        let limited = admin_login(&app, OFFICE, PASSWORD).await;
        assert_ne!(limited.status, 200);
        let again = known(PASSWORD).send().await;
        assert_eq!(again.device_cookie(), Some(device.as_str()));
        again.expect_status(200);

        // It has a limit of its own, which delays no one else.
        for _ in 0..10 {
            known(WRONG).send().await.expect_status(401);
        }
        assert_eq!(known(PASSWORD).send().await.header("retry-after"), Some("15"));
        app.clock.advance(15);
        admin_login(&app, STRANGER, PASSWORD).await.expect_status(200);
        known(PASSWORD).send().await.expect_status(200);
    }
}

#[tokio::test]
async fn a_device_is_known_for_its_own_account_and_until_a_new_password() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let jane = login(&app, OFFICE, "jane@example.com", PASSWORD).send().await;
    let device = jane.device_cookie().unwrap().to_owned();
    for _ in 0..10 {
        admin_login(&app, OFFICE, WRONG).await.expect_status(401);
    }
    let as_admin = login(&app, OFFICE, ADMIN_EMAIL, PASSWORD).header("cookie", &device);
    as_admin.send().await.expect_status(429);

    let path = "/api/user/2/password";
    let new = json!({ "password": "an0ther pw" });
    app.put(path).session(&app.admin.session).json(&new).send().await.expect_status(204);
    for _ in 0..10 {
        let guess = login(&app, OFFICE, "jane@example.com", WRONG).header("cookie", &device);
        guess.send().await.expect_status(401);
    }
    let unknown = login(&app, OFFICE, "jane@example.com", "an0ther pw").header("cookie", &device);
    unknown.send().await.expect_status(429);
    assert!(!format!("{:?}", app.items().await).contains(&device["metabase.DEVICE=".len()..]));
}

#[tokio::test]
async fn a_device_is_forgotten_after_90_days() {
    let app = TestApp::new().await;
    let response = admin_login(&app, OFFICE, PASSWORD).await;
    let device = response.device_cookie().unwrap().to_owned();
    app.clock.advance(90 * 24 * HOUR);
    for _ in 0..10 {
        admin_login(&app, OFFICE, WRONG).await.expect_status(401);
    }
    let known = login(&app, OFFICE, ADMIN_EMAIL, PASSWORD).header("cookie", &device);
    known.send().await.expect_status(429);
}

#[tokio::test]
async fn a_new_password_and_an_administrator_end_the_wait() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    let jane = |password| login(&app, OFFICE, "jane@example.com", password);
    let lock = async || {
        for _ in 0..10 {
            jane(WRONG).send().await.expect_status(401);
        }
        jane(PASSWORD).send().await.expect_status(429);
    };

    lock().await;
    let body = json!({ "token": reset_token(&app, 2).await, "password": PASSWORD });
    app.post("/api/session/reset_password").json(&body).send().await.expect_status(200);
    jane(PASSWORD).send().await.expect_status(200);

    lock().await;
    let (path, new) = ("/api/user/2/password", json!({ "password": PASSWORD }));
    app.put(path).session(&app.admin.session).json(&new).send().await.expect_status(204);
    jane(PASSWORD).send().await.expect_status(200);

    lock().await;
    app.delete("/api/user/2/sessions").session(&app.admin.session).send().await;
    jane(PASSWORD).send().await.expect_status(200);
}

#[tokio::test]
async fn right_passwords_pass_after_fifty_failures_of_their_network() {
    let app = TestApp::new().await;
    for number in 0..50 {
        let guess = login(&app, OFFICE, &format!("nobody{number}@example.com"), WRONG);
        guess.send().await.expect_status(401);
    }
    admin_login(&app, OFFICE, PASSWORD).await.expect_status(200);
    for number in 50..70 {
        let guess = login(&app, OFFICE, &format!("nobody{number}@example.com"), WRONG);
        let response = guess.send().await;
        assert_eq!((response.status, response.header("retry-after")), (429, Some("15")));
    }
    admin_login(&app, OFFICE, PASSWORD).await.expect_status(429);
    admin_login(&app, STRANGER, PASSWORD).await.expect_status(200);
    app.clock.advance(15);
    admin_login(&app, OFFICE, PASSWORD).await.expect_status(200);
}

#[tokio::test]
async fn networks_of_one_ipv6_subscriber_share_a_limit() {
    let app = TestApp::new().await;
    let source =
        |subnet: u16, host: u16| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 1, subnet, 0, 0, 0, host));
    let mut guesses = 0;
    let mut guess = async |from| {
        guesses += 1;
        let username = format!("nobody{guesses}@example.com");
        login(&app, from, &username, WRONG).send().await.status
    };
    // The hosts of a /64 have 50 failures, the /64 of a /56 have 100, the /56 of a /48 have 200.
    for number in 0..50 {
        assert_eq!(guess(source(0x100, number)).await, 401);
    }
    assert_eq!(guess(source(0x100, 99)).await, 429);
    for number in 0..49 {
        assert_eq!(guess(source(0x101 + number, 1)).await, 401);
    }
    assert_eq!(guess(source(0x1ff, 1)).await, 429);
    for number in 0..99 {
        assert_eq!(guess(source(0x200 + (number << 8), 1)).await, 401, "{number}");
    }
    assert_eq!(guess(source(0, 1)).await, 429);
    let mapped = |last| IpAddr::V6(Ipv4Addr::new(192, 0, 2, last).to_ipv6_mapped());
    for _ in 0..50 {
        assert_eq!(guess(mapped(77)).await, 401);
    }
    assert_eq!(guess(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 77))).await, 429);
}

#[tokio::test]
async fn a_login_ends_the_session_that_it_came_with() {
    let app = TestApp::new().await;
    let log_in = async |name: &str, value: &str| {
        let request = login(&app, OFFICE, ADMIN_EMAIL, PASSWORD).header(name, value);
        request.send().await.expect_status(200)["id"].as_str().unwrap().to_owned()
    };
    let first = app.log_in(ADMIN_EMAIL, PASSWORD).await;
    let second = log_in("x-metabase-session", &first).await;
    let third = log_in("cookie", &format!("metabase.SESSION={second}")).await;
    assert!(!app.is_session_valid(&first).await && !app.is_session_valid(&second).await);
    assert!(app.is_session_valid(&third).await && app.is_session_valid(&app.admin.session).await);

    let failed = login(&app, OFFICE, ADMIN_EMAIL, WRONG).session(&third);
    failed.send().await.expect_status(401);
    assert!(app.is_session_valid(&third).await);
    update_user(&app, &app.admin, 1, json!({ "first_name": "Ada" })).await.expect_status(200);
}

#[tokio::test]
async fn the_valid_one_of_several_session_cookies_authenticates() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let expired = app.log_in(&jane.email, PASSWORD).await;
    app.delete("/api/session").session(&expired).send().await.expect_status(204);
    let cookies = |tokens: &[&str]| {
        let pairs: Vec<_> =
            tokens.iter().map(|token| format!("metabase.SESSION={token}")).collect();
        pairs.join("; ")
    };
    let current =
        async |header: &str| app.get("/api/user/current").header("cookie", header).send().await;

    let found = current(&cookies(&["x", &expired, &jane.session])).await.expect_status(200);
    assert_eq!(found["email"], "jane@example.com");
    let first = current(&cookies(&[&app.admin.session, &jane.session])).await.expect_status(200);
    assert_eq!(first["email"], ADMIN_EMAIL);
    current(&cookies(&[&expired, &expired])).await.expect_status(401);

    let header = cookies(&[&expired, &jane.session]);
    app.meter.take();
    app.delete("/api/session").header("cookie", &header).send().await.expect_status(204);
    current(&header).await.expect_status(401);
}
