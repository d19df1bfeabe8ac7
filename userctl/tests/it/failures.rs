//! Exit codes, errors as JSON, and completions.

use axum::{Router, http::StatusCode};
use testkit::TestApp;
use tokio::net::TcpListener;

use crate::program::World;

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let file = world.file("people.csv", "email\nada@example.com\n");
    for command in [&["user", "list"][..], &["whoami"], &["apply", &file], &["audit"]] {
        let run = world.run(&[command, &["--url", &url, "--json"]].concat()).await.expect(4);
        assert_eq!((run.json_error()["exit_code"].as_i64(), run.stdout.as_str()), (Some(4), ""));
    }
}

/// A service that wants the client to wait for longer than it does.
async fn busy(status: StatusCode) -> String {
    let respond = move || async move {
        (status, [("retry-after", "3600")], r#"{"error":"The service is busy.\u001b[2J"}"#)
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(respond)).await });
    url
}

#[tokio::test]
async fn a_busy_service_is_unreachable_and_a_rate_limit_is_a_failure() {
    let world = World::new().await;
    for (status, code) in [(503, 4), (429, 1), (500, 1)] {
        let url = busy(StatusCode::from_u16(status).unwrap()).await;
        let run = world.run(&["whoami", "--url", &url, "--json"]).await.expect(code);
        assert_eq!(run.json_error()["status"], status);
        let run = world.run(&["whoami", "--url", &url]).await.expect(code);
        assert!(!run.stderr.contains('\u{1b}'), "{run:?}");
    }
}

#[tokio::test]
async fn wrong_options_are_usage_errors() {
    let world = World::new().await;
    let both = ["user", "list", "--url", "http://127.0.0.1:1", "--table", "users"];
    let cases: [&[&str]; 8] = [
        &["frobnicate"],
        &["user", "list", "--table", "users"],
        &["user", "list", "--data", ".data"],
        &both,
        &["user", "list", "--url", "http://example.com"],
        &["user", "list", "--url", "example"],
        &["user", "show", "grace"],
        &["whoami", "--profile", "production"],
    ];
    for case in cases {
        let run = world.run(&[case, &["--json"]].concat()).await.expect(2);
        assert_eq!(run.json_error()["code"], "usage", "{case:?}");
        assert!(world.run(case).await.expect(2).stderr.starts_with("error: "), "{case:?}");
    }
    let mut command = world.command(&["whoami"]);
    let status = command.env_remove("USERCTL_URL").output().await.unwrap().status;
    assert_eq!(status.code(), Some(2));
}

#[tokio::test]
async fn errors_of_the_service_have_their_status_and_fields() {
    let world = World::new().await;
    let run = world.run(&["user", "create", "nowhere", "--json"]).await.expect(1);
    let error = run.json_error();
    assert_eq!((error["status"].as_i64(), error["code"].as_str()), (Some(400), Some("failed")));
    assert_eq!(error["errors"]["email"], "value must be a valid email address.");
    let text = world.run(&["user", "create", "nowhere"]).await.expect(1).stderr;
    assert_eq!(text.lines().nth(1), Some("  email: value must be a valid email address."));
    let user = world.app.user_with_session("grace").await;
    world.set_credentials(&[("USERCTL_SESSION", &user.session)]);
    assert_eq!(world.run(&["audit", "--json"]).await.expect(1).json_error()["status"], 403);
}

#[tokio::test]
async fn help_has_the_exit_codes_and_shells_have_completions() {
    let world = World::with(TestApp::without_setup().await).await;
    let help = world.run(&["--help"]).await.expect(0).stdout;
    for code in ["  0  ", "  1  ", "  2  ", "  3  ", "  4  ", "  5  ", "130  "] {
        assert!(help.contains(code), "{code}: {help}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = world.run(&["completions", shell]).await.expect(0).stdout;
        assert!(script.contains("password-link"), "{shell}");
    }
}
