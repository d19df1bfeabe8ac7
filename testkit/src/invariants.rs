//! Invariants of the table. They hold after any sequence of requests, faults and kills.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use shared::{
    domain::{Email, GroupName},
    store::Key,
};

use crate::{Item, Items, TestApp, table::key_strings};

impl TestApp {
    /// Fails the test if the table violates an invariant.
    pub async fn assert_invariants(&self) {
        assert_invariants(&self.items().await);
    }
}

/// Fails the test if a table contains a partial change.
///
/// Values stored in several items must agree.
#[track_caller]
pub fn assert_invariants(items: &Items) {
    let users: Vec<&Item> = with_sort_key(items, "PROFILE").collect();
    let (keys, users): (Vec<&Item>, Vec<&Item>) =
        users.into_iter().partition(|user| user["kind"] == "api-key");
    assert_eq!(with_sort_key(items, "LOGIN").count(), users.len(), "one credentials item per user");
    assert_api_keys(items, &keys);
    for user in &users {
        assert_user(items, user);
    }
    let is_set_up = items.contains_key(&("INSTANCE".to_owned(), "INSTANCE".to_owned()));
    assert_eq!(!users.is_empty(), is_set_up, "the instance item exists with the first user");
    if is_set_up {
        assert_counts(items, &users);
        assert_admins(items, &users);
        assert_members(items, &[&users[..], &keys[..]].concat());
        assert_groups(items, &users);
        assert_audited(items, &[&users[..], &keys[..]].concat());
    }
    let is_owned = |sk: &str| sk.starts_with("SESSION#") || ["RESET", "EMAIL"].contains(&sk);
    for (pk, sk) in items.keys().filter(|(_, sk)| is_owned(sk)) {
        let (_, id) = pk.split_once('#').expect("a partition of a user");
        let owner = (format!("USER#{id}"), "PROFILE".to_owned());
        assert!(items.contains_key(&owner), "an item without owner: {pk} {sk}");
    }
}

/// The items with a sort key.
fn with_sort_key<'a>(items: &'a Items, sort: &'a str) -> impl Iterator<Item = &'a Item> {
    items.iter().filter(move |((_, sk), _)| sk == sort).map(|(_, item)| item)
}

/// Checks a profile against its key, its list partition and its credentials item.
#[track_caller]
fn assert_user(items: &Items, user: &Item) {
    let id = user["id"].as_u64().expect("a number");
    assert_eq!(user["pk"], format!("USER#{id:019}"));
    let partition = if is_active(user) { "USERS#active" } else { "USERS#inactive" };
    let list = user["list_pk"].as_str().expect("a text");
    assert!(list == partition || list.starts_with(&format!("{partition}#")), "{user}");
    assert!(groups(user).contains(&1), "not in All Users: {user}");
    let email = user["email"].as_str().and_then(Email::parse).expect("an email address");
    let credentials =
        items.get(&key_strings(&Key::credentials(&email))).expect("a credentials item");
    for (in_credentials, in_profile) in [
        ("user_id", "id"),
        ("email", "email"),
        ("enabled", "is_active"),
        ("generation", "generation"),
    ] {
        assert_eq!(credentials[in_credentials], user[in_profile], "{in_credentials} of {user}");
    }
}

/// Checks the user counts and the ID counter against the profiles.
#[track_caller]
fn assert_counts(items: &Items, users: &[&Item]) {
    let sum = |name: &str| -> i64 {
        with_sort_key(items, "TALLY").filter_map(|item| item[name].as_i64()).sum()
    };
    let active = users.iter().filter(|user| is_active(user)).count();
    assert_eq!(usize::try_from(sum("active")), Ok(active));
    assert_eq!(usize::try_from(sum("inactive")), Ok(users.len() - active));
    let highest = users.iter().filter_map(|user| user["id"].as_u64()).max();
    assert!(counter(items, "COUNTER#user") >= highest, "the user ID counter is too low");
}

/// Checks the set of active administrators. It must not be empty.
#[track_caller]
fn assert_admins(items: &Items, users: &[&Item]) {
    let is_admin = |user: &&&Item| is_active(user) && groups(user).contains(&2);
    let admins: BTreeSet<_> =
        users.iter().filter(is_admin).filter_map(|user| user["id"].as_u64()).collect();
    let stored = with_sort_key(items, "ADMINS").flat_map(|item| numbers(&item["ids"])).collect();
    assert_eq!(admins, stored, "the set of administrators");
    assert!(!admins.is_empty(), "no active administrator");
}

/// Checks each API key: an active service account, a unique name and one key hash.
#[track_caller]
fn assert_api_keys(items: &Items, users: &[&Item]) {
    let active_keys: BTreeSet<u64> = items
        .iter()
        .filter(|((pk, _), _)| pk == "APIKEYS")
        .map(|(_, key)| key["id"].as_u64().expect("a number"))
        .collect();
    let active = users.iter().filter(|user| is_active(user));
    assert_eq!(active_keys, active.filter_map(|user| user["id"].as_u64()).collect(), "API keys");
    assert_eq!(
        with_sort_key(items, "APIKEYNAME").count(),
        active_keys.len(),
        "one name item per API key"
    );
    let is_key_hash =
        |(pk, sk): &&(String, String)| pk.starts_with("KEYHASH#") && sk.starts_with("APIKEY#");
    assert_eq!(
        items.keys().filter(is_key_hash).count(),
        active_keys.len(),
        "one key hash per API key"
    );
    assert!(users.iter().all(|user| user.get("list_pk").is_none()), "an API key is in a user list");
    let is_copied = |(key, hash): (&Item, &Item)| {
        key.get("validity").is_none_or(|copy| {
            ["owner", "generation", "issued_at", "valid_until"]
                .iter()
                .all(|name| copy.get(*name) == hash.get(*name))
        })
    };
    let hashes = items.iter().filter(|(key, _)| is_key_hash(key)).map(|(_, hash)| hash);
    let keys = items.iter().filter(|((pk, _), _)| pk == "APIKEYS").map(|(_, key)| key);
    assert!(keys.zip(hashes).all(is_copied), "an API key differs from its hash item");
}

