//! What one warm request of each route costs, held to the table in `docs/budgets.md`.
//!
//! `BUDGETS=write cargo test -p functions --test cost` writes the table anew: after a new route, and when a change of
//! a cost is meant. It is a test binary of its own because it counts what its thread allocates.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop"
)]

mod cost;
mod table;

use functions::routes::{ROUTES, Route};
use shared::{
    app::App,
    config::{DynamoDbConfig, Settings},
    store::Store,
};
use testkit::{SETUP_TOKEN, TestApp};
use tokio::runtime::{Builder, Runtime};

use crate::{cost::Cost, table::Table};

/// Accounts that a list has, besides the administrator.
const ACCOUNTS: usize = 24;
/// Requests before the one that is measured: they open the connection and fill what grows once.
const WARM_UPS: u32 = 2;

/// What a route is also asked for, as a query.
const QUERIES: [(&str, &str); 4] = [
    ("list-users", "limit=10"),
    ("list-users", "limit=10&offset=10"),
    ("list-users", "query=jane"),
    ("list-users", "status=all"),
];

/// A request of a route.
struct Case {
    route: &'static Route,
    query: &'static str,
}

impl Case {
    fn all() -> impl Iterator<Item = Self> {
        ROUTES.iter().flat_map(|route| {
            let queries = QUERIES.iter().filter(|(function, _)| *function == route.function);
            let queries = queries.map(|(_, query)| *query);
            std::iter::once("").chain(queries).map(move |query| Self { route, query })
        })
    }

    fn name(&self) -> String {
        let Self { route, query } = self;
        match *query {
            "" => format!("{} {}", route.method, route.path),
            query => format!("{} {}?{query}", route.method, route.path),
        }
    }
}

#[test]
fn every_route_keeps_its_budget() {
    let engines = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let here = Builder::new_current_thread().enable_all().build().unwrap();
    let costs = Case::all().map(|case| (case.name(), cost_of(&engines, &here, &case))).collect();
    Table::of(costs).hold();
}

fn cost_of(engines: &Runtime, here: &Runtime, case: &Case) -> Cost {
    let app = here.block_on(stage(engines, case.route));
    let service = alone(&app);
    let event = |number| {
        let mut event = here.block_on(app.event(case.route, number));
        // A list is asked for without what its event asks for.
        if case.route.function.starts_with("list-") {
            event["rawQueryString"] = case.query.into();
        }
        event.to_string()
    };
    // An instance is set up once: what comes after is refused.
    let warm_ups = if case.route.function == "setup" { 0 } else { WARM_UPS };
    for number in 0..warm_ups {
        here.block_on(cost::answer(&service, case.route, &event(number)));
    }
    let work = cost::of_thread(here, &service, case.route, &event(WARM_UPS));
    let app = if warm_ups == 0 { &here.block_on(stage(engines, case.route)) } else { &app };
    cost::of_table(here, app, (case.route, &event(WARM_UPS + 1)), work)
}

/// An instance that is set up, unless the route does that, and has accounts if the route lists them.
async fn stage(engines: &Runtime, route: &Route) -> TestApp {
    let mut app = TestApp::on_runtime(engines.handle()).await;
    if route.function == "setup" {
        return app;
    }
    app.admin = app.set_up_admin().await;
    let accounts = if route.function.starts_with("list-") { ACCOUNTS } else { 0 };
    for number in 0..accounts {
        app.sso_user("Jane", &format!("Smith{number}")).await;
    }
    app
}

/// The service as it is deployed, without the test kit between it and the engine.
fn alone(app: &TestApp) -> App {
    let store = Store::connect(DynamoDbConfig::local(app.endpoint().to_owned(), "users"));
    let settings = Settings { setup_token: Some(SETUP_TOKEN.into()), ..Settings::default() };
    App::new(store, settings, app.clock.clone())
}
