//! Keys of items. Only this file contains their texts.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{
    auth::token::{ConfirmationToken, DeviceToken, ReversalToken, SessionToken},
    domain::{
        ApiKeyName, AuditEventId, Day, Email, GroupId, GroupName, IdempotencyKey, NamePrefix,
        RateLimit, RateLimitKey, RateLimitedAction, Timestamp, TokenHash, User, UserId,
    },
};

/// The index of users by name.
pub const INDEX: &str = "users-by-name";

/// The partition of all groups.
pub(super) const GROUPS: &str = "GROUPS";

/// The prefix of the sort key of a group.
pub(super) const GROUP: &str = "GROUP#";

/// The partition of all API keys.
pub(super) const API_KEYS: &str = "APIKEYS";

/// The prefix of the sort keys of an API key and of its hash item.
pub(super) const API_KEY: &str = "APIKEY#";

/// The prefix of the sort key of a membership.
pub(super) const MEMBER: &str = "MEMBER#";

/// The prefix of the sort key of a session.
pub(super) const SESSION: &str = "SESSION#";

/// The number of partitions for the audit events of one day. A partition accepts 1,000 write units
/// per second in DynamoDB, and an event costs two.
const AUDIT_SHARDS: u8 = 4;

/// The position after all audit events of a day.
pub(super) const AUDIT_END: &str = "~";

/// The maximum length of each name in an index key, in bytes. The whole key may have 1,024.
const MAX_NAME_BYTES: usize = 480;

