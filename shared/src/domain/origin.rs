//! Who asks for something, and from where.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Kept, Once, Timestamp, UserId};

/// When and from where a request came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// When it arrived.
    pub at: Timestamp,
    /// The network address that the gateway saw.
    pub source_ip: String,
    /// The gateway's number for it.
    pub request_id: String,
}

/// What somebody proved who they are with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// A session.
    Session,
    /// The key of a program.
    ApiKey,
    /// The token that sets the instance up.
    Setup,
    /// The token of a link for a new password.
    ResetToken,
    /// A secret of their own, as a password; or nothing yet, where one was wrong.
    #[serde(rename = "self")]
    Own,
}

/// Who asks, and from where. Only the check of a proof makes one, so that no change can be written of
/// which nobody knows whose it is.
#[derive(Debug, Clone)]
pub struct Origin {
    actor: Option<UserId>,
    via: Via,
    arrival: Arrival,
    once: Option<Once>,
}

impl Origin {
    pub(crate) const fn new(actor: Option<UserId>, via: Via, arrival: Arrival) -> Self {
        Self { actor, via, arrival, once: None }
    }

    /// The same for a request that is carried out once, or however often it comes.
    pub(crate) fn carried_out(self, once: Option<Once>) -> Self {
        Self { once, ..self }
    }

    /// The same with the answer to keep, if the request has a key.
    pub(crate) fn answering(&self, answer: impl Into<Kept>) -> Self {
        let once = self.once.clone().map(|once| Once { answer: Some(answer.into()), ..once });
        Self { once, ..self.clone() }
    }

    /// The request, if it has a key.
    #[must_use]
    pub const fn once(&self) -> Option<&Once> {
        self.once.as_ref()
    }

    /// The account that asks; nobody's when a login failed.
    #[must_use]
    pub const fn actor(&self) -> Option<UserId> {
        self.actor
    }

    /// What it was proved with.
    #[must_use]
    pub const fn via(&self) -> Via {
        self.via
    }

    /// When and from where.
    #[must_use]
    pub const fn arrival(&self) -> &Arrival {
        &self.arrival
    }
}
