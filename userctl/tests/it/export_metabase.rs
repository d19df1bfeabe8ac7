//! People and groups for Metabase, and back.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;
use testkit::{PASSWORD, TestApp};

use crate::{
    moving::{SEED, assert_private, backup, empty, lines, random, run},
    program::World,
};

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

/// The files of an export as arguments of an import.
fn inputs(directory: &Path) -> Vec<String> {
    let files = std::fs::read_dir(directory).unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|file| !file.ends_with("auth_identity.csv"));
    let mut inputs = Vec::new();
    for file in files {
        assert_private(&file);
        let table = file.file_stem().unwrap().to_str().unwrap();
        let path = file.to_str().unwrap();
        let is_table = file.extension().is_some_and(|extension| extension == "csv");
        inputs.push(if is_table { format!("{table}={path}") } else { path.to_owned() });
    }
    inputs
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
        let inputs = inputs(&directory);
        let inputs: Vec<_> = inputs.iter().map(String::as_str).collect();
        run(&target, &[&["import", "metabase"], &inputs[..]].concat()).await.expect(0);
        let back = backup(&target).await;
        assert_eq!(lines(&back, "user"), users, "{options:?}");
        assert_eq!(lines(&back, "group"), lines(&text, "group"));
        let (id, key) = lines(&back, "api_key").pop_first().unwrap();
        let before = &lines(&text, "api_key")[&id];
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
    assert_private(links);
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
