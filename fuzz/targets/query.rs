//! Query strings of every GET route.
#![no_main]

use fuzz::{FIXTURE, dialect, event, routes};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::json;

fuzz_target!(|data: &[u8]| -> Corpus {
    let [number, flags, query @ ..] = data else { return Corpus::Reject };
    let Ok(query) = std::str::from_utf8(query) else { return Corpus::Reject };
    let mut routes = routes().filter(|route| route.method == "GET");
    let count = routes.clone().count();
    let Some(route) = routes.nth(usize::from(*number) % count) else { return Corpus::Reject };
    let mut event = event(route, &FIXTURE.sessions[usize::from(flags / 2 % 2)], b"");
    event["rawQueryString"] = json!(query);
    FIXTURE.respond(route, event, dialect(*flags));
    Corpus::Keep
});
