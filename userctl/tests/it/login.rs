//! `login`, `logout` and `whoami`, and the choice of credentials.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp};

use crate::program::World;

const LOG_IN: [&str; 3] = ["login", ADMIN_EMAIL, "--password-stdin"];
const PROGRAM: &str = concat!("userctl/", env!("CARGO_PKG_VERSION"));
const SESSION_FILE: &str = "userctl/session.json";

#[tokio::test]
async fn a_login_lasts_until_the_logout() {
    let world = World::with(TestApp::new().await).await;
    let run = world.run(&["whoami", "--json"]).await.expect(3);
    assert_eq!(run.json_error()["code"], "not-signed-in");
    let run = world.run_with(&LOG_IN, &format!("{PASSWORD}\n")).await.expect(0);
    assert!(!run.stdout.contains(PASSWORD) && run.stderr.is_empty(), "{run:?}");

    let path = world.path(SESSION_FILE);
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    let content = std::fs::read_to_string(&path).unwrap();
    let saved: serde_json::Value = serde_json::from_str(&content).unwrap();
    let session = saved["session"].as_str().unwrap();
    assert!(!run.stdout.contains(session) && !content.contains(PASSWORD));

    let user = world.run(&["whoami", "--json"]).await.expect(0).json();
    assert_eq!((&user["id"], &user["email"]), (&json!(1), &json!(ADMIN_EMAIL)));
    let sessions = world.run(&["user", "sessions", "list", "1", "--json"]).await.expect(0);
    let sessions = sessions.json_lines();
    assert!(sessions.iter().any(|each| each["user_agent"] == PROGRAM));
    let text = world.run(&["whoami"]).await.expect(0).stdout;
    assert!(text.contains("administrator  yes\n"), "{text}");
    assert!(world.app.is_session_valid(session).await);
    let out = world.run(&["logout", "--json"]).await.expect(0).json();
    assert_eq!(out["signed_out"], true);
    assert!(!world.app.is_session_valid(session).await && !path.exists());
    world.run(&["whoami"]).await.expect(3);
    assert_eq!(world.run(&["logout", "--json"]).await.expect(0).json()["signed_out"], false);
}

#[tokio::test]
async fn a_wrong_password_leaves_no_file() {
    let world = World::with(TestApp::new().await).await;
    let run = world.run_with(&[&LOG_IN[..], &["--json"]].concat(), "wr0ng passw0rd\n").await;
    let run = run.expect(3);
    assert!(!run.stderr.contains("wr0ng") && run.stdout.is_empty(), "{run:?}");
    assert!(!world.path(SESSION_FILE).exists());
    world.run_with(&LOG_IN, "\n").await.expect(2);
    // Without a terminal and without --password-stdin.
    world.run(&["login", ADMIN_EMAIL]).await.expect(2);
    // A password is never an argument.
    world.run(&["login", ADMIN_EMAIL, "--password", PASSWORD]).await.expect(2);
}

#[tokio::test]
async fn a_session_goes_to_its_own_service_only() {
    let world = World::with(TestApp::new().await).await;
    world.run_with(&LOG_IN, PASSWORD).await.expect(0);
    let other = World::with(TestApp::new().await).await;
    let run = world.run(&["whoami", "--url", &other.url]).await.expect(3);
    assert!(run.stderr.contains(&other.url), "{run:?}");
    world.run(&["whoami", "--url", &format!("{}/", world.url)]).await.expect(0);
    let mut without_url = world.command(&["whoami"]);
    let status = without_url.env_remove("USERCTL_URL").output().await.unwrap().status;
    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn a_file_that_others_can_read_is_refused() {
    let world = World::with(TestApp::new().await).await;
    world.run_with(&LOG_IN, PASSWORD).await.expect(0);
    let path = world.path(SESSION_FILE);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let run = world.run(&["whoami"]).await.expect(1);
    assert!(run.stderr.contains("chmod 600"), "{run:?}");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&path, "{").unwrap();
    let run = world.run(&["whoami"]).await.expect(1);
    assert!(run.stderr.contains("log in again"), "{run:?}");
}

#[tokio::test]
async fn the_environment_wins_over_the_file() {
    let world = World::with(TestApp::new().await).await;
    let key = world.app.api_key("Nightly").await;
    world.set_credentials(&[("USERCTL_API_KEY", &key)]);
    let user = world.run(&["whoami", "--json"]).await.expect(0).json();
    assert_ne!(user["id"], 1);
    world.set_credentials(&[("USERCTL_API_KEY", &key), ("USERCTL_SESSION", "both")]);
    let run = world.run(&["whoami"]).await.expect(2);
    assert!(!run.stderr.contains(&key), "{run:?}");
    world.set_credentials(&[("USERCTL_SESSION", "no session")]);
    assert_eq!(world.run(&["whoami", "--json"]).await.expect(3).json_error()["status"], 401);
}
