//! Bodies of every route that has one, of an administrator and of somebody without rights.
#![no_main]

use fuzz::{STAGE, dialect, event, routes};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::Value;

fuzz_target!(|data: &[u8]| -> Corpus {
    let [number, flags, body @ ..] = data else { return Corpus::Reject };
    let mut routes = routes().filter(|route| ["POST", "PUT"].contains(&route.method));
    let count = routes.clone().count();
    let Some(route) = routes.nth(usize::from(*number) % count) else { return Corpus::Reject };
    let session = &STAGE.sessions[usize::from(flags / 2 % 2)];
    let reply = STAGE.answer(route, event(session, body), dialect(*flags));
    // We are stricter than others, never the other way round.
    let has_body =
        ["create-user", "update-user", "update-password", "create-group", "update-group"];
    if reply.status < 300 && has_body.contains(&route.function) {
        let value: Value = serde_json::from_slice(body).expect("JSON");
        assert!(value.is_object());
    }
    Corpus::Keep
});
