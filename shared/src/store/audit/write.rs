//! Audit events in the transaction of the change that they describe.

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        Action, AuditContext, AuditEvent, AuditEventId, AuditTarget, AuthMethod, GroupId,
        RequestMeta, User, UserId,
    },
    random,
    store::{Conflict, Key, Store, StoreError, write::Write},
};

const SECONDS_PER_DAY: i64 = 86_400;

/// Wire names of changed fields.
pub(in crate::store) type Fields = Vec<Cow<'static, str>>;

/// The audit event of a change. Every transaction has one.
pub(in crate::store) struct NewAuditEvent {
    action: Action,
    target: Option<AuditTarget>,
    fields: Fields,
    /// Whether there is another administrator after the action.
    is_promotion: bool,
}

/// A stored audit event.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AuditItem {
    action: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor: Option<u64>,
    via: AuthMethod,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    source_ip: String,
    request_id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Fields,
    expires_at: i64,
}

impl NewAuditEvent {
    /// An action, and its target if it has one.
    pub(in crate::store) const fn new(action: Action, target: Option<AuditTarget>) -> Self {
        Self { action, target, fields: Vec::new(), is_promotion: false }
    }

    /// An action on a user.
    pub(in crate::store) const fn on_user(action: Action, id: UserId) -> Self {
        Self::new(action, Some(AuditTarget::User(id)))
    }

    /// An action on a group.
    pub(in crate::store) const fn on_group(action: Action, id: GroupId) -> Self {
        Self::new(action, Some(AuditTarget::Group(id)))
    }

    /// Adds the names of the changed fields. The log contains no values and therefore no secrets.
    pub(in crate::store) fn with_fields(self, fields: Fields) -> Self {
        Self { fields, ..self }
    }

    /// Marks an action after which there is another administrator. A metric counts them.
    pub(in crate::store) fn with_promotion(self, before: Option<&User>, after: &User) -> Self {
        let is_admin = |user: &User| user.is_active && user.is_superuser();
        Self { is_promotion: is_admin(after) && !before.is_some_and(is_admin), ..self }
    }

    /// Whether there is another administrator after the action.
    pub(in crate::store) const fn is_promotion(&self) -> bool {
        self.is_promotion
    }
}

impl Store {
    /// The write of an audit event.
    pub(in crate::store) fn audit_write(
        &self,
        context: &AuditContext,
        event: NewAuditEvent,
    ) -> Result<Write, StoreError> {
        let nonce: [u8; 9] = random::bytes()?;
        let nonce = BASE64_URL_SAFE_NO_PAD.encode(nonce);
        let AuditContext { actor, method, request } = context.clone();
        let RequestMeta { at, source_ip, request_id } = request;
        let retention = i64::from(self.audit_days).saturating_mul(SECONDS_PER_DAY);
        let item = AuditItem {
            action: event.action.as_str().into(),
            actor: actor.map(UserId::get),
            via: method,
            target: event.target.map(|target| target.to_string()),
            source_ip,
            request_id,
            fields: event.fields,
            expires_at: at.epoch_seconds().saturating_add(retention),
        };
        let key = Key::audit(&AuditEventId { at, nonce });
        Write::create(&key, &item, Conflict::AuditEventExists)
    }
}

impl AuditItem {
    /// Converts the item with an ID, which is derived from its key.
    pub(super) fn into_event(self, id: AuditEventId) -> Result<AuditEvent, StoreError> {
        let malformed = |error| StoreError::Malformed("audit event", Box::new(error));
        let Self { source_ip, request_id, .. } = self;
        Ok(AuditEvent {
            action: self.action.into_owned(),
            actor: self.actor.map(UserId::try_from).transpose().map_err(malformed)?,
            method: self.via,
            target: self.target.as_deref().and_then(AuditTarget::parse),
            request: RequestMeta { at: id.at, source_ip, request_id },
            fields: self.fields.into_iter().map(Cow::into_owned).collect(),
            id,
        })
    }
}
