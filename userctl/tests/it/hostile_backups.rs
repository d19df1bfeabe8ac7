//! Backups that are damaged, and rows that cannot be imported.

use serde_json::{Value, json};

use crate::{
    moving::{SEED, backup, empty, random, run},
    random_people::FIRST,
};

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
