//! The audit log: action, actor, target, time and client of each change.

use std::fmt;

use super::{AuthMethod, Day, GroupId, RequestMeta, Timestamp, UserId};

/// The maximum length of an [`AuditEventId::nonce`] in characters.
const MAX_NONCE_LENGTH: usize = 12;

/// The default retention of audit events in days.
pub const AUDIT_RETENTION_DAYS: u32 = 365;

/// Declares an enum and the names of its values, for both directions.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $variant:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$attr])* $variant,)* }

        impl $name {
            /// All names.
            pub const NAMES: &'static [&'static str] = &[$($text,)*];

            /// The name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Parses a name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

named! {
    /// An audited action. It has the name of the function that did it, except rejected attempts
    /// and the use of an API key.
    Action {
        /// A user was created.
        CreateUser "create-user",
        /// A profile was changed.
        UpdateUser "update-user",
        /// A user confirmed a new email address.
        ConfirmEmail "confirm-email",
        /// A user went back to an earlier email address.
        RevertEmail "revert-email",
        /// A user was deactivated.
        DeactivateUser "deactivate-user",
        /// A user was reactivated.
        ReactivateUser "reactivate-user",
        /// A password was replaced.
        UpdatePassword "update-password",
        /// A password was replaced with a reset token.
        ResetPassword "reset-password",
        /// A client requested a password reset, and the user gets a password reset link by email.
        ForgotPassword "forgot-password",
        /// An administrator received a password reset link for another user.
        PasswordResetUrl "password-reset-url",
        /// An administrator released the rate limits of a user.
        ReleaseRateLimits "release-rate-limits",
        /// An invitation link is sent to a user.
        SendInvite "send-invite",
        /// A user was anonymized.
        AnonymizeUser "anonymize-user",
        /// A user dismissed a modal.
        DismissModal "dismiss-modal",
        /// A group was created.
        CreateGroup "create-group",
        /// A group was renamed.
        UpdateGroup "update-group",
        /// A group was deleted, or some of its members were removed for the deletion.
        DeleteGroup "delete-group",
        /// All members of a group were removed, or some of them.
        ClearGroup "clear-group",
        /// A user joined a group.
        CreateMembership "create-membership",
        /// A user left a group.
        DeleteMembership "delete-membership",
        /// A session was created.
        Login "login",
        /// A login failed.
        FailedLogin "failed-login",
        /// A user logged out.
        Logout "logout",
        /// A session of a user was revoked.
        RevokeSession "revoke-session",
        /// All sessions of a user were revoked.
        RevokeSessions "revoke-sessions",
        /// An API key was created.
        CreateApiKey "create-api-key",
        /// The name or the group of an API key was changed.
        UpdateApiKey "update-api-key",
        /// The secret of an API key was replaced.
        RegenerateApiKey "regenerate-api-key",
        /// An API key was deleted.
        DeleteApiKey "delete-api-key",
        /// An API key was used, for the first time within an hour.
        UseApiKey "use-api-key",
        /// The instance was set up.
        Setup "setup",
        /// The operator started or finished an import.
        Import "import",
        /// A setting was changed.
        UpdateSetting "update-setting",
        /// A caller lacked the permission for a request.
        Forbidden "forbidden",
        /// A failed login reached a rate limit, so that further attempts may have to wait.
        RateLimited "rate-limited",
        /// A user sent a wrong current password.
        WrongPassword "wrong-password",
        /// A client sent an invalid reset token.
        InvalidResetToken "invalid-reset-token",
        /// A client sent an invalid token for a change of an email address.
        InvalidEmailToken "invalid-email-token",
    }
}

/// The target of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditTarget {
    /// A user.
    User(UserId),
    /// A group.
    Group(GroupId),
    /// An API key, by the ID of its service account.
    ApiKey(UserId),
}

impl AuditTarget {
    /// The kind of the target.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Group(_) => "group",
            Self::ApiKey(_) => "api-key",
        }
    }

    /// The ID of the target.
    #[must_use]
    pub const fn id(self) -> u64 {
        match self {
            Self::User(id) | Self::ApiKey(id) => id.get(),
            Self::Group(id) => id.get(),
        }
    }

    /// Parses kind and ID, separated by a colon. An ID without a kind is a user ID.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':').unwrap_or(("user", text)) {
            ("user", id) => id.parse().ok().map(Self::User),
            ("group", id) => id.parse().ok().map(Self::Group),
            ("api-key", id) => id.parse().ok().map(Self::ApiKey),
            _ => None,
        }
    }
}