/// A separator that sorts before every valid character of a name.
const SEPARATOR: char = '\u{1}';

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pk: String,
    sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// The profile of a user.
    #[must_use]
    pub fn user(id: UserId) -> Self {
        Self::new(user_pk(id), "PROFILE")
    }

    /// A session, in the partition of the sessions of its user.
    #[must_use]
    pub fn session(token: &SessionToken) -> Self {
        Self::new(session_pk(token.user()), format!("{SESSION}{}", token.hash().as_str()))
    }

    /// A known device of a user.
    #[must_use]
    pub fn device(token: &DeviceToken) -> Self {
        let pk = format!("DEVICE#{:019}", token.user().get());
        Self::new(pk, format!("DEVICE#{}", token.hash().as_str()))
    }

    /// The last recorded use of a session. Every function with sessions may write it, so it has a
    /// partition of its own.
    pub(super) fn session_use(hash: &TokenHash) -> Self {
        Self::new(format!("SESSIONUSE#{}", hash.as_str()), "SESSIONUSE")
    }

    /// The token hash in the key of a session.
    pub(super) fn token_hash(&self) -> Option<TokenHash> {
        self.sk.strip_prefix(SESSION).map(|hash| TokenHash::from_stored(hash.to_owned()))
    }

    /// The reset token that an administrator gave to a user, in a link or an invitation.
    #[must_use]
    pub fn reset(id: UserId) -> Self {
        Self::new(reset_pk(id), "RESET")
    }

    /// The reset tokens in emails to a user after `forgot_password`.
    #[must_use]
    pub fn emailed_reset(id: UserId) -> Self {
        Self::new(reset_pk(id), "EMAIL")
    }

    /// The confirmation of a new email address.
    #[must_use]
    pub fn email_confirmation(token: &ConfirmationToken) -> Self {
        Self::new(email_pk(token.user()), format!("CONFIRM#{}", token.hash().as_str()))
    }

    /// The reversal of a change of the email address.
    #[must_use]
    pub fn email_reversal(token: &ReversalToken) -> Self {
        Self::new(email_pk(token.user()), format!("REVERT#{}", token.hash().as_str()))
    }

    /// Profile and reset token of a user who cannot exist: the ID is beyond all valid IDs.
    ///
    /// Each email address has its own decoy. Otherwise concurrent requests for unregistered
    /// addresses would conflict with each other.
    pub(super) fn decoy(email: &Email) -> [Self; 2] {
        let hash = Sha256::digest(email.normalized());
        let number = hash.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let id = format!("99{:017}", number % 10_u64.pow(17));
        [Self::new(format!("USER#{id}"), "PROFILE"), Self::new(format!("RESET#{id}"), "EMAIL")]
    }

    /// The credentials of an email address. They are also its uniqueness item.
    #[must_use]
    pub fn credentials(email: &Email) -> Self {
        Self::new(format!("LOGIN#{}", email.normalized()), "LOGIN")
    }

    /// All keys at which the credentials of an email address may be. Earlier versions kept a domain
    /// in Punycode.
    pub(crate) fn possible_credentials(email: &Email) -> impl Iterator<Item = Self> {
        std::iter::once(Self::credentials(email)).chain(Self::earlier_credentials(email))
    }

    /// The credentials of an email address from an earlier version, if their key differs.
    #[must_use]
    pub fn earlier_credentials(email: &Email) -> Option<Self> {
        email.earlier_form().map(|earlier| Self::credentials(&earlier))
    }

    /// The counter of a rate limit.
    ///
    /// An email address is hashed, because an unauthenticated client may send a text of any length.
    /// It must be in normalized form, so that all spellings share one counter.
    pub(super) fn rate_limit(limit: RateLimit, subject: &str) -> Self {
        let subject = match limit.key {
            RateLimitKey::Email => format!("ADDRESS#{}", digest(subject)),
            RateLimitKey::EmailInNetwork => format!("ADDRESSINNETWORK#{}", digest(subject)),
            RateLimitKey::Device => format!("DEVICE#{subject}"),
            RateLimitKey::Network => format!("SOURCE#{subject}"),
            RateLimitKey::User => format!("ACCOUNT#{subject}"),
        };
        Self::new(format!("THROTTLE#{subject}"), action_suffix(limit.action))
    }

    /// The counter of user IDs.
    pub(super) fn user_counter() -> Self {
        Self::new("COUNTER#user", "COUNTER")
    }

    /// The number of passwords that are hashed as in Metabase.
    pub(super) fn imported_passwords() -> Self {
        Self::new("IMPORTEDPASSWORDS", "IMPORTEDPASSWORDS")
    }

    /// One of the items that count users.
    #[must_use]
    pub fn user_count(shard: u64) -> Self {
        Self::new(format!("TALLY#{shard:02}"), "TALLY")
    }

    /// Whether this is one of the items that count users.
    pub(super) fn is_user_count(&self) -> bool {
        self.sk == "TALLY"
    }

    /// The set of active administrators.
    #[must_use]
    pub fn admins() -> Self {
        Self::new("ADMINS", "ADMINS")
    }

    /// A group. All groups are in one partition, so one strongly consistent query lists them.
    #[must_use]
    pub fn group(id: GroupId) -> Self {
        Self::new(GROUPS, group_pk(id))
    }

    /// The uniqueness item of a group name.
    #[must_use]
    pub fn group_name(name: &GroupName) -> Self {
        Self::new(format!("GROUPNAME#{}", name.normalized()), "GROUPNAME")
    }

    /// The uniqueness item of a group name from an earlier version, if its key differs.
    #[must_use]
    pub fn earlier_group_name(name: &GroupName) -> Option<Self> {
        let earlier = name.earlier_normalized()?;
        Some(Self::new(format!("GROUPNAME#{earlier}"), "GROUPNAME"))
    }

    /// The membership of a user in a group.
    pub(super) fn member(group: GroupId, user: UserId) -> Self {
        Self::new(group_pk(group), format!("{MEMBER}{:019}", user.get()))
    }

    /// An API key.
    #[must_use]
    pub fn api_key(id: UserId) -> Self {
        Self::new(API_KEYS, format!("{API_KEY}{:019}", id.get()))
    }

    /// The hash item of an API key, in a partition of its service account. A key of Metabase is
    /// found by its prefix instead.
    #[must_use]
    pub fn api_key_hash(user: UserId, hash: &TokenHash) -> Self {
        if let Some(prefix) = hash.imported_prefix() {
            return Self::imported_api_key(prefix);
        }
        let pk = format!("KEYHASH#{:019}", user.get());
        Self::new(pk, format!("{API_KEY}{}", hash.as_str()))
    }

    /// The item of an API key of Metabase.
    pub(super) fn imported_api_key(prefix: &str) -> Self {
        Self::new(format!("IMPORTEDKEY#{prefix}"), "IMPORTEDKEY")
    }

    /// The attempts of a network to use an API key of Metabase that was not used before.
    pub(super) fn imported_api_key_attempts(prefix: &str, network: &str) -> Self {
        Self::new(format!("IMPORTEDKEY#{prefix}"), format!("ATTEMPTS#{network}"))
    }

    /// The last recorded use of an API key. Every function with API keys may write it, so it has a
    /// partition of its own.
    pub(crate) fn api_key_use(id: UserId) -> Self {
        Self::new(format!("APIKEYUSE#{:019}", id.get()), "APIKEYUSE")
    }

    /// The uniqueness item of an API key name.
    pub(super) fn api_key_name(name: &ApiKeyName) -> Self {
        Self::new(format!("APIKEYNAME#{}", name.normalized()), "APIKEYNAME")
    }

    /// The uniqueness item of an API key name from an earlier version, if its key differs.
    pub(super) fn earlier_api_key_name(name: &ApiKeyName) -> Option<Self> {
        let earlier = name.earlier_normalized()?;
        Some(Self::new(format!("APIKEYNAME#{earlier}"), "APIKEYNAME"))
    }

    /// The counter of group IDs.
    pub(super) fn group_counter() -> Self {
        Self::new("COUNTER#group", "COUNTER")
    }

    /// The instance. The item exists once the instance is set up.
    #[must_use]
    pub fn instance() -> Self {
        Self::new("INSTANCE", "INSTANCE")
    }

    /// An audit event.
    pub(super) fn audit(id: &AuditEventId) -> Self {
        let shard = id.nonce.bytes().next().unwrap_or_default() % AUDIT_SHARDS;
        Self::new(audit_partition(id.at.day(), shard), audit_sort_key(id))
    }

    /// The marker of a kind of rejections. It is in the audit log, so that functions need no
    /// further permission, and no day's events contain it.
    pub(super) fn audit_marker(kind: &str) -> Self {
        Self::new(format!("AUDIT#ONCE#{kind}"), "ONCE")
    }

    /// An idempotency record.
    pub(crate) fn idempotency(key: &IdempotencyKey) -> Self {
        Self::idempotency_record(key.id())
    }

    /// An idempotency record with an ID.
    pub(super) fn idempotency_record(id: &str) -> Self {
        Self::new(format!("IDEMPOTENCY#{id}"), "IDEMPOTENCY")
    }

    /// The key as attributes.
    #[must_use]
    pub fn attributes(&self) -> HashMap<String, AttributeValue> {
        let text = |value: &String| AttributeValue::S(value.clone());
        HashMap::from([("pk".to_owned(), text(&self.pk)), ("sk".to_owned(), text(&self.sk))])
    }

    /// The key of an item.
    pub(super) fn from_item(item: &HashMap<String, AttributeValue>) -> Option<Self> {
        let text = |name: &str| item.get(name)?.as_s().ok();
        Some(Self::new(text("pk")?, text("sk")?))
    }
}

