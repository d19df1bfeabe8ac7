//! The service: its state from the environment, and the response to one request.

mod rejections;

use std::future::Future;

use crate::{
    clock::SystemClock,
    config::{self, ConfigError, Settings},
    http::{ApiError, ApiResult, AppState, Call, Response},
    store::Store,
    telemetry::{RequestLog, RequestTimer},
    timing::REQUEST_TIMEOUT,
};

/// Creates the state that the environment describes.
///
/// # Errors
///
/// Returns an error if a variable is missing or invalid.
pub async fn from_env() -> Result<AppState, ConfigError> {
    let table = config::table_name()?;
    let aws = config::aws().await?;
    let store = Store::connect(&aws, &table);
    let settings = Settings { mail: config::mail(&aws)?, ..Settings::from_env()? };
    Ok(AppState::new(store, settings, SystemClock))
}

/// Responds to one request. Errors and timeouts are responses, so an invocation never fails.
///
/// A request without a route is 404: a load balancer or a function URL may send any path.
pub async fn respond<H, F>(handler: &H, call: Call) -> (Response, RequestLog)
where
    H: Fn(Call) -> F,
    F: Future<Output = ApiResult>,
{
    let timer = RequestTimer::new(&call);
    let dialect = call.dialect();
    let result = match call.problem() {
        Some(problem) => Err(ApiError::BadRequest(problem)),
        None if call.route().is_empty() => Ok(dialect.route_not_found(call.raw_path())),
        None => tokio::time::timeout(REQUEST_TIMEOUT, handler(call.clone()))
            .await
            .unwrap_or_else(|elapsed| Err(ApiError::Unavailable(elapsed.into()))),
    };
    if let Err(error) = &result {
        rejections::record(&call, error).await;
    }
    let response = result.unwrap_or_else(|error| error.into_response(dialect, call.request_id()));
    let response = dialect.with_headers(response).for_request(call.method(), call.is_https());
    let log = timer.finish(response.status, call.actor(), call.store().usage());
    (response, log)
}
