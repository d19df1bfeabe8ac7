//! The whole service on an in-memory table, set up once and then read-only: a response depends only
//! on its request.

mod table;

use std::sync::{LazyLock, Mutex};

use base64::{Engine, prelude::BASE64_STANDARD};
use functions::routes::{ROUTES, Route};
use lambda_http::{Context, LambdaEvent};
use serde_json::{Value, json};
use shared::{
    app::respond,
    aws,
    clock::Clock,
    config::Settings,
    domain::Timestamp,
    http::{AppState, Call, Dialect, Response},
    lambda::convert,
    store::{Store, client_config},
};
use time::OffsetDateTime;
use tokio::runtime::Runtime;

use table::Table;

const SETUP_TOKEN: &str = "setup";

/// A clock with a fixed time.
#[derive(Debug)]
struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::new(OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000))
    }
}

/// The service in both dialects, with an administrator and a user without permissions.
pub struct Fixture {
    runtime: Runtime,
    apps: [AppState; 2],
    /// Session tokens of the administrator and of the user.
    pub sessions: [String; 2],
}

/// The fixture of this process.
pub static FIXTURE: LazyLock<Fixture> = LazyLock::new(Fixture::new);

/// The routes with input. The static files of the documentation have none.
pub fn routes() -> impl Iterator<Item = &'static Route> + Clone {
    ROUTES.iter().filter(|route| !["docs", "openapi", "pages"].contains(&route.function))
}

/// The route of a function.
pub fn route(function: &str) -> &'static Route {
    ROUTES.iter().find(|route| route.function == function).expect("a function")
}

impl Fixture {
    fn new() -> Self {
        let table = Table::default();
        let aws = aws::local("http://localhost");
        let config = client_config(&aws).http_client(table.clone()).build();
        let store = Store::new(aws_sdk_dynamodb::Client::from_conf(config), "users");
        let apps = [Dialect::Documented, Dialect::Metabase].map(|dialect| {
            let setup_token = Some(SETUP_TOKEN.into());
            AppState::new(
                store.clone(),
                Settings { dialect, setup_token, ..Settings::default() },
                FixedClock,
            )
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let sessions = [const { String::new() }; 2];
        let mut fixture = Self { runtime: runtime.expect("a runtime"), apps, sessions };
        fixture.sessions = fixture.create_users();
        table.freeze();
        fixture
    }

    fn create_users(&self) -> [String; 2] {
        let password = "unc0mmon pw";
        let new = |name: &str| {
            let email = format!("{name}@example.com");
            json!({ "email": email, "first_name": name, "last_name": "L", "password": password })
        };
        let session = |body: Value| body["id"].as_str().expect("a session").to_owned();
        let setup = json!({ "token": SETUP_TOKEN, "user": new("ada") });
        let ada = session(self.expect_ok("setup", "", &setup));
        self.expect_ok("create-user", &ada, &new("jane"));
        let login = json!({ "username": "jane@example.com", "password": password });
        [ada, session(self.expect_ok("login", "", &login))]
    }

    fn expect_ok(&self, function: &str, session: &str, body: &Value) -> Value {
        let route = route(function);
        let event = event(route, session, body.to_string().as_bytes());
        let response = self.respond(route, event, Dialect::Documented).expect("a served route");
        assert_eq!(response.status, 200, "{function}: {}", response.body);
        serde_json::from_str(&response.body).expect("JSON")
    }

    /// Calls a function with an event and checks its response. Returns `None` if the function does
    /// not serve the path of the event.
    ///
    /// # Panics
    ///
    /// Panics if the response has a 5xx status, a line break in a header or a cookie, or a body
    /// that does not match its content type.
    pub fn respond(&self, route: &Route, event: Value, dialect: Dialect) -> Option<Response> {
        let app = &self.apps[usize::from(dialect == Dialect::Metabase)];
        let routes = [route.pattern()];
        let seen = Mutex::new(None);
        let sent = convert(&routes, LambdaEvent::new(event, Context::default()), async |request| {
            let call = Call::new(app.clone(), request);
            let is_served = !call.route().is_empty();
            let (response, _) = respond(&route.handler, call).await;
            *seen.lock().expect("no panic with the lock") = Some((response.clone(), is_served));
            Ok(response)
        });
        let sent = self.runtime.block_on(sent).map(|sent| serde_json::to_value(&sent));
        let sent = sent.expect("no invocation fails").expect("a response in JSON");
        let (response, is_served) = seen.into_inner().expect("no panic").expect("a response");
        assert_eq!(sent["statusCode"], response.status);
        assert!(response.status < 500, "{}: {}", route.function, response.body);
        for (name, value) in response.headers() {
            assert!(!value.contains(['\r', '\n']), "{name}: {value}");
        }
        for cookie in &response.cookies {
            assert!(!cookie.contains(['\r', '\n']), "{cookie}");
        }
        let is_json = response
            .headers()
            .iter()
            .any(|(name, value)| *name == "content-type" && value.starts_with("application/json"));
        if is_json && !response.body.is_empty() {
            serde_json::from_str::<Value>(&response.body).expect("JSON");
        }
        is_served.then_some(response)
    }
}

/// An event of an HTTP API for a route, with a session and a body.
pub fn event(route: &Route, session: &str, body: &[u8]) -> Value {
    let (body, is_base64_encoded) = match std::str::from_utf8(body) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (BASE64_STANDARD.encode(body), true),
    };
    json!({
        "routeKey": format!("{} {}", route.method, route.path),
        "headers": { "x-metabase-session": session },
        "pathParameters": { "id": "2" },
        "requestContext": { "http": { "method": route.method, "sourceIp": "192.0.2.1" } },
        "body": body,
        "isBase64Encoded": is_base64_encoded,
    })
}

/// The dialect for a number: documented if it is even, Metabase if it is odd.
pub fn dialect(number: u8) -> Dialect {
    if number % 2 == 0 { Dialect::Documented } else { Dialect::Metabase }
}
