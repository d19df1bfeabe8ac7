//! Responses do not reveal whether an email address belongs to a user, except with the password.

use std::time::{Duration, Instant};

use functions::routes::ROUTES;
use serde_json::{Value, json};
use testkit::{ADMIN_EMAIL, ImportedForm, PASSWORD, TestApp, TestResponse};

/// Login attempts with equal responses: a wrong password, and email addresses without a usable
/// user.
const ATTEMPTS: [(&str, &str); 6] = [
    (ADMIN_EMAIL, "wrong pw 1"),
    ("nobody@example.com", PASSWORD),
    ("not an address", PASSWORD),
    ("gone@example.com", PASSWORD),
    ("sso.only@example.com", PASSWORD),
    ("nobody.any.more@example.com", PASSWORD),
];

/// Maximum accepted median difference in time.
///
/// A missing hash would cause five times this difference. Another test counts requests to DynamoDB.
const MAX_DIFFERENCE: Duration = Duration::from_millis(3);
/// Number of pairs in the first round, and number of rounds.
///
/// A round doubles the number of pairs if a loaded machine prevented a decision.
const INITIAL_PAIRS: usize = 25;
const ROUNDS: u32 = 6;

async fn app() -> TestApp {
    let app = TestApp::new().await;
    app.sso_user("SSO", "Only").await;
    for (name, request_line) in
        [("gone", "DELETE /api/user/"), ("nobody.any.more", "POST /api/user/")]
    {
        let id = app.user_with_session(name).await.id;
        let (method, path) = request_line.split_once(' ').unwrap();
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
    let mut responses = Vec::new();
    for one in ATTEMPTS {
        app.meter.take();
        let response = attempt(&app, one).await;
        let headers: Vec<_> = response
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        responses.push((response.status_and_body(), headers, app.meter.take()));
    }
    assert_eq!(responses[0].0.0, 401);
    assert!(responses.iter().all(|one| *one == responses[0]), "{responses:#?}");
}

/// An equivalence test. It compares attempts in pairs, so load on the machine affects both.
///
/// The 95% confidence interval of the median difference (sign test) must be within the bound.
#[tokio::test(flavor = "multi_thread")]
async fn the_attempts_take_the_same_time() {
    assert_same_time(&app().await, &ATTEMPTS[1..]).await;

    // The cost is high enough for a missing hash of bcrypt to exceed the bound four times.
    let app = TestApp::new().await;
    app.imported_user_with_cost("kept", ("old pw", 8), ImportedForm::Kept).await;
    app.imported_user_with_cost("wrapped", ("old pw", 8), ImportedForm::Wrapped).await;
    app.imported_user_with_cost("cheap", ("old pw", 4), ImportedForm::Kept).await;
    let imported = ["kept@example.com", "wrapped@example.com", "cheap@example.com"];
    let imported = imported.map(|address| (address, "wrong pw 1"));
    assert_same_time(&app, &[&imported[..], &ATTEMPTS[1..2]].concat()).await;
}

/// Compares attempts with one that has a wrong password.
async fn assert_same_time(app: &TestApp, others: &[(&str, &str)]) {
    for other in others {
        let (mut differences, mut intervals) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            for pair in 0..differences.len().max(INITIAL_PAIRS) {
                differences.push(difference(app, *other, pair % 2 == 0).await);
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
    let bound = MAX_DIFFERENCE.as_secs_f64();
    -bound < low && high < bound
}

/// The time of an attempt minus the time of one with a wrong password, in seconds.
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

/// The confidence interval of the median difference.
fn interval(differences: &mut [f64]) -> [f64; 2] {
    differences.sort_by(f64::total_cmp);
    ranks_of_median(differences.len()).map(|rank| differences[rank])
}

/// Ranks of the 95% confidence interval of a median, from the normal approximation of the binomial
/// distribution.
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

/// A caller without permission gets the same response at the same cost for existing and unknown
/// users.
#[tokio::test]
async fn forbidden_and_unknown_users_get_the_same_response() {
    let app = app().await;
    let jane = app.user_with_session("jane").await;
    let body = json!({ "password": "an0ther secret", "name": "N", "group_id": 1 });
    for route in ROUTES.iter().filter(|route| route.path.contains("{id}")) {
        let mut responses: Vec<((u16, Value), Vec<String>)> = Vec::new();
        // The audit log records the first rejection of a route within a minute.
        for id in ["99", "1", "3", "99"] {
            let path = route.path.replace("{id}", id).replace("{modal}", "qbnewb");
            app.meter.take();
            let request = app.request(route.method, &path.replace("{session}", "none"));
            let response = request.session(&jane.session).json(&body).send().await;
            responses.push((response.status_and_body(), app.meter.take()));
        }
        responses.remove(0);
        let shown = format!("{} {}: {responses:?}", route.method, route.path);
        assert!(responses.iter().all(|one| *one == responses[0]), "{shown}");
        assert!([400, 403].contains(&responses[0].0.0), "{shown}");
    }
}

/// The response does not depend on the reason of the invalidity.
#[tokio::test]
async fn invalid_sessions_get_the_same_response() {
    let app = app().await;
    let jane = app.user_with_session("jane").await;
    let logged_out = app.log_in(&jane.email, PASSWORD).await;
    app.delete("/api/session").session(&logged_out).send().await.expect_status(204);
    let expired = app.log_in(ADMIN_EMAIL, PASSWORD).await;
    app.clock.advance(20_160 * 60);
    let admin = app.log_in(ADMIN_EMAIL, PASSWORD).await;
    let revoked = app.log_in(&jane.email, PASSWORD).await;
    app.delete(&format!("/api/user/{}", jane.id)).session(&admin).send().await.expect_status(200);
    let mut forged = expired.clone().into_bytes();
    forged[30] = if forged[30] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    for session in [&logged_out, &expired, &revoked, &forged] {
        app.meter.take();
        let response = app.get("/api/user/current").session(session).send().await;
        assert_eq!(response.status_and_body(), (401, json!({ "error": "Unauthenticated" })));
        assert_eq!(app.meter.take(), ["BatchGetItem"]);
    }
}
