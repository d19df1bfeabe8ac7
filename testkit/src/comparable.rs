//! A form of the table without random IDs, tokens and hashes, for comparison.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{Item, Items};

/// Attributes that differ between two runs of the same requests, or after a retried write.
///
/// Versions and counters may skip values, and these keys contain IDs.
const NONDETERMINISTIC: [&str; 5] = ["pk", "sk", "version", "list_sk", "expires_at"];

/// Converts a table to JSON that is equal for two runs of the same requests.
#[must_use]
pub fn comparable(items: &Items) -> Value {
    let ranks = IdRanks::of(items);
    let mut by_kind: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for ((pk, sk), item) in items {
        if let Some((kind, value)) = comparable_item(pk, sk, item, &ranks) {
            by_kind.entry(kind).or_default().push(value);
        }
    }
    for values in by_kind.values_mut() {
        values.sort_by_key(ToString::to_string);
    }
    json!(by_kind)
}

/// Ranks of users and groups in order of creation. They replace IDs, which may have gaps.
struct IdRanks {
    users: BTreeMap<u64, u64>,
    groups: BTreeMap<u64, u64>,
}

impl IdRanks {
    fn of(items: &Items) -> Self {
        let is_user = |(pk, sk): &(String, String)| pk.starts_with("USER#") && sk == "PROFILE";
        let users = items.iter().filter(|(key, _)| is_user(key)).map(|(_, user)| user);
        let groups = items.iter().filter(|((pk, _), _)| pk == "GROUPS").map(|(_, group)| group);
        Self { users: ranks(users), groups: ranks(groups) }
    }
}

fn ranks<'a>(items: impl Iterator<Item = &'a Item>) -> BTreeMap<u64, u64> {
    let mut ids: Vec<u64> = items.filter_map(|item| item["id"].as_u64()).collect();
    ids.sort_unstable();
    ids.into_iter().zip(1..).collect()
}

/// An audit event without key and request ID.
///
/// Returns `None` for failed attempts, because failure counts are not compared either.
fn comparable_event(item: &Item, ranks: &IdRanks) -> Option<(String, Value)> {
    let mut event = item.as_object()?.clone();
    let failures = [
        "failed-login",
        "rate-limited",
        "wrong-password",
        "invalid-reset-token",
        "invalid-email-token",
    ];
    if failures.iter().any(|failure| event["action"] == *failure) {
        return None;
    }
    event.retain(|name, _| !NONDETERMINISTIC.contains(&name.as_str()) && name != "request_id");
    for (name, value) in &mut event {
        let text = value.as_str().unwrap_or_default().to_owned();
        let (kind, id) = match (name.as_str(), text.split_once(':')) {
            ("actor", _) => ("user", value.as_u64()?),
            ("target", Some((kind, id))) => (kind, id.parse().ok()?),
            _ => continue,
        };
        let ranks = if kind == "group" { &ranks.groups } else { &ranks.users };
        *value = json!([kind, ranks.get(&id)]);
    }
    Some(("AUDIT".to_owned(), Value::Object(event)))
}

/// An item with its kind. Returns `None` for counters, which `invariants` checks.
fn comparable_item(pk: &str, sk: &str, item: &Item, ranks: &IdRanks) -> Option<(String, Value)> {
    // The use of an API key is recorded before its request has any effect.
    let is_use = pk.starts_with("APIKEYUSE#") || item["action"] == "use-api-key";
    if is_use || pk.starts_with("AUDIT#ONCE#") {
        return None;
    }
    if pk.starts_with("AUDIT#") {
        return comparable_event(item, ranks);
    }
    let kind = sk.split('#').next().unwrap_or_default();
    if ["COUNTER", "TALLY", "ADMINS"].contains(&kind) || pk.starts_with("THROTTLE#") {
        return None;
    }
    let rank = |ranks: &BTreeMap<u64, u64>, id: &Value| {
        let rank = id.as_u64().and_then(|id| ranks.get(&id)).copied();
        rank.map_or_else(|| id.clone(), Value::from)
    };
    let mut fields = Map::new();
    for (name, value) in item.as_object().into_iter().flatten() {
        let value = match name.as_str() {
            name if NONDETERMINISTIC.contains(&name) => continue,
            "hash" | "earlier_hash" | "password_hash" | "key_hash" | "masked" => json!("a secret"),
            "email" | "search" if item["kind"] == "api-key" => continue,
            "id" if pk == "GROUPS" => rank(&ranks.groups, value),
            "group_id" => rank(&ranks.groups, value),
            "id" | "user_id" | "key_id" | "owner" | "updated_by" => rank(&ranks.users, value),
            _ => value.clone(),
        };
        fields.insert(name.clone(), value);
    }
    if pk.contains("NAME#") {
        fields.insert("partition".to_owned(), pk.into());
    }
    let prefixes = ["USER#", "SESSION#", "RESET#", "KEYHASH#", "DEVICE#", "EMAIL#"];
    let id = prefixes.iter().find_map(|prefix| pk.strip_prefix(prefix));
    let owner = id.and_then(|digits| digits.parse::<u64>().ok());
    fields
        .insert("user_rank".to_owned(), owner.and_then(|id| ranks.users.get(&id)).copied().into());
    Some((kind.to_owned(), Value::Object(fields)))
}
