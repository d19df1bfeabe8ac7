//! Functions with events: in this process, or in a process of their own with a fake of the Lambda
//! Runtime API.
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
use functions::routes::{ROUTES, Route};
use lambda_http::{Context, LambdaEvent};
use serde_json::Value;
use shared::{app::respond, http::Call, lambda::convert, telemetry::Invocation};
use tokio::{net::TcpListener, sync::mpsc};

use crate::{IamEnforcer, TestApp, app::TABLE};

/// The Runtime API with one event.
#[derive(Debug, Clone)]
struct RuntimeApi {
    event: Arc<Mutex<Option<String>>>,
    responses: mpsc::UnboundedSender<Value>,
}

/// A process killed on drop.
pub(crate) struct FunctionProcess {
    child: Child,
    /// Threads that read the output, because a full pipe would block the process.
    log: Vec<JoinHandle<String>>,
}

impl FunctionProcess {
    fn new(mut child: Child) -> Self {
        let stdout = child.stdout.take().map(read_to_end);
        let stderr = child.stderr.take().map(read_to_end);
        Self { child, log: stdout.into_iter().chain(stderr).collect() }
    }

    fn kill(mut self) -> String {
        self.child.kill().expect("a process that runs");
        self.log.drain(..).map(|log| log.join().expect("a log is text")).collect()
    }
}

fn read_to_end(mut stream: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut log = String::new();
        stream.read_to_string(&mut log).expect("a log is text");
        log
    })
}

impl Drop for FunctionProcess {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl TestApp {
    /// Handles an event in this process. Returns the response for the front door, and the log line.
    pub async fn convert(&self, route: &Route, event: Value) -> (Value, Value) {
        let of_function = ROUTES.iter().filter(|other| other.function == route.function);
        let routes: Vec<_> = of_function.map(Route::pattern).collect();
        self.leak_detector.record_event(&event);
        let log = Mutex::new(None);
        let response = convert(&routes, LambdaEvent::new(event, Context::default()), |request| {
            let call = Call::new(self.service().clone(), request);
            let log = &log;
            async move {
                let (response, record) = respond(&route.handler, call).await;
                *log.lock().expect("no panic with the lock") = Some(record);
                Ok(response)
            }
        });
        let response = IamEnforcer::as_function(route.function, response).await;
        let response = serde_json::to_value(response.expect("an infallible conversion"));
        let response = response.expect("a response in JSON");
        self.leak_detector.record_response(&response);
        let record = log.into_inner().expect("no panic with the lock").expect("a request");
        let invocation = Invocation {
            function_name: route.function,
            function_request_id: "f-1",
            cold_start: false,
            xray_trace_id: None,
        };
        let line = record.line("users", &invocation).expect("a log line");
        (response, serde_json::from_str(&line).expect("a log line in JSON"))
    }

    /// Starts the binary of a function with one event and returns its response and its log.
    pub async fn invoke(&self, binary: &Path, event: &Value) -> (Value, String) {
        self.invoke_with(&[], binary, event).await
    }

    /// The same with further environment variables.
    pub async fn invoke_with(
        &self,
        variables: &[(&str, &str)],
        binary: &Path,
        event: &Value,
    ) -> (Value, String) {
        let (mut responses, process) = self.start(variables, binary, event).await;
        let response = responses.recv().await.expect("a response of the function");
        self.leak_detector.record_response(&response);
        self.record_stored().await;
        (response, self.kill_process(process))
    }

    /// Starts the binary of a function with one event.
    pub(crate) async fn start(
        &self,
        variables: &[(&str, &str)],
        binary: &Path,
        event: &Value,
    ) -> (mpsc::UnboundedReceiver<Value>, FunctionProcess) {
        let (sender, responses) = mpsc::unbounded_channel();
        self.leak_detector.record_event(event);
        let event = Arc::new(Mutex::new(Some(event.to_string())));
        let address = serve(RuntimeApi { event, responses: sender }).await;
        let mut command = self.command(binary, &address);
        let child = command.envs(variables.iter().copied()).spawn();
        (responses, FunctionProcess::new(child.expect("a binary that can be started")))
    }

    /// Kills a process and returns its log.
    pub(crate) fn kill_process(&self, process: FunctionProcess) -> String {
        let log = process.kill();
        self.leak_detector.capture(&log);
        log
    }

    fn command(&self, binary: &Path, runtime_api: &str) -> Command {
        let mut command = Command::new(binary);
        command.env_clear().stdout(Stdio::piped()).stderr(Stdio::piped()).envs([
            ("AWS_LAMBDA_RUNTIME_API", runtime_api),
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

async fn serve(runtime_api: RuntimeApi) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next_event))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(receive_response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(receive_response))
        .with_state(runtime_api);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Returns the event to the first request. Later requests wait forever.
async fn next_event(State(runtime_api): State<RuntimeApi>) -> impl IntoResponse {
    let event = runtime_api.event.lock().expect("no test panicked with the lock").take();
    let event = match event {
        Some(event) => event,
        None => std::future::pending().await,
    };
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:local:0:function:test"),
        (
            "lambda-runtime-trace-id",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
        ),
    ];
    (headers, event)
}

async fn receive_response(State(runtime_api): State<RuntimeApi>, body: String) -> StatusCode {
    let body = serde_json::from_str(&body).expect("a JSON response");
    runtime_api.responses.send(body).expect("the test waits for it");
    StatusCode::ACCEPTED
}
