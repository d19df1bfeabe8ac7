//! What is true of every table, whatever was sent, lost or killed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use shared::{
    domain::{Email, GroupName},
    store::Key,
};

use crate::{Item, Items, TestApp, table::texts};

impl TestApp {
    /// Stops the test unless the table is sound.
    pub async fn assert_invariants(&self) {
        assert_sound(&self.items().await);
    }
}

/// Stops the test unless a table is sound: no half of a change is in it, and each fact that is
/// written in two places is the same in both.
#[track_caller]
pub fn assert_sound(items: &Items) {
    let users: Vec<&Item> = of(items, "PROFILE").collect();
    let (keys, users): (Vec<&Item>, Vec<&Item>) =
        users.into_iter().partition(|user| user["kind"] == "api-key");
    assert_eq!(of(items, "LOGIN").count(), users.len(), "a claim for each account");
    assert_api_keys(items, &keys);
    for user in &users {
        assert_user(items, user);
    }
    let set_up = items.contains_key(&("INSTANCE".to_owned(), "INSTANCE".to_owned()));
    assert_eq!(!users.is_empty(), set_up, "an instance has accounts");
    if set_up {
        assert_counts(items, &users);
        assert_admins(items, &users);
        assert_members(items, &[&users[..], &keys[..]].concat());
        assert_groups(items, &users);
        assert_audited(items, &[&users[..], &keys[..]].concat());
    }
    let is_owned = |sk: &str| sk.starts_with("SESSION#") || sk == "RESET";
    for (pk, sk) in items.keys().filter(|(_, sk)| is_owned(sk)) {
        let owner = (pk.clone(), "PROFILE".to_owned());
        assert!(items.contains_key(&owner), "of nobody: {pk} {sk}");
    }
}

/// The items with a sort key.
fn of<'a>(items: &'a Items, sort: &'a str) -> impl Iterator<Item = &'a Item> {
    items.iter().filter(move |((_, sk), _)| sk == sort).map(|(_, item)| item)
}

/// An account agrees with its key, with its place in the list, and with the claim on its address.
#[track_caller]
fn assert_user(items: &Items, user: &Item) {
    let id = user["id"].as_u64().expect("a number");
    assert_eq!(user["pk"], format!("USER#{id:019}"));
    let place = if is_active(user) { "USERS#active" } else { "USERS#inactive" };
    let list = user["list_pk"].as_str().expect("a text");
    assert!(list == place || list.starts_with(&format!("{place}#")), "{user}");
    assert!(groups(user).contains(&1), "everybody is in All Users: {user}");
    let email = user["email"].as_str().and_then(Email::parse).expect("an address");
    let claim = items.get(&texts(&Key::credentials(&email))).expect("a claim on the address");
    for (of_claim, of_user) in [
        ("user_id", "id"),
        ("email", "email"),
        ("enabled", "is_active"),
        ("generation", "generation"),
    ] {
        assert_eq!(claim[of_claim], user[of_user], "{of_claim} of {user}");
    }
}

/// What is counted is what is there.
#[track_caller]
fn assert_counts(items: &Items, users: &[&Item]) {
    let sum = |name: &str| -> i64 { of(items, "TALLY").filter_map(|one| one[name].as_i64()).sum() };
    let active = users.iter().filter(|user| is_active(user)).count();
    assert_eq!(usize::try_from(sum("active")), Ok(active));
    assert_eq!(usize::try_from(sum("inactive")), Ok(users.len() - active));
    let most = users.iter().filter_map(|user| user["id"].as_u64()).max();
    assert!(counter(items, "COUNTER#user") >= most, "the counter is behind the accounts");
}

/// The set of active administrators is right, and there is one.
#[track_caller]
fn assert_admins(items: &Items, users: &[&Item]) {
    let is_admin = |user: &&&Item| is_active(user) && groups(user).contains(&2);
    let admins: BTreeSet<_> =
        users.iter().filter(is_admin).filter_map(|user| user["id"].as_u64()).collect();
    let kept = of(items, "ADMINS").flat_map(|item| numbers(&item["ids"])).collect();
    assert_eq!(admins, kept, "the set of administrators");
    assert!(!admins.is_empty(), "nobody can administer");
}

