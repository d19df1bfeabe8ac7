//! Events of all front doors, and JSON that is none, for every route.
#![no_main]

use fuzz::{FIXTURE, dialect, routes};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::{Value, json};

fuzz_target!(|data: &[u8]| -> Corpus {
    let [route, flags, json @ ..] = data else { return Corpus::Reject };
    let Ok(mut event) = serde_json::from_slice::<Value>(json) else { return Corpus::Keep };
    let session = FIXTURE.sessions.get(usize::from(flags / 2 % 3));
    if let (Some(headers), Some(session)) = (event.get_mut("headers"), session) {
        if headers.is_object() {
            headers["x-metabase-session"] = json!(session);
        }
    }
    let count = routes().count();
    let Some(route) = routes().nth(usize::from(*route) % count) else { return Corpus::Reject };
    FIXTURE.respond(route, event, dialect(*flags));
    Corpus::Keep
});
