//! Start-up and request loop of every function.

mod event;
mod route;

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    io::{self, Write},
    mem,
    sync::atomic::{AtomicBool, Ordering},
};

use lambda_http::{Adapter, LambdaEvent, Request, RequestExt, Service, lambda_runtime, service_fn};
use serde::Serialize;
use serde_json::Value;

use self::event::SafeEvent;
use crate::{
    app::{self, respond},
    config::ConfigError,
    http::{ApiResult, AppState, Call, Response},
    telemetry::{self, Invocation, RequestLog},
};

pub use route::{RoutePattern, Routes};

/// The error that stopped a function. `main` prints `Debug`, so `Debug` is the error message.
pub struct Error(Box<dyn std::error::Error + Send + Sync>);

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self(error.into())
    }
}

/// Runs a function until the execution environment stops. It is the whole `main` of a function.
///
/// A cheap read opens the connection to DynamoDB before the first event. If the read fails, the
/// first event opens the connection.
///
/// # Errors
///
/// Returns an error if the configuration is missing or invalid, or if the Lambda runtime fails.
pub async fn serve<H, F>(routes: Routes, handler: H) -> Result<(), Error>
where
    H: Fn(Call) -> F + Sync,
    F: Future<Output = ApiResult> + Send,
{
    let app = init().await?;
    warm_up(&app).await;
    run(app, routes, handler).await
}

/// Initializes the log and the state of a function, without any request.
///
/// # Errors
///
/// Returns an error if the configuration is missing or invalid.
pub async fn init() -> Result<AppState, Error> {
    telemetry::init();
    Ok(app::from_env().await?)
}

/// Responds to events until the execution environment stops.
///
/// # Errors
///
/// Returns an error if the Lambda runtime fails.
pub async fn run<H, F>(app: AppState, routes: Routes, handler: H) -> Result<(), Error>
where
    H: Fn(Call) -> F + Sync,
    F: Future<Output = ApiResult> + Send,
{
    let function = Function { app, handler, is_cold: AtomicBool::new(true) };
    let service =
        service_fn(async |event| convert(routes, event, |request| function.respond(request)).await);
    Box::pin(lambda_runtime::run(service)).await.map_err(Error)
}

/// Converts an event to a request, and the response of a service to the format of the event's front
/// door.
///
/// # Errors
///
/// Never fails, because an invocation must not.
pub async fn convert<F>(
    routes: &[RoutePattern],
    LambdaEvent { payload, context }: LambdaEvent<Value>,
    service: impl Fn(Request) -> F,
) -> Result<impl Serialize, Infallible>
where
    F: Future<Output = Result<Response, Infallible>> + Send,
{
    let SafeEvent { event, mut rest } = event::read(payload, routes);
    let mut adapter =
        Adapter::from(service_fn(|request| service(mem::take(&mut rest).add_to(request))));
    adapter.call(LambdaEvent::new(event, context)).await
}

/// A handler, with the state of its function.
struct Function<H> {
    app: AppState,
    handler: H,
    /// Whether no request has arrived yet.
    is_cold: AtomicBool,
}

impl<H, F> Function<H>
where
    H: Fn(Call) -> F + Sync,
    F: Future<Output = ApiResult> + Send,
{
    /// Responds to one request, and writes one log line.
    async fn respond(&self, request: Request) -> Result<Response, Infallible> {
        let context = request.lambda_context();
        let invocation = Invocation {
            function_name: &context.env_config.function_name,
            function_request_id: &context.request_id,
            cold_start: self.is_cold.swap(false, Ordering::Relaxed),
            xray_trace_id: context.xray_trace_id.as_deref().and_then(trace_id),
        };
        let call = Call::new(self.app.clone(), request);
        let problem = call.problem();
        let (response, log) = respond(&self.handler, call).await;
        match problem {
            Some(problem) => tracing::warn!("{problem}"),
            None => write_log(&log, &self.app.settings().service_name, &invocation),
        }
        Ok(response)
    }
}

/// Opens the connection to DynamoDB with a read that every function may perform.
pub async fn warm_up(app: &AppState) {
    if let Err(error) = app.store().instance().await {
        tracing::warn!(%error, "warm-up request failed");
    }
}

/// The ID in a trace header of Lambda, for example `Root=1-…;Parent=…;Sampled=1`.
fn trace_id(header: &str) -> Option<&str> {
    header.split(';').find_map(|member| member.strip_prefix("Root="))
}

/// Writes a line to standard output. Lambda stores each line as a log entry.
fn write_log(log: &RequestLog, service: &str, invocation: &Invocation<'_>) {
    let line = log.line(service, invocation).map_err(io::Error::other);
    if let Err(error) = line.and_then(|line| writeln!(io::stdout(), "{line}")) {
        tracing::warn!(%error, "failed to write the request log");
    }
}
