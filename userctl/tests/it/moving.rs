//! Helpers for exports and imports: two services with their tables.

use std::{collections::BTreeMap, os::unix::fs::PermissionsExt, path::Path};

use fastrand::Rng;
use serde_json::Value;
use testkit::{Items, TestApp};

use crate::{
    program::{Run, World},
    random_people::{Dice, fill, store},
};

/// The seed of all random people. Another one finds other cases.
pub(crate) const SEED: u64 = 19;

pub(crate) async fn run(world: &World, arguments: &[&str]) -> Run {
    let mut command = world.command(&[arguments, &["--table", "users"]].concat());
    command.envs([
        ("AWS_ENDPOINT_URL_DYNAMODB", world.app.endpoint()),
        ("AWS_REGION", "local"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ]);
    Run::new(command.output().await.unwrap())
}

/// A service before setup.
pub(crate) async fn empty() -> World {
    World::with(TestApp::without_setup().await).await
}

/// A service with random people.
pub(crate) async fn random(seed: u64, users: u64) -> World {
    let world = empty().await;
    fill(&store(&world.app), &mut Dice(Rng::with_seed(seed)), users).await;
    world
}

pub(crate) async fn backup(world: &World) -> String {
    run(world, &["export", "jsonl", "--with-hashes"]).await.expect(0).stdout
}

/// The lines of a type, by their ID.
pub(crate) fn lines(backup: &str, kind: &str) -> BTreeMap<u64, Value> {
    let lines = backup.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines = lines.filter(|line| line["type"] == kind);
    lines.map(|line| (line["id"].as_u64().unwrap(), line)).collect()
}

/// Partitions that a backup does not keep: the audit log, sessions, devices, rate limits, links,
/// idempotency records, uses of keys, and counters of IDs.
const PARTITIONS: [&str; 9] = [
    "AUDIT#",
    "SESSION",
    "DEVICE#",
    "THROTTLE#",
    "RESET#",
    "EMAIL#",
    "IDEMPOTENCY#",
    "APIKEYUSE#",
    "COUNTER#",
];

/// Attributes that a backup does not keep. `validity` repeats another item.
const ATTRIBUTES: [&str; 9] = [
    "set_up_at",
    "version",
    "generation",
    "revision",
    "releases",
    "creation_record",
    "pending_email",
    "email_settled_at",
    "validity",
];

/// Attributes of service accounts that a backup does not keep: the address is random, and the times
/// are those of the key.
const OF_SERVICE_ACCOUNTS: [&str; 4] = ["email", "search", "date_joined", "updated_at"];

/// The items that a backup keeps, without what it does not keep.
fn kept(items: Items) -> BTreeMap<(String, String), Value> {
    let mut kept = BTreeMap::new();
    for ((pk, sk), mut item) in items {
        let is_service_account = item["kind"] == "api-key";
        // A deleted key leaves its service account.
        let is_deleted = is_service_account && item["is_active"] == false;
        if is_deleted || PARTITIONS.iter().any(|partition| pk.starts_with(partition)) {
            continue;
        }
        let is_left_out = |name: &str| {
            ATTRIBUTES.contains(&name) || is_service_account && OF_SERVICE_ACCOUNTS.contains(&name)
        };
        item.as_object_mut().unwrap().retain(|name, _| !is_left_out(name));
        if sk == "TALLY" {
            // An absent number is zero.
            for name in ["active", "inactive"] {
                item[name] = item[name].as_i64().unwrap_or_default().into();
            }
        }
        kept.insert((pk, sk), item);
    }
    kept
}

/// Fails unless two tables have the same people, groups and API keys.
#[track_caller]
pub(crate) fn assert_equal(found: Items, expected: Items) {
    let (found, expected) = (kept(found), kept(expected));
    for (key, item) in &expected {
        assert_eq!(found.get(key), Some(item), "{key:?}");
    }
    let more: Vec<_> = found.keys().filter(|key| !expected.contains_key(key)).collect();
    assert!(more.is_empty(), "{more:?}");
}

/// Fails unless only the owner may use a file.
#[track_caller]
pub(crate) fn assert_private(file: impl AsRef<Path>) {
    let mode = std::fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// The summary of an import.
#[track_caller]
pub(crate) fn summary(run: &Run) -> Value {
    run.json_lines().pop().unwrap()["summary"].clone()
}
