//! Audit events of requests whose callers lack the permission.

use std::sync::{Arc, OnceLock};

use crate::{
    domain::{Action, Actor, AuditTarget, RequestMeta, WriteContext},
    http::{ApiError, Call},
    store::{Rejection, Store},
};

/// The parts of a request that an audit event of its rejection contains.
pub(super) struct RejectionLog {
    store: Store,
    meta: RequestMeta,
    route: String,
    target: Option<AuditTarget>,
    actor: Arc<OnceLock<Actor>>,
}

impl RejectionLog {
    pub(super) fn new(call: &Call) -> Self {
        Self {
            store: call.store().clone(),
            meta: call.request_meta(),
            route: call.route().to_owned(),
            target: call.audit_target(),
            actor: call.actor(),
        }
    }

    /// The actor of the request, if it is known.
    pub(super) fn actor(&self) -> Option<Actor> {
        self.actor.get().copied()
    }

    /// Records a missing permission. A failure of the record does not change the response.
    pub(super) async fn record(self, error: &ApiError) {
        let (ApiError::Forbidden, Some(actor)) = (error, self.actor()) else { return };
        let Self { store, meta, route, target, .. } = self;
        let rejection = Rejection { action: Action::Forbidden, target, route: &route };
        if let Err(error) = store.record_rejection(rejection, &WriteContext::new(actor, meta)).await
        {
            tracing::warn!(%error, "failed to record a rejected request");
        }
    }
}
