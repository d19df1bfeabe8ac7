//! The table as it would be if numbers, tokens and hashes were not a matter of chance.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{Item, Items};

/// What differs between two runs of one sequence of requests, and between a write that was tried once
/// and one that was tried twice: counters that may skip, versions, and places that contain numbers.
const CHANCE: [&str; 5] = ["pk", "sk", "version", "list_sk", "expires_at"];

/// What a table says, in a form that two runs can be compared by.
#[must_use]
pub fn world(items: &Items) -> Value {
    let ranks = ranks(items);
    let mut world: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for ((pk, sk), item) in items {
        if let Some((kind, value)) = fact(pk, sk, item, &ranks) {
            world.entry(kind).or_default().push(value);
        }
    }
    for facts in world.values_mut() {
        facts.sort_by_key(ToString::to_string);
    }
    json!(world)
}

/// Accounts are known by the order of their creation: their numbers may have gaps.
fn ranks(items: &Items) -> BTreeMap<u64, u64> {
    let users = items.iter().filter(|((_, sk), _)| sk == "PROFILE");
    let mut numbers: Vec<u64> = users.filter_map(|(_, user)| user["id"].as_u64()).collect();
    numbers.sort_unstable();
    numbers.into_iter().zip(1..).collect()
}

/// An item under the name of its kind; the sums and counts of others are checked elsewhere.
fn fact(pk: &str, sk: &str, item: &Item, ranks: &BTreeMap<u64, u64>) -> Option<(String, Value)> {
    let kind = sk.split('#').next().unwrap_or_default();
    if ["COUNTER", "TALLY", "THROTTLE", "ADMINS"].contains(&kind) {
        return None;
    }
    let rank = |number: &Value| number.as_u64().and_then(|number| ranks.get(&number)).copied();
    let mut fact = Map::new();
    for (name, value) in item.as_object().into_iter().flatten() {
        let value = match name.as_str() {
            name if CHANCE.contains(&name) => continue,
            "password_hash" => json!("a hash"),
            "id" | "user_id" => rank(value).map_or_else(|| value.clone(), Value::from),
            _ => value.clone(),
        };
        fact.insert(name.clone(), value);
    }
    let account = pk.strip_prefix("USER#").and_then(|digits| digits.parse::<u64>().ok());
    fact.insert(
        "account".to_owned(),
        account.and_then(|number| ranks.get(&number)).copied().into(),
    );
    Some((kind.to_owned(), Value::Object(fact)))
}
