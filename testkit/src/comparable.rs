//! The table as it would be if numbers, tokens and hashes were not a matter of chance.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{Item, Items};

/// What differs between two runs of one sequence of requests, and between a write that was tried once
/// and one that was tried twice: counters that may skip, versions, and places that contain numbers.
const NONDETERMINISTIC: [&str; 5] = ["pk", "sk", "version", "list_sk", "expires_at"];

/// What a table says, in a form that two runs can be compared by.
#[must_use]
pub fn comparable(items: &Items) -> Value {
    let ranks = IdRanks::of(items);
    let mut world: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for ((pk, sk), item) in items {
        if let Some((kind, value)) = comparable_item(pk, sk, item, &ranks) {
            world.entry(kind).or_default().push(value);
        }
    }
    for facts in world.values_mut() {
        facts.sort_by_key(ToString::to_string);
    }
    json!(world)
}

/// Accounts and groups are known by the order of their creation: their numbers may have gaps.
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
    let mut numbers: Vec<u64> = items.filter_map(|item| item["id"].as_u64()).collect();
    numbers.sort_unstable();
    numbers.into_iter().zip(1..).collect()
}

/// An entry of the audit trail without its place and its request. A failed login is told beside the
/// failures, which are not compared either.
fn comparable_event(item: &Item, ranks: &IdRanks) -> Option<(String, Value)> {
    let mut entry = item.as_object()?.clone();
    if entry["action"] == "failed-login" {
        return None;
    }
    entry.retain(|name, _| !NONDETERMINISTIC.contains(&name.as_str()) && name != "request_id");
    for (name, value) in &mut entry {
        let text = value.as_str().unwrap_or_default().to_owned();
        let (kind, number) = match (name.as_str(), text.split_once(':')) {
            ("actor", _) => ("user", value.as_u64()?),
            ("target", Some((kind, number))) => (kind, number.parse().ok()?),
            _ => continue,
        };
        let ranks = if kind == "group" { &ranks.groups } else { &ranks.users };
        *value = json!([kind, ranks.get(&number)]);
    }
    Some(("AUDIT".to_owned(), Value::Object(entry)))
}

/// An item under the name of its kind; the sums and counts of others are checked elsewhere.
fn comparable_item(pk: &str, sk: &str, item: &Item, ranks: &IdRanks) -> Option<(String, Value)> {
    if pk.starts_with("AUDIT#") {
        return comparable_event(item, ranks);
    }
    let kind = sk.split('#').next().unwrap_or_default();
    if ["COUNTER", "TALLY", "ADMINS"].contains(&kind) || pk.starts_with("THROTTLE#") {
        return None;
    }
    let rank = |ranks: &BTreeMap<u64, u64>, number: &Value| {
        let rank = number.as_u64().and_then(|number| ranks.get(&number)).copied();
        rank.map_or_else(|| number.clone(), Value::from)
    };
    let mut fact = Map::new();
    for (name, value) in item.as_object().into_iter().flatten() {
        let value = match name.as_str() {
            name if NONDETERMINISTIC.contains(&name) => continue,
            "hash" | "password_hash" | "key_hash" | "masked" => json!("a secret"),
            "email" | "search" if item["kind"] == "api-key" => continue,
            "id" if pk == "GROUPS" => rank(&ranks.groups, value),
            "group_id" => rank(&ranks.groups, value),
            "id" | "user_id" | "key_id" | "owner" | "updated_by" => rank(&ranks.users, value),
            _ => value.clone(),
        };
        fact.insert(name.clone(), value);
    }
    if pk.contains("NAME#") {
        fact.insert("claim".to_owned(), pk.into());
    }
    let account = pk.strip_prefix("USER#").and_then(|digits| digits.parse::<u64>().ok());
    fact.insert(
        "account".to_owned(),
        account.and_then(|number| ranks.users.get(&number)).copied().into(),
    );
    Some((kind.to_owned(), Value::Object(fact)))
}
