//! Backups and spreadsheets, and their way back.

use fastrand::Rng;
use serde_json::{Value, json};
use shared::{config::Settings, domain::Sharding};
use testkit::{PASSWORD, TestApp};

use crate::{
    moving::{SEED, assert_equal, assert_private, backup, empty, lines, random, run, summary},
    program::World,
    random_people::{Dice, fill, store},
};

#[tokio::test]
async fn a_backup_of_random_people_makes_an_equal_table() {
    for seed in SEED..SEED + 3 {
        let source = random(seed, 230).await;
        let (target, text) = (empty().await, backup(&source).await);
        let file = target.file("backup.jsonl", &text);
        let report = run(&target, &["import", "jsonl", &file, "--json"]).await.expect(0);
        let counts = summary(&report);
        assert_eq!(counts["users"], json!({ "new": 230, "same": 0, "differs": 0, "refused": 0 }));
        assert_eq!(counts["api_keys"]["new"], 4, "{counts}");
        assert_equal(target.app.items().await, source.app.items().await);

        let before = target.app.items().await;
        let again = run(&target, &["import", "jsonl", &file, "--json"]).await.expect(0);
        let counts = summary(&again);
        assert_eq!(
            (&counts["users"]["same"], &counts["api_keys"]["same"]),
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
    assert_private(&file);
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
    let counts = summary(&report);
    assert_eq!((&counts["users"]["new"], &counts["api_keys"]["new"]), (&json!(40), &json!(0)));
    let skipped = &counts["skipped"]["an API key without its hash (export --with-hashes)"];
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
async fn new_ids_keep_keys_only_if_they_still_work() {
    let source = World::with(TestApp::with_system_clock().await).await;
    source.app.api_key("Robot").await;
    let text = backup(&source).await;
    let other = World::with(TestApp::with_system_clock().await).await;
    // The same address under the same ID: the key's ID belongs to someone else.
    other.app.user_with_session("someone").await;
    let file = other.file("backup.jsonl", text);
    let run =
        run(&other, &["import", "jsonl", &file, "--new-ids", "--json", "--continue-on-error"])
            .await
            .expect(5);
    let refused: Vec<_> =
        run.json_lines().into_iter().filter(|line| line["result"] == "refused").collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0]["kind"], "api_key");
}

#[tokio::test]
async fn a_spreadsheet_describes_the_people_as_they_are() {
    let world = World::new().await;
    fill(&store(&world.app), &mut Dice(Rng::with_seed(SEED)), 60).await;
    let file = world.path("people.csv");
    let path = file.to_str().unwrap();
    let report = run(&world, &["export", "csv", path, "--json"]).await.expect(0).json();
    assert_eq!(report["exported"]["users"], 60, "one of 61 is anonymized: {report}");
    assert_private(&file);
    let text = std::fs::read_to_string(&file).unwrap();
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    for cell in
        csv.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
    {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
    let run = world.run(&["apply", path, "--dry-run", "--json"]).await.expect(0);
    let mut rows: Vec<_> = run.json_lines();
    let summary = rows.pop().unwrap();
    assert_eq!(rows.len(), 60, "{summary}");
    let different: Vec<_> = rows.iter().filter(|row| row["action"] != "unchanged").collect();
    assert!(different.is_empty(), "{different:#?}");
}

#[tokio::test]
async fn an_export_replaces_files_only() {
    let world = random(SEED, 3).await;
    let directory = world.path("directory");
    std::fs::create_dir(&directory).unwrap();
    let path = directory.to_str().unwrap();
    for arguments in [["export", "jsonl", path], ["export", "csv", path]] {
        let run = run(&world, &arguments).await.expect(2);
        assert!(run.stderr.contains("is no regular file"), "{run:?}");
    }
    let file = world.file("old.jsonl", "old");
    run(&world, &["export", "jsonl", &file]).await.expect(0);
    assert_private(&file);
    assert!(std::fs::read_to_string(&file).unwrap().contains("\"end\""));
    let empty = empty().await;
    let report = run(&empty, &["export", "jsonl", path]).await.expect(1);
    assert!(report.stderr.contains("has no users"), "{report:?}");
}
