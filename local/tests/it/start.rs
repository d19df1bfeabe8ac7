use std::net::TcpListener;

use serde_json::{Value, json};

use crate::program::{Folder, Program, command};

#[test]
fn a_fresh_store_gets_an_administrator_whose_curl_line_works() {
    let folder = Folder::new();
    let mut program = Program::in_folder(&folder);
    let email = program.printed("e-mail");
    let password = program.printed("password");
    let session = program.printed("session");
    let curl = program.printed("curl -H 'X-Metabase-Session: ");
    assert!(curl.starts_with(&session) && curl.ends_with("/api/user/current"), "{curl}");

    let current = program.client.send("GET /api/user/current", &session, &Value::Null).unwrap();
    assert_eq!((current.status, &current.body["email"]), (200, &json!(email)));
    assert!(current.head.contains("content-type: application/json; charset=utf-8"));
    let login = json!({ "username": email, "password": password });
    assert_eq!(program.client.send("POST /api/session", "", &login).unwrap().status, 200);
}

#[test]
fn a_store_survives_a_stop_and_is_not_set_up_again() {
    let folder = Folder::new();
    let mut first = Program::in_folder(&folder);
    let session = first.printed("session");
    assert!(first.stop("-TERM").success());

    let mut second = Program::in_folder(&folder);
    let current = second.client.send("GET /api/user/current", &session, &Value::Null).unwrap();
    assert_eq!(current.status, 200);
    assert!(second.stop("-INT").success());
}

#[test]
fn a_folder_in_use_and_a_port_in_use_are_told() {
    let folder = Folder::new();
    let path = folder.path().to_str().unwrap();
    let _first = Program::in_folder(&folder);
    let second = command(&["--port", "0", "--data", path]).output().unwrap();
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("in use by another process"));

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let third = command(&["--in-memory", "--port", &port]).output().unwrap();
    assert!(!third.status.success() && third.stdout.is_empty());
    assert!(String::from_utf8_lossy(&third.stderr).contains("in use"));
}

#[test]
fn an_instance_without_an_administrator_is_set_up_over_http() {
    let mut program = Program::start(&["--in-memory", "--no-admin", "--setup-token", "T"]);
    let line = program.printed("The instance is not set up. POST /api/setup with the token");
    assert_eq!(line, "T");
    let body = json!({
        "token": "T",
        "user": { "email": "me@example.com", "first_name": "M", "last_name": "E", "password": "unc0mmon pw" },
    });
    let answer = program.client.send("POST /api/setup", "", &body).unwrap();
    let session = answer.body["id"].as_str().unwrap();
    let current = program.client.send("GET /api/user/current", session, &Value::Null).unwrap();
    assert_eq!(current.body["email"], "me@example.com");
}

#[test]
fn another_dynamodb_can_be_used() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let engine = runtime.block_on(local::engine::Engine::in_memory()).unwrap();
    let mut first = Program::start(&["--endpoint", engine.endpoint(), "--table", "accounts"]);
    let session = first.printed("session");
    first.kill();

    let second = Program::start(&["--endpoint", engine.endpoint(), "--table", "accounts"]);
    let current = second.client.send("GET /api/user/current", &session, &Value::Null).unwrap();
    assert_eq!(current.status, 200);
}

#[test]
fn help_lists_every_option_and_its_variable() {
    let output = command(&["--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for option in [
        "--port",
        "--in-memory",
        "--data",
        "--no-admin",
        "--setup-token",
        "--endpoint",
        "--table",
        "PORT",
        "IN_MEMORY",
        "DATA_DIR",
        "NO_ADMIN",
        "SETUP_TOKEN",
        "DYNAMODB_ENDPOINT",
        "TABLE_NAME",
    ] {
        assert!(help.contains(option), "{option}");
    }
}

#[test]
fn settings_that_make_no_sense_are_told_by_name() {
    for (name, value) in [("SESSION_TTL_MINUTES", "0"), ("PASSWORD_COMPLEXITY", "secret-ish")] {
        let output = command(&["--in-memory", "--port", "0"]).env(name, value).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert!(told.contains(name) && !told.contains("secret-ish"), "{told}");
    }
}

#[test]
fn requests_that_are_no_http_do_no_harm() {
    let mut program = Program::start(&["--in-memory"]);
    let session = program.printed("session");
    for bytes in [
        &b"GET\r\n\r\n"[..],
        b"GET /api/user/\xff HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        b"GET /api/user?query=\xff\xfe HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        b"GET /api/user/current HTTP/1.1\r\nconnection: close\r\nhost: \xff\r\nx-metabase-session: \xff\r\n\r\n",
        b"PUT /api/user/1 HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\nconnection: close\r\n\r\n",
    ] {
        let answer = program.client.raw(bytes).unwrap();
        assert!(!answer.starts_with("HTTP/1.1 5"), "{answer}");
    }
    let current = program.client.send("GET /api/user/current", &session, &Value::Null).unwrap();
    assert_eq!(current.status, 200);
}

#[test]
fn secrets_are_printed_once_and_never_logged() {
    let folder = Folder::new();
    let mut program = Program::in_folder(&folder);
    let password = program.printed("password");
    let session = program.printed("session");
    let login = json!({ "username": "admin@example.com", "password": password });
    program.client.send("POST /api/session", "", &login).unwrap();
    let wrong = json!({ "username": "admin@example.com", "password": "wrong pw 1" });
    program.client.send("POST /api/session", "", &wrong).unwrap();
    let log = program.end();
    assert!(
        !log.contains(&password) && !log.contains(&session) && !log.contains("wrong pw 1"),
        "{log}"
    );
}
