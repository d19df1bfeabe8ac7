//! The cost of requests in a table and in one of ten times the size.

use functions::routes::ROUTES;
use serde_json::{Value, json};
use shared::{domain::UserId, http::Call, store::Usage};
use testkit::TestApp;

use crate::routes::cursor_pagination::ids;

/// Numbers of users.
const SIZES: [u64; 2] = [200, 2_000];
/// The first ID of the copied users.
const FIRST: u64 = 100_001;

/// The cost of a request: requests and units of DynamoDB, and bytes.
#[derive(Debug)]
struct Cost {
    usage: Usage,
    /// Bytes exchanged with DynamoDB, and bytes of the response body.
    bytes: [usize; 2],
}

impl Cost {
    /// Whether requests and units are equal, and bytes within 10%.
    fn is_close_to(&self, other: &Self) -> bool {
        let is_near = |(one, other): (&usize, &usize)| one.abs_diff(*other) * 10 <= *other;
        self.usage == other.usage && self.bytes.iter().zip(&other.bytes).all(is_near)
    }
}

/// Sends one request as the administrator. Returns its cost and the body.
async fn measure(app: &TestApp, function: &str, (query, number): (&str, u32)) -> (Cost, Value) {
    let route = ROUTES.iter().find(|route| route.function == function).unwrap();
    let mut event = app.event(route, number).await;
    event["rawQueryString"] = json!(query);
    let call = Call::new(
        app.service().clone(),
        lambda_http::request::from_str(&event.to_string()).unwrap(),
    );
    let store = call.store().clone();
    app.meter.take_bytes();
    let response = (route.handler)(call).await.unwrap();
    let transferred = app.meter.take_bytes();
    let bytes = [transferred.sent + transferred.received, response.body.len()];
    (Cost { usage: store.usage(), bytes }, serde_json::from_str(&response.body).unwrap())
}

/// A table with the administrator and one user to copy.
async fn new_table() -> (TestApp, UserId) {
    let app = TestApp::new().await;
    let id = app.sso_user("Jane000002", "Doe").await;
    (app, UserId::try_from(id).unwrap())
}

/// Copies users up to a total of `size`.
async fn fill_up(app: &TestApp, first: UserId, user_count: &mut u64, size: u64) {
    app.insert_copies(first, FIRST + *user_count..FIRST + size).await;
    *user_count = size;
}

#[tokio::test]
async fn a_cursor_page_costs_the_same_at_any_position_and_number_of_users() {
    let (app, template_user) = new_table().await;
    let mut user_count = 2;
    let mut costs = Vec::new();
    for size in SIZES {
        fill_up(&app, template_user, &mut user_count, size).await;
        let (mut cursor, mut listed) = (String::new(), 0);
        loop {
            let query = format!("limit=50&cursor={cursor}");
            let (cost, page) = measure(&app, "list-users", (&query, 0)).await;
            listed += ids(&page["data"]).len();
            let Some(next) = page["next_cursor"].as_str() else { break };
            next.clone_into(&mut cursor);
            costs.push(cost);
        }
        assert_eq!(listed as u64, size);
    }
    assert_eq!(costs.len(), 3 + 39);
    for cost in &costs {
        assert!(cost.is_close_to(&costs[0]), "{cost:?} is not {:?}", costs[0]);
    }
}

#[tokio::test]
async fn requests_for_one_user_cost_the_same_at_any_number_of_users() {
    let (app, template_user) = new_table().await;
    let mut user_count = 2;
    let mut costs = Vec::new();
    for (size, number) in SIZES.into_iter().zip(0..) {
        fill_up(&app, template_user, &mut user_count, size).await;
        for function in ["get-user", "current-user", "login", "create-user", "update-user"] {
            costs.push((function, measure(&app, function, ("", number)).await.0));
        }
    }
    let (few, many) = costs.split_at(costs.len() / 2);
    for ((function, few), (_, many)) in few.iter().zip(many) {
        assert!(many.is_close_to(few), "{function}: {many:?} is not {few:?}");
    }
}

#[tokio::test]
async fn an_offset_page_costs_the_same_at_any_number_of_users() {
    let (app, template_user) = new_table().await;
    let mut user_count = 2;
    let mut costs = Vec::new();
    for size in SIZES {
        fill_up(&app, template_user, &mut user_count, size).await;
        costs.push(measure(&app, "list-users", ("limit=50&offset=100", 0)).await.0);
    }
    assert!(costs[1].is_close_to(&costs[0]), "{:?} is not {:?}", costs[1], costs[0]);
}
