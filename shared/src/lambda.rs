//! Start-up and request loop: the whole `main` of every function.

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

/// Why a function stopped. `main` prints its `Debug`, which is therefore the sentence itself.
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

/// Runs one route until the execution environment stops: the whole `main` of its function.
///
/// One cheap read opens the connection to DynamoDB before the first event; should it fail, the
/// first event finds out.
///
/// # Errors
///
/// When configuration is missing, or the Lambda runtime itself fails.
pub async fn serve<H, F>(handler: H) -> Result<(), Error>
where
    H: Fn(Call) -> F,
    F: Future<Output = ApiResult>,
{
    let app = init()?;
    warm_up(&app).await;
    run(app, handler).await
}

/// The start of every function, before anything is sent.
///
/// # Errors
///
/// When configuration is missing.
pub fn init() -> Result<AppState, Error> {
    telemetry::init();
    Ok(app::from_env()?)
}

/// Answers events until the execution environment stops.
///
/// # Errors
///
/// When the Lambda runtime itself fails.
pub async fn run<H, F>(app: AppState, handler: H) -> Result<(), Error>
where
    H: Fn(Call) -> F,
    F: Future<Output = ApiResult>,
{
    let service = service_fn(async |LambdaEvent { payload, context }: LambdaEvent<Event>| {
        let (reply, record) = respond(&handler, Call::new(app.clone(), payload)).await;
        log(&record, &app.settings().service_name, &context.request_id);
        Ok::<_, Infallible>(reply)
    });
    Box::pin(lambda_runtime::run(service)).await.map_err(Error)
}

/// The start of every function: whatever it may do, it may read this.
pub async fn warm_up(app: &AppState) {
    if let Err(error) = app.store().instance().await {
        tracing::warn!(%error, "the connection could not be opened ahead");
    }
}

/// Lambda takes each line of the output for a log entry.
fn log(record: &RequestLog, service: &str, function_request_id: &str) {
    let line = record.line(service, function_request_id).map_err(io::Error::other);
    if let Err(error) = line.and_then(|line| writeln!(io::stdout(), "{line}")) {
        tracing::warn!(%error, "the request could not be logged");
    }
}
