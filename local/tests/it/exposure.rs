//! Access of others on the machine: web pages in a browser, and other users.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use serde_json::{Value, json};

use crate::program::{DataDirectory, Program};

/// Headers of a request to the database, as the AWS SDK sends them.
const LIST_TABLES: &str = "connection: close\r\ncontent-type: application/x-amz-json-1.0\r\n\
    x-amz-target: DynamoDB_20120810.ListTables\r\nx-amz-date: 20260101T000000Z\r\n\
    authorization: AWS4-HMAC-SHA256 Credential=x/20260101/local/dynamodb/aws4_request, \
    SignedHeaders=host;x-amz-date, Signature=x\r\ncontent-length: 2\r\n\r\n{}";

fn status(response: &str) -> u16 {
    response.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap()
}

/// The status of a request with these headers to the gateway.
fn get(program: &Program, headers: &str) -> u16 {
    let request = format!("GET /api/health HTTP/1.1\r\n{headers}connection: close\r\n\r\n");
    status(&program.client.raw(request.as_bytes()).unwrap())
}

#[test]
fn the_gateway_serves_its_own_hosts_only() {
    let program = Program::start(&["--in-memory"]);
    let port = program.client.address.port();
    for (host, expected) in [
        (format!("localhost:{port}"), 200),
        (format!("LOCALHOST.:{port}"), 200),
        ("127.0.0.1".to_owned(), 200),
        ("127.9.8.7:1".to_owned(), 200),
        (format!("[::1]:{port}"), 200),
        (format!("rebound.example:{port}"), 421),
        ("localhost.rebound.example".to_owned(), 421),
        ("192.168.1.1".to_owned(), 421),
        ("0.0.0.0".to_owned(), 421),
        ("127.0.0.1.rebound.example".to_owned(), 421),
    ] {
        assert_eq!(get(&program, &format!("host: {host}\r\n")), expected, "{host}");
    }
    assert_eq!(get(&program, ""), 400);
    assert_eq!(get(&program, "host: localhost\r\nhost: rebound.example\r\n"), 400);

    let absolute = "GET http://rebound.example/api/health HTTP/1.1\r\nhost: localhost\r\n\
        connection: close\r\n\r\n";
    assert_eq!(status(&program.client.raw(absolute.as_bytes()).unwrap()), 421);
    // A client of HTTP/1.0 may send no host. No browser does so.
    let old = program.client.raw(b"GET /api/health HTTP/1.0\r\n\r\n").unwrap();
    assert_eq!(status(&old), 200);
}

#[test]
fn a_misdirected_request_says_what_to_do_and_changes_nothing() {
    let mut program = Program::start(&["--in-memory"]);
    let session = program.printed("session");
    let request = format!(
        "DELETE /api/session HTTP/1.1\r\nhost: rebound.example\r\nconnection: close\r\n\
         x-metabase-session: {session}\r\n\r\n"
    );
    let response = program.client.raw(request.as_bytes()).unwrap();
    assert_eq!(status(&response), 421);
    assert!(response.contains("--allowed-host") && response.contains("{\"error\":"), "{response}");
    let current = program.client.send("GET /api/user/current", &session, &Value::Null).unwrap();
    assert_eq!(current.status, 200);
}

#[test]
fn hosts_of_options_are_served() {
    let program = Program::start(&["--in-memory", "--allowed-host", "Users.Test,10.1.2.3"]);
    for (host, expected) in
        [("users.test:443", 200), ("10.1.2.3", 200), ("localhost", 200), ("other.test", 421)]
    {
        assert_eq!(get(&program, &format!("host: {host}\r\n")), expected, "{host}");
    }
    let mut command = crate::program::command(&["--port", "0", "--in-memory"]);
    command.env("SITE_URL", "https://site.test:8443/x").env("ALLOWED_HOSTS", "");
    let program = Program::from_command(command);
    assert_eq!(get(&program, "host: site.test\r\n"), 200);
    assert_eq!(get(&program, "host: users.test\r\n"), 421);
}

