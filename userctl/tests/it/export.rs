//! Exports and their way back, on the tables of two services.

use std::{collections::BTreeMap, os::unix::fs::PermissionsExt};

use fastrand::Rng;
use serde_json::{Value, json};
use shared::{config::Settings, domain::Sharding};
use testkit::{Items, PASSWORD, TestApp};

use crate::{
    program::{Run, World},
    random_people::{Dice, FIRST, fill, store},
};

/// The seed of all random people. Another one finds other cases.
const SEED: u64 = 19;

async fn run(world: &World, arguments: &[&str]) -> Run {
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
async fn empty() -> World {
    World::with(TestApp::without_setup().await).await
}

/// A service with random people.
async fn random(seed: u64, users: u64) -> World {
    let world = empty().await;
    fill(&store(&world.app), &mut Dice(Rng::with_seed(seed)), users).await;
    world
}

async fn backup(world: &World) -> String {
    run(world, &["export", "jsonl", "--with-hashes"]).await.expect(0).stdout
}

/// The lines of a type, by their ID.
fn lines(backup: &str, kind: &str) -> BTreeMap<u64, Value> {
    let lines = backup.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines = lines.filter(|line| line["type"] == kind);
    lines.map(|line| (line["id"].as_u64().unwrap(), line)).collect()
}

/// The items that a backup keeps, without what it does not keep: the audit log, sessions, rate
/// limits, links, idempotency records, uses of keys, deleted keys, counters of IDs, and the
/// attributes below.
fn kept(items: Items) -> BTreeMap<(String, String), Value> {
    const PARTITIONS: [&str; 11] = [
        "AUDIT#",
        "SESSION",
        "DEVICE#",
        "THROTTLE#",
        "RESET#",
        "EMAIL#",
        "IDEMPOTENCY#",
        "APIKEYUSE#",
        "COUNTER#",
        "USERNAME#",
        "SESSIONUSE#",
    ];
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
    // The address of a service account is random, and its times are those of the key.
    const OF_SERVICE_ACCOUNTS: [&str; 4] = ["email", "search", "date_joined", "updated_at"];
    let mut kept = BTreeMap::new();
    for ((pk, sk), mut item) in items {
        let is_deleted = item["kind"] == "api-key" && item["is_active"] == false;
        if is_deleted || PARTITIONS.iter().any(|partition| pk.starts_with(partition)) {
            continue;
        }
        let is_service_account = item["kind"] == "api-key";
        item.as_object_mut().unwrap().retain(|name, _| {
            let name = name.as_str();
            !ATTRIBUTES.contains(&name)
                && !(is_service_account && OF_SERVICE_ACCOUNTS.contains(&name))
        });
        kept.insert((pk, sk), item);
    }
    kept
}

#[track_caller]
fn assert_equal(found: Items, expected: Items) {
    let (found, expected) = (kept(found), kept(expected));
    for (key, item) in &expected {
        assert_eq!(found.get(key), Some(item), "{key:?}");
    }
    let more: Vec<_> = found.keys().filter(|key| !expected.contains_key(key)).collect();
    assert!(more.is_empty(), "{more:?}");
}

#[tokio::test]
async fn a_backup_of_random_people_makes_an_equal_table() {
    for seed in SEED..SEED + 3 {
        let source = random(seed, 230).await;
        let (target, text) = (empty().await, backup(&source).await);
        let file = target.file("backup.jsonl", &text);
        let report = run(&target, &["import", "jsonl", &file, "--json"]).await.expect(0);
        let summary = report.json_lines().pop().unwrap()["summary"].clone();
        assert_eq!(summary["users"], json!({ "new": 230, "same": 0, "differs": 0, "refused": 0 }));
        assert_eq!(summary["api_keys"]["new"], 4, "{summary}");
        assert_equal(target.app.items().await, source.app.items().await);

        let before = target.app.items().await;
        let again = run(&target, &["import", "jsonl", &file, "--json"]).await.expect(0);
        let summary = again.json_lines().pop().unwrap()["summary"].clone();
        assert_eq!(
            (&summary["users"]["same"], &summary["api_keys"]["same"]),
            (&json!(230), &json!(4))
        );
        assert_eq!(target.app.items().await, before);

        let copy = backup(&target).await;
        for kind in ["user", "group", "api_key"] {
            assert_eq!(lines(&copy, kind), lines(&text, kind), "seed {seed}");
        }
    }
}

#[tokio::test]
async fn people_of_a_service_sign_in_to_its_copy() {
    let source = World::with(TestApp::with_system_clock().await).await;
    let app = &source.app;
    let group = app.group("Analysts").await;
    let grace = app.user_with_session_in("grace", &[group]).await;
    let gone = app.user_with_session("gone").await;
    let owner = app.second_admin("owner").await;
    let key = app.api_key("Robot").await;
    let revoked = app.post("/api/api-key").session(&owner.session);
    let revoked = revoked.json(&json!({ "name": "Old", "group_id": group })).send().await;
    let revoked = revoked.expect_status(200)["unmasked_key"].as_str().unwrap().to_owned();
    let path = format!("/api/user/{}/sessions", owner.id);
    app.delete(&path).session(&app.admin.session).send().await.expect_status(204);
    source.set_credentials(&[("USERCTL_SESSION", &app.admin.session)]);
    let anonymize = ["user", "anonymize", &gone.email, "--yes"];
    source.run(&anonymize).await.expect(0);

    let target = empty().await;
    target.app.clock.set_to_system_time();
    let file = target.path("backup.jsonl");
    let path = file.to_str().unwrap();
    run(&source, &["export", "jsonl", path, "--with-hashes"]).await.expect(0);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    run(&target, &["import", "jsonl", path]).await.expect(0);

    assert_equal(target.app.items().await, source.app.items().await);
    let session = target.app.log_in(&grace.email, PASSWORD).await;
    assert!(target.app.is_session_valid(&session).await);
    for (secret, status) in [(&key, 200), (&revoked, 401)] {
        let request = target.app.get("/api/user/current").header("x-api-key", secret);
        assert_eq!(request.send().await.status, status);
    }
}

#[tokio::test]
async fn an_export_without_hashes_has_none() {
    let source = random(SEED, 40).await;
    let text = run(&source, &["export", "jsonl"]).await.expect(0).stdout;
    assert!(!text.contains("$argon2") && !text.contains("$2a$"), "{text}");
    assert!(!text.contains("secret") && !text.contains("password_hash"), "{text}");
    let header: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!((&header["format"], &header["with_hashes"]), (&json!(1), &json!(false)));
    assert_eq!((&header["site_name"], &header["site_locale"]), (&json!("Café"), &json!("fr")));
    let target = empty().await;
    let file = target.file("people.jsonl", text);
    let report = run(&target, &["import", "jsonl", &file, "--json"]).await.expect(0);
    let summary = report.json_lines().pop().unwrap()["summary"].clone();
    assert_eq!((&summary["users"]["new"], &summary["api_keys"]["new"]), (&json!(40), &json!(0)));
    let skipped = &summary["skipped"]["an API key without its hash (export --with-hashes)"];
    assert_eq!(skipped, 4);
}

#[tokio::test]
async fn an_export_finds_the_users_of_every_list_shard() {
    let sharding = Sharding::default().with_list_shards(7).unwrap();
    let app = TestApp::with(Settings { sharding, ..Settings::default() }).await;
    let mut expected = vec![app.admin.id];
    for name in ["b", "c", "d", "e"] {
        expected.push(app.user_with_session(name).await.id);
    }
    let world = World::with(app).await;
    let run = run(&world, &["export", "jsonl", "--json"]).await.expect(0);
    let found: Vec<_> = lines(&run.stdout, "user").into_keys().collect();
    assert_eq!(found, expected);
    assert_eq!(run.json_error()["exported"]["users"], 5);
    assert_eq!(run.json_error()["is_complete"], true);
}

#[tokio::test]
async fn damaged_and_hostile_backups_change_nothing() {
    let source = random(SEED, 12).await;
    let text = backup(&source).await;
    let all: Vec<&str> = text.lines().collect();
    let cut = |count: usize| all[..count].join("\n");
    let with = |from: &str, to: &str| text.replacen(from, to, 1);
    let user = all.iter().position(|line| line.contains("\"user\"")).unwrap();
    let place = user + 1;
    let swapped = |line: &str| {
        let mut all = all.clone();
        all[user] = line;
        all.join("\n")
    };
    let bomb = format!("{{\"type\":\"user\",\"email\":\"{}\"}}", "x".repeat(2_000_000));
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let cases = [
        (String::new(), ":1: the file is empty".to_owned()),
        ("SELECT 1;\n".to_owned(), ":1: the line is not JSON".to_owned()),
        (with("\"format\":1", "\"format\":2"), ":1: the format is 2".to_owned()),
        (all[1..].join("\n"), ":1: the first line".to_owned()),
        (cut(all.len() - 1), "truncated".to_owned()),
        (text[..text.len() - 9].to_owned(), "not JSON".to_owned()),
        (cut(user + 1) + "\n" + all[all.len() - 1], "the file is damaged".to_owned()),
        (format!("{text}{}\n", all[user]), "follows".to_owned()),
        (swapped("{\"type\": \"user\", "), format!(":{place}: the line is not JSON")),
        (swapped(""), format!(":{place}: the line is not JSON")),
        (swapped("\u{0}"), format!(":{place}: the line is not JSON")),
        (swapped("{\"type\":\"robot\"}"), format!(":{place}: unknown variant")),
        (swapped(&bomb), format!(":{place}: the line has more than")),
        (swapped(&nested), format!(":{place}: ")),
        (with("\"is_active\":true", "\"is_active\":\"SECRET\""), format!(":{place}: a value")),
        (with("\"sso_source\"", "\"sso_sauce\""), format!(":{place}: unknown field")),
    ];
    let target = empty().await;
    for (text, reason) in cases {
        let file = target.file("b.jsonl", text);
        let run = run(&target, &["import", "jsonl", &file, "--continue-on-error"]).await.expect(2);
        assert!(run.stderr.contains(&reason), "{reason}: {run:?}");
        assert!(!run.stderr.contains("SECRET"), "{run:?}");
    }
    assert!(target.app.items().await.is_empty());
}

#[tokio::test]
async fn rows_that_cannot_be_imported_are_told_with_their_line() {
    let source = random(SEED, 12).await;
    let text = backup(&source).await;
    let user = |change: &dyn Fn(&mut Value)| {
        let lines = text.lines().map(|line| {
            let mut value: Value = serde_json::from_str(line).unwrap();
            if value["type"] == "user" && value["id"] == FIRST + 5 {
                change(&mut value);
            }
            format!("{value}\n")
        });
        lines.collect::<String>()
    };
    let set = |name: &'static str, to: Value| user(&move |line| line[name] = to.clone());
    let expensive = "$argon2id$v=19$m=4194304,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let cases = [
        (set("email", json!("no address")), "the email address is invalid"),
        (set("email", json!("x@anonymized.invalid")), "reserved"),
        (set("is_superuser", json!("flip")), "a value is not of its type"),
        (set("groups", json!([1, 77])), "the group 77 is not in the file"),
        (set("first_name", json!("a\u{200b}b")), "the first name"),
        (set("password_hash", json!(expensive)), "too much memory or time"),
        (set("password_hash", json!("plain text")), "not a hash"),
        (set("locale", json!("xx-YY")), "the locale"),
        (set("login_attributes", json!({ "@x": "y" })), "must not start with"),
        (set("id", json!(9_000_000_000_u64)), "the ID is not from 1"),
        (set("is_anonymized", json!(true)), "anonymized"),
    ];
    let target = empty().await;
    for (text, reason) in cases {
        let file = target.file("b.jsonl", text);
        let run = run(&target, &["import", "jsonl", &file]).await.expect(2);
        let told = format!("{}{}", run.stdout, run.stderr);
        assert!(told.contains(reason) && told.contains("b.jsonl:"), "{reason}: {run:?}");
        assert!(!told.contains("$argon2id") && !told.contains("plain text"), "{run:?}");
    }
    assert!(target.app.items().await.is_empty());
}

