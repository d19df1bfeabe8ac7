//! The cost of requests with many users.

use std::time::Instant;

use dynoxide::{Database, server};
use functions::routes::Route;
use serde_json::{Value, json};
use shared::{domain::Cursor, http::Call};
use testkit::TestApp;
use tokio::net::TcpListener;

use crate::{BoxError, bulk_load, fixture::routes};

/// Attempts of a request below one second. The fastest is reported.
const TRIES: u32 = 3;

/// Loads more and more users into one engine and sends the same requests at each size.
pub(crate) async fn measure(sizes: &[&str]) -> Result<Value, BoxError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let database = Database::memory()?;
    tokio::spawn(server::serve_on(listener, database.clone()));
    let mut app = TestApp::connect(&endpoint).await;
    app.clock.set_to_system_time();
    app.admin = app.set_up_admin().await;
    let caller = app.call(&app.admin.session, 1).caller().await?;
    let (mut there, mut found) = (1, Vec::new());
    for size in sizes {
        let size: u64 = size.parse()?;
        let began = Instant::now();
        bulk_load::load(&database, &endpoint, &caller, (there + 1, size, app.service().now()))
            .await?;
        eprintln!("scale: {size} users after {:.0} s", began.elapsed().as_secs_f64());
        requests(&app, size, &mut found).await?;
        there = size + 1;
    }
    Ok(Value::Array(found))
}

/// Sends the requests of one size.
async fn requests(app: &TestApp, size: u64, found: &mut Vec<Value>) -> Result<(), BoxError> {
    let at = |name: &str| Cursor::after(format!("{name}\u{1}")).encode();
    let (middle, end) = (at("first500"), at("first996"));
    let last = size - 1;
    let page = "list-users";
    let cases = [
        ("first page", page, "limit=50".to_owned()),
        ("middle page, by cursor", page, format!("limit=50&cursor={middle}")),
        ("page near the end, by cursor", page, format!("limit=50&cursor={end}")),
        ("middle page, by offset", page, format!("limit=50&offset={}", size / 2)),
        ("search, with total", page, format!("limit=50&query=last{last}")),
        ("search, by cursor", page, format!("limit=50&cursor=&query=last{last}")),
        ("all users", page, String::new()),
        ("recipients", "list-recipients", String::new()),
        ("one user", "get-user", String::new()),
        ("current user", "current-user", String::new()),
        ("log in", "login", String::new()),
        ("create user", "create-user", String::new()),
    ];
    for (name, function, query) in cases {
        let Some(route) = routes(&[function]).next() else { return Err(function.into()) };
        let mut best: Option<Value> = None;
        for number in 0..TRIES {
            let mut event = event(app, route, size, number).await?;
            event["rawQueryString"] = json!(query);
            let row = request(app, route, event).await?;
            let is_slow = row["ms"].as_f64() > Some(1_000.0);
            let faster = best.as_ref().is_none_or(|best| row["ms"].as_f64() < best["ms"].as_f64());
            best = if faster { Some(row) } else { best };
            if is_slow {
                break;
            }
        }
        let mut row = best.unwrap_or_default();
        row["operation"] = json!(name);
        row["users"] = json!(size);
        found.push(row);
    }
    Ok(())
}

/// The event of a route, for one of the loaded users.
async fn event(app: &TestApp, route: &Route, size: u64, number: u32) -> Result<Value, BoxError> {
    if route.function != "get-user" {
        return Ok(app.event(route, u32::try_from(size)? + number).await);
    }
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../events/get-user.json"
    ))?;
    let mut event: Value = serde_json::from_str(&text.replace("SESSION", &app.admin.session))?;
    event["pathParameters"]["id"] = json!((size / 2).to_string());
    Ok(event)
}

/// One request without the timeout of a function.
async fn request(app: &TestApp, route: &Route, event: Value) -> Result<Value, BoxError> {
    let event = lambda_http::request::from_str(&event.to_string())?;
    let call = Call::new(app.service().clone(), event);
    let (store, dialect) = (call.store().clone(), call.dialect());
    let began = Instant::now();
    let response =
        (route.handler)(call).await.unwrap_or_else(|error| error.into_response(dialect, ""));
    let took = began.elapsed();
    let usage = store.usage();
    Ok(json!({
        "status": response.status,
        "requests": usage.requests,
        "read_units": usage.read_units,
        "write_units": usage.write_units,
        "bytes": response.body.len(),
        "ms": (took.as_secs_f64() * 1e6).round() / 1e3,
    }))
}
