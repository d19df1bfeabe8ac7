//! What requests cost where there are many accounts.

use std::time::Instant;

use dynoxide::{Database, server};
use functions::routes::Route;
use serde_json::{Value, json};
use shared::{
    domain::Cursor,
    http::{Call, Event},
};
use testkit::TestApp;
use tokio::net::TcpListener;

use crate::{Failure, bulk, stage::routes};

/// How often a request is made that takes less than a second; the fastest counts.
const TRIES: u32 = 3;

/// Loads more and more accounts into one engine, and asks the same of each number.
pub(crate) async fn measure(sizes: &[&str]) -> Result<Value, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let database = Database::memory()?;
    tokio::spawn(server::serve_on(listener, database.clone()));
    let mut app = TestApp::on(&endpoint).await;
    app.clock.catch_up();
    app.admin = app.set_up_admin().await;
    let admin = app.call(&app.admin.session, 1).caller().await?.admin()?;
    let (mut there, mut found) = (1, Vec::new());
    for size in sizes {
        let size: u64 = size.parse()?;
        let began = Instant::now();
        bulk::load(&database, &endpoint, &admin, (there + 1, size, app.service().now())).await?;
        eprintln!("scale: {size} accounts after {:.0} s", began.elapsed().as_secs_f64());
        requests(&app, size, &mut found).await?;
        there = size + 1;
    }
    Ok(Value::Array(found))
}

/// What is asked of so many accounts.
async fn requests(app: &TestApp, size: u64, found: &mut Vec<Value>) -> Result<(), Failure> {
    let at = |name: &str| Cursor::after(format!("{name}\u{1}")).reveal();
    let (middle, end) = (at("first500"), at("first996"));
    let last = size - 1;
    let page = "list-users";
    let cases = [
        ("first page", page, "limit=50".to_owned()),
        ("page in the middle, by cursor", page, format!("limit=50&cursor={middle}")),
        ("page near the end, by cursor", page, format!("limit=50&cursor={end}")),
        ("page in the middle, by offset", page, format!("limit=50&offset={}", size / 2)),
        ("search, counted", page, format!("limit=50&query=last{last}")),
        ("search, by cursor", page, format!("limit=50&cursor=&query=last{last}")),
        ("all accounts", page, String::new()),
        ("recipients", "list-recipients", String::new()),
        ("an account", "get-user", String::new()),
        ("the caller's own account", "current-user", String::new()),
        ("log in", "login", String::new()),
        ("create an account", "create-user", String::new()),
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
        row["accounts"] = json!(size);
        found.push(row);
    }
    Ok(())
}

/// An event; what it names is among the accounts that were loaded.
async fn event(app: &TestApp, route: &Route, size: u64, number: u32) -> Result<Value, Failure> {
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

/// One request, for as long as it takes: the deadline of a function is no part of what is asked here.
async fn request(app: &TestApp, route: &Route, event: Value) -> Result<Value, Failure> {
    let event: Event = serde_json::from_value(event)?;
    let call = Call::new(app.service().clone(), event);
    let (store, dialect) = (call.store().clone(), call.dialect());
    let began = Instant::now();
    let reply = (route.handler)(call).await.unwrap_or_else(|error| error.into_reply(dialect, ""));
    let took = began.elapsed();
    let usage = store.usage();
    Ok(json!({
        "status": reply.status,
        "requests": usage.requests,
        "read_units": usage.read_units,
        "write_units": usage.write_units,
        "bytes": reply.body.len(),
        "ms": (took.as_secs_f64() * 1e6).round() / 1e3,
    }))
}
