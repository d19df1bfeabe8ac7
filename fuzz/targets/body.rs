//! Bodies of every POST and PUT route, sent by an administrator and by a user without permissions.
#![no_main]

use fuzz::{FIXTURE, dialect, event, routes};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::Value;

fuzz_target!(|data: &[u8]| -> Corpus {
    let [number, flags, body @ ..] = data else { return Corpus::Reject };
    let mut routes = routes().filter(|route| ["POST", "PUT"].contains(&route.method));
    let count = routes.clone().count();
    let Some(route) = routes.nth(usize::from(*number) % count) else { return Corpus::Reject };
    let session = &FIXTURE.sessions[usize::from(flags / 2 % 2)];
    let response = FIXTURE.respond(route, event(route, session, body), dialect(*flags));
    let response = response.expect("a served route");
    // A body accepted here must be an object for serde_json, too: a stricter parser is fine.
    let has_body =
        ["create-user", "update-user", "update-password", "create-group", "update-group"];
    if response.status < 300 && has_body.contains(&route.function) {
        let value: Value = serde_json::from_slice(body).expect("JSON");
        assert!(value.is_object());
    }
    Corpus::Keep
});
