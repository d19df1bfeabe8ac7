//! What was acknowledged survives a kill.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use serde_json::{Value, json};

use crate::{
    http::Client,
    program::{Folder, Program},
};

/// Creates accounts one after the other until the service is gone; gives back what was acknowledged.
fn create(
    client: &Client,
    session: &str,
    writer: u64,
    acknowledged: &AtomicU64,
) -> Vec<(u64, String)> {
    let mut created = Vec::new();
    for number in 0.. {
        let email = format!("u{writer}-{number}@example.com");
        let body =
            json!({ "email": email, "first_name": "U", "last_name": "U", "sso_source": "saml" });
        let Ok(answer) = client.send("POST /api/user", session, &body) else { break };
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        created.push((answer.body["id"].as_u64().unwrap(), email));
        acknowledged.fetch_add(1, Ordering::Release);
    }
    created
}

/// Runs writers until enough was acknowledged, then kills the program under them.
fn write_and_kill(program: Program, session: &str, round: u64) -> Vec<(u64, String)> {
    let acknowledged = AtomicU64::new(0);
    let client = program.client.clone();
    thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                scope.spawn({
                    let (client, acknowledged) = (&client, &acknowledged);
                    move || create(client, session, round * 10 + writer, acknowledged)
                })
            })
            .collect();
        while acknowledged.load(Ordering::Acquire) < 20 {
            thread::yield_now();
        }
        program.kill();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    })
}

/// The accounts whose creation the audit trail tells of.
fn told(program: &Program, session: &str) -> Vec<u64> {
    let mut told = Vec::new();
    let mut path = "GET /api/audit?action=create-user&limit=100".to_owned();
    loop {
        let page = program.client.send(&path, session, &Value::Null).unwrap().body;
        let entries = page["data"].as_array().unwrap();
        told.extend(entries.iter().map(|entry| entry["target"]["id"].as_u64().unwrap()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("GET /api/audit?action=create-user&limit=100&cursor={cursor}");
    }
    told.sort_unstable();
    told
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_half_there() {
    let folder = Folder::new();
    let mut program = Program::in_folder(&folder);
    let session = program.printed("session");
    let mut acknowledged = Vec::new();
    for round in 0..5 {
        acknowledged.extend(write_and_kill(program, &session, round));
        program = Program::in_folder(&folder);
    }

    let list =
        program.client.send("GET /api/user?limit=1000", &session, &Value::Null).unwrap().body;
    let users = list["data"].as_array().unwrap();
    assert_eq!(list["total"].as_u64().unwrap(), u64::try_from(users.len()).unwrap());
    for (id, email) in &acknowledged {
        let found = users.iter().find(|user| user["id"].as_u64() == Some(*id));
        assert_eq!(found.map(|user| &user["email"]), Some(&json!(email)));
    }
    // What the audit trail tells is what there is: every account but the first, which setup made.
    let mut created: Vec<_> =
        users.iter().skip(1).map(|user| user["id"].as_u64().unwrap()).collect();
    created.sort_unstable();
    assert_eq!(told(&program, &session), created);
    // A write whose acknowledgement the kill cut off is whole as well: its address is taken.
    for user in users.iter().skip(1) {
        let body = json!({
            "email": user["email"], "first_name": "U", "last_name": "U", "sso_source": "saml",
        });
        assert_eq!(program.client.send("POST /api/user", &session, &body).unwrap().status, 409);
    }
}
