//! `group`, `key` and `audit`.

use serde_json::json;
use testkit::TestApp;

use crate::program::World;

#[tokio::test]
async fn groups_have_members() {
    let world = World::new().await;
    let grace = world.app.user_with_session("grace").await;
    let alan = world.app.user_with_session("alan").await;
    let group = world.run(&["group", "create", "Analysts", "--json"]).await.expect(0).json();
    let id = group["id"].to_string();
    world.run(&["group", "create", "ANALYSTS"]).await.expect(1);
    let add = ["group", "add", "analysts", grace.email.as_str(), alan.email.as_str(), "--json"];
    let added = world.run(&add).await.expect(0).json_lines();
    assert_eq!(added[1], json!({ "group_id": group["id"], "user_id": alan.id, "result": "added" }));
    let members = world.run(&["group", "members", &id, "--json"]).await.expect(0).json_lines();
    assert_eq!(members.len(), 2);
    // A deactivated member is not in the list of members.
    world.run(&["user", "deactivate", &alan.email]).await.expect(0);
    world.run(&["group", "remove", &id, &grace.email, &alan.email]).await.expect(0);
    world.run(&["group", "remove", &id, &alan.email]).await.expect(1);
    let shown = world.run(&["group", "show", "Analysts", "--json"]).await.expect(0).json();
    assert_eq!(shown["members"], json!([]));
    let renamed = world.run(&["group", "rename", &id, "Readers", "--json"]).await.expect(0).json();
    assert_eq!(renamed["name"], "Readers");
    let csv = world.run(&["group", "list", "--csv"]).await.expect(0).stdout;
    assert_eq!(
        csv,
        format!("id,name,member_count\n2,Administrators,1\n1,All Users,2\n{id},Readers,0\n")
    );
    world.run(&["group", "delete", "Readers"]).await.expect(0);
    let run = world.run(&["group", "show", "Readers"]).await.expect(1);
    assert_eq!(run.stderr, "error: no group is named Readers\n");
}

#[tokio::test]
async fn the_secret_of_a_key_is_printed_once() {
    let world = World::new().await;
    let create =
        ["key", "create", "Nightly", "--group", "administrators", "--expires", "2026-06-01"];
    let run = world.run(&create).await.expect(0);
    let secret = run.stdout.trim_end();
    assert!(secret.starts_with("mb_") && !secret.contains('\n'), "{secret}");
    assert!(!run.stderr.contains(secret));
    world.set_credentials(&[("USERCTL_API_KEY", secret)]);
    let listed = world.run(&["key", "list", "--json"]).await.expect(0);
    assert_eq!(
        (listed.json()["name"].as_str(), listed.json()["is_active"].as_bool()),
        (Some("Nightly"), Some(true))
    );
    assert!(!listed.stdout.contains(secret));
    world.set_credentials(&[("USERCTL_SESSION", &world.app.admin.session)]);
    let rotated = world.run(&["key", "rotate", "nightly", "--json"]).await.expect(0).json();
    assert!(rotated["secret"].as_str().unwrap().starts_with("mb_"));
    let renamed = world.run(&["key", "rename", "nightly", "Sync", "--json"]).await.expect(0).json();
    assert_eq!((&renamed["name"], renamed.get("secret")), (&json!("Sync"), None));
    world.run(&["key", "delete", "sync"]).await.expect(0);
    world.run(&["key", "delete", "sync"]).await.expect(1);
    assert!(world.run(&["key", "list", "--json"]).await.expect(0).stdout.is_empty());
}

#[tokio::test]
async fn the_audit_log_has_filters_and_formats() {
    let world = World::with(TestApp::with_system_clock().await).await;
    world.set_credentials(&[("USERCTL_SESSION", &world.app.admin.session)]);
    world.run(&["user", "create", "grace@example.com"]).await.expect(0);
    let audit = async |filters: &[&str]| {
        world.run(&[&["audit", "--json"], filters].concat()).await.expect(0).json_lines()
    };
    let events = audit(&["--action", "create-user", "--actor", "ada@example.com"]).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["target"]["type"], "user");
    let target = events[0]["target"]["id"].to_string();
    assert_eq!(audit(&["--target", &target]).await, events);
    assert_eq!(audit(&["--days", "1"]).await.len(), 2);
    assert_eq!(audit(&["--limit", "1"]).await.len(), 1);
    assert_eq!(audit(&["--to", "2020-01-01"]).await.len(), 0);
    let csv = world.run(&["audit", "--csv"]).await.expect(0).stdout;
    assert!(csv.starts_with("id,at,action,actor,target,source_ip,fields,request_id\n"), "{csv}");
    assert_eq!(csv.lines().count(), 3);
    let text = world.run(&["audit"]).await.expect(0).stdout;
    assert!(text.contains("create-user  1 (session)  user:"), "{text}");
    world.run(&["audit", "--days", "1", "--from", "2026-01-01"]).await.expect(2);
    world.run(&["audit", "--from", "yesterday"]).await.expect(1);
}
