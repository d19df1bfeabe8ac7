//! Callers of a route.

use serde_json::{Value, json};
use shared::http::ApiError;

use crate::errors::NamedError;

/// The callers allowed by a route.
///
/// It determines the security requirement, the errors 401 and 403, and the first sentence of an
/// operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone, without authentication.
    Public,
    /// Anyone with a reset token.
    ResetToken,
    /// Anyone with a token from an email about a new address.
    EmailToken,
    /// Anyone with the setup token.
    SetupToken,
    /// Clients with a valid session. Without one, the response is 404.
    Session,
    /// Every user with a session or an API key.
    User,
    /// The user in the path, and administrators.
    SelfOrAdministrator,
    /// Administrators.
    Administrator,
}

impl Access {
    /// The callers, for a table of routes.
    #[must_use]
    pub const fn callers(self) -> &'static str {
        match self {
            Self::Public => "anyone",
            Self::ResetToken => "anyone with a reset token",
            Self::EmailToken => "anyone with a token from an email",
            Self::SetupToken => "anyone with the setup token",
            Self::Session => "any session",
            Self::User => "any user",
            Self::SelfOrAdministrator => "the user, administrators",
            Self::Administrator => "administrators",
        }
    }

    /// The callers, as the first sentence of a description.
    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::Public => "Requires no authentication.",
            Self::ResetToken => "Requires a reset token.",
            Self::EmailToken => "Requires a token from an email.",
            Self::SetupToken => "Requires the setup token.",
            Self::Session => "Requires a session.",
            Self::User => "Requires a session or an API key.",
            Self::SelfOrAdministrator => "Allowed for the user and for administrators.",
            Self::Administrator => "Allowed for administrators.",
        }
    }

    /// Whether the route uses a session.
    #[must_use]
    pub const fn accepts_session(self) -> bool {
        matches!(self, Self::Session) || self.is_authenticated()
    }

    /// Whether the route requires a session or an API key.
    #[must_use]
    pub const fn is_authenticated(self) -> bool {
        matches!(self, Self::User | Self::SelfOrAdministrator | Self::Administrator)
    }

    /// The security requirement of an operation.
    pub(crate) fn security(self) -> Option<Value> {
        match self {
            Self::Public | Self::ResetToken | Self::EmailToken | Self::SetupToken => None,
            Self::Session => Some(json!([{ "session": [] }, { "cookie": [] }, {}])),
            Self::User | Self::SelfOrAdministrator | Self::Administrator => {
                Some(json!([{ "session": [] }, { "cookie": [] }, { "apiKey": [] }]))
            }
        }
    }

    /// The errors for other callers.
    pub(crate) fn errors(self) -> Vec<NamedError> {
        let forbidden = ("forbidden", ApiError::Forbidden);
        let mut errors = Vec::new();
        if self.is_authenticated() {
            errors.push(("unauthenticated", ApiError::Unauthenticated));
            errors.push(("password-change-required", ApiError::PasswordChangeRequired));
        }
        match self {
            Self::Public | Self::ResetToken | Self::EmailToken | Self::SetupToken | Self::User => {}
            Self::SelfOrAdministrator | Self::Administrator => errors.push(forbidden),
            Self::Session => errors.extend([forbidden, ("no-session", ApiError::NotFound)]),
        }
        errors
    }
}
