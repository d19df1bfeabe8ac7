//! Whether an address has an account is told to nobody who does not know its password.

use std::time::{Duration, Instant};

use functions::routes::ROUTES;
use serde_json::{Value, json};
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp, TestResponse};

/// The attempts that must look alike: the right address with a wrong password, then what is no
/// account that one could sign in with.
const ATTEMPTS: [(&str, &str); 6] = [
    (ADMIN_EMAIL, "wrong pw 1"),
    ("nobody@example.com", PASSWORD),
    ("not an address", PASSWORD),
    ("gone@example.com", PASSWORD),
    ("sso.only@example.com", PASSWORD),
    ("nobody.any.more@example.com", PASSWORD),
];

/// The largest median difference in time that counts as none. A hash that is left out makes five
/// times as much, and a request to DynamoDB more or less is found by counting.
const BOUND: Duration = Duration::from_millis(3);
/// How many pairs are compared at first, and how often as many again as there are if the machine
/// was too busy for an answer.
const PAIRS: usize = 25;
const ROUNDS: u32 = 6;

async fn app() -> TestApp {
    let app = TestApp::new().await;
    app.sso_user("SSO", "Only").await;
    for (name, end) in [("gone", "DELETE /api/user/"), ("nobody.any.more", "POST /api/user/")] {
        let id = app.user_with_session(name).await.id;
        let (method, path) = end.split_once(' ').unwrap();
        let rest = if method == "POST" { "/anonymize" } else { "" };
        let request = app.request(method, &format!("{path}{id}{rest}"));
        request.session(&app.admin.session).send().await.expect_status(200);
    }
    app
}

async fn attempt(app: &TestApp, (username, password): (&str, &str)) -> TestResponse {
    let body = json!({ "username": username, "password": password });
    let response = app.post("/api/session").json(&body).send().await;
    app.clock.advance(3_600);
    response
}

#[tokio::test]
async fn the_attempts_have_equal_responses_and_costs() {
    let app = app().await;
    let mut seen = Vec::new();
    for one in ATTEMPTS {
        app.meter.take();
        let response = attempt(&app, one).await;
        let headers: Vec<_> = response
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        seen.push((response.status_and_body(), headers, app.meter.take()));
    }
    assert_eq!(seen[0].0.0, 401);
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
}

/// An equivalence test. Attempts are made in pairs, one of each kind, so that a machine that is
/// busy is so for both. The median of the differences lies, with a confidence of 95%, between two
/// of the ordered differences (of the sign test); both must be within the bound.
#[tokio::test(flavor = "multi_thread")]
async fn the_attempts_take_the_same_time() {
    let app = app().await;
    for other in &ATTEMPTS[1..] {
        let (mut differences, mut intervals) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            for pair in 0..differences.len().max(PAIRS) {
                differences.push(difference(&app, *other, pair % 2 == 0).await);
            }
            intervals.push(interval(&mut differences));
            if is_within(intervals[intervals.len() - 1]) {
                break;
            }
        }
        assert!(intervals.iter().any(|one| is_within(*one)), "{other:?}: {intervals:?} s");
    }
}

fn is_within([low, high]: [f64; 2]) -> bool {
    let bound = BOUND.as_secs_f64();
    -bound < low && high < bound
}

/// By how much an attempt takes longer than one with a wrong password, in seconds.
async fn difference(app: &TestApp, other: (&str, &str), is_last: bool) -> f64 {
    let time = async |one| {
        let start = Instant::now();
        attempt(app, one).await.expect_status(401);
        start.elapsed().as_secs_f64()
    };
    if is_last {
        let first = time(ATTEMPTS[0]).await;
        time(other).await - first
    } else {
        let first = time(other).await;
        first - time(ATTEMPTS[0]).await
    }
}

/// Between what the median of the differences is.
fn interval(differences: &mut [f64]) -> [f64; 2] {
    differences.sort_by(f64::total_cmp);
    ranks_of_median(differences.len()).map(|rank| differences[rank])
}

/// The places, among so many ordered values, between which the median is with a confidence of 95%:
/// the normal approximation of the binomial distribution.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "some hundred values"
)]
fn ranks_of_median(count: usize) -> [usize; 2] {
    let count_below = (count as f64 - 1.96 * (count as f64).sqrt()) / 2.0;
    let low = count_below.floor() as usize;
    [low, count - 1 - low]
}

#[test]
fn the_median_is_between_the_ranks_that_tables_give() {
    assert_eq!(ranks_of_median(25), [7, 17]);
    assert_eq!(ranks_of_median(100), [40, 59]);
}

/// Somebody without the right gets the same answer for an account that is there and one that is
/// not, at the same price.
#[tokio::test]
async fn forbidden_and_unknown_users_get_the_same_response() {
    let app = app().await;
    let jane = app.user_with_session("jane").await;
    let body = json!({ "password": "an0ther secret", "name": "N", "group_id": 1 });
    for route in ROUTES.iter().filter(|route| route.path.contains("{id}")) {
        let mut seen: Vec<((u16, Value), Vec<String>)> = Vec::new();
        for id in ["1", "3", "99"] {
            let path = route.path.replace("{id}", id).replace("{modal}", "qbnewb");
            app.meter.take();
            let request = app.request(route.method, &path.replace("{session}", "none"));
            let response = request.session(&jane.session).json(&body).send().await;
            seen.push((response.status_and_body(), app.meter.take()));
        }
        let shown = format!("{} {}: {seen:?}", route.method, route.path);
        assert!(seen.iter().all(|one| *one == seen[0]), "{shown}");
        assert!([400, 403].contains(&seen[0].0.0), "{shown}");
    }
}

/// Why a session does not count is not told either.
#[tokio::test]
async fn invalid_sessions_get_the_same_response() {
    let app = app().await;
    let jane = app.user_with_session("jane").await;
    let logged_out = app.log_in(&jane.email, PASSWORD).await;
    app.delete("/api/session").session(&logged_out).send().await.expect_status(204);
    let old = app.log_in(ADMIN_EMAIL, PASSWORD).await;
    app.clock.advance(20_160 * 60);
    let admin = app.log_in(ADMIN_EMAIL, PASSWORD).await;
    let revoked = app.log_in(&jane.email, PASSWORD).await;
    app.delete(&format!("/api/user/{}", jane.id)).session(&admin).send().await.expect_status(200);
    let mut forged = old.clone().into_bytes();
    forged[30] = if forged[30] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    for session in [&logged_out, &old, &revoked, &forged] {
        app.meter.take();
        let response = app.get("/api/user/current").session(session).send().await;
        assert_eq!(response.status_and_body(), (401, json!({ "error": "Unauthenticated" })));
        assert_eq!(app.meter.take(), ["BatchGetItem"]);
    }
}
