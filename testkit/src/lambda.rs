//! A function's binary as Lambda runs it: a process that fetches events from the Runtime API.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::{
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::IntoResponse,
    routing::{get, post},
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::mpsc};

use crate::{TestApp, app::TABLE};

/// The Runtime API with one event to give out.
#[derive(Debug, Clone)]
struct Api {
    event: Arc<Mutex<Option<String>>>,
    answers: mpsc::UnboundedSender<Value>,
}

/// A process that ends with the test.
pub(crate) struct Running {
    child: Child,
    /// What the process writes is read while it runs: a full pipe would stop it.
    log: Vec<JoinHandle<String>>,
}

impl Running {
    fn new(mut child: Child) -> Self {
        let stdout = child.stdout.take().map(reader);
        let stderr = child.stderr.take().map(reader);
        Self { child, log: stdout.into_iter().chain(stderr).collect() }
    }

    fn end(mut self) -> String {
        self.child.kill().expect("a process that runs");
        self.log.drain(..).map(|log| log.join().expect("a log is text")).collect()
    }
}

fn reader(mut stream: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut log = String::new();
        stream.read_to_string(&mut log).expect("a log is text");
        log
    })
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl TestApp {
    /// Starts the binary of a function, hands it one event, and returns what it answers to the gateway
    /// and what it logs.
    pub async fn invoke(&self, binary: &Path, event: &Value) -> (Value, String) {
        self.invoke_with(&[], binary, event).await
    }

    /// The same with more variables in the environment of the function.
    pub async fn invoke_with(
        &self,
        variables: &[(&str, &str)],
        binary: &Path,
        event: &Value,
    ) -> (Value, String) {
        let (mut answered, running) = self.start(variables, binary, event).await;
        let answer = answered.recv().await.expect("an answer of the function");
        self.watch.record_response(&answer);
        self.record_stored().await;
        (answer, self.end(running))
    }

    /// Starts the binary of a function, which will find one event.
    pub(crate) async fn start(
        &self,
        variables: &[(&str, &str)],
        binary: &Path,
        event: &Value,
    ) -> (mpsc::UnboundedReceiver<Value>, Running) {
        let (answers, answered) = mpsc::unbounded_channel();
        self.watch.record_event(event);
        let event = Arc::new(Mutex::new(Some(event.to_string())));
        let address = serve(Api { event, answers }).await;
        let mut command = self.command(binary, &address);
        let child = command.envs(variables.iter().copied()).spawn();
        (answered, Running::new(child.expect("a binary that can be started")))
    }

    /// Kills a process; gives back what it logged.
    pub(crate) fn end(&self, running: Running) -> String {
        let log = running.end();
        self.watch.capture(&log);
        log
    }

    fn command(&self, binary: &Path, api: &str) -> Command {
        let mut command = Command::new(binary);
        command.env_clear().stdout(Stdio::piped()).stderr(Stdio::piped()).envs([
            ("AWS_LAMBDA_RUNTIME_API", api),
            ("AWS_LAMBDA_FUNCTION_NAME", "test"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
            ("AWS_REGION", "local"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_ENDPOINT_URL_DYNAMODB", self.endpoint()),
            ("TABLE_NAME", TABLE),
            ("AWS_LAMBDA_LOG_LEVEL", "TRACE"),
            ("RUST_LOG", "trace"),
            ("SETUP_TOKEN", crate::SETUP_TOKEN),
        ]);
        command
    }
}

async fn serve(api: Api) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answer))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(answer))
        .with_state(api);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// The event; whoever asks again waits, as for the next request of a quiet day.
async fn next(State(api): State<Api>) -> impl IntoResponse {
    let event = api.event.lock().expect("no test panicked with the lock").take();
    let event = match event {
        Some(event) => event,
        None => std::future::pending().await,
    };
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:local:0:function:test"),
    ];
    (headers, event)
}

async fn answer(State(api): State<Api>, body: String) -> StatusCode {
    let body = serde_json::from_str(&body).expect("a function answers in JSON");
    api.answers.send(body).expect("the test waits for it");
    StatusCode::ACCEPTED
}
