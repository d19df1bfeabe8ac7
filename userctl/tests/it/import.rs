//! `import metabase` and `reset-password`, on the table of a service.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use serde_json::{Value, json};
use testkit::{Items, KillPoint, TestApp};

use crate::program::{Run, World};

const SALT: &str = "a4d9fe2a-fbd9-44c6-a1a1-de3bf8c3be86";
/// The public test vector of Metabase's hash, with the password `123456`.
const HASH: &str = "$2a$10$C6OAB3k6QgM6.0e8Jqo71udz14w2zMSVt4x.fdo9DmhnZkxs2yz4a";
const API_KEY: &str = "mb_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyMDE=";

/// A dump of Metabase with its tables.
#[derive(Default)]
struct Dump {
    users: String,
    groups: String,
    memberships: String,
    keys: String,
    membership_count: u32,
}

fn bcrypt(text: &str) -> String {
    bcrypt::hash_with_salt(text, 4, [9; 16]).unwrap().format_for_version(bcrypt::Version::TwoA)
}

impl Dump {
    /// Ada, an administrator; All Users, Administrators and Sales.
    fn new() -> Self {
        Self::default()
            .user((1, "ada@corp.example", "Ada"), (HASH, "t", "t"))
            .group(1, "All Users")
            .group(2, "Administrators")
            .group(5, "Sales")
            .member(1, 2)
    }

    fn user(
        mut self,
        (id, email, name): (u64, &str, &str),
        (hash, is_superuser, is_active): (&str, &str, &str),
    ) -> Self {
        writeln!(
            self.users,
            "{id}\t{email}\t{name}\t\\N\t{hash}\t{SALT}\t2020-01-02 03:04:05+00\t\\N\
             \t{is_superuser}\t{is_active}\t\\N\tde\t{{\"team\": 7}}"
        )
        .unwrap();
        self.member(id, 1)
    }

    fn group(mut self, id: u64, name: &str) -> Self {
        writeln!(self.groups, "{id}\t{name}").unwrap();
        self
    }

    fn member(mut self, user: u64, group: u64) -> Self {
        self.membership_count += 1;
        writeln!(self.memberships, "{}\t{user}\t{group}\tf", self.membership_count).unwrap();
        self
    }

    fn key(mut self, id: u64, (user, creator): (u64, u64), name: &str) -> Self {
        let (hash, prefix) = (bcrypt(API_KEY), &API_KEY[..7]);
        writeln!(
            self.users,
            "{user}\tapi-key-user-{user}@api-key.invalid\t{name}\t\\N\t{hash}\tx\
             \t2020-01-02 03:04:05+00\t\\N\tf\tt\t\\N\t\\N\t\\N"
        )
        .unwrap();
        writeln!(
            self.keys,
            "{id}\t{user}\t{hash}\t{prefix}\t{creator}\t2020-01-02 03:04:05+00\t{name}\t{creator}"
        )
        .unwrap();
        self
    }

    /// The dump, with a type for the users behind API keys.
    fn text(&self) -> String {
        let kind = |line: &str| if line.contains("@api-key") { "api-key" } else { "personal" };
        let users = self.users.lines().map(|line| format!("{line}\t{}\n", kind(line)));
        let users: String = users.collect();
        format!(
            "COPY public.core_user (id, email, first_name, last_name, password, password_salt, \
             date_joined, last_login, is_superuser, is_active, sso_source, locale, \
             login_attributes, type) FROM stdin;\n{users}\\.\n\
             COPY public.permissions_group (id, name) FROM stdin;\n{}\\.\n\
             COPY public.permissions_group_membership (id, user_id, group_id, is_group_manager) \
             FROM stdin;\n{}\\.\n\
             COPY public.api_key (id, user_id, key, key_prefix, creator_id, created_at, name, \
             updated_by_id) FROM stdin;\n{}\\.\n",
            self.groups, self.memberships, self.keys
        )
    }
}

/// A service before setup.
async fn empty() -> World {
    World::with(TestApp::without_setup().await).await
}

