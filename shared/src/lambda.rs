//! Start-up and request loop of every function.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    io::{self, Write},
};

use lambda_runtime::{LambdaEvent, service_fn};

use crate::{
    app::{self, respond},
    config::ConfigError,
    http::{ApiResult, AppState, Call, Event},
    telemetry::{self, RequestLog},
};

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

/// Runs one route until the execution environment stops. It is the whole `main` of a function.
///
/// A cheap read opens the connection to DynamoDB before the first event. If the read fails, the
/// first event opens the connection.
///
/// # Errors
///
/// Returns an error if the configuration is missing or invalid, or if the Lambda runtime fails.
pub async fn serve<H, F>(handler: H) -> Result<(), Error>
where
    H: Fn(Call) -> F,
    F: Future<Output = ApiResult>,
{
    let app = init()?;
    warm_up(&app).await;
    run(app, handler).await
}

/// Initializes the log and the state of a function, without any request.
///
/// # Errors
///
/// Returns an error if the configuration is missing or invalid.
pub fn init() -> Result<AppState, Error> {
    telemetry::init();
    Ok(app::from_env()?)
}

/// Responds to events until the execution environment stops.
///
/// # Errors
///
/// Returns an error if the Lambda runtime fails.
pub async fn run<H, F>(app: AppState, handler: H) -> Result<(), Error>
where
    H: Fn(Call) -> F,
    F: Future<Output = ApiResult>,
{
    let service = service_fn(async |LambdaEvent { payload, context }: LambdaEvent<Event>| {
        let (response, log) = respond(&handler, Call::new(app.clone(), payload)).await;
        write_log(&log, &app.settings().service_name, &context.request_id);
        Ok::<_, Infallible>(response)
    });
    Box::pin(lambda_runtime::run(service)).await.map_err(Error)
}

/// Opens the connection to DynamoDB with a read that every function may perform.
pub async fn warm_up(app: &AppState) {
    if let Err(error) = app.store().instance().await {
        tracing::warn!(%error, "warm-up request failed");
    }
}

/// Writes a line to standard output. Lambda stores each line as a log entry.
fn write_log(log: &RequestLog, service: &str, function_request_id: &str) {
    let line = log.line(service, function_request_id).map_err(io::Error::other);
    if let Err(error) = line.and_then(|line| writeln!(io::stdout(), "{line}")) {
        tracing::warn!(%error, "failed to write the request log");
    }
}
