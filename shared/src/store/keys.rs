//! Keys: the only file that knows how their values are spelled.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
};

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{
    auth::token::SessionToken,
    domain::{
        ApiKeyName, AuditEventId, Day, Email, GroupId, GroupName, IdempotencyKey, RateLimit,
        RateLimitKey, RateLimitedAction, Timestamp, TokenHash, User, UserId,
    },
};

/// The index that orders accounts by name.
pub const INDEX: &str = "users-by-name";

/// The partition of all groups.
pub(super) const GROUPS: &str = "GROUPS";

/// How the sort key of a group begins.
pub(super) const GROUP: &str = "GROUP#";

/// The partition of all API keys.
pub(super) const API_KEYS: &str = "APIKEYS";

/// How the sort key of an API key begins, and that of its proof.
pub(super) const API_KEY: &str = "APIKEY#";

/// How the sort key of a membership begins.
pub(super) const MEMBER: &str = "MEMBER#";

/// How the sort key of a session begins.
pub(super) const SESSION: &str = "SESSION#";

/// The number of partitions that share the entries of the audit trail of one day: DynamoDB takes 1,000
/// write units a second for each, and an entry is two.
const AUDIT_SHARDS: u8 = 4;

/// The place after all entries of a day.
pub(super) const AUDIT_END: &str = "~";

/// The most bytes that each name takes of an index key, which may have 1,024 in all.
const MAX_NAME_BYTES: usize = 480;

/// The half of an IPv6 address that names a subscriber.
const IPV6_SUBNET_MASK: u128 = !0 << 64;

/// A separator that sorts before every character that a name can have.
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

    /// An account's profile.
    #[must_use]
    pub fn user(id: UserId) -> Self {
        Self::new(user_pk(id), "PROFILE")
    }

    /// A session, under its account.
    #[must_use]
    pub fn session(token: &SessionToken) -> Self {
        Self::new(user_pk(token.user()), format!("{SESSION}{}", token.hash().as_str()))
    }

    /// The hash of the token, of the key of a session.
    pub(super) fn token_hash(&self) -> Option<TokenHash> {
        self.sk.strip_prefix(SESSION).map(|hash| TokenHash::from_stored(hash.to_owned()))
    }

    /// The permission to choose a new password for an account.
    #[must_use]
    pub fn reset(id: UserId) -> Self {
        Self::new(user_pk(id), "RESET")
    }

    /// Profile and reset token of an account that cannot be, because its number is beyond all others: one
    /// for each address, so that those who ask for addresses that nobody has do not wait for each other.
    pub(super) fn decoy(email: &Email) -> [Self; 2] {
        let hash = Sha256::digest(email.normalized());
        let number = hash.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let pk = format!("USER#99{:017}", number % 10_u64.pow(17));
        [Self::new(&pk, "PROFILE"), Self::new(pk, "RESET")]
    }

    /// The claim on an address, and the password that belongs to it.
    #[must_use]
    pub fn credentials(email: &Email) -> Self {
        Self::new(format!("LOGIN#{}", email.normalized()), "LOGIN")
    }

    /// The attempts that count against a limit. An address is hashed, because anybody may send any text,
    /// and expected in the form in which it is unique, so that no other spelling has a count of its own.
    pub(super) fn rate_limit(limit: RateLimit, subject: &str) -> Self {
        let subject = match limit.key {
            RateLimitKey::Email => {
                format!("ADDRESS#{}", BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(subject)))
            }
            RateLimitKey::ClientIp => format!("SOURCE#{}", rate_limit_network(subject)),
            RateLimitKey::User => format!("ACCOUNT#{subject}"),
        };
        Self::new(format!("THROTTLE#{subject}"), action_suffix(limit.action))
    }

    /// The last number that was given to an account.
    pub(super) fn user_counter() -> Self {
        Self::new("COUNTER#user", "COUNTER")
    }

    /// One of the items that count accounts.
    #[must_use]
    pub fn user_count(shard: u64) -> Self {
        Self::new(format!("TALLY#{shard:02}"), "TALLY")
    }

    /// Whether it is one of the items that count accounts.
    pub(super) fn is_user_count(&self) -> bool {
        self.sk == "TALLY"
    }

    /// The set of active administrators.
    #[must_use]
    pub fn admins() -> Self {
        Self::new("ADMINS", "ADMINS")
    }

    /// A group. All are in one partition, so that one strongly consistent query lists them.
    #[must_use]
    pub fn group(id: GroupId) -> Self {
        Self::new(GROUPS, group_pk(id))
    }

    /// The claim on a group's name.
    #[must_use]
    pub fn group_name(name: &GroupName) -> Self {
        Self::new(format!("GROUPNAME#{}", name.normalized()), "GROUPNAME")
    }

    /// That an account is in a group.
    pub(super) fn member(group: GroupId, user: UserId) -> Self {
        Self::new(group_pk(group), format!("{MEMBER}{:019}", user.get()))
    }

    /// What is known of an API key.
    pub(crate) fn api_key(id: UserId) -> Self {
        Self::new(API_KEYS, format!("{API_KEY}{:019}", id.get()))
    }

    /// That an API key signs its account in.
    pub(crate) fn api_key_hash(user: UserId, hash: &TokenHash) -> Self {
        Self::new(user_pk(user), format!("{API_KEY}{}", hash.as_str()))
    }

    /// The claim on the name of an API key.
    pub(super) fn api_key_name(name: &ApiKeyName) -> Self {
        Self::new(format!("APIKEYNAME#{}", name.normalized()), "APIKEYNAME")
    }

    /// The last number that was given to a group.
    pub(super) fn group_counter() -> Self {
        Self::new("COUNTER#group", "COUNTER")
    }

    /// The instance: whether it is set up, and its name.
    #[must_use]
    pub fn instance() -> Self {
        Self::new("INSTANCE", "INSTANCE")
    }

    /// An entry of the audit trail.
    pub(super) fn audit(id: &AuditEventId) -> Self {
        let shard = id.nonce.bytes().next().unwrap_or_default() % AUDIT_SHARDS;
        Self::new(audit_partition(id.at.day(), shard), audit_sort_key(id))
    }

    /// A request that is carried out once.
    pub(crate) fn idempotency(ticket: &IdempotencyKey) -> Self {
        Self::new(format!("IDEMPOTENCY#{}", ticket.id()), "IDEMPOTENCY")
    }

    /// The two attributes of the key.
    #[must_use]
    pub fn attributes(&self) -> HashMap<String, AttributeValue> {
        let text = |value: &String| AttributeValue::S(value.clone());
        HashMap::from([("pk".to_owned(), text(&self.pk)), ("sk".to_owned(), text(&self.sk))])
    }

    /// The key of an item that was read.
    pub(super) fn from_item(item: &HashMap<String, AttributeValue>) -> Option<Self> {
        let text = |name: &str| item.get(name)?.as_s().ok();
        Some(Self::new(text("pk")?, text("sk")?))
    }
}

