//! Cookies and headers for authentication and the origin of a request.
#![no_main]

use fuzz::{FIXTURE, dialect, event, route};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::{Map, Value, json};

/// The headers read by the service.
const NAMES: [&str; 8] = [
    "x-metabase-session",
    "x-api-key",
    "sec-fetch-site",
    "origin",
    "host",
    "x-forwarded-proto",
    "content-type",
    "user-agent",
];

// A line is a header after a digit, its index in `NAMES`; any other line is a cookie. `{S}` is a
// session token.
fuzz_target!(|data: &[u8]| -> Corpus {
    let [flags, rest @ ..] = data else { return Corpus::Reject };
    let Ok(text) = std::str::from_utf8(rest) else { return Corpus::Reject };
    let session = &FIXTURE.sessions[0];
    let text = text.replace("{S}", session);
    let mut headers = Map::new();
    let mut cookies = Vec::new();
    for line in text.split('\n') {
        let (digit, value) = line.split_at_checked(1).unwrap_or(("", line));
        match digit.parse::<usize>().ok().and_then(|place| NAMES.get(place)) {
            Some(name) => drop(headers.insert((*name).to_owned(), json!(value))),
            None => cookies.push(line),
        }
    }
    let function = ["current-user", "logout", "revoke-sessions", "session-properties"];
    let function = function[usize::from(flags / 2) % function.len()];
    let mut event = event(route(function), "", b"{}");
    event["cookies"] = json!(cookies);
    event["headers"] = Value::Object(headers);
    let response = FIXTURE.respond(route(function), event, dialect(*flags));
    let response = response.expect("a served route");
    // A success requires the complete session token.
    assert!(
        response.status != 200
            || function == "session-properties"
            || text.contains(session.as_str())
    );
    Corpus::Keep
});
