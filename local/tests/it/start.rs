use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use local::engine::{self, Engine};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::program::{DataDirectory, Program, command};

#[test]
fn a_new_store_gets_an_administrator_with_a_working_curl_line() {
    let directory = DataDirectory::new();
    let mut program = Program::in_directory(&directory);
    let email = program.printed("email");
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
fn the_first_administrator_chooses_a_password_with_the_printed_link() {
    let mut program = Program::start(&["--in-memory"]);
    let pages = program.printed("pages");
    assert_eq!(pages, format!("http://{}/", program.client.address));
    let link = program.printed("http://");
    let (_, token) = link.split_once("/auth/reset_password/").unwrap();
    let reset = json!({ "token": token, "password": "my 0wn choice" });
    let send = |body| program.client.send("POST /api/session/reset_password", "", body).unwrap();
    assert_eq!([send(&reset).status, send(&reset).status], [200, 400]);
}

#[test]
fn the_operator_resets_a_lost_password() {
    let directory = DataDirectory::new();
    let mut first = Program::in_directory(&directory);
    let session = first.printed("session");
    assert!(first.stop(Signal::TERM).success());
    let data = directory.path().to_str().unwrap().to_owned();
    let reset = |address: &str| {
        let output = command(&["--data", &data, "--reset-password", address]).output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };

    let (succeeded, printed) = reset("admin@example.com");

    assert!(succeeded, "{printed}");
    let (_, token) = printed.trim().split_once("/auth/reset_password/").unwrap();
    assert_eq!(reset("unknown@example.com"), (false, String::new()));
    let second = Program::in_directory(&directory);
    let path = "GET /api/audit?action=password-reset-url&limit=1";
    let audit = second.client.send(path, &session, &Value::Null).unwrap();
    assert_eq!(audit.body["data"][0]["actor"], json!({ "id": null, "via": "operator" }));
    let body = json!({ "token": token, "password": "my 0wn choice" });
    let changed = second.client.send("POST /api/session/reset_password", "", &body).unwrap();
    assert_eq!(changed.status, 200);
}

#[test]
fn sample_users_are_created_once() {
    let directory = DataDirectory::new();
    let data = directory.path().to_str().unwrap().to_owned();
    let options = ["--data", &data, "--sample", "12"];
    let mut first = Program::start(&options);
    let session = first.printed("session");
    assert!(first.stop(Signal::TERM).success());
    let second = Program::start(&options);
    let users = second.client.send("GET /api/user", &session, &Value::Null).unwrap();
    assert_eq!(users.body.as_array().unwrap().len(), 13);
}

#[test]
fn a_new_store_gets_an_administrator_in_the_metabase_dialect_too() {
    let mut command = command(&["--port", "0", "--in-memory"]);
    let mut child = command.env("API_DIALECT", "metabase").spawn().unwrap();
    let mut printed = String::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    while !printed.contains("session") && lines.read_line(&mut printed).unwrap() > 0 {}
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(printed.contains("admin@example.com") && printed.contains("session"), "{printed}");
}

#[test]
fn a_store_survives_a_stop_and_is_not_set_up_again() {
    let directory = DataDirectory::new();
    let mut first = Program::in_directory(&directory);
    let session = first.printed("session");
    assert!(first.stop(Signal::TERM).success());

    let mut second = Program::in_directory(&directory);
    let current = second.client.send("GET /api/user/current", &session, &Value::Null).unwrap();
    assert_eq!(current.status, 200);
    assert!(second.stop(Signal::INT).success());
}

#[test]
fn an_instance_without_an_administrator_is_set_up_over_http() {
    let mut program = Program::start(&["--in-memory", "--no-admin", "--setup-token", "T"]);
    let line = program.printed("The instance is not set up. POST /api/setup with the token");
    assert_eq!(line, "T");
    let body = json!({
        "token": "T",
        "user": {
            "email": "me@example.com", "first_name": "M", "last_name": "E",
            "password": "unc0mmon pw",
        },
    });
    let response = program.client.send("POST /api/setup", "", &body).unwrap();
    let session = response.body["id"].as_str().unwrap();
    let current = program.client.send("GET /api/user/current", session, &Value::Null).unwrap();
    assert_eq!(current.body["email"], "me@example.com");
}

#[test]
fn another_dynamodb_can_be_used() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(engine::bind_ephemeral()).unwrap();
    let _inside = runtime.enter();
    let endpoint = Engine::in_memory().unwrap().serve(listener).unwrap();
    let mut first = Program::start(&["--endpoint", &endpoint, "--table", "accounts"]);
    let session = first.printed("session");
    first.kill();

    let second = Program::start(&["--endpoint", &endpoint, "--table", "accounts"]);
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
        "--mail",
        "--no-admin",
        "--setup-token",
        "--endpoint",
        "--aws",
        "--write",
        "--table",
        "--allowed-host",
        "PORT",
        "IN_MEMORY",
        "DATA_DIR",
        "MAIL_DIR",
        "NO_ADMIN",
        "SETUP_TOKEN",
        "DYNAMODB_ENDPOINT",
        "USE_AWS",
        "TABLE_NAME",
        "ALLOWED_HOSTS",
    ] {
        assert!(help.contains(option), "{option}");
    }
}

