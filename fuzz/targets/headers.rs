//! Cookies and headers that say who somebody is and where they come from.
#![no_main]

use fuzz::{STAGE, dialect, event, route};
use libfuzzer_sys::{Corpus, fuzz_target};

/// The headers that are read.
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

// A line is a cookie, or a header after the digit that is its place above; `{S}` is a session.
fuzz_target!(|data: &[u8]| -> Corpus {
    let [flags, rest @ ..] = data else { return Corpus::Reject };
    let Ok(text) = std::str::from_utf8(rest) else { return Corpus::Reject };
    let session = &STAGE.sessions[0];
    let text = text.replace("{S}", session);
    let mut event = event("", b"{}");
    event.headers.clear();
    let mut cookies = Vec::new();
    for line in text.split('\n') {
        let (digit, value) = line.split_at_checked(1).unwrap_or(("", line));
        match digit.parse::<usize>().ok().and_then(|place| NAMES.get(place)) {
            Some(name) => drop(event.headers.insert((*name).to_owned(), value.to_owned())),
            None => cookies.push(line.to_owned()),
        }
    }
    event.cookies = Some(cookies);
    let function = ["current-user", "logout", "revoke-sessions", "session-properties"];
    let function = function[usize::from(flags / 2) % function.len()];
    let reply = STAGE.answer(route(function), event, dialect(*flags));
    // Nobody is somebody without the whole of a session.
    assert!(
        reply.status != 200 || function == "session-properties" || text.contains(session.as_str())
    );
    Corpus::Keep
});