/// Each key that is not deleted has an active account, a name of its own, and one secret.
#[track_caller]
fn assert_api_keys(items: &Items, users: &[&Item]) {
    let known: BTreeSet<u64> = items
        .iter()
        .filter(|((pk, _), _)| pk == "APIKEYS")
        .map(|(_, key)| key["id"].as_u64().expect("a number"))
        .collect();
    let active = users.iter().filter(|user| is_active(user));
    assert_eq!(known, active.filter_map(|user| user["id"].as_u64()).collect(), "API keys");
    assert_eq!(of(items, "APIKEYNAME").count(), known.len(), "a claim on each name");
    let is_proof =
        |(pk, sk): &&(String, String)| pk.starts_with("USER#") && sk.starts_with("APIKEY#");
    assert_eq!(items.keys().filter(is_proof).count(), known.len(), "a secret for each key");
    assert!(users.iter().all(|user| user.get("list_pk").is_none()), "a key is in a list");
}

/// Each group that somebody made lists who is in it, and nobody else.
#[track_caller]
fn assert_members(items: &Items, users: &[&Item]) {
    let listed: BTreeSet<(String, u64)> = items
        .iter()
        .filter(|((_, sk), _)| sk.starts_with("MEMBER#"))
        .map(|((pk, _), item)| (pk.clone(), item["user_id"].as_u64().expect("a number")))
        .collect();
    let of = |user: &&Item| {
        let id = user["id"].as_u64().expect("a number");
        custom_groups(user).map(move |group| (format!("GROUP#{group:019}"), id)).collect::<Vec<_>>()
    };
    assert_eq!(listed, users.iter().flat_map(of).collect(), "who is in which group");
}

/// Each group that somebody made counts its active members, and nobody is in one that is gone.
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
    assert!(active.keys().all(|group| counted.contains_key(group)), "a group is gone");
    let most = counted.last_key_value().map(|(group, _)| *group);
    assert!(counter(items, "COUNTER#group") >= most, "the counter is behind the groups");
    assert!([1, 2].iter().all(|group| counted.contains_key(group)), "a group that always exists");
    for (group, count) in counted {
        assert_eq!(count, active.get(&group).copied().unwrap_or_default(), "members of {group}");
    }
    assert_names(items);
}

/// Each group that somebody made has the claim on its name, and no other name is taken.
#[track_caller]
fn assert_names(items: &Items) {
    let groups = items.iter().filter(|((pk, _), _)| pk == "GROUPS").map(|(_, group)| group);
    let made = groups.filter(|group| group["id"].as_u64() > Some(2));
    let named: BTreeSet<_> = made.map(|group| (key_of_name(group), group["id"].as_u64())).collect();
    let claims = items.iter().filter(|((_, sk), _)| sk == "GROUPNAME");
    let claims = claims.map(|((pk, _), claim)| (pk.clone(), claim["group_id"].as_u64()));
    assert_eq!(named, claims.collect(), "the claims on names");
}

fn key_of_name(group: &Item) -> String {
    let name = group["name"].as_str().and_then(GroupName::parse).expect("a name");
    texts(&Key::group_name(&name)).0
}

/// The last number that a counter gave out.
fn counter(items: &Items, pk: &str) -> Option<u64> {
    items.get(&(pk.to_owned(), "COUNTER".to_owned()))?["last"].as_u64()
}

/// Every write of a profile raises its version by one and is told once: a change that nobody is told
/// of, and an entry of what did not happen, both show. When members of a group leave together, the
/// group is told of.
#[track_caller]
fn assert_audited(items: &Items, users: &[&Item]) {
    let mut told: BTreeMap<&str, u64> = BTreeMap::new();
    let mut leave_together = false;
    for (_, entry) in items.iter().filter(|((pk, _), _)| pk.starts_with("AUDIT#")) {
        match entry["action"].as_str().expect("a name") {
            "failed-login" | "logout" | "revoke-session" | "regenerate-api-key"
            | "forgot-password" | "password-reset-url" | "send-invite" => {}
            "clear-group" | "delete-group" => leave_together = true,
            _ => *told.entry(entry["target"].as_str().expect("a target")).or_default() += 1,
        }
    }
    for user in users {
        let (id, version) = (&user["id"], user["version"].as_u64().expect("a number"));
        let kind = user["kind"].as_str().unwrap_or("user");
        let entries = told.get(format!("{kind}:{id}").as_str()).copied().unwrap_or_default();
        let is_told = entries == version || leave_together && entries < version;
        assert!(is_told, "{entries} entries of {version} changes of account {id}");
    }
}

/// The groups of an account but for the two that always exist.
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