#[test]
fn every_option_can_be_a_variable() {
    let directory = DataDirectory::new();
    let engine = [
        ("PORT", "0"),
        ("DATA_DIR", directory.path().to_str().unwrap()),
        ("TABLE_NAME", "accounts"),
    ];
    let setup =
        [("NO_ADMIN", "true"), ("SETUP_TOKEN", "T"), ("IN_MEMORY", "0"), ("DYNAMODB_ENDPOINT", "")];
    let mut child = command(&[]).envs(engine).envs(setup).spawn().unwrap();
    let mut printed = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    while !printed.contains("with the token T\n") {
        assert!(stdout.read_line(&mut printed).unwrap() > 0, "{printed}");
    }
    assert!(directory.path().join("users.db").exists());
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn the_default_data_directory_is_relative() {
    let current_directory = DataDirectory::new();
    fs::create_dir(current_directory.path()).unwrap();
    let mut child =
        command(&["--port", "0"]).current_dir(current_directory.path()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(current_directory.path().join(".data/users.db").exists(), "{line}");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The requests of Metabase's documentation page, in its order.
#[test]
fn the_documented_page_works_from_top_to_bottom() {
    let mut program = Program::start(&["--in-memory"]);
    let session = program.printed("session");
    let jane = json!({
        "email": "newuser@example.com", "first_name": "Jane", "last_name": "Smith",
        "password": "SecurePassword123!",
    });
    for (line, body, status) in [
        ("GET /api/user", Value::Null, 200),
        ("GET /api/user/current", Value::Null, 200),
        ("GET /api/user/1", Value::Null, 200),
        ("POST /api/user", jane.clone(), 200),
        ("POST /api/user", jane, 409),
        ("PUT /api/user/1", json!({ "first_name": "Updated", "last_name": "Name" }), 200),
        ("PUT /api/user/2/password", json!({ "new_password": "CurrentPassword123!" }), 204),
        ("DELETE /api/user/2", Value::Null, 200),
        ("PUT /api/user/2/reactivate", Value::Null, 200),
        ("PUT /api/user/1/modal/qbnewb", Value::Null, 200),
        ("GET /api/user/recipients", Value::Null, 200),
    ] {
        let response = program.client.send(line, &session, &body).unwrap();
        assert_eq!(response.status, status, "{line}: {}", response.body);
    }
    let login = json!({ "username": "newuser@example.com", "password": "CurrentPassword123!" });
    let own = program.client.send("POST /api/session", "", &login).unwrap().body;
    let change = json!({ "password": "CurrentPassword123!", "new_password": "NewPassword456!" });
    let token = own["id"].as_str().unwrap();
    let response = program.client.send("PUT /api/user/2/password", token, &change).unwrap();
    assert_eq!((response.status, &response.body["success"]), (200, &json!(true)));
}

#[test]
fn a_password_reset_link_begins_with_the_url_of_the_service() {
    let mut program = Program::start(&["--in-memory"]);
    let session = program.printed("session");
    let route = "POST /api/user/1/password-reset-url";
    let response = program.client.send(route, &session, &Value::Null).unwrap();
    let page = format!("http://{}/auth/reset_password/", program.client.address);
    let link = response.body["password_reset_url"].as_str().unwrap();
    let token = link.strip_prefix(&page).unwrap();

    // Opened and checked links leave no token in the log either.
    let check = format!("/api/session/password_reset_token_valid?token={token}");
    for path in [format!("/auth/reset_password/{token}"), check] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: [::1]\r\nconnection: close\r\n\r\n");
        let opened = program.client.raw(request.as_bytes()).unwrap();
        assert!(opened.starts_with("HTTP/1.1 200"), "{path}: {opened}");
    }
    let body = json!({ "token": token, "password": "an0ther secret" });
    let reset = program.client.send("POST /api/session/reset_password", "", &body).unwrap();
    assert_eq!((reset.status, &reset.body["success"]), (200, &json!(true)));
    let log = program.end();
    assert!(!log.contains(token) && !log.contains("an0ther secret"), "{log}");
}

/// The only email in a directory.
fn sent_email(directory: &Path) -> String {
    let files: Vec<_> = fs::read_dir(directory).unwrap().map(|file| file.unwrap()).collect();
    let [file] = &files[..] else { panic!("{files:?}") };
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    fs::read_to_string(file.path()).unwrap()
}

#[test]
fn emails_are_written_to_a_directory_and_never_logged() {
    let (data, mail) = (DataDirectory::new(), DataDirectory::new());
    let forgotten = json!({ "email": "admin@example.com" });
    let other_directory =
        ["--data", data.path().to_str().unwrap(), "--mail", mail.path().to_str().unwrap()];
    for (arguments, directory) in [
        (&other_directory[..2], data.path().join("mail")),
        (&other_directory, mail.path().to_owned()),
    ] {
        let program = Program::start(arguments);
        let response =
            program.client.send("POST /api/session/forgot_password", "", &forgotten).unwrap();
        assert_eq!(response.status, 204);
        let sent_email = sent_email(&directory);
        let page = format!("http://{}/auth/reset_password/1_", program.client.address);
        let (_, rest) = sent_email.split_once(&page).unwrap();
        let (secret, _) = rest.split_once('\n').unwrap();
        let log = program.end();
        assert!(log.contains("wrote an email") && !log.contains(secret), "{log}");
    }
    let program = Program::start(&["--in-memory"]);
    let response =
        program.client.send("POST /api/session/forgot_password", "", &forgotten).unwrap();
    assert_eq!(response.status, 204);
    assert!(!program.end().contains("wrote an email"));
}

#[test]
fn malformed_http_requests_do_no_harm() {
    let mut program = Program::start(&["--in-memory"]);
    let session = program.printed("session");
    for bytes in [
        &b"GET\r\n\r\n"[..],
        b"GET /api/user/\xff HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
        b"GET /api/user?query=\xff\xfe HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
        b"GET /api/user/current HTTP/1.1\r\nconnection: close\r\nhost: \xff\r\n\
          x-metabase-session: \xff\r\n\r\n",
        b"PUT /api/user/1 HTTP/1.1\r\nhost: [::1]\r\ncontent-length: x\r\n\
          connection: close\r\n\r\n",
    ] {
        let response = program.client.raw(bytes).unwrap();
        assert!(!response.starts_with("HTTP/1.1 5"), "{response}");
    }
    let current = program.client.send("GET /api/user/current", &session, &Value::Null).unwrap();
    assert_eq!(current.status, 200);
}

#[test]
fn secrets_are_printed_once_and_never_logged() {
    let directory = DataDirectory::new();
    let mut program = Program::in_directory(&directory);
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

#[test]
fn the_engine_alone_serves_functions_that_run_elsewhere() {
    let mut database = Program::start(&["--db-only", "--in-memory"]);
    let session = database.printed("session");
    let endpoint = format!("http://{}", database.client.address);
    let service = Program::start(&["--endpoint", &endpoint]);
    let current = service.client.send("GET /api/user/current", &session, &Value::Null).unwrap();
    assert_eq!(current.status, 200);
    assert!(database.stop(Signal::TERM).success());
}

#[test]
fn a_header_that_is_not_utf8_is_not_ignored() {
    let mut program = Program::start(&["--in-memory"]);
    let session = program.printed("session");
    let head = format!(
        "POST /api/permissions/group HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-length: 12\r\nx-metabase-session: {session}\r\nidempotency-key: "
    );
    let request = [head.as_bytes(), b"k\xfc\r\n\r\n{\"name\":\"a\"}"].concat();
    let response = program.client.raw(&request).unwrap();
    assert!(response.starts_with("HTTP/1.1 400"), "{response}");
    assert!(response.contains("Idempotency-Key"), "{response}");
}
