//! Start-up and request loop: the whole `main` of every function.

use std::{convert::Infallible, fmt, future::Future};

use lambda_runtime::{LambdaEvent, service_fn};

use crate::{
    app::App,
    config::ConfigError,
    http::{ApiResult, Call, Event, Reply},
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

/// Runs one route until the execution environment stops.
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
    lambda_runtime::tracing::init_default_subscriber();
    let app = App::from_env()?;
    open_connection(&app).await;
    let service = service_fn(|event: LambdaEvent<Event>| {
        respond(&handler, Call::new(app.clone(), event.payload))
    });
    Box::pin(lambda_runtime::run(service)).await.map_err(Error)
}

async fn open_connection(app: &App) {
    if let Err(error) = app.store().instance().await {
        tracing::warn!(%error, "the connection could not be opened ahead");
    }
}

/// Answers one request. A refusal is an answer too: an invocation never fails.
///
/// # Errors
///
/// None; the type is what the runtime asks for.
pub async fn respond<H, F>(handler: &H, call: Call) -> Result<Reply, Infallible>
where
    H: Fn(Call) -> F,
    F: Future<Output = ApiResult>,
{
    let request_id = call.request_id().to_owned();
    Ok(handler(call).await.unwrap_or_else(|error| error.into_reply(&request_id)))
}