const fn action_suffix(purpose: RateLimitedAction) -> &'static str {
    match purpose {
        RateLimitedAction::Login => "LOGINS",
        RateLimitedAction::ForgotPassword => "LETTERS",
        RateLimitedAction::ResetPassword => "RESETS",
        RateLimitedAction::ChangePassword => "PASSWORDS",
        RateLimitedAction::Setup => "SETUPS",
    }
}

/// The network address that a source is known by; of IPv6 a /64, which one subscriber has whole.
fn rate_limit_network(source: &str) -> String {
    match source.parse() {
        Ok(IpAddr::V6(address)) => {
            Ipv6Addr::from_bits(address.to_bits() & IPV6_SUBNET_MASK).to_string()
        }
        Ok(IpAddr::V4(_)) | Err(_) => source.to_owned(),
    }
}

/// Numbers have 19 digits, as many as the largest, so that texts sort like them.
pub(super) fn user_pk(id: UserId) -> String {
    format!("USER#{:019}", id.get())
}

/// The partition of a group's memberships, and the sort key of the group itself.
pub(super) fn group_pk(id: GroupId) -> String {
    format!("{GROUP}{:019}", id.get())
}

/// The partitions of the audit trail of one day.
pub(super) fn audit_partitions(day: Day) -> impl Iterator<Item = String> {
    (0..AUDIT_SHARDS).map(move |shard| audit_partition(day, shard))
}

fn audit_partition(day: Day, shard: u8) -> String {
    format!("AUDIT#{day}#{shard:02}")
}

/// The place of an entry among those of its day.
pub(super) fn audit_sort_key(id: &AuditEventId) -> String {
    format!("{}#{}", id.at.time_of_day(), id.nonce)
}

/// The entry that a key is of.
pub(super) fn parse_audit_key(item: &HashMap<String, AttributeValue>) -> Option<AuditEventId> {
    let Key { pk, sk } = Key::from_item(item)?;
    let (day, _) = pk.strip_prefix("AUDIT#")?.split_once('#')?;
    let (time, nonce) = sk.split_once('#')?;
    let at = Timestamp::parse(&format!("{day}T{time}Z"))?;
    Some(AuditEventId { at, nonce: nonce.to_owned() })
}

/// A partition of the index that has active accounts, or deactivated ones. The first is named as if
/// there were no others.
pub(super) fn index_partition(is_active: bool, shard: u64) -> String {
    let state = if is_active { "USERS#active" } else { "USERS#inactive" };
    if shard == 0 { state.to_owned() } else { format!("{state}#{shard:02}") }
}