/// Checks the member items of custom groups against the profiles.
#[track_caller]
fn assert_members(items: &Items, users: &[&Item]) {
    let listed: BTreeSet<(String, u64)> = items
        .iter()
        .filter(|((_, sk), _)| sk.starts_with("MEMBER#"))
        .map(|((pk, _), item)| (pk.clone(), item["user_id"].as_u64().expect("a number")))
        .collect();
    let memberships = |user: &&Item| {
        let id = user["id"].as_u64().expect("a number");
        custom_groups(user).map(move |group| (format!("GROUP#{group:019}"), id)).collect::<Vec<_>>()
    };
    assert_eq!(listed, users.iter().flat_map(memberships).collect(), "member items");
}

/// Checks the member counts, and that profiles contain existing groups only.
#[track_caller]
fn assert_groups(items: &Items, users: &[&Item]) {
    let mut active: BTreeMap<u64, u64> = BTreeMap::new();
    for user in users {
        for group in custom_groups(user) {
            *active.entry(group).or_default() += u64::from(is_active(user));
        }
    }
    let groups = items.iter().filter(|((pk, _), _)| pk == "GROUPS").map(|(_, group)| group);
    let counted: BTreeMap<u64, u64> = groups
        .map(|group| (group["id"].as_u64(), group["members"].as_u64()))
        .map(|(id, members)| (id.expect("a number"), members.expect("a count")))
        .collect();
    assert!(
        active.keys().all(|group| counted.contains_key(group)),
        "a profile contains a deleted group"
    );
    let highest = counted.last_key_value().map(|(group, _)| *group);
    assert!(counter(items, "COUNTER#group") >= highest, "the group ID counter is too low");
    assert!([1, 2].iter().all(|group| counted.contains_key(group)), "a built-in group is missing");
    for (group, count) in counted {
        assert_eq!(count, active.get(&group).copied().unwrap_or_default(), "members of {group}");
    }
    assert_names(items);
}

/// Checks that each custom group has a name item, and that there is no other one.
#[track_caller]
fn assert_names(items: &Items) {
    let groups = items.iter().filter(|((pk, _), _)| pk == "GROUPS").map(|(_, group)| group);
    let custom = groups.filter(|group| group["id"].as_u64() > Some(2));
    let expected: BTreeSet<_> =
        custom.map(|group| (name_partition(group), group["id"].as_u64())).collect();
    let name_items = items.iter().filter(|((_, sk), _)| sk == "GROUPNAME");
    let name_items = name_items.map(|((pk, _), item)| (pk.clone(), item["group_id"].as_u64()));
    assert_eq!(expected, name_items.collect(), "name items of groups");
}

fn name_partition(group: &Item) -> String {
    let name = group["name"].as_str().and_then(GroupName::parse).expect("a name");
    key_strings(&Key::group_name(&name)).0
}

/// The last ID issued by a counter.
fn counter(items: &Items, pk: &str) -> Option<u64> {
    items.get(&(pk.to_owned(), "COUNTER".to_owned()))?["last"].as_u64()
}

/// Checks that each version of a profile has one audit event, so none is missing or surplus.
///
/// Group removals write one event for the group and none for its members.
#[track_caller]
fn assert_audited(items: &Items, users: &[&Item]) {
    let mut events_by_target: BTreeMap<&str, u64> = BTreeMap::new();
    let mut has_group_removal = false;
    for (_, event) in items.iter().filter(|((pk, _), _)| pk.starts_with("AUDIT#2")) {
        match event["action"].as_str().expect("a name") {
            "failed-login"
            | "logout"
            | "revoke-session"
            | "regenerate-api-key"
            | "forgot-password"
            | "password-reset-url"
            | "send-invite"
            | "release-rate-limits"
            | "use-api-key"
            | "forbidden"
            | "rate-limited"
            | "wrong-password"
            | "invalid-reset-token"
            | "invalid-email-token"
            | "update-setting" => {}
            "clear-group" | "delete-group" => has_group_removal = true,
            _ => {
                let target = event["target"].as_str().expect("a target");
                *events_by_target.entry(target).or_default() += 1;
            }
        }
    }
    for user in users {
        let (id, version) = (&user["id"], user["version"].as_u64().expect("a number"));
        let kind = user["kind"].as_str().unwrap_or("user");
        let events =
            events_by_target.get(format!("{kind}:{id}").as_str()).copied().unwrap_or_default();
        let is_complete = events == version || has_group_removal && events < version;
        assert!(is_complete, "{events} events for {version} versions of user {id}");
    }
}

/// The custom groups of a user.
fn custom_groups(user: &Item) -> impl Iterator<Item = u64> {
    groups(user).into_iter().filter(|group| *group > 2)
}

fn is_active(user: &Item) -> bool {
    user["is_active"] == Value::Bool(true)
}

fn groups(user: &Item) -> BTreeSet<u64> {
    numbers(&user["groups"]).collect()
}

fn numbers(list: &Value) -> impl Iterator<Item = u64> {
    list.as_array().into_iter().flatten().filter_map(Value::as_u64)
}
