//! API Gateway events, for every route.
#![no_main]

use fuzz::{FIXTURE, dialect, routes};
use libfuzzer_sys::{Corpus, fuzz_target};
use shared::http::Event;

fuzz_target!(|data: &[u8]| -> Corpus {
    let [route, flags, json @ ..] = data else { return Corpus::Reject };
    let Ok(mut event) = serde_json::from_slice::<Event>(json) else { return Corpus::Keep };
    let debug = format!("{event:?}");
    assert_eq!(debug, format!("Event({})", event.request_context.http.method));
    if let Some(session) = FIXTURE.sessions.get(usize::from(flags / 2 % 3)) {
        event.headers.insert("x-metabase-session".to_owned(), session.clone());
    }
    let count = routes().count();
    let Some(route) = routes().nth(usize::from(*route) % count) else { return Corpus::Reject };
    FIXTURE.respond(route, event, dialect(*flags));
    Corpus::Keep
});
