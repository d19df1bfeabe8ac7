//! Audit events of requests whose callers lack the permission.

use crate::{
    domain::{Action, WriteContext},
    http::{ApiError, Call},
    store::Rejection,
};

/// Records a missing permission. A failure of the record does not change the response.
pub(super) async fn record(call: &Call, error: &ApiError) {
    let (ApiError::Forbidden, Some(actor)) = (error, call.actor()) else { return };
    let target = call.audit_target();
    let rejection = Rejection { action: Action::Forbidden, target, route: call.route() };
    let context = WriteContext::new(actor, call.request_meta());
    if let Err(error) = call.store().record_rejection(rejection, &context).await {
        tracing::warn!(%error, "failed to record a rejected request");
    }
}
