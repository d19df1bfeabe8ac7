//! Tokens: every valid token has exactly one spelling.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::{
    auth::{api_key::ApiKeyToken, reset_token::ResetToken, token::SessionToken},
    domain::SiteUrl,
};

fuzz_target!(|text: &str| {
    if let Some(token) = SessionToken::parse(text) {
        assert_eq!(token.expose(), text);
        assert_eq!(token.hash().as_str().len(), 43);
        assert!(!format!("{token:?}").contains(text));
    }
    if let Some(token) = ApiKeyToken::parse(text) {
        assert_eq!(token.expose(), text);
        assert!(!format!("{token:?}").contains(text));
    }
    if let Some(token) = ResetToken::parse(text) {
        assert!(!format!("{token:?}").contains(text));
        let site = SiteUrl::parse("https://example.com").expect("a site");
        let url = token.reset_url(&site);
        let in_url = url.rsplit('/').next().unwrap_or_default();
        assert_eq!(ResetToken::parse(in_url), Some(token), "{text}");
    }
});
