//! Starts that fail: one sentence and a hint, and exit status 1.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Output},
    thread,
};

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType},
};
use local::engine::{self, Engine};
use shared::{aws, store::client_config};

use crate::program::{DataDirectory, Program, command};

/// Words of Rust that no user should read.
const RUST: [&str; 8] =
    ["os error", "Os {", "kind:", "Error(", "Some(", "unwrap", "panicked", "invalid digit"];

/// The standard error of a start that fails.
fn failure(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let printed = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(1), "{printed}");
    assert!(stdout.is_empty(), "{printed}");
    for word in RUST {
        assert!(!printed.contains(word), "{word}: {printed}");
    }
    printed
}

/// The standard error of a start that fails with these arguments: a sentence and a hint.
fn hint(arguments: &[&str]) -> String {
    let printed = failure(&mut command(&[&["--port", "0"], arguments].concat()));
    let lines: Vec<&str> = printed.lines().collect();
    let [sentence, hint] = lines[..] else { panic!("{printed}") };
    assert!(sentence.starts_with("error: ") && sentence.ends_with('.'), "{printed}");
    assert!(hint.starts_with("  hint: ") && hint.ends_with('.'), "{printed}");
    printed
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_data_directory_that_is_a_file_or_below_one_is_reported() {
    let directory = DataDirectory::new();
    fs::create_dir(directory.path()).unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("below")] {
        let printed = hint(&["--data", text(&path)]);
        assert!(printed.contains("it is a file, or below a file"), "{printed}");
        assert!(printed.contains(text(&path)) && printed.contains("--data"), "{printed}");
    }
}

#[test]
fn a_data_directory_that_cannot_be_written_is_reported() {
    // Also the superuser, who runs some tests, may not write here.
    let printed = hint(&["--data", "/proc/user-service"]);
    assert!(printed.contains("cannot use the data directory /proc/user-service"), "{printed}");
    let printed = hint(&["--data", "/tmp"]);
    assert!(printed.contains("all users of this machine share it"), "{printed}");
    assert!(!Path::new("/tmp/users.db").exists());
}

#[test]
fn a_file_that_is_no_database_is_reported_and_kept() {
    for content in ["not a database, but a text\n", "SQLite format 3\0 cut"] {
        let directory = DataDirectory::new();
        fs::create_dir(directory.path()).unwrap();
        let file = directory.path().join("users.db");
        let content = content.repeat(200);
        fs::write(&file, &content).unwrap();
        let printed = hint(&["--data", text(directory.path())]);
        assert!(printed.contains("cannot open the database in"), "{printed}");
        assert!(printed.contains("--data"), "{printed}");
        assert_eq!(fs::read_to_string(file).unwrap(), content);
    }
    let directory = DataDirectory::new();
    fs::create_dir_all(directory.path().join("users.db")).unwrap();
    let printed = hint(&["--data", text(directory.path())]);
    assert!(printed.contains("one of its files is a directory"), "{printed}");
}

#[test]
fn a_directory_for_emails_that_is_a_file_is_reported() {
    let directory = DataDirectory::new();
    fs::create_dir(directory.path()).unwrap();
    let file = directory.path().join("mail");
    fs::write(&file, "").unwrap();
    let printed = hint(&["--in-memory", "--mail", text(&file)]);
    assert!(printed.contains("directory for emails") && printed.contains("--mail"), "{printed}");
}

#[test]
fn a_data_directory_or_port_in_use_is_reported() {
    let directory = DataDirectory::new();
    let _first = Program::in_directory(&directory);
    let printed = hint(&["--data", text(directory.path())]);
    assert!(printed.contains("is in use by another process"), "{printed}");

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let fresh = DataDirectory::new();
    for options in [&[][..], &["--db-only"]] {
        let arguments = [&["--data", text(fresh.path()), "--port", &port], options].concat();
        let printed = failure(&mut command(&arguments));
        assert!(printed.contains("in use by another program"), "{printed}");
        assert!(printed.contains(&port) && printed.contains("--port"), "{printed}");
    }
    assert!(!Program::in_directory(&fresh).printed("password").is_empty());
}