/// The place of an account in its partition: by folded first name, last name, and number.
pub(super) fn index_sort_key(user: &User) -> String {
    let [first, last] = user.folded_names().map(truncate_name);
    format!("{first}{SEPARATOR}{last}{SEPARATOR}{:019}", user.id.get())
}

fn truncate_name(mut name: String) -> String {
    name.truncate(name.floor_char_boundary(MAX_NAME_BYTES));
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SessionGeneration;

    fn spelled(key: &Key) -> [&str; 2] {
        [&key.pk, &key.sk]
    }

    #[test]
    fn are_spelled_as_documented() {
        let id = UserId::try_from(42).unwrap();
        let email = Email::parse("STRASSE@example.com").unwrap();
        assert_eq!(spelled(&Key::user(id)), ["USER#0000000000000000042", "PROFILE"]);
        assert_eq!(spelled(&Key::reset(id)), ["USER#0000000000000000042", "RESET"]);
        assert_eq!(spelled(&Key::credentials(&email)), ["LOGIN#strasse@example.com", "LOGIN"]);
        assert_eq!(spelled(&Key::user_count(2)), ["TALLY#02", "TALLY"]);
        assert_eq!(index_partition(true, 0), "USERS#active");
        assert_eq!(index_partition(false, 3), "USERS#inactive#03");
        assert_eq!(
            spelled(&Key::group(GroupId::ALL_USERS)),
            ["GROUPS", "GROUP#0000000000000000001"]
        );
        assert_eq!(
            spelled(&Key::member(GroupId::ALL_USERS, id)),
            ["GROUP#0000000000000000001", "MEMBER#0000000000000000042"]
        );
        let name = GroupName::parse("Straße").unwrap();
        assert_eq!(spelled(&Key::group_name(&name)), ["GROUPNAME#strasse", "GROUPNAME"]);
    }

    #[test]
    fn nobody_is_nobody() {
        let [profile, reset] = Key::decoy(&Email::parse("nobody@example.com").unwrap());
        assert_eq!([profile.sk.as_str(), reset.sk.as_str()], ["PROFILE", "RESET"]);
        assert_eq!(
            (profile.pk.len(), &profile.pk),
            (Key::user(UserId::INSTALLER).pk.len(), &reset.pk)
        );
        assert!(profile.pk > format!("USER#{:019}", i64::MAX));
        let [other, _] = Key::decoy(&Email::parse("somebody@example.com").unwrap());
        assert_ne!(profile, other);
    }

    #[test]
    fn an_entry_is_on_its_day_at_its_time() {
        let at = Timestamp::parse("2026-01-02T03:04:05.000006Z").unwrap();
        let id = AuditEventId { at, nonce: "Ab-_".to_owned() };
        let key = Key::audit(&id);
        assert_eq!(spelled(&key), ["AUDIT#2026-01-02#01", "03:04:05.000006#Ab-_"]);
        assert_eq!(parse_audit_key(&key.attributes()), Some(id));
        assert!(audit_partitions(at.day()).any(|partition| partition == key.pk));
        assert!(
            key.sk.as_str() < AUDIT_END && key.sk > audit_sort_key(&AuditEventId::start_of(at))
        );
        assert_eq!(parse_audit_key(&Key::instance().attributes()), None);
    }

    #[test]
    fn a_session_is_under_its_user_without_its_secret() {
        let token =
            SessionToken::generate(UserId::INSTALLER, SessionGeneration::default()).unwrap();
        let key = Key::session(&token);
        assert_eq!(key.pk, Key::user(UserId::INSTALLER).pk);
        assert_eq!(key.sk.len(), "SESSION#".len() + 43);
        assert!(!token.expose().contains(&key.sk["SESSION#".len()..]));
        assert_eq!(key.token_hash(), Some(token.hash()));
        assert_eq!(Key::user(UserId::INSTALLER).token_hash(), None);
    }

    #[test]
    fn a_user_name_of_any_length_has_a_short_key() {
        let key = Key::rate_limit(RateLimit::LOGIN_PER_EMAIL, &"x".repeat(60_000));
        assert_eq!(key.pk.len(), "THROTTLE#ADDRESS#".len() + 43);
    }

    #[test]
    fn a_source_is_an_address_or_a_64th_of_ipv6() {
        let source = |text| Key::rate_limit(RateLimit::PASSWORD_RESET_PER_IP, text).pk;
        let key = Key::rate_limit(RateLimit::PASSWORD_RESET_PER_IP, "192.0.2.1");
        assert_eq!(spelled(&key), ["THROTTLE#SOURCE#192.0.2.1", "RESETS"]);
        assert_eq!(source("2001:db8::1"), source("2001:db8:0:0:ffff::2"));
        assert_ne!(source("2001:db8::1"), source("2001:db8:0:1::1"));
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(truncate_name("ß".repeat(254)).len(), 480);
        assert_eq!(truncate_name("x".repeat(479) + "ßß").len(), 479);
    }
}
