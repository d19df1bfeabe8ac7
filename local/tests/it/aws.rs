//! The program on a table of an AWS account: `--aws`.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    process::Command,
};

use local::engine::{self, Engine};
use serde_json::{Value, json};

use crate::program::{DataDirectory, Program, command};

/// An answer of STS to `GetCallerIdentity`.
const IDENTITY: &str = "<GetCallerIdentityResponse \
    xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
    <Account>123456789012</Account><UserId>id</UserId>\
    <Arn>arn:aws:iam::123456789012:user/ada</Arn>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";
const REJECTION: &str = "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>\
    <Message>The security token is expired</Message></Error></ErrorResponse>";

/// A fake of STS that gives one answer to every request. Returns its endpoint.
fn sts(status: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let _head: Vec<String> =
                lines.map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}");
            write!(stream, "{head}\r\ncontent-type: text/xml\r\n\r\n{body}").unwrap();
        }
    });
    endpoint
}

/// An account with a DynamoDB table, and a profile to use it.
struct Account {
    runtime: tokio::runtime::Runtime,
    directory: DataDirectory,
    dynamodb: String,
    sts: String,
}

impl Account {
    fn new() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(engine::bind_ephemeral()).unwrap();
        let dynamodb = {
            let _inside = runtime.enter();
            Engine::in_memory().unwrap().serve(listener).unwrap()
        };
        let directory = DataDirectory::new();
        fs::create_dir(directory.path()).unwrap();
        let config = "[profile work]\nregion = eu-central-1\n\
            [profile home]\naws_access_key_id = id\naws_secret_access_key = secret\n";
        fs::write(directory.path().join("config"), config).unwrap();
        let keys = "[work]\naws_access_key_id = id\naws_secret_access_key = secret\n";
        fs::write(directory.path().join("credentials"), keys).unwrap();
        Self { runtime, directory, dynamodb, sts: sts("200 OK", IDENTITY) }
    }

    /// Creates the table and its first administrator. Returns a session.
    fn create_table(&self) -> String {
        let mut program = Program::start(&["--endpoint", &self.dynamodb]);
        let session = program.printed("session");
        program.kill();
        session
    }

    /// A command with a profile of this account.
    fn command(&self, profile: &str, arguments: &[&str]) -> Command {
        let file = |name: &str| self.directory.path().join(name);
        let mut command = command(&[&["--port", "0", "--aws"], arguments].concat());
        command
            .env("AWS_PROFILE", profile)
            .env("AWS_CONFIG_FILE", file("config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", file("credentials"))
            .env("AWS_ENDPOINT_URL_DYNAMODB", &self.dynamodb)
            .env("AWS_ENDPOINT_URL_STS", &self.sts)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .current_dir(self.directory.path());
        command
    }

    fn start(&self, arguments: &[&str]) -> Program {
        Program::from_command(self.command("work", arguments))
    }

    /// The standard error of a start that fails.
    fn failure(&self, profile: &str) -> String {
        let output = self.command(profile, &[]).output().unwrap();
        assert!(!output.status.success() && output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn a_table_of_an_account_is_served_read_only() {
    let account = Account::new();
    let session = account.create_table();
    let mut program = account.start(&[]);
    assert_eq!(
        program.printed("Uses the table"),
        "users of the AWS account 123456789012 in eu-central-1, read-only."
    );
    let send = |line: &str, body: &Value| program.client.send(line, &session, body).unwrap();
    assert_eq!(send("GET /api/user/current", &Value::Null).status, 200);
    let name = json!({ "first_name": "Grace" });
    for (line, body) in [
        ("PUT /api/user/1", &name),
        ("DELETE /api/user/1", &Value::Null),
        ("DELETE /api/session", &Value::Null),
        ("POST /api/session", &json!({ "username": "admin@example.com", "password": "x" })),
    ] {
        let refused = send(line, body);
        assert_eq!(refused.status, 403, "{line}");
        assert!(refused.body["error"].as_str().unwrap().contains("--write"), "{line}");
    }
    assert_eq!(send("GET /api/user/1", &Value::Null).body["first_name"], "Ada");
    drop(account.runtime);
}

#[test]
fn a_table_of_an_account_is_changed_with_an_option() {
    let account = Account::new();
    let session = account.create_table();
    let mut program = account.start(&["--write"]);
    assert!(program.printed("Uses the table").ends_with("with changes."));
    let name = json!({ "first_name": "Grace" });
    let changed = program.client.send("PUT /api/user/1", &session, &name).unwrap();
    assert_eq!((changed.status, &changed.body["first_name"]), (200, &json!("Grace")));
}

#[test]
fn a_missing_table_region_or_credential_is_reported_before_the_start() {
    let mut account = Account::new();
    let missing = account.failure("work");
    assert!(missing.contains("cannot open the table users"), "{missing}");
    let region = account.failure("home");
    assert!(region.contains("no AWS region: set AWS_REGION"), "{region}");
    account.sts = sts("403 Forbidden", REJECTION);
    let expired = account.failure("work");
    assert!(expired.contains("cannot sign in to AWS"), "{expired}");
    assert!(expired.contains("ExpiredToken"), "{expired}");
    let none = account.failure("nobody");
    assert!(none.contains("AWS_REGION") || none.contains("credentials"), "{none}");
}