#[test]
fn an_endpoint_that_does_not_answer_is_reported() {
    let printed = hint(&["--endpoint", "http://127.0.0.1:9"]);
    assert!(printed.contains("the connection was refused"), "{printed}");
    assert!(printed.contains("table users") && printed.contains("127.0.0.1:9"), "{printed}");
    assert!(printed.contains("--endpoint"), "{printed}");

    let printed = hint(&["--endpoint", "http://no-such-host.invalid:8000"]);
    assert!(
        printed.contains("no-such-host.invalid") && printed.contains("--endpoint"),
        "{printed}"
    );

    // Connections of a listener that never accepts stay open without a response.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let printed = hint(&["--endpoint", &format!("http://{}", silent.local_addr().unwrap())]);
    assert!(printed.contains("no response in time"), "{printed}");
}

#[test]
fn an_endpoint_that_is_no_dynamodb_is_reported() {
    let other = Program::start(&["--in-memory"]);
    let printed = hint(&["--endpoint", &format!("http://{}", other.client.address)]);
    assert!(printed.contains("the response is not DynamoDB's"), "{printed}");

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || listener.incoming().for_each(drop));
    let printed = hint(&["--endpoint", &endpoint]);
    assert!(printed.contains("the connection was closed"), "{printed}");
}

#[test]
fn a_table_of_another_program_is_reported() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let endpoint = runtime.block_on(async {
        let listener = engine::bind_ephemeral().await.unwrap();
        let endpoint = Engine::in_memory().unwrap().serve(listener).unwrap();
        let client = Client::from_conf(client_config(&aws::local(&endpoint)).build());
        let (name, kind) = ("id", ScalarAttributeType::S);
        let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(kind);
        let key = KeySchemaElement::builder().attribute_name(name).key_type(KeyType::Hash);
        let table = client.create_table().table_name("users");
        let table = table.billing_mode(BillingMode::PayPerRequest);
        let table = table.attribute_definitions(attribute.build().unwrap());
        table.key_schema(key.build().unwrap()).send().await.unwrap();
        endpoint
    });
    let printed = hint(&["--endpoint", &endpoint]);
    assert!(printed.contains("cannot read the table users"), "{printed}");
    assert!(printed.contains("other keys") && printed.contains("--table"), "{printed}");
}

#[test]
fn invalid_options_are_reported_by_name() {
    for (arguments, words) in [
        (&["--port", "x"][..], "a number from 0 to 65535"),
        (&["--port", "70000"], "--port"),
        (&["--port", ""], "--port"),
        (&["--table", "no such name!"], "--table"),
        (&["--endpoint", "127.0.0.1:8000"], "a URL like http://127.0.0.1:8000"),
        (&["--endpoint", "ftp://127.0.0.1"], "--endpoint"),
        (&["--allowed-host", "https://example.com"], "--allowed-host"),
        (&["--data", ""], "--data"),
        (&["--write"], "--aws"),
        (&["--db-only", "--endpoint", "http://127.0.0.1:8000"], "cannot be used with"),
        (&["--no-such-option"], "--no-such-option"),
    ] {
        let printed = failure(&mut command(arguments));
        assert!(printed.contains(words), "{arguments:?}: {printed}");
    }
    let printed = failure(command(&[]).env("PORT", "http"));
    assert!(printed.contains("PORT") && printed.contains("a number"), "{printed}");
}

#[test]
fn invalid_settings_are_reported_by_name() {
    for (name, value) in [
        ("API_DIALECT", "secret-ish"),
        ("SESSION_TTL_MINUTES", "0"),
        ("AUDIT_RETENTION_DAYS", "0"),
        ("LIST_SHARDS", "33"),
        ("ID_BLOCK_SIZE", "0"),
        ("PASSWORD_COMPLEXITY", "secret-ish"),
        ("SITE_URL", "secret-ish"),
    ] {
        let printed = failure(command(&["--in-memory", "--port", "0"]).env(name, value));
        assert!(printed.contains(name) && !printed.contains("secret-ish"), "{printed}");
        assert!(printed.contains("hint: "), "{printed}");
    }
}
