//! The whole service on a table that is set up once and then forgets what is written: what is answered
//! depends on what is sent alone.

mod table;

use std::sync::LazyLock;

use base64::{Engine, prelude::BASE64_STANDARD};
use functions::routes::{ROUTES, Route};
use serde_json::{Value, json};
use shared::{
    app::App,
    clock::Clock,
    config::{Connection, Settings},
    domain::Timestamp,
    http::{Call, Dialect, Event, Reply},
    lambda::respond,
    store::{Store, client_config},
};
use time::OffsetDateTime;
use tokio::runtime::Runtime;

use table::Table;

const SETUP_TOKEN: &str = "setup";

/// A clock that stands still.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::new(OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000))
    }
}

/// The service in both dialects, with an administrator and somebody without rights.
pub struct Stage {
    runtime: Runtime,
    apps: [App; 2],
    /// Sessions of the two.
    pub sessions: [String; 2],
}

/// The stage of this process.
pub static STAGE: LazyLock<Stage> = LazyLock::new(Stage::new);

/// The routes that do something with what is sent: the files of the documentation do not.
pub fn routes() -> impl Iterator<Item = &'static Route> + Clone {
    ROUTES.iter().filter(|route| !["docs", "openapi"].contains(&route.function))
}

/// The route of a function.
pub fn route(function: &str) -> &'static Route {
    ROUTES.iter().find(|route| route.function == function).expect("a function")
}

impl Stage {
    fn new() -> Self {
        let table = Table::default();
        let connection = Connection::local("http://localhost".to_owned(), "users");
        let config = client_config(connection).http_client(table.clone()).build();
        let store = Store::new(aws_sdk_dynamodb::Client::from_conf(config), "users");
        let apps = [Dialect::Documented, Dialect::Metabase].map(|dialect| {
            let setup_token = Some(SETUP_TOKEN.into());
            App::new(store.clone(), Settings { dialect, setup_token, ..Settings::default() }, Still)
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let sessions = [const { String::new() }; 2];
        let mut stage = Self { runtime: runtime.expect("a runtime"), apps, sessions };
        stage.sessions = stage.people();
        table.freeze();
        stage
    }

    fn people(&self) -> [String; 2] {
        let password = "unc0mmon pw";
        let new = |name: &str| json!({ "email": format!("{name}@example.com"), "first_name": name, "last_name": "L", "password": password });
        let text = |body: Value| body["id"].as_str().expect("a session").to_owned();
        let setup = json!({ "token": SETUP_TOKEN, "user": new("ada") });
        let ada = text(self.done("setup", "", &setup));
        self.done("create-user", &ada, &new("jane"));
        let login = json!({ "username": "jane@example.com", "password": password });
        [ada, text(self.done("login", "", &login))]
    }

    fn done(&self, function: &str, session: &str, body: &Value) -> Value {
        let event = event(session, body.to_string().as_bytes());
        let reply = self.answer(route(function), event, Dialect::Documented);
        assert_eq!(reply.status, 200, "{function}: {}", reply.body);
        serde_json::from_str(&reply.body).expect("JSON")
    }

    /// What is answered; stops the process if that is what nothing may be answered with.
    pub fn answer(&self, route: &Route, event: Event, dialect: Dialect) -> Reply {
        let call = Call::new(self.apps[usize::from(dialect == Dialect::Metabase)].clone(), event);
        let (reply, _) = self.runtime.block_on(respond(&route.handler, call));
        let told = serde_json::to_value(&reply).expect("an answer to the gateway");
        assert!(reply.status < 500, "{}: {}", route.function, reply.body);
        for (name, value) in told["headers"].as_object().into_iter().flatten() {
            let value = value.as_str().expect("a text");
            assert!(!value.contains(['\r', '\n']), "{name}: {value}");
        }
        for cookie in &reply.cookies {
            assert!(!cookie.contains(['\r', '\n']), "{cookie}");
        }
        let kind = told["headers"]["content-type"].as_str().unwrap_or_default();
        if kind.starts_with("application/json") && reply.status != 204 && !reply.body.is_empty() {
            serde_json::from_str::<Value>(&reply.body).expect("JSON");
        }
        reply
    }
}

/// A request with a session, with a body as the gateway has it.
pub fn event(session: &str, body: &[u8]) -> Event {
    let (body, is_base64_encoded) = match std::str::from_utf8(body) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (BASE64_STANDARD.encode(body), true),
    };
    let mut event = Event { body: Some(body), is_base64_encoded, ..Event::default() };
    event.request_context.http.method = "POST".to_owned();
    event.request_context.http.source_ip = "192.0.2.1".to_owned();
    event.headers.insert("x-metabase-session".to_owned(), session.to_owned());
    event.path_parameters = Some([("id".to_owned(), "2".to_owned())].into());
    event
}

/// A dialect for a number.
pub fn dialect(number: u8) -> Dialect {
    if number % 2 == 0 { Dialect::Documented } else { Dialect::Metabase }
}