const fn action_suffix(action: RateLimitedAction) -> &'static str {
    match action {
        RateLimitedAction::Login => "LOGINS",
        RateLimitedAction::ForgotPassword => "LETTERS",
        RateLimitedAction::ResetPassword => "RESETS",
        RateLimitedAction::ChangePassword => "PASSWORDS",
        RateLimitedAction::ChangeEmail => "EMAILS",
        RateLimitedAction::Setup => "SETUPS",
    }
}

fn digest(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

/// The partition of a user. IDs are padded to 19 digits, so that their texts sort like numbers.
fn user_pk(id: UserId) -> String {
    format!("USER#{:019}", id.get())
}

/// The partition of a user's sessions.
pub(super) fn session_pk(id: UserId) -> String {
    format!("{SESSION}{:019}", id.get())
}

/// The partition of a user's reset tokens.
fn reset_pk(id: UserId) -> String {
    format!("RESET#{:019}", id.get())
}

/// The partition of the links for changes of a user's email address.
fn email_pk(id: UserId) -> String {
    format!("EMAIL#{:019}", id.get())
}

/// The partition of a group's memberships, and the sort key of the group.
pub(super) fn group_pk(id: GroupId) -> String {
    format!("{GROUP}{:019}", id.get())
}

/// The partitions of the audit events of one day.
pub(super) fn audit_partitions(day: Day) -> impl Iterator<Item = String> {
    (0..AUDIT_SHARDS).map(move |shard| audit_partition(day, shard))
}

fn audit_partition(day: Day, shard: u8) -> String {
    format!("AUDIT#{day}#{shard:02}")
}

/// The position of an audit event within its day.
pub(super) fn audit_sort_key(id: &AuditEventId) -> String {
    format!("{}#{}", id.at.time_of_day(), id.nonce)
}

/// Returns the ID of an audit event from the key of its item.
pub(super) fn parse_audit_key(item: &HashMap<String, AttributeValue>) -> Option<AuditEventId> {
    let Key { pk, sk } = Key::from_item(item)?;
    let (day, _) = pk.strip_prefix("AUDIT#")?.split_once('#')?;
    let (time, nonce) = sk.split_once('#')?;
    let at = Timestamp::parse(&format!("{day}T{time}Z"))?;
    Some(AuditEventId { at, nonce: nonce.to_owned() })
}

/// An index partition of active or deactivated users. The first one has no suffix, so that a table
/// without list shards has the same key.
pub(super) fn index_partition(is_active: bool, shard: u64) -> String {
    let state = if is_active { "USERS#active" } else { "USERS#inactive" };
    if shard == 0 { state.to_owned() } else { format!("{state}#{shard:02}") }
}

/// The position of a user in an index partition: folded first name, last name, and user ID.
pub(super) fn index_sort_key(user: &User) -> String {
    let names =
        if user.has_earlier_position { user.earlier_folded_names() } else { user.folded_names() };
    sort_key(user, names)
}

/// The position of a user who is written now.
pub(super) fn new_index_sort_key(user: &User) -> String {
    sort_key(user, user.folded_names())
}

fn sort_key(user: &User, names: [String; 2]) -> String {
    let [first, last] = names.map(truncate_name);
    format!("{first}{SEPARATOR}{last}{SEPARATOR}{:019}", user.id.get())
}

/// The beginning of the positions of all users whose names begin with a prefix.
pub(super) fn index_prefix(prefix: &NamePrefix) -> String {
    let first = truncate_name(prefix.first().to_owned());
    let last = prefix.last().map(|last| truncate_name(last.to_owned()));
    last.map_or_else(|| first.clone(), |last| format!("{first}{SEPARATOR}{last}"))
}

/// The position of a recipient: case-folded last name, first name, and user ID.
pub(super) fn recipient_sort_key(user: &User) -> String {
    let [first, last] = user.folded_names().map(truncate_name);
    format!("{last}{SEPARATOR}{first}{SEPARATOR}{:019}", user.id.get())
}

fn truncate_name(mut name: String) -> String {
    name.truncate(name.floor_char_boundary(MAX_NAME_BYTES));
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SessionGeneration;

    fn texts(key: &Key) -> [&str; 2] {
        [&key.pk, &key.sk]
    }

    #[test]
    fn keys_have_the_documented_texts() {
        let id = UserId::try_from(42).unwrap();
        let email = Email::parse("STRASSE@example.com").unwrap();
        assert_eq!(texts(&Key::user(id)), ["USER#0000000000000000042", "PROFILE"]);
        let resets = [Key::reset(id), Key::emailed_reset(id)];
        assert_eq!(
            resets.each_ref().map(texts),
            ["RESET", "EMAIL"].map(|sk| ["RESET#0000000000000000042", sk])
        );
        assert_eq!(texts(&Key::credentials(&email)), ["LOGIN#strasse@example.com", "LOGIN"]);
        assert_eq!(texts(&Key::user_count(2)), ["TALLY#02", "TALLY"]);
        assert_eq!(index_partition(true, 0), "USERS#active");
        assert_eq!(index_partition(false, 3), "USERS#inactive#03");
        assert_eq!(texts(&Key::group(GroupId::ALL_USERS)), ["GROUPS", "GROUP#0000000000000000001"]);
        assert_eq!(
            texts(&Key::member(GroupId::ALL_USERS, id)),
            ["GROUP#0000000000000000001", "MEMBER#0000000000000000042"]
        );
        let name = GroupName::parse("Straße").unwrap();
        assert_eq!(texts(&Key::group_name(&name)), ["GROUPNAME#strasse", "GROUPNAME"]);
    }

    #[test]
    fn a_decoy_looks_like_a_user_and_depends_on_the_email_address() {
        let [profile, reset] = Key::decoy(&Email::parse("one@example.com").unwrap());
        assert_eq!([profile.sk.as_str(), reset.sk.as_str()], ["PROFILE", "EMAIL"]);
        assert_eq!(profile.pk.len(), Key::user(UserId::INSTALLER).pk.len());
        assert_eq!(reset.pk, profile.pk.replace("USER#", "RESET#"));
        assert!(profile.pk > format!("USER#{:019}", i64::MAX));
        let [other, _] = Key::decoy(&Email::parse("other@example.com").unwrap());
        assert_ne!(profile, other);
    }

    #[test]
    fn an_audit_event_has_a_partition_by_day_and_a_sort_key_by_time() {
        let at = Timestamp::parse("2026-01-02T03:04:05.000006Z").unwrap();
        let id = AuditEventId { at, nonce: "Ab-_".to_owned() };
        let key = Key::audit(&id);
        assert_eq!(texts(&key), ["AUDIT#2026-01-02#01", "03:04:05.000006#Ab-_"]);
        assert_eq!(parse_audit_key(&key.attributes()), Some(id));
        assert!(audit_partitions(at.day()).any(|partition| partition == key.pk));
        assert!(
            key.sk.as_str() < AUDIT_END && key.sk > audit_sort_key(&AuditEventId::start_of(at))
        );
        assert_eq!(parse_audit_key(&Key::instance().attributes()), None);
    }

    #[test]
    fn the_key_of_a_session_contains_its_user_but_not_its_token() {
        let token =
            SessionToken::generate(UserId::INSTALLER, SessionGeneration::default()).unwrap();
        let key = Key::session(&token);
        assert_eq!(key.pk, "SESSION#0000000000000000001");
        assert_eq!(key.sk.len(), "SESSION#".len() + 43);
        assert!(!token.expose().contains(&key.sk["SESSION#".len()..]));
        assert_eq!(key.token_hash(), Some(token.hash()));
        assert_eq!(Key::user(UserId::INSTALLER).token_hash(), None);
    }

    #[test]
    fn a_long_email_address_has_a_short_rate_limit_key() {
        let key = Key::rate_limit(RateLimit::LOGIN_PER_EMAIL, &"x".repeat(60_000));
        assert_eq!(key.pk.len(), "THROTTLE#ADDRESS#".len() + 43);
    }

    #[test]
    fn rate_limits_have_a_key_for_each_kind_of_subject() {
        let key = Key::rate_limit(RateLimit::PASSWORD_RESET_PER_NETWORK, "192.0.2.1");
        assert_eq!(texts(&key), ["THROTTLE#SOURCE#192.0.2.1", "RESETS"]);
        let key = Key::rate_limit(RateLimit::PASSWORD_CHANGE_PER_USER, "7");
        assert_eq!(texts(&key), ["THROTTLE#ACCOUNT#7", "PASSWORDS"]);
        let key = Key::rate_limit(RateLimit::LOGIN_PER_DEVICE, "hash");
        assert_eq!(texts(&key), ["THROTTLE#DEVICE#hash", "LOGINS"]);
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(truncate_name("ß".repeat(254)).len(), 480);
        assert_eq!(truncate_name("x".repeat(479) + "ßß").len(), 479);
    }
}
