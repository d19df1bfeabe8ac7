//! Watches that no secret is ever logged.
//!
//! Every secret that a test sends, is given, or lets the service store is noted, and everything that
//! is logged meanwhile is kept. When the service of the test goes, none of the one may be in the other.

use std::{
    collections::BTreeSet,
    future::Future,
    io,
    sync::{Arc, Mutex, MutexGuard, Once, PoisonError},
};

use serde_json::Value;
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Shorter texts are found by chance.
const SHORTEST: usize = 8;
/// Fields that are, or begin as, a secret wherever they are.
const SECRET_FIELDS: [&str; 10] = [
    "id",
    "masked_key",
    "new_password",
    "old_password",
    "password",
    "password_reset_url",
    "session_id",
    "setup-token",
    "token",
    "unmasked_key",
];
/// What begins a secret in a cookie, in a link, and in a query.
const COOKIE: &str = "metabase.SESSION=";
const LINK: &str = "/auth/reset_password/";
const QUERY: &str = "token=";
/// The hash of a token, as text: SHA-256 in Base64.
const HASH_LENGTH: usize = 43;

tokio::task_local! {
    /// Who listens to what the current request logs.
    static CURRENT: SecretLeakDetector;
}

/// What is logged on behalf of nobody's request.
static UNATTRIBUTED_LOG: Mutex<String> = Mutex::new(String::new());

/// The secrets of one test and what was logged for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct SecretLeakDetector(Arc<Mutex<Captured>>);

#[derive(Debug, Default)]
struct Captured {
    secrets: BTreeSet<String>,
    log: String,
}

impl SecretLeakDetector {
    /// Begins to listen.
    pub(crate) fn new() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // The engine stands for DynamoDB: what it logs is not the service's.
            let levels = Targets::new().with_default(LevelFilter::INFO);
            let levels = levels.with_target("dynoxide", LevelFilter::OFF);
            let lines = fmt::layer().with_ansi(false).with_writer(|| Writer);
            drop(tracing_subscriber::registry().with(lines).with(levels).try_init());
        });
        Self::default()
    }

    /// Does something and hears what it logs.
    pub(crate) async fn observe<F: Future>(&self, work: F) -> F::Output {
        CURRENT.scope(self.clone(), work).await
    }

    /// Notes a secret.
    pub(crate) fn record(&self, secret: &str) {
        if secret.len() >= SHORTEST {
            self.captured().secrets.insert(secret.to_owned());
        }
    }

    /// Notes the secrets among headers.
    pub(crate) fn record_header(&self, name: &str, value: &str) {
        match name {
            "x-metabase-session" | "x-api-key" => self.record(value),
            "cookie" | "set-cookie" => self.record_after(COOKIE, value),
            _ => {}
        }
    }

    /// Notes what comes after a mark, up to what no token has.
    fn record_after(&self, mark: &str, text: &str) {
        let is_of_token = |c: char| c.is_ascii_alphanumeric() || ['_', '-'].contains(&c);
        for rest in text.split(mark).skip(1) {
            self.record(rest.split(|c| !is_of_token(c)).next().unwrap_or_default());
        }
    }

    /// Notes the secret of a link in a letter.
    pub(crate) fn record_email(&self, text: &str) {
        self.record_after(LINK, text);
    }

    /// Notes the secret in a query.
    pub(crate) fn record_query(&self, query: &str) {
        self.record_after(QUERY, query);
    }

    /// Notes the secrets in a body of JSON.
    pub(crate) fn record_body(&self, body: &Value) {
        each_field(body, &mut |name, value| {
            if let (true, Some(text)) = (SECRET_FIELDS.contains(&name), value.as_str()) {
                self.record(text);
                self.record_after(LINK, text);
            }
        });
    }

    /// Notes the secrets of an answer to the gateway.
    pub(crate) fn record_response(&self, answer: &Value) {
        for cookie in answer["cookies"].as_array().into_iter().flatten() {
            self.record_header("set-cookie", cookie.as_str().unwrap_or_default());
        }
        self.record_text(&answer["body"]);
    }

    /// Notes the secrets of a body of JSON that is a text.
    fn record_text(&self, body: &Value) {
        let body = body.as_str().map(serde_json::from_str::<Value>);
        self.record_body(&body.and_then(Result::ok).unwrap_or_default());
    }

    /// Notes the secrets of an event of the gateway.
    pub(crate) fn record_event(&self, event: &Value) {
        for (name, value) in event["headers"].as_object().into_iter().flatten() {
            self.record_header(name, value.as_str().unwrap_or_default());
        }
        for cookie in event["cookies"].as_array().into_iter().flatten() {
            self.record_header("cookie", cookie.as_str().unwrap_or_default());
        }
        self.record_query(event["rawQueryString"].as_str().unwrap_or_default());
        self.record_text(&event["body"]);
    }

    /// Notes the hashes in what is stored or looked for.
    pub(crate) fn record_stored(&self, stored: &Value) {
        each_field(stored, &mut |_, value| {
            let text = value.as_str().unwrap_or_default();
            let last = text.rsplit('#').next().unwrap_or_default();
            if text.starts_with("$argon2") || last.len() == HASH_LENGTH {
                self.record(last);
            }
        });
    }

    /// Adds what another process logged.
    pub(crate) fn capture(&self, log: &str) {
        self.captured().log.push_str(log);
    }

    /// What was logged for this test so far.
    pub(crate) fn log(&self) -> String {
        self.captured().log.clone()
    }

    /// The secrets that were logged, for this test or for nobody's request.
    pub(crate) fn leaks(&self) -> Vec<String> {
        let stray = UNATTRIBUTED_LOG.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.leaks_in(&(self.log() + &stray))
    }

    /// The secrets that are in a log.
    pub(crate) fn leaks_in(&self, log: &str) -> Vec<String> {
        let heard = self.captured();
        heard.secrets.iter().filter(|secret| log.contains(*secret)).cloned().collect()
    }

    fn captured(&self) -> MutexGuard<'_, Captured> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn each_field(value: &Value, visit: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                visit(name, value);
                each_field(value, visit);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| each_field(item, visit)),
        _ => {}
    }
}

/// Gives each line to whoever listens.
struct Writer;

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        if CURRENT.try_with(|watch| watch.capture(&text)).is_err() {
            UNATTRIBUTED_LOG.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
