//! Email addresses: stored form and normalized form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::domain::Email;

fuzz_target!(|text: &str| {
    let Some(email) = Email::parse(text) else { return };
    let stored = email.as_str();
    assert!(stored.chars().count() <= 254 && stored.contains('@'), "{stored}");
    assert!(!stored.contains(char::is_control), "{stored:?}");
    assert_eq!(Email::parse(stored).as_ref(), Some(&email), "{stored}");
    for other in [text.to_lowercase(), format!(" {text}\t")] {
        if let Some(other) = Email::parse(&other) {
            assert_eq!(other.normalized(), email.normalized(), "{text}");
        }
    }
});