#[tokio::test]
async fn a_spreadsheet_describes_the_people_as_they_are() {
    let world = World::new().await;
    fill(&store(&world.app), &mut Dice(Rng::with_seed(SEED)), 60).await;
    let file = world.path("people.csv");
    let path = file.to_str().unwrap();
    let report = run(&world, &["export", "csv", path, "--json"]).await.expect(0).json();
    assert_eq!(report["exported"]["users"], 60, "one of 61 is anonymized: {report}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    for cell in
        csv.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
    {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
    let run = world.run(&["apply", path, "--dry-run", "--json"]).await.expect(0);
    let changes: Vec<_> = run.json_lines();
    let summary = changes.last().unwrap();
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert!(summary.to_string().contains("60"), "{summary}");
}

/// The line of a user as Metabase keeps it.
fn through_metabase(mut line: Value) -> Value {
    let fields = line.as_object_mut().unwrap();
    let hash = fields.get("password_hash").and_then(Value::as_str).unwrap_or_default();
    if !hash.starts_with("$metabase-bcrypt$") {
        fields.remove("password_hash");
    }
    fields.remove("password_set_at");
    fields.insert("must_change_password".to_owned(), false.into());
    fields.insert("first_login".to_owned(), fields["last_login"].clone());
    line
}

#[tokio::test]
async fn metabase_takes_people_and_gives_them_back() {
    let source = random(SEED, 150).await;
    let text = backup(&source).await;
    let mut users = lines(&text, "user");
    users.retain(|_, line| line["is_anonymized"] == false);
    let users: BTreeMap<_, _> =
        users.into_iter().map(|(id, line)| (id, through_metabase(line))).collect();
    for options in [
        &["--dialect", "postgres"][..],
        &["--dialect", "mysql"],
        &["--dialect", "h2"],
        &["--dialect", "mysql", "--target-version", "57"],
        &["--format", "csv"],
    ] {
        let target = empty().await;
        let directory = target.path("metabase");
        let path = directory.to_str().unwrap();
        let arguments = [&["export", "metabase", path, "--json"], options].concat();
        let report = run(&source, &arguments).await.expect(0).json();
        assert_eq!(report["exported"]["users"], users.len());
        assert_eq!(report["exported"]["API keys"], 1, "{report}");
        let mut files: Vec<_> = std::fs::read_dir(&directory)
            .unwrap()
            .map(|file| file.unwrap().path())
            .filter(|file| !file.ends_with("auth_identity.csv"))
            .map(|file| file.to_str().unwrap().to_owned())
            .collect();
        files.sort();
        for file in &files {
            assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let files: Vec<_> = files
            .iter()
            .map(|file| match file.strip_suffix(".csv") {
                Some(base) => format!("{}={file}", base.rsplit('/').next().unwrap()),
                None => file.clone(),
            })
            .collect();
        let files: Vec<_> = files.iter().map(String::as_str).collect();
        run(&target, &[&["import", "metabase"], &files[..]].concat()).await.expect(0);
        let back = backup(&target).await;
        let found = lines(&back, "user");
        for (id, line) in &users {
            assert_eq!(found.get(id), Some(line), "{options:?}");
        }
        assert_eq!(found.len(), users.len());
        assert_eq!(lines(&back, "group"), lines(&text, "group"));
        let keys = lines(&back, "api_key");
        let key = keys.values().next().unwrap();
        let before = &lines(&text, "api_key")[&key["id"].as_u64().unwrap()];
        assert_eq!((&key["name"], &key["secret"]), (&before["name"], &before["secret"]));
    }
}

#[tokio::test]
async fn users_without_a_hash_of_metabase_get_a_link() {
    let source = World::with(TestApp::with_system_clock().await).await;
    let grace = source.app.user_with_session("grace").await;
    source.app.sso_user("Alan", "Turing").await;
    let (directory, links) = (source.path("out"), source.path("links.csv"));
    let (directory, links) = (directory.to_str().unwrap(), links.to_str().unwrap());
    let arguments = ["export", "metabase", directory, "--reset-links", links];
    let site = ["--site-url", "https://metabase.example.com/"];
    let report = run(&source, &[&arguments[..], &site].concat()).await.expect(0);
    assert!(report.stderr.contains("argon2id, which Metabase cannot check"), "{report:?}");
    assert_eq!(std::fs::metadata(links).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(links).unwrap();
    let rows: BTreeMap<_, _> =
        text.lines().skip(1).map(|line| line.split_once(',').unwrap()).collect();
    assert_eq!(rows.len(), 2, "{rows:?}");
    let link = rows[grace.email.as_str()];
    let token = link.strip_prefix("https://metabase.example.com/auth/reset_password/").unwrap();
    assert!(token.starts_with(&format!("{}_", grace.id)), "{token}");
    let sql = std::fs::read_to_string(format!("{directory}/metabase.sql")).unwrap();
    assert!(!sql.contains(token) && !sql.contains("$argon2id"), "{sql}");
    let row = sql.lines().find(|line| line.starts_with(&format!("({}, 'grace@", grace.id)));
    let hashes: Vec<_> =
        row.unwrap().split('\'').filter(|cell| cell.starts_with("$2a$10$")).collect();
    let [password, reset] = hashes[..] else { panic!("{hashes:?}") };
    assert!(bcrypt::verify(token, reset).unwrap());
    assert!(!bcrypt::verify(format!("no password{PASSWORD}"), password).unwrap());
    assert!(sql.contains("emailed-secret-password-reset") && sql.contains("setval"));
}

#[tokio::test]
async fn new_ids_keep_keys_only_if_they_still_work() {
    let source = World::with(TestApp::with_system_clock().await).await;
    source.app.api_key("Robot").await;
    let text = backup(&source).await;
    let other = World::with(TestApp::with_system_clock().await).await;
    // The same address under the same ID: the key's ID belongs to someone else.
    other.app.user_with_session("someone").await;
    let file = other.file("backup.jsonl", text);
    let run = run(&other, &["import", "jsonl", &file, "--new-ids", "--json"]).await.expect(5);
    let refused: Vec<_> =
        run.json_lines().into_iter().filter(|line| line["result"] == "refused").collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0]["kind"], "api_key");
}
