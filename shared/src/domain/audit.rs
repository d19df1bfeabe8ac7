//! The audit trail: who did what to whom, when and from where.

use std::fmt;

use super::{AuthMethod, Day, GroupId, RequestMeta, Timestamp, UserId};

/// The characters of the longest [`EntryId::nonce`].
const NONCE: usize = 12;
/// The default retention of audit events in days.
pub const AUDIT_RETENTION_DAYS: u32 = 365;

/// Names of values, in one place for both directions.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$what:meta])* $variant:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$what])* $variant,)* }

        impl $name {
            /// All names.
            pub const NAMES: &'static [&'static str] = &[$($text,)*];

            /// Its name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Reads a name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

named! {
    /// What was done: the name of the function that did it, but for a login that failed.
    Action {
        /// An account was created.
        CreateUser "create-user",
        /// A profile was changed.
        UpdateUser "update-user",
        /// An account lost its access.
        DeactivateUser "deactivate-user",
        /// An account got its access back.
        ReactivateUser "reactivate-user",
        /// A password was replaced.
        UpdatePassword "update-password",
        /// A password was replaced by whoever had a link for that.
        ResetPassword "reset-password",
        /// Somebody forgot a password, and a link for a new one is sent to its owner.
        ForgotPassword "forgot-password",
        /// An administrator was given a link for somebody's new password.
        PasswordResetUrl "password-reset-url",
        /// A link for a first password is sent to an account's owner.
        SendInvite "send-invite",
        /// An account became nobody's.
        AnonymizeUser "anonymize-user",
        /// A dialogue need not be shown again.
        DismissModal "dismiss-modal",
        /// A group was made.
        CreateGroup "create-group",
        /// A group was given another name.
        UpdateGroup "update-group",
        /// A group was deleted, or some of its members left because of that.
        DeleteGroup "delete-group",
        /// All members of a group, or some of them, left it.
        ClearGroup "clear-group",
        /// An account joined a group.
        CreateMembership "create-membership",
        /// An account left a group.
        DeleteMembership "delete-membership",
        /// A session began.
        Login "login",
        /// Nobody could be logged in.
        FailedLogin "failed-login",
        /// A session was ended.
        Logout "logout",
        /// Somebody ended a session of an account.
        RevokeSession "revoke-session",
        /// Somebody ended all sessions of an account.
        RevokeSessions "revoke-sessions",
        /// An API key was made.
        CreateApiKey "create-api-key",
        /// An API key was given another name or group.
        UpdateApiKey "update-api-key",
        /// An API key was given another secret.
        RegenerateApiKey "regenerate-api-key",
        /// An API key was deleted.
        DeleteApiKey "delete-api-key",
        /// The instance was set up.
        Setup "setup",
    }
}

/// What something was done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditTarget {
    /// An account.
    User(UserId),
    /// A group.
    Group(GroupId),
    /// An API key, by the number of its hidden account.
    ApiKey(UserId),
}

impl AuditTarget {
    /// What kind of thing it is.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Group(_) => "group",
            Self::ApiKey(_) => "api-key",
        }
    }

    /// Its number.
    #[must_use]
    pub const fn id(self) -> u64 {
        match self {
            Self::User(id) | Self::ApiKey(id) => id.get(),
            Self::Group(id) => id.get(),
        }
    }

    /// Reads kind and number with a colon between them; a number alone is an account's.
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

/// The place of an entry in the trail; newer ones are greater. Without a nonce it is the place before
/// all entries of a moment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditEventId {
    /// When it was made.
    pub at: Timestamp,
    /// What tells entries of one moment apart.
    pub nonce: String,
}

impl AuditEventId {
    /// The place before all entries of a moment.
    #[must_use]
    pub const fn start_of(at: Timestamp) -> Self {
        Self { at, nonce: String::new() }
    }

    /// The newest day that has places before this one.
    #[must_use]
    pub fn latest_day(&self) -> Day {
        let is_before_all = self.nonce.is_empty();
        if is_before_all { self.at.just_before().day() } else { self.at.day() }
    }

    /// Reads what [`fmt::Display`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (at, nonce) = text.split_once('-')?;
        let is_nonce = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if nonce.len() > NONCE || !nonce.bytes().all(is_nonce) {
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

/// One deed, as it was written with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Its place.
    pub id: AuditEventId,
    /// What was done.
    pub action: String,
    /// Who did it; nobody known, when a login failed.
    pub actor: Option<UserId>,
    /// What they proved it with.
    pub method: AuthMethod,
    /// What it was done to; nothing known, when nobody has the address.
    pub target: Option<AuditTarget>,
    /// When and from where it was asked for.
    pub request: RequestMeta,
    /// The names of the fields that changed.
    pub fields: Vec<String>,
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Whose deeds.
    pub actor: Option<UserId>,
    /// Done to what.
    pub target: Option<AuditTarget>,
    /// Which.
    pub action: Option<Action>,
    /// Those of this moment and later.
    pub from: Option<Timestamp>,
    /// Those before this moment.
    pub to: Option<Timestamp>,
    /// Those before this place.
    pub cursor: Option<AuditEventId>,
    /// How many at the most.
    pub limit: usize,
}

/// Some entries, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries.
    pub events: Vec<AuditEvent>,
    /// The place before which there may be more.
    pub next: Option<AuditEventId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_place_survives_the_wire() {
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
    fn places_are_in_the_order_of_time() {
        let id = |text, nonce: &str| AuditEventId { at: at(text), nonce: nonce.to_owned() };
        let midnight = AuditEventId::start_of(at("2026-01-02"));
        assert!(id("2026-01-01T23:59:59.999999Z", "z") < midnight);
        assert!(midnight < id("2026-01-02", "-"));
        assert_eq!(midnight.latest_day(), at("2026-01-01").day());
        assert_eq!(id("2026-01-02", "-").latest_day(), at("2026-01-02").day());
    }

    #[test]
    fn a_number_alone_is_an_account() {
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
