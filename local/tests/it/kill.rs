//! What was acknowledged survives a kill, and what was not is done or not done, not half done.

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
    program::{Folder, Program},
};

/// How often the program is killed, and after how many acknowledgements.
const ROUNDS: u64 = 25;
const WRITES: u64 = 15;

/// An account, and how many writes of it were acknowledged: it was created, renamed and deactivated.
#[derive(Debug)]
struct Written {
    id: u64,
    acknowledged: u64,
}

/// Writes one account after the other until the service is gone.
fn write(client: &Client, session: &str, name: &str, acknowledged: &AtomicU64) -> Vec<Written> {
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
        written.push(Written { id, acknowledged: 1 + u64::try_from(done.count()).unwrap() });
    }
    written
}

/// Runs writers until enough was acknowledged, then kills the program under them.
fn write_and_kill(program: Program, session: &str, round: u64) -> Vec<Written> {
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

/// Opens what the program left, without the program.
fn assert_invariants(folder: &Folder) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let listener = engine::bind_ephemeral().await.unwrap();
        let engine = Engine::in_directory(folder.path()).unwrap();
        let endpoint = engine.serve(listener).unwrap();
        TestApp::connect(&endpoint).await.assert_invariants().await;
    });
}

/// All accounts but the first, which setup made, and how many writes of each were done.
fn states(program: &Program, session: &str) -> BTreeMap<u64, u64> {
    let path = "GET /api/user?status=all&limit=1000";
    let list = program.client.send(path, session, &Value::Null).unwrap().body;
    let users = list["data"].as_array().unwrap();
    assert_eq!(list["total"].as_u64().unwrap(), u64::try_from(users.len()).unwrap());
    let done = |user: &Value| match (&user["locale"], &user["is_active"]) {
        (Value::Null, Value::Bool(true)) => 1,
        (Value::String(_), Value::Bool(true)) => 2,
        (Value::String(_), Value::Bool(false)) => 3,
        _ => panic!("half of it: {user}"),
    };
    let users = users.iter().filter(|user| user["id"] != 1);
    users.map(|user| (user["id"].as_u64().unwrap(), done(user))).collect()
}

/// The accounts of which the audit trail tells something, in order.
fn told(program: &Program, session: &str, action: &str) -> Vec<u64> {
    let mut told = Vec::new();
    let first = format!("GET /api/audit?action={action}&limit=100");
    let mut path = first.clone();
    loop {
        let page = program.client.send(&path, session, &Value::Null).unwrap().body;
        let entries = page["data"].as_array().unwrap();
        told.extend(entries.iter().map(|entry| entry["target"]["id"].as_u64().unwrap()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{first}&cursor={cursor}");
    }
    told.sort_unstable();
    told
}

#[test]
fn no_acknowledged_write_is_lost_or_partial() {
    let folder = Folder::new();
    let mut program = Program::in_folder(&folder);
    let session = program.printed("session");
    let mut written = Vec::new();
    for round in 0..ROUNDS {
        written.extend(write_and_kill(program, &session, round));
        assert_invariants(&folder);
        program = Program::in_folder(&folder);
    }

    assert!(written.len() > 100, "{} accounts", written.len());
    let done = states(&program, &session);
    for Written { id, acknowledged } in written {
        // The next write may have been done when its acknowledgement was cut off.
        let done = done[&id];
        assert!((acknowledged..=acknowledged + 1).contains(&done), "{id}: {acknowledged}, {done}");
    }
    // What the audit trail tells is what there is.
    for (writes, action) in (1..).zip(["create-user", "update-user", "deactivate-user"]) {
        let of: Vec<_> =
            done.iter().filter(|(_, done)| **done >= writes).map(|(id, _)| *id).collect();
        assert_eq!(told(&program, &session, action), of, "{action}");
    }
}
