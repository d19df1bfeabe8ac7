//! The cost of one warm request of each route, compared with the table in `docs/budgets.md`.
//!
//! `BUDGETS=write cargo test -p functions --test cost` rewrites the table after a new route or an
//! intended change of a cost. This is a separate test binary because it replaces the allocator to
//! count allocations.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop"
)]

mod budget_table;
mod measurement;

use functions::routes::{ROUTES, Route};
use shared::{aws, config::Settings, http::AppState, store::Store};
use testkit::{SETUP_TOKEN, TestApp};
use tokio::runtime::{Builder, Runtime};

use crate::{budget_table::Table, measurement::Cost};

/// Users in a list, in addition to the administrator.
const LISTED_USERS: usize = 24;
/// Requests before the measured one. They open the connection and grow buffers.
const WARM_UPS: u32 = 2;

/// Further queries to measure.
const QUERIES: [(&str, &str); 4] = [
    ("list-users", "limit=10"),
    ("list-users", "limit=10&offset=10"),
    ("list-users", "query=jane"),
    ("list-users", "status=all"),
];

/// A measured request.
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
    let engine_runtime =
        Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let service_runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let costs = Case::all()
        .map(|case| (case.name(), cost_of(&engine_runtime, &service_runtime, &case)))
        .collect();
    Table::of(costs).check();
}

fn cost_of(engine_runtime: &Runtime, service_runtime: &Runtime, case: &Case) -> Cost {
    let app = service_runtime.block_on(instance(engine_runtime, case.route));
    let service = deployed(&app);
    let event = |number| {
        let mut event = service_runtime.block_on(app.event(case.route, number));
        // Lists use the query of the case instead of the one in the event.
        if case.route.function.starts_with("list-") {
            event["rawQueryString"] = case.query.into();
        }
        event.to_string()
    };
    // Setup succeeds only once per instance.
    let warm_ups = if case.route.function == "setup" { 0 } else { WARM_UPS };
    for number in 0..warm_ups {
        service_runtime.block_on(measurement::send(&service, case.route, &event(number)));
    }
    let memory =
        measurement::count_allocations(service_runtime, &service, case.route, &event(WARM_UPS));
    let app = if warm_ups == 0 {
        &service_runtime.block_on(instance(engine_runtime, case.route))
    } else {
        &app
    };
    measurement::measure_cost(service_runtime, app, (case.route, &event(WARM_UPS + 1)), memory)
}

/// An instance after setup, unless the route is setup. It has more users if the route lists them.
async fn instance(engine_runtime: &Runtime, route: &Route) -> TestApp {
    let mut app = TestApp::on_runtime(engine_runtime.handle()).await;
    if route.function == "setup" {
        return app;
    }
    app.admin = app.set_up_admin().await;
    let user_count = if route.function.starts_with("list-") { LISTED_USERS } else { 0 };
    for number in 0..user_count {
        app.sso_user("Jane", &format!("Smith{number}")).await;
    }
    app
}

/// The service as deployed, without recorder and faults.
fn deployed(app: &TestApp) -> AppState {
    let store = Store::connect(&aws::local(app.endpoint()), "users");
    let settings = Settings { setup_token: Some(SETUP_TOKEN.into()), ..Settings::default() };
    AppState::new(store, settings, app.clock.clone())
}