impl fmt::Display for AuditTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind(), self.id())
    }
}

/// The ID of an event: its position in the audit log. Newer events have greater IDs. An ID without
/// a nonce is the position before all events of its time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditEventId {
    /// The time of the event.
    pub at: Timestamp,
    /// A random text that distinguishes events of the same time.
    pub nonce: String,
}

impl AuditEventId {
    /// The position before all events of a time.
    #[must_use]
    pub const fn start_of(at: Timestamp) -> Self {
        Self { at, nonce: String::new() }
    }

    /// The newest day with positions before this one.
    #[must_use]
    pub fn latest_day(&self) -> Day {
        let is_before_all = self.nonce.is_empty();
        if is_before_all { self.at.just_before().day() } else { self.at.day() }
    }

    /// Parses the text that [`fmt::Display`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (at, nonce) = text.split_once('-')?;
        let is_nonce = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if nonce.len() > MAX_NONCE_LENGTH || !nonce.bytes().all(is_nonce) {
            return None;
        }
        let at = Timestamp::from_epoch_microseconds(at.parse().ok()?)?;
        Some(Self { at, nonce: nonce.to_owned() })
    }
}

impl fmt::Display for AuditEventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.at.epoch_microseconds(), self.nonce)
    }
}

/// An audit event, as written together with its change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// The ID.
    pub id: AuditEventId,
    /// The name of the action.
    pub action: String,
    /// The user who acted; `None` if no user was authenticated.
    pub actor: Option<UserId>,
    /// The authentication method.
    pub method: AuthMethod,
    /// The target; `None` if no user has the email address.
    pub target: Option<AuditTarget>,
    /// The time, client IP and ID of the request.
    pub request: RequestMeta,
    /// The names of the fields that changed.
    pub fields: Vec<String>,
}

/// A filter for events, with the limit of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// The user who acted.
    pub actor: Option<UserId>,
    /// The target.
    pub target: Option<AuditTarget>,
    /// The action.
    pub action: Option<Action>,
    /// The time of the oldest events to return.
    pub from: Option<Timestamp>,
    /// The time before which events are returned.
    pub to: Option<Timestamp>,
    /// The position before which events are returned.
    pub cursor: Option<AuditEventId>,
    /// The maximum number of events.
    pub limit: usize,
}

/// A page of events, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The events.
    pub events: Vec<AuditEvent>,
    /// The position before which older events may exist; `None` at the end of the log.
    pub next: Option<AuditEventId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn an_event_id_survives_the_wire() {
        for nonce in ["", "a-_Z0", "0123456789ab"] {
            let id =
                AuditEventId { at: at("2026-01-01T00:00:00.000001Z"), nonce: nonce.to_owned() };
            assert_eq!(AuditEventId::parse(&id.to_string()), Some(id));
        }
        for text in ["", "1", "-", "x-a", "1-ä", "1-#", "1-0123456789abc"] {
            assert_eq!(AuditEventId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn event_ids_are_in_order_of_time() {
        let id = |text, nonce: &str| AuditEventId { at: at(text), nonce: nonce.to_owned() };
        let midnight = AuditEventId::start_of(at("2026-01-02"));
        assert!(id("2026-01-01T23:59:59.999999Z", "z") < midnight);
        assert!(midnight < id("2026-01-02", "-"));
        assert_eq!(midnight.latest_day(), at("2026-01-01").day());
        assert_eq!(id("2026-01-02", "-").latest_day(), at("2026-01-02").day());
    }

    #[test]
    fn an_id_without_a_kind_is_a_user_id() {
        let user = AuditTarget::User(UserId::INSTALLER);
        assert_eq!([AuditTarget::parse("1"), AuditTarget::parse("user:1")], [Some(user); 2]);
        let group = AuditTarget::Group(GroupId::ADMINISTRATORS);
        assert_eq!(AuditTarget::parse(&group.to_string()), Some(group));
        for text in ["", "0", ":1", "user:", "user:0", "door:1", "user:1:1"] {
            assert_eq!(AuditTarget::parse(text), None, "{text}");
        }
    }

    #[test]
    fn actions_are_known_by_their_names() {
        assert_eq!(Action::parse(Action::FailedLogin.as_str()), Some(Action::FailedLogin));
        assert_eq!(Action::parse("Login"), None);
    }
}
