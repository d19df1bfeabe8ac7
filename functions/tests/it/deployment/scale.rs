//! What requests cost in a table, and in one that is ten times as large.

use functions::routes::ROUTES;
use serde_json::{Value, json};
use shared::{domain::UserId, http::Call, store::Usage};
use testkit::TestApp;

use crate::routes::cursor_pagination::ids;

/// How many accounts there are, and then.
const SIZES: [u64; 2] = [200, 2_000];
/// The number of the first account that is like all others.
const FIRST: u64 = 100_001;

/// Requests and units, which are counted, and bytes, which are weighed.
#[derive(Debug)]
struct Cost {
    usage: Usage,
    /// Of the table's requests and answers, and of our own answer.
    bytes: [usize; 2],
}

impl Cost {
    /// Whether as much is counted, and weighed within a tenth.
    fn is_that_of(&self, other: &Self) -> bool {
        let near = |(one, other): (&usize, &usize)| one.abs_diff(*other) * 10 <= *other;
        self.usage == other.usage && self.bytes.iter().zip(&other.bytes).all(near)
    }
}

/// One request of a function, by the administrator, and what is answered.
async fn ask(app: &TestApp, function: &str, (query, number): (&str, u32)) -> (Cost, Value) {
    let route = ROUTES.iter().find(|route| route.function == function).unwrap();
    let mut event = app.event(route, number).await;
    event["rawQueryString"] = json!(query);
    let call = Call::new(app.service().clone(), serde_json::from_value(event).unwrap());
    let store = call.store().clone();
    app.meter.take_bytes();
    let reply = (route.handler)(call).await.unwrap();
    let wire = app.meter.take_bytes();
    let bytes = [wire.sent + wire.received, reply.body.len()];
    (Cost { usage: store.usage(), bytes }, serde_json::from_str(&reply.body).unwrap())
}

/// A table with the administrator and one account that others can be like.
async fn seed() -> (TestApp, UserId) {
    let app = TestApp::new().await;
    let id = app.sso_user("Jane000002", "Doe").await;
    (app, UserId::try_from(id).unwrap())
}

/// Fills a table up to so many accounts.
async fn grow(app: &TestApp, first: UserId, there: &mut u64, size: u64) {
    app.insert_copies(first, FIRST + *there..FIRST + size).await;
    *there = size;
}

#[tokio::test]
async fn a_cursor_page_costs_the_same_at_any_position_and_number_of_users() {
    let (app, jane) = seed().await;
    let mut there = 2;
    let mut costs = Vec::new();
    for size in SIZES {
        grow(&app, jane, &mut there, size).await;
        let (mut cursor, mut met) = (String::new(), 0);
        loop {
            let query = format!("limit=50&cursor={cursor}");
            let (cost, page) = ask(&app, "list-users", (&query, 0)).await;
            met += ids(&page["data"]).len();
            let Some(next) = page["next_cursor"].as_str() else { break };
            next.clone_into(&mut cursor);
            costs.push(cost);
        }
        assert_eq!(met as u64, size);
    }
    assert_eq!(costs.len(), 3 + 39);
    for cost in &costs {
        assert!(cost.is_that_of(&costs[0]), "{cost:?} is not {:?}", costs[0]);
    }
}

#[tokio::test]
async fn requests_for_one_user_cost_the_same_at_any_number_of_users() {
    let (app, jane) = seed().await;
    let mut there = 2;
    let mut costs = Vec::new();
    for (size, number) in SIZES.into_iter().zip(0..) {
        grow(&app, jane, &mut there, size).await;
        for function in ["get-user", "current-user", "login", "create-user", "update-user"] {
            costs.push((function, ask(&app, function, ("", number)).await.0));
        }
    }
    let (few, many) = costs.split_at(costs.len() / 2);
    for ((function, few), (_, many)) in few.iter().zip(many) {
        assert!(many.is_that_of(few), "{function}: {many:?} is not {few:?}");
    }
}

#[tokio::test]
async fn an_offset_page_costs_the_same_at_any_number_of_users() {
    let (app, jane) = seed().await;
    let mut there = 2;
    let mut costs = Vec::new();
    for size in SIZES {
        grow(&app, jane, &mut there, size).await;
        costs.push(ask(&app, "list-users", ("limit=50&offset=100", 0)).await.0);
    }
    assert!(costs[1].is_that_of(&costs[0]), "{:?} is not {:?}", costs[1], costs[0]);
}
