//! Detection of secrets in logs.
//!
//! The detector records each secret that a test sends, receives or stores, and captures the log of
//! the service. The test fails on drop of its `TestApp` if the log contains a secret.

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

/// Minimum length of a secret. Shorter strings occur by chance.
const MIN_LENGTH: usize = 8;
/// JSON fields with a secret value or prefix.
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
/// Text before a secret in a cookie, a link and a query.
const COOKIE_PREFIXES: [&str; 2] = ["metabase.SESSION=", "metabase.DEVICE="];
const LINK_PREFIX: &str = "/auth/reset_password/";
const QUERY_PREFIX: &str = "token=";
/// Length of a token hash: SHA-256 in Base64.
const HASH_LENGTH: usize = 43;

tokio::task_local! {
    /// The detector of the current request.
    static CURRENT: SecretLeakDetector;
}

/// The log outside of any request.
static UNATTRIBUTED_LOG: Mutex<String> = Mutex::new(String::new());

/// The secrets and the log of one test.
#[derive(Debug, Clone, Default)]
pub(crate) struct SecretLeakDetector(Arc<Mutex<Captured>>);

#[derive(Debug, Default)]
struct Captured {
    secrets: BTreeSet<String>,
    log: String,
}

impl SecretLeakDetector {
    /// Installs the global subscriber and creates a detector.
    pub(crate) fn new() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // The engine replaces DynamoDB. Its log is not part of the service.
            let levels = Targets::new().with_default(LevelFilter::INFO);
            let levels = levels.with_target("dynoxide", LevelFilter::OFF);
            let lines = fmt::layer().with_ansi(false).with_writer(|| Writer);
            drop(tracing_subscriber::registry().with(lines).with(levels).try_init());
        });
        Self::default()
    }

    /// Runs a future and captures its log.
    pub(crate) async fn observe<F: Future>(&self, work: F) -> F::Output {
        CURRENT.scope(self.clone(), work).await
    }

    /// Records a secret.
    pub(crate) fn record(&self, secret: &str) {
        if secret.len() >= MIN_LENGTH {
            self.captured().secrets.insert(secret.to_owned());
        }
    }

    /// Records the secret of a header.
    pub(crate) fn record_header(&self, name: &str, value: &str) {
        match name {
            "x-metabase-session" | "x-api-key" => self.record(value),
            "cookie" | "set-cookie" => {
                for prefix in COOKIE_PREFIXES {
                    self.record_after(prefix, value);
                }
            }
            _ => {}
        }
    }

    /// Records each token that follows a prefix.
    fn record_after(&self, prefix: &str, text: &str) {
        let is_of_token = |c: char| c.is_ascii_alphanumeric() || ['_', '-'].contains(&c);
        for rest in text.split(prefix).skip(1) {
            self.record(rest.split(|c| !is_of_token(c)).next().unwrap_or_default());
        }
    }

    /// Records the token of a link in an email.
    pub(crate) fn record_email(&self, text: &str) {
        self.record_after(LINK_PREFIX, text);
    }

    /// Records the token in a query.
    pub(crate) fn record_query(&self, query: &str) {
        self.record_after(QUERY_PREFIX, query);
    }

    /// Records the secrets in a JSON body.
    pub(crate) fn record_body(&self, body: &Value) {
        each_field(body, &mut |name, value| {
            if let (true, Some(text)) = (SECRET_FIELDS.contains(&name), value.as_str()) {
                self.record(text);
                self.record_after(LINK_PREFIX, text);
            }
        });
    }

    /// Records the secrets in a Lambda response.
    pub(crate) fn record_response(&self, response: &Value) {
        for cookie in response["cookies"].as_array().into_iter().flatten() {
            self.record_header("set-cookie", cookie.as_str().unwrap_or_default());
        }
        self.record_text(&response["body"]);
    }

    /// Records the secrets in a JSON string that contains a JSON body.
    fn record_text(&self, body: &Value) {
        let body = body.as_str().map(serde_json::from_str::<Value>);
        self.record_body(&body.and_then(Result::ok).unwrap_or_default());
    }

    /// Records the secrets in a Lambda event.
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

    /// Records the hashes in an item or a key.
    pub(crate) fn record_stored(&self, stored: &Value) {
        each_field(stored, &mut |_, value| {
            let text = value.as_str().unwrap_or_default();
            let last = text.rsplit('#').next().unwrap_or_default();
            if text.starts_with("$argon2") || last.len() == HASH_LENGTH {
                self.record(last);
            }
        });
    }

    /// Appends to the captured log.
    pub(crate) fn capture(&self, log: &str) {
        self.captured().log.push_str(log);
    }

    /// The captured log.
    pub(crate) fn log(&self) -> String {
        self.captured().log.clone()
    }

    /// The logged secrets of this test, including the log outside of any request.
    pub(crate) fn leaks(&self) -> Vec<String> {
        let unattributed = UNATTRIBUTED_LOG.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.leaks_in(&(self.log() + &unattributed))
    }

    /// The secrets found in `log`.
    pub(crate) fn leaks_in(&self, log: &str) -> Vec<String> {
        let captured = self.captured();
        captured.secrets.iter().filter(|secret| log.contains(*secret)).cloned().collect()
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

/// Writes each line to the detector of the current request.
struct Writer;

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        if CURRENT.try_with(|detector| detector.capture(&text)).is_err() {
            UNATTRIBUTED_LOG.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
