//! The parts of a request that audit events contain.

use super::Call;
use crate::{
    domain::{Action, Actor, AuditTarget, RateLimits, WriteContext},
    http::ApiError,
    store::Rejection,
};

impl Call {
    /// The actor of the request, if it is known.
    pub(crate) fn actor(&self) -> Option<Actor> {
        self.actor.get().copied()
    }

    /// The target that the path names, for the audit log.
    pub(crate) fn audit_target(&self) -> Option<AuditTarget> {
        let (_, path) = self.route().split_once(' ')?;
        let target = |prefix: &str, kind: &str| {
            path.starts_with(prefix).then(|| format!("{kind}:{}", self.path("id")))
        };
        let text = target("/api/user/{id}", "user")
            .or_else(|| target("/api/permissions/group/{id}", "group"))
            .or_else(|| target("/api/api-key/{id}", "api-key"))?;
        AuditTarget::parse(&text)
    }

    /// Counts a failed attempt against its rate limits, and records it in the audit log.
    ///
    /// # Errors
    ///
    /// Returns 429 if concurrent attempts have exhausted the rate limit, or 503.
    pub async fn record_failed_attempt(
        &self,
        rate_limits: &RateLimits,
        (action, target): (Action, Option<AuditTarget>),
        context: &WriteContext,
    ) -> Result<(), ApiError> {
        let rejection = Rejection { action, target, route: self.route() };
        let audit = self.store.record_rejection(rejection, context);
        let count = self.store.record_failure(rate_limits, self.now);
        let (counted, audited) = tokio::join!(count, audit);
        counted?.within_limits?;
        Ok(audited?)
    }
}