/// The response of the database to a request with these headers.
fn list_tables(program: &Program, headers: &str) -> String {
    let request = format!("POST / HTTP/1.1\r\n{headers}{LIST_TABLES}");
    program.client.raw(request.as_bytes()).unwrap()
}

#[test]
fn the_database_serves_programs_and_no_web_page() {
    let program = Program::start(&["--db-only", "--in-memory", "--allowed-host", "db.test"]);
    let address = program.client.address;
    let send = |headers: &str| list_tables(&program, headers);
    let response = send(&format!("host: {address}\r\n"));
    assert!(response.ends_with("{\"TableNames\":[\"users\"]}"), "{response}");
    assert_eq!(status(&send("host: db.test:8000\r\n")), 200);
    for (origin, expected) in [
        (format!("http://{address}"), 200),
        ("https://evil.example".to_owned(), 403),
        ("http://localhost:5173".to_owned(), 403),
        (format!("https://{address}"), 403),
        ("null".to_owned(), 403),
    ] {
        let response = send(&format!("host: {address}\r\norigin: {origin}\r\n"));
        assert_eq!(status(&response), expected, "{origin}");
        assert!(!response.to_lowercase().contains("access-control"), "{response}");
        assert_eq!(response.contains("TableNames"), expected == 200, "{response}");
    }
    assert_eq!(status(&send("host: evil.example\r\n")), 421);
    assert_eq!(status(&send("host: evil.example\r\norigin: http://evil.example\r\n")), 421);
}

#[test]
fn the_database_permits_no_preflight_of_a_browser() {
    let program = Program::start(&["--db-only", "--in-memory"]);
    let address = program.client.address;
    let preflight = format!(
        "OPTIONS / HTTP/1.1\r\nhost: {address}\r\norigin: https://evil.example\r\n\
         access-control-request-method: POST\r\naccess-control-request-headers: x-amz-target\r\n\
         connection: close\r\n\r\n"
    );
    let response = program.client.raw(preflight.as_bytes()).unwrap();
    assert_eq!(status(&response), 403);
    assert!(!response.to_lowercase().contains("access-control"), "{response}");
}

/// The permissions of a file or directory.
fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Checks that a directory and everything in it belongs to the owner alone.
fn assert_owner_only(directory: &Path) -> usize {
    assert_eq!(mode(directory), 0o700, "{}", directory.display());
    let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let count = |path: &Path| {
        assert_eq!(mode(path), 0o600, "{}", path.display());
        1
    };
    paths.map(|path| if path.is_dir() { assert_owner_only(&path) } else { count(&path) }).sum()
}

#[test]
fn data_belong_to_the_owner_alone() {
    let directory = DataDirectory::new();
    let mail = directory.path().join("mail");
    for round in 0..2 {
        let program = Program::in_directory(&directory);
        let forgotten = json!({ "email": "admin@example.com" });
        let sent = program.client.send("POST /api/session/forgot_password", "", &forgotten);
        assert_eq!(sent.unwrap().status, 204);
        // The lock, the database, its write-ahead log with its index, and an email each round.
        assert_eq!(assert_owner_only(directory.path()), 5 + round);
        program.kill();

        // The modes of earlier versions.
        let restrict = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode));
        for directory in [directory.path(), &mail] {
            restrict(directory, 0o755).unwrap();
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                restrict(&path, if path.is_dir() { 0o777 } else { 0o644 }).unwrap();
            }
        }
    }
    let _program = Program::in_directory(&directory);
    assert_eq!(assert_owner_only(directory.path()), 6);
}

#[test]
fn a_directory_for_emails_belongs_to_the_owner_alone() {
    let directory = DataDirectory::new();
    fs::create_dir(directory.path()).unwrap();
    fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).unwrap();
    fs::write(directory.path().join("old.eml"), "To: a@example.com\n").unwrap();
    let mail = directory.path().to_str().unwrap();
    let _program = Program::start(&["--in-memory", "--mail", mail]);
    assert_eq!(assert_owner_only(directory.path()), 1);
}
