//! Kills of the program during writes: acknowledged writes survive, and no write is partial.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use local::engine::{self, Engine};
use serde_json::{Value, json};
use testkit::TestApp;

use crate::{
    http::Client,
    program::{DataDirectory, Program},
};

/// Number of kills.
const ROUNDS: u64 = 25;
/// Number of acknowledged writes before each kill.
const WRITES: u64 = 15;

/// A user with the number of acknowledged writes: creation, update and deactivation.
#[derive(Debug)]
struct WrittenUser {
    id: u64,
    acknowledged: u64,
}

/// Writes users sequentially until the program ends.
fn write(client: &Client, session: &str, name: &str, acknowledged: &AtomicU64) -> Vec<WrittenUser> {
    let mut written = Vec::new();
    let send = |line: &str, body: Value| {
        let response = client.send(line, session, &body).ok()?;
        assert_eq!(response.status, 200, "{line}: {:?}", response.body);
        acknowledged.fetch_add(1, Ordering::Release);
        Some(response.body)
    };
    for number in 0.. {
        let email = format!("{name}-{number}@example.com");
        let new =
            json!({ "email": email, "first_name": "U", "last_name": "U", "sso_source": "saml" });
        let Some(user) = send("POST /api/user", new) else { break };
        let id = user["id"].as_u64().unwrap();
        let path = format!("/api/user/{id}");
        let changes = [
            (format!("PUT {path}"), json!({ "locale": "fr", "group_ids": [1, 2] })),
            (format!("DELETE {path}"), Value::Null),
        ];
        let done =
            changes.into_iter().take_while(|(line, body)| send(line, body.clone()).is_some());
        written.push(WrittenUser { id, acknowledged: 1 + u64::try_from(done.count()).unwrap() });
    }
    written
}

/// Runs writers, and kills the program after enough acknowledgements.
fn write_and_kill(program: Program, session: &str, round: u64) -> Vec<WrittenUser> {
    let acknowledged = AtomicU64::new(0);
    let client = program.client.clone();
    thread::scope(|scope| {
        let writers = [0, 1, 2].map(|writer| {
            let (client, acknowledged) = (&client, &acknowledged);
            scope.spawn(move || write(client, session, &format!("u{round}-{writer}"), acknowledged))
        });
        while acknowledged.load(Ordering::Acquire) < WRITES {
            thread::yield_now();
        }
        program.kill();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    })
}

/// Checks the invariants of the stored data without the program.
fn assert_invariants(directory: &DataDirectory) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let listener = engine::bind_ephemeral().await.unwrap();
        let engine = Engine::in_directory(directory.path()).unwrap();
        let endpoint = engine.serve(listener).unwrap();
        TestApp::connect(&endpoint).await.assert_invariants().await;
    });
}

/// The number of completed writes by user ID, without the first administrator.
fn states(program: &Program, session: &str) -> BTreeMap<u64, u64> {
    let path = "GET /api/user?status=all&limit=1000";
    let list = program.client.send(path, session, &Value::Null).unwrap().body;
    let users = list["data"].as_array().unwrap();
    assert_eq!(list["total"].as_u64().unwrap(), u64::try_from(users.len()).unwrap());
    let done = |user: &Value| match (&user["locale"], &user["is_active"]) {
        (Value::Null, Value::Bool(true)) => 1,
        (Value::String(_), Value::Bool(true)) => 2,
        (Value::String(_), Value::Bool(false)) => 3,
        _ => panic!("partial write: {user}"),
    };
    let users = users.iter().filter(|user| user["id"] != 1);
    users.map(|user| (user["id"].as_u64().unwrap(), done(user))).collect()
}

/// The IDs of the users with an audit event of an action, sorted.
fn audited_users(program: &Program, session: &str, action: &str) -> Vec<u64> {
    let mut audited_users = Vec::new();
    let first = format!("GET /api/audit?action={action}&limit=100");
    let mut path = first.clone();
    loop {
        let page = program.client.send(&path, session, &Value::Null).unwrap().body;
        let events = page["data"].as_array().unwrap();
        audited_users.extend(events.iter().map(|event| event["target"]["id"].as_u64().unwrap()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{first}&cursor={cursor}");
    }
    audited_users.sort_unstable();
    audited_users
}

#[test]
fn no_acknowledged_write_is_lost_or_partial() {
    let directory = DataDirectory::new();
    let mut program = Program::in_directory(&directory);
    let session = program.printed("session");
    let mut written = Vec::new();
    for round in 0..ROUNDS {
        written.extend(write_and_kill(program, &session, round));
        assert_invariants(&directory);
        program = Program::in_directory(&directory);
    }

    assert!(written.len() > 100, "{} users", written.len());
    let done = states(&program, &session);
    for WrittenUser { id, acknowledged } in written {
        // The kill may have cut off the acknowledgement of the next write.
        let done = done[&id];
        assert!((acknowledged..=acknowledged + 1).contains(&done), "{id}: {acknowledged}, {done}");
    }
    // The audit log agrees with the users.
    for (writes, action) in (1..).zip(["create-user", "update-user", "deactivate-user"]) {
        let of: Vec<_> =
            done.iter().filter(|(_, done)| **done >= writes).map(|(id, _)| *id).collect();
        assert_eq!(audited_users(&program, &session, action), of, "{action}");
    }
}
