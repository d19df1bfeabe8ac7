//! Texts that are taken for tokens: what is one is written in one way alone.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::{
    auth::{api_key::ApiKeyToken, reset::ResetToken, token::SessionToken},
    domain::SiteUrl,
};

fuzz_target!(|text: &str| {
    if let Some(token) = SessionToken::parse(text) {
        assert_eq!(token.reveal(), text);
        assert_eq!(token.hash().as_str().len(), 43);
        assert!(!format!("{token:?}").contains(text));
    }
    if let Some(token) = ApiKeyToken::parse(text) {
        assert_eq!(token.reveal(), text);
        assert!(!format!("{token:?}").contains(text));
    }
    if let Some(token) = ResetToken::parse(text) {
        assert!(!format!("{token:?}").contains(text));
        let site = SiteUrl::parse("https://example.com").expect("a site");
        let link = token.link(&site);
        let written = link.rsplit('/').next().unwrap_or_default();
        assert_eq!(ResetToken::parse(written), Some(token), "{text}");
    }
});
