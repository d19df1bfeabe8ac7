//! Audit events of rejected requests. Their number is bounded.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::NewAuditEvent;
use crate::{
    domain::{Action, AuditContext, AuditTarget, WriteContext},
    store::{Conflict, Key, Store, WriteError, expression::Expression, write::Write},
};

/// The seconds for which an event suppresses further ones of the same kind.
const INTERVAL: i64 = 60;

/// The number of kinds into which the events of anonymous clients of one route fall.
const ANONYMOUS_KINDS: u8 = 16;

/// The maximum number of kinds that a process remembers.
const MAX_REMEMBERED: usize = 256;

/// A rejected request.
#[derive(Debug, Clone, Copy)]
pub struct Rejection<'a> {
    /// The reason.
    pub action: Action,
    /// The target of the request, if it is known.
    pub target: Option<AuditTarget>,
    /// The route, for example `GET /api/user/{id}`.
    pub route: &'a str,
}

/// The kinds of rejections that this process has recorded within the interval.
///
/// A flood of rejected requests then costs no writes. Other processes rely on the table.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct RecentRejections(Arc<Mutex<HashMap<String, i64>>>);

/// The marker of a kind of rejection. DynamoDB deletes it later by its time to live.
#[derive(Serialize)]
struct MarkerItem {
    expires_at: i64,
}

impl Store {
    /// Records a rejected request, unless one of the same kind was recorded within a minute.
    ///
    /// A kind consists of reason, route and actor. The IPs of anonymous clients fall into sixteen
    /// kinds, so that many clients cannot flood the log either.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn record_rejection(
        &self,
        rejection: Rejection<'_>,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let now = context.now().epoch_seconds();
        let kind = kind(rejection, context.audit());
        if self.recent_rejections.contains(&kind, now) {
            return Ok(());
        }
        let expires_at = now.saturating_add(INTERVAL);
        let is_free =
            Expression::new("attribute_not_exists(pk) OR #expires_at <= :now").number("now", now);
        let marker = Write::put(&Key::audit_marker(&kind), &MarkerItem { expires_at })?
            .only_if(is_free.or_conflict(Conflict::AlreadyRecorded));
        let event = NewAuditEvent::new(rejection.action, rejection.target)
            .with_fields(vec![rejection.route.to_owned().into()]);
        let outcome = self.commit(vec![marker], &context.without_idempotency(), event).await;
        match outcome {
            Ok(()) | Err(WriteError::Conflict(Conflict::AlreadyRecorded)) => {
                self.recent_rejections.insert(kind, expires_at, now);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

impl RecentRejections {
    fn contains(&self, kind: &str, now: i64) -> bool {
        let kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.get(kind).is_some_and(|expires_at| *expires_at > now)
    }

    fn insert(&self, kind: String, expires_at: i64, now: i64) {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kinds.len() >= MAX_REMEMBERED {
            kinds.retain(|_, expires_at| *expires_at > now);
        }
        if kinds.len() < MAX_REMEMBERED {
            kinds.insert(kind, expires_at);
        }
    }
}

/// The kind of a rejection: 43 characters of URL-safe Base64.
fn kind(Rejection { action, route, .. }: Rejection<'_>, context: &AuditContext) -> String {
    let anonymous = || {
        let source = Sha256::digest(&context.request.source_ip);
        format!("anonymous-{}", source.first().map_or(0, |byte| byte % ANONYMOUS_KINDS))
    };
    let actor = context.actor.map_or_else(anonymous, |actor| actor.to_string());
    let text = [action.as_str(), route, &actor].join("\n");
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::{AuthMethod, RequestMeta, Timestamp, UserId};

    fn kind_of(actor: Option<UserId>, source: &str, route: &str) -> String {
        let request = RequestMeta {
            at: Timestamp::from_epoch_seconds(0),
            source_ip: source.to_owned(),
            request_id: String::new(),
        };
        let context = AuditContext { actor, method: AuthMethod::Password, request };
        kind(Rejection { action: Action::Forbidden, target: None, route }, &context)
    }

    #[test]
    fn anonymous_clients_fall_into_sixteen_kinds() {
        let sources = (0..1_000).map(|number| format!("2001:db8::{number:x}"));
        let kinds: HashSet<_> = sources.map(|source| kind_of(None, &source, "GET /")).collect();
        assert_eq!(kinds.len(), 16);
    }

    #[test]
    fn a_kind_depends_on_actor_and_route() {
        let actor = Some(UserId::INSTALLER);
        assert_eq!(kind_of(actor, "a", "GET /"), kind_of(actor, "b", "GET /"));
        assert_ne!(kind_of(actor, "a", "GET /"), kind_of(actor, "a", "PUT /"));
        assert_ne!(kind_of(actor, "a", "GET /"), kind_of(None, "a", "GET /"));
    }

    #[test]
    fn a_process_remembers_a_bounded_number_of_kinds() {
        let recent = RecentRejections::default();
        for number in 0..1_000 {
            recent.insert(number.to_string(), 60, 0);
        }
        assert!(recent.contains("0", 59) && !recent.contains("0", 60));
        assert!(!recent.contains("999", 0));
        recent.insert("999".to_owned(), 120, 60);
        assert!(recent.contains("999", 60));
    }
}
