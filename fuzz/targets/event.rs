//! Events as Lambda hands them to a function, and what the function makes of them.
#![no_main]

use fuzz::{STAGE, dialect, routes};
use libfuzzer_sys::{Corpus, fuzz_target};
use shared::http::Event;

fuzz_target!(|data: &[u8]| -> Corpus {
    let [route, flags, json @ ..] = data else { return Corpus::Reject };
    let Ok(mut event) = serde_json::from_slice::<Event>(json) else { return Corpus::Keep };
    let debug = format!("{event:?}");
    assert_eq!(debug, format!("Event({})", event.request_context.http.method));
    if let Some(session) = STAGE.sessions.get(usize::from(flags / 2 % 3)) {
        event.headers.insert("x-metabase-session".to_owned(), session.clone());
    }
    let count = routes().count();
    let Some(route) = routes().nth(usize::from(*route) % count) else { return Corpus::Reject };
    STAGE.answer(route, event, dialect(*flags));
    Corpus::Keep
});
