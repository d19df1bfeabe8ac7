//! What is written of every deed, in the transaction that does it (`docs/adr/0018`).

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{Key, Store, StoreError, transaction::Transaction};
use crate::{
    domain::{
        Action, AuditContext, AuditEvent, AuditEventId, AuditTarget, AuthMethod, GroupId,
        RequestMeta, UserId,
    },
    random,
};

const SECONDS_OF_A_DAY: i64 = 86_400;

/// Names of fields.
pub(super) type Fields = Vec<Cow<'static, str>>;

/// Who does what to whom: without one, nothing is written.
pub(super) struct NewAuditEvent<'a> {
    origin: &'a AuditContext,
    action: Action,
    target: Option<AuditTarget>,
    fields: Fields,
}

/// An entry of the audit trail.
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

impl<'a> NewAuditEvent<'a> {
    pub(super) fn new(
        origin: &'a AuditContext,
        action: Action,
        target: Option<AuditTarget>,
    ) -> Self {
        Self { origin, action, target, fields: Vec::new() }
    }

    /// Who does it, and from where.
    pub(super) const fn origin(&self) -> &'a AuditContext {
        self.origin
    }

    /// The deed that is done to an account.
    pub(super) fn on_user(origin: &'a AuditContext, action: Action, id: UserId) -> Self {
        Self::new(origin, action, Some(AuditTarget::User(id)))
    }

    /// The deed that is done to a group.
    pub(super) fn on_group(origin: &'a AuditContext, action: Action, id: GroupId) -> Self {
        Self::new(origin, action, Some(AuditTarget::Group(id)))
    }

    /// The fields that it changes. Only their names are told, so that the trail has no secret.
    pub(super) fn with_fields(self, fields: Fields) -> Self {
        Self { fields, ..self }
    }

    fn item(self, keep_days: u32) -> AuditItem {
        let RequestMeta { at, source_ip, request_id } = self.origin.request().clone();
        let keep = i64::from(keep_days).saturating_mul(SECONDS_OF_A_DAY);
        AuditItem {
            action: self.action.as_str().into(),
            actor: self.origin.actor().map(UserId::get),
            via: self.origin.method(),
            target: self.target.map(|target| target.to_string()),
            source_ip,
            request_id,
            fields: self.fields,
            expires_at: at.epoch_seconds().saturating_add(keep),
        }
    }
}

impl Transaction<'_> {
    /// The leg that tells of the deed.
    pub(super) fn audit(self, deed: NewAuditEvent<'_>) -> Result<Self, StoreError> {
        let (key, item) = self.store.audit_item(deed)?;
        self.put(&key, &item, None)
    }
}

impl Store {
    fn audit_item(&self, deed: NewAuditEvent<'_>) -> Result<(Key, AuditItem), StoreError> {
        let nonce: [u8; 9] = random::bytes()?;
        let nonce = BASE64_URL_SAFE_NO_PAD.encode(nonce);
        let key = Key::audit(&AuditEventId { at: deed.origin.request().at, nonce });
        Ok((key, deed.item(self.audit_days)))
    }
}

impl AuditItem {
    /// What the item at a place of the trail tells.
    pub(super) fn into_event(self, id: AuditEventId) -> Result<AuditEvent, StoreError> {
        let malformed = |error| StoreError::Malformed("audit", Box::new(error));
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
