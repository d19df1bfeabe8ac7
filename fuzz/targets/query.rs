//! Query strings of every GET route.
#![no_main]

use fuzz::{FIXTURE, dialect, event, routes};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus {
    let [number, flags, query @ ..] = data else { return Corpus::Reject };
    let Ok(query) = std::str::from_utf8(query) else { return Corpus::Reject };
    let mut routes = routes().filter(|route| route.method == "GET");
    let count = routes.clone().count();
    let Some(route) = routes.nth(usize::from(*number) % count) else { return Corpus::Reject };
    let mut event = event(&FIXTURE.sessions[usize::from(flags / 2 % 2)], b"");
    event.body = None;
    event.request_context.http.method = "GET".to_owned();
    event.raw_query_string = query.to_owned();
    FIXTURE.respond(route, event, dialect(*flags));
    Corpus::Keep
});
