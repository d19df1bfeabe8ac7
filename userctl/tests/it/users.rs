//! `user`.

use serde_json::json;
use testkit::ADMIN_EMAIL;

use crate::program::World;

#[tokio::test]
async fn a_user_is_created_changed_and_shown() {
    let world = World::new().await;
    let group = world.app.group("Analysts").await;
    let arguments =
        ["user", "create", "Grace@example.com", "--first-name", "Grace", "--last-name", "Hopper"];
    let more = ["--group", "analysts", "--locale", "de", "--admin", "--json"];
    let user = world.run(&[&arguments[..], &more].concat()).await.expect(0).json();
    assert_eq!(user["email"], "grace@example.com");
    let groups = json!([{ "id": 1 }, { "id": 2 }, { "id": group }]);
    assert_eq!((&user["is_superuser"], &user["user_group_memberships"]), (&json!(true), &groups));

    let update = ["user", "update", "grace@EXAMPLE.com", "--json", "--admin", "false"];
    let more = ["--last-name", "", "--locale", "fr", "--email", "hopper@example.com"];
    let user = world.run(&[&update[..], &more].concat()).await.expect(0).json();
    assert_eq!((&user["last_name"], &user["locale"]), (&json!(null), &json!("fr")));
    assert_eq!(user["user_group_memberships"], json!([{ "id": 1 }, { "id": group }]));
    let id = user["id"].to_string();
    assert_eq!(world.run(&["user", "show", &id, "--json"]).await.expect(0).json(), user);
    let text = world.run(&["user", "show", "hopper@example.com"]).await.expect(0).stdout;
    assert!(text.contains("first name         Grace\n"), "{text}");
    let run = world.run(&["user", "show", "grace@example.com", "--json"]).await.expect(1);
    assert_eq!(run.json_error()["error"], "no user has the address grace@example.com");
}

#[tokio::test]
async fn a_user_with_a_password_must_change_it() {
    let world = World::new().await;
    let create = ["user", "create", "alan@example.com", "--first-name", "Alan", "--last-name", "T"];
    let create = [&create[..], &["--password-stdin", "--json"]].concat();
    let run = world.run_with(&create, "unc0mmon enough\n").await.expect(0);
    assert_eq!(run.json()["must_change_password"], true);
    assert!(!run.stdout.contains("unc0mmon"));
    let run = world.run_with(&create, "password\n").await.expect(1);
    assert_eq!(run.json_error()["errors"]["password"], "password is too common.");
    let session = world.app.log_in("alan@example.com", "unc0mmon enough").await;
    assert!(!session.is_empty());
}

#[tokio::test]
async fn states_change() {
    let world = World::new().await;
    let user = world.app.user_with_session("grace").await;
    let run = world.run(&["user", "deactivate", &user.email, "--json"]).await.expect(0);
    assert_eq!(run.json(), json!({ "id": user.id, "result": "deactivated" }));
    assert!(!world.app.is_session_valid(&user.session).await);
    let run = world.run(&["user", "reactivate", &user.email, "--json"]).await.expect(0);
    assert_eq!(run.json()["is_active"], true);
    let link = world.run(&["user", "password-link", &user.email]).await.expect(0).stdout;
    assert!(link.contains("/auth/reset_password/"), "{link}");
    let invite = world.run(&["user", "invite", &user.email, "--json"]).await.expect(0).json();
    assert_eq!(invite["is_sent"], false);
    assert!(invite["password_reset_url"].as_str().unwrap().contains("/auth/reset_password/"));
}

#[tokio::test]
async fn anonymization_asks_for_the_address() {
    let world = World::new().await;
    let user = world.app.user_with_session("grace").await;
    let id = user.id.to_string();
    let arguments = ["user", "anonymize", id.as_str()];
    world.run_with(&arguments, "yes\n").await.expect(2);
    world.run(&arguments).await.expect(2);
    assert!(world.active().await.contains(&user.email));
    let run = world.run_with(&arguments, "grace@example.com\n").await.expect(0);
    assert!(run.stderr.contains("Type grace@example.com"), "{run:?}");
    assert!(!world.active().await.contains(&user.email));
    let other = world.app.user_with_session("alan").await;
    let run = world.run(&["user", "anonymize", &other.email, "--yes", "--json"]).await.expect(0);
    assert_eq!(run.json()["is_active"], false);
}