/// The variables for a table behind an endpoint.
fn table_variables(endpoint: &str) -> [(&'static str, String); 4] {
    [
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoint.to_owned()),
        ("AWS_REGION", "local".to_owned()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
    ]
}

async fn run(world: &World, arguments: &[&str]) -> Run {
    let mut command = world.command(&[arguments, &["--table", "users"]].concat());
    command.envs(table_variables(world.app.endpoint()));
    Run::new(command.output().await.unwrap())
}

async fn import(world: &World, dump: &Dump, options: &[&str]) -> Run {
    let file = world.file("dump.sql", dump.text());
    run(world, &[&["import", "metabase", &file], options].concat()).await
}

async fn log_in(world: &World, email: &str, password: &str) -> Value {
    let body = json!({ "username": email, "password": password });
    let response = world.app.post("/api/session").json(&body).send().await;
    let status = response.status;
    json!([status, response.body])
}

/// The items without the audit log and the times that depend on the run.
fn comparable(items: Items) -> BTreeMap<(String, String), Value> {
    let kept = items.into_iter().filter(|((pk, _), _)| !pk.starts_with("AUDIT#"));
    let without_times = kept.map(|(key, mut item)| {
        item.as_object_mut().unwrap().retain(|name, _| name != "set_up_at");
        (key, item)
    });
    without_times.collect()
}

#[tokio::test]
async fn people_sign_in_with_their_old_passwords_and_keys() {
    let world = World::with(TestApp::without_setup().await).await;
    world.app.clock.set_to_system_time();
    let dump = Dump::new()
        .user((7, "bob@corp.example", "Bob"), (&bcrypt(&format!("{SALT}bob pw")), "f", "t"))
        .user((8, "gone@corp.example", "Gone"), (HASH, "f", "f"))
        .member(7, 5)
        .key(3, (9, 1), "Robot")
        .member(9, 5);

    let run = import(&world, &dump, &["--json"]).await.expect(0);

    let summary = run.json_lines().pop().unwrap()["summary"].clone();
    assert_eq!(summary["users"], json!({ "new": 3, "same": 0, "differs": 0, "refused": 0 }));
    assert_eq!(summary["groups"]["new"], 1);
    assert_eq!(summary["api_keys"]["new"], 1);
    for (address, password, status) in [
        ("ada@corp.example", "123456", 200),
        ("bob@corp.example", "bob pw", 200),
        ("bob@corp.example", "bob  pw", 401),
        ("gone@corp.example", "123456", 401),
    ] {
        assert_eq!(log_in(&world, address, password).await[0], status, "{address} {password}");
    }
    let session = log_in(&world, "ada@corp.example", "123456").await;
    let session = session[1]["id"].as_str().unwrap();
    let get =
        async |path: &str| world.app.get(path).session(session).send().await.expect_status(200);
    let bob = get("/api/user/7").await;
    assert_eq!((&bob["first_name"], &bob["locale"]), (&json!("Bob"), &json!("de")));
    assert_eq!(bob["login_attributes"], json!({ "team": "7" }));
    assert_eq!(bob["date_joined"], "2020-01-02T03:04:05.000000Z");
    let sales = get("/api/permissions/group/5").await;
    assert_eq!(sales["name"], "Sales");
    let key = world.app.get("/api/user/current").header("x-api-key", API_KEY).send().await;
    assert_eq!(key.expect_status(200)["id"], 9);
    let new = json!({
        "email": "new@corp.example", "first_name": "N", "last_name": "N", "sso_source": "saml",
    });
    let new = world.app.post("/api/user").session(session).json(&new).send().await;
    assert_eq!(new.expect_status(200)["id"], 10, "the counter is beyond all IDs");
    let events = get("/api/audit?action=import").await;
    assert_eq!(events["data"].as_array().map(Vec::len), Some(2), "{events}");
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let world = empty().await;
    let dump = Dump::new().user((7, "bob@corp.example", "Bob"), (HASH, "f", "t")).member(7, 5);
    import(&world, &dump.key(3, (9, 1), "Robot"), &[]).await.expect(0);
    log_in(&world, "bob@corp.example", "123456").await;
    let before = world.app.items().await;
    let dump = Dump::new().user((7, "bob@corp.example", "Bob"), (HASH, "f", "t")).member(7, 5);
    let run = import(&world, &dump.key(3, (9, 1), "Robot"), &["--json"]).await.expect(0);
    assert_eq!(run.json_lines().pop().unwrap()["summary"]["users"]["same"], 2);
    assert_eq!(world.app.items().await, before);
}

#[tokio::test]
async fn a_dry_run_tells_and_changes_nothing() {
    let world = empty().await;
    let dump = Dump::new()
        .user((7, "ADA@corp.example", "Ada"), (HASH, "f", "t"))
        .user((8, "x@corp.example", "X\u{200b}Y"), (HASH, "f", "t"))
        .user((9, "y@corp.example", "Y"), ("$2a$31$tooslow", "f", "t"));
    let run = import(&world, &dump, &["--dry-run", "--json"]).await.expect(5);
    let lines = run.json_lines();
    let result = |id: u64| {
        let found = lines.iter().find(|line| line["id"] == id);
        let found = found.unwrap();
        (found["result"].as_str().unwrap().to_owned(), found["place"].as_str().unwrap().to_owned())
    };
    assert_eq!(result(7).0, "refused");
    assert!(result(7).1.ends_with("dump.sql:3"), "{lines:?}");
    assert_eq!(result(8).0, "refused");
    assert_eq!(result(9).0, "note");
    assert_eq!(lines.last().unwrap()["summary"]["users"]["new"], 2);
    assert!(world.app.items().await.is_empty());
    assert!(!run.stdout.contains("$2a$"));
}

#[tokio::test]
async fn nothing_is_written_before_every_row_is_valid() {
    let world = empty().await;
    let dump = || Dump::new().user((7, "not an address", "Bob"), (HASH, "f", "t"));
    let run = import(&world, &dump(), &[]).await.expect(2);
    assert!(run.stderr.contains("--continue-on-error"), "{run:?}");
    assert!(world.app.items().await.is_empty());
    import(&world, &dump(), &["--continue-on-error"]).await.expect(5);
    assert_eq!(log_in(&world, "ada@corp.example", "123456").await[0], 200);
}

#[tokio::test]
async fn an_id_of_another_user_is_refused_or_gets_a_new_one() {
    let app = TestApp::new().await;
    let world = World::with(app).await;
    let dump = || Dump::new().user((2, "bob@corp.example", "Bob"), (HASH, "f", "t")).member(2, 5);
    let run = import(&world, &dump(), &["--json"]).await.expect(2);
    assert!(run.stdout.contains("--new-ids"), "{run:?}");

    let run = import(&world, &dump(), &["--new-ids", "--json"]).await.expect(0);
    assert_eq!(run.json_lines().pop().unwrap()["summary"]["users"]["new"], 2);
    assert_eq!(log_in(&world, "ada@corp.example", "123456").await[0], 200);
    let run = import(&world, &dump(), &["--new-ids", "--json"]).await.expect(0);
    let summary = run.json_lines().pop().unwrap()["summary"].clone();
    assert_eq!((&summary["users"]["new"], &summary["users"]["same"]), (&json!(0), &json!(2)));
}

#[tokio::test]
async fn an_api_key_needs_an_administrator() {
    let world = empty().await;
    let dump = || {
        Dump::new().user((7, "bob@corp.example", "Bob"), (HASH, "f", "t")).key(3, (9, 7), "Robot")
    };
    let run = import(&world, &dump(), &[]).await.expect(2);
    assert!(run.stdout.contains("--key-owner"), "{run:?}");
    import(&world, &dump(), &["--key-owner", "ada@corp.example"]).await.expect(0);
    let key = world.app.get("/api/user/current").header("x-api-key", API_KEY).send().await;
    key.expect_status(200);
}

#[tokio::test]
async fn an_onion_keeps_no_hash_of_metabase() {
    let world = empty().await;
    import(&world, &Dump::new(), &["--onion"]).await.expect(0);
    let items = format!("{:?}", world.app.items().await);
    assert!(items.contains("$metabase-argon2id$") && !items.contains(&HASH[29..]), "{items}");
    assert_eq!(log_in(&world, "ada@corp.example", "123456").await[0], 200);
}

/// A dump of some transactions.
fn many() -> Dump {
    let mut dump = Dump::new();
    for id in 10..70 {
        let name = format!("User {id}");
        dump = dump.user((id, &format!("user{id}@corp.example"), &name), (HASH, "f", "t"));
        dump = dump.member(id, 5);
    }
    dump.key(3, (9, 1), "Robot")
}

#[tokio::test]
async fn a_killed_import_is_completed_by_the_next_one() {
    let complete = empty().await;
    import(&complete, &many(), &[]).await.expect(0);
    let expected = comparable(complete.app.items().await);
    for (request, point) in [
        (4, KillPoint::AfterRequest),
        (8, KillPoint::BeforeRequest),
        (9, KillPoint::AfterRequest),
        (10, KillPoint::AfterRequest),
        (12, KillPoint::BeforeRequest),
        (14, KillPoint::AfterRequest),
    ] {
        let world = empty().await;
        let (endpoint, mut blocked) = world.app.blocking_proxy((request, point)).await;
        let file = world.file("dump.sql", many().text());
        let mut command = world.command(&["import", "metabase", &file, "--table", "users"]);
        let mut child = command.envs(table_variables(&endpoint)).spawn().unwrap();
        tokio::select! {
            Some(()) = blocked.recv() => child.kill().await.unwrap(),
            status = child.wait() => panic!("request {request}: {status:?}"),
        }
        import(&world, &many(), &[]).await.expect(0);
        assert_eq!(comparable(world.app.items().await), expected, "killed at {request} {point:?}");
    }
}

#[tokio::test]
async fn files_that_are_no_dump_are_told_and_change_nothing() {
    let world = empty().await;
    let truncated = Dump::new().text();
    let truncated = &truncated[..truncated.len() / 2];
    for (name, content, hint) in [
        ("empty.sql", &b""[..], "empty"),
        ("x.dump", b"PGDMP\x01\x0e\x00", "pg_restore"),
        ("metabase.db.mv.db", b"H:2,block:3,blockSize:1000", "SCRIPT"),
        ("x.sql.gz", b"\x1f\x8b\x08\x00", "gunzip"),
        ("truncated.sql", truncated.as_bytes(), "cut off"),
        ("other.sql", b"SELECT 1;\n", "core_user"),
    ] {
        let file = world.file(name, content);
        let run = run(&world, &["import", "metabase", &file, "--json"]).await.expect(2);
        let error = run.json_error()["error"].as_str().unwrap().to_lowercase();
        assert!(error.contains(&hint.to_lowercase()), "{name}: {error}");
    }
    assert!(world.app.items().await.is_empty());
}

#[tokio::test]
async fn a_directory_of_a_laptop_is_a_table_too() {
    let world = empty().await;
    let file = world.file("dump.sql", Dump::new().text());
    let data = world.path("data");
    let data = data.to_str().unwrap();
    world.run(&["import", "metabase", &file, "--data", data]).await.expect(0);
    let absent = world.path("absent");
    let absent = absent.to_str().unwrap();
    let dry = ["import", "metabase", &file, "--data", absent, "--dry-run"];
    world.run(&dry).await.expect(0);
    for command in [&["export", "jsonl"][..], &["reset-password", "ada@corp.example"]] {
        let run = world.run(&[command, &["--data", absent]].concat()).await.expect(2);
        assert!(run.stderr.contains("there is no local store"), "{run:?}");
    }
    assert!(!Path::new(absent).exists());
    let reset = ["reset-password", "Ada@corp.example", "--data", data, "--json"];
    let run = world.run(&reset).await.expect(0);
    let url = run.json()["password_reset_url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("http://127.0.0.1:3000/auth/reset_password/1_"), "{url}");
    assert!(Path::new(data).join("users.db").exists());
    let unknown = ["reset-password", "nobody@corp.example", "--data", data];
    world.run(&unknown).await.expect(1);
}

#[tokio::test]
async fn a_reset_link_of_the_operator_works_and_is_told() {
    let world = World::with(TestApp::with_system_clock().await).await;
    let arguments = ["reset-password", "ada@example.com", "--site-url", "https://users.example"];
    let run = run(&world, &[&arguments[..], &["--json"]].concat()).await.expect(0);
    let url = run.json()["password_reset_url"].as_str().unwrap().to_owned();
    let token = url.rsplit_once('/').unwrap().1;
    let body = json!({ "token": token, "password": "an0ther secret" });
    let reset = world.app.post("/api/session/reset_password").json(&body).send().await;
    let session = reset.expect_status(200)["session_id"].as_str().unwrap().to_owned();
    let events = world.app.get("/api/audit?action=password-reset-url").session(&session);
    let events = events.send().await.expect_status(200);
    assert_eq!(events["data"][0]["actor"]["via"], "operator", "{events}");
}