#[tokio::test]
async fn lists_have_filters_and_formats() {
    let world = World::new().await;
    let group = world.app.group("Analysts").await;
    world.app.user_with_session_in("grace", &[group]).await;
    let alan = world.app.user_with_session("alan").await;
    world.run(&["user", "deactivate", &alan.email]).await.expect(0);

    let text = world.run(&["user", "list"]).await.expect(0).stdout;
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("ID  EMAIL") && lines.len() == 3, "{text}");
    assert!(!text.contains('\u{1b}'), "colors without a terminal: {text}");
    let emails = async |filters: &[&str]| -> Vec<String> {
        let run = world.run(&[&["user", "list", "--json"], filters].concat()).await.expect(0);
        run.json_lines().iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(emails(&["--status", "deactivated"]).await, ["alan@example.com"]);
    assert_eq!(emails(&["--group", "ANALYSTS"]).await, ["grace@example.com"]);
    assert_eq!(emails(&["--query", "grac"]).await, ["grace@example.com"]);
    let all = emails(&["--status", "all", "--sort", "-email"]).await;
    assert_eq!(all, ["grace@example.com", "alan@example.com", ADMIN_EMAIL]);
    assert_eq!(emails(&["--last-login-after", "2030-01-01"]).await, [""; 0]);
    let csv = world.run(&["user", "list", "--csv", "--sort", "email"]).await.expect(0).stdout;
    let mut lines = csv.lines();
    let header = "email,first_name,last_name,groups,locale,is_superuser,active,sso_source,id,\
                  date_joined,last_login";
    assert_eq!(lines.next(), Some(header));
    let ada = lines.next().unwrap();
    assert!(ada.starts_with("ada@example.com,Ada,Admin,,,true,true,,1,"), "{ada}");
    let grace = lines.next().unwrap();
    assert!(grace.starts_with("grace@example.com,grace,Test,Analysts,,false,true,,2,"), "{grace}");
    world.run(&["user", "list", "--csv", "--json"]).await.expect(2);
    world.run(&["user", "list", "--sort", "age"]).await.expect(2);
}

#[tokio::test]
async fn no_cell_of_a_spreadsheet_is_a_formula() {
    let world = World::new().await;
    let name = "=HYPERLINK(\"http://example.com\")";
    world.run(&["user", "create", "eve@example.com", "--first-name", name]).await.expect(0);
    world.run(&["user", "create", "bob@example.com", "--first-name=-1+1"]).await.expect(0);
    let csv = world.run(&["user", "list", "--csv"]).await.expect(0).stdout;
    assert!(csv.contains("\"'=HYPERLINK(\"\"http://example.com\"\")\""), "{csv}");
    assert!(csv.contains(",'-1+1,"), "{csv}");
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let world = World::new().await;
    let user = world.app.user_with_session("grace").await;
    world.app.log_in(&user.email, testkit::PASSWORD).await;
    let list = ["user", "sessions", "list", user.email.as_str(), "--json"];
    let sessions = world.run(&list).await.expect(0).json_lines();
    assert_eq!(sessions.len(), 2);
    let first = sessions[0]["id"].as_str().unwrap();
    let end = ["user", "sessions", "end", user.email.as_str()];
    world.run(&[&end[..], &[first]].concat()).await.expect(0);
    assert_eq!(world.run(&list).await.expect(0).json_lines(), sessions[1..]);
    world.run(&[&end[..], &["short"]].concat()).await.expect(2);
    let run = world.run(&[&end[..], &["--json"]].concat()).await.expect(0);
    assert_eq!(run.json(), json!({ "id": user.id, "session": null, "result": "ended" }));
    assert!(world.run(&list).await.expect(0).stdout.is_empty());
}
