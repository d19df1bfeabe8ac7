//! The cookies of sessions and known devices.

use cookie::{
    Cookie, SameSite,
    time::{Duration, OffsetDateTime},
};

use super::{
    device::{DeviceTokens, LIFETIME_DAYS},
    token::{DeviceToken, SessionToken},
};

/// The name of the session cookie, as in Metabase.
const SESSION: &str = "metabase.SESSION";
/// The name of the cookie of a known device, as in Metabase.
const DEVICE: &str = "metabase.DEVICE";
/// The maximum number of session cookies that a request tries. A browser sends several if they have
/// different paths or domains.
const MAX_SESSIONS: usize = 4;

/// Returns the session tokens in a `Cookie` header, in the order sent by the client.
pub(crate) fn session_tokens(header: &str) -> Vec<SessionToken> {
    let mut tokens = Vec::new();
    for token in values(header, SESSION).filter_map(|value| SessionToken::parse(&value)) {
        if tokens.len() < MAX_SESSIONS && !tokens.contains(&token) {
            tokens.push(token);
        }
    }
    tokens
}

/// Returns the device tokens in a `Cookie` header.
pub(crate) fn device_tokens(header: &str) -> DeviceTokens {
    values(header, DEVICE).next().map(|value| DeviceTokens::parse(&value)).unwrap_or_default()
}

fn values<'a>(header: &'a str, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let pairs = Cookie::split_parse(header).filter_map(Result::ok);
    let values = pairs.filter(move |cookie| cookie.name() == name && !cookie.value().is_empty());
    values.map(|cookie| cookie.value().to_owned())
}

/// The lifetime of the cookie, and the connections that may carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CookiePolicy {
    /// Whether the request came over HTTPS.
    pub secure: bool,
    /// The lifetime in minutes. Without one, the cookie ends with the browser session.
    pub max_age_minutes: Option<u32>,
}

impl CookiePolicy {
    /// The value of the `Set-Cookie` header that sets the session cookie.
    #[must_use]
    pub fn set(self, token: &SessionToken) -> String {
        let mut cookie = self.cookie(SESSION, token.expose());
        if let Some(minutes) = self.max_age_minutes {
            cookie.set_max_age(Duration::minutes(minutes.into()));
        }
        cookie.to_string()
    }

    /// The value of the `Set-Cookie` header that makes the device known.
    #[must_use]
    pub fn set_device(self, known: &DeviceTokens, token: &DeviceToken) -> String {
        let mut cookie = self.cookie(DEVICE, known.cookie_after_login(token));
        cookie.set_max_age(Duration::days(LIFETIME_DAYS.into()));
        cookie.to_string()
    }

    /// The value of the `Set-Cookie` header that removes the session cookie.
    #[must_use]
    pub fn clear(self) -> String {
        let mut cookie = self.cookie(SESSION, String::new());
        cookie.set_max_age(Duration::ZERO);
        cookie.set_expires(OffsetDateTime::UNIX_EPOCH);
        cookie.to_string()
    }

    fn cookie(self, name: &'static str, value: String) -> Cookie<'static> {
        Cookie::build((name, value))
            .http_only(true)
            .same_site(SameSite::Lax)
            .path("/")
            .secure(self.secure)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{SessionGeneration, UserId};

    fn token() -> SessionToken {
        SessionToken::generate(UserId::INSTALLER, SessionGeneration::default()).unwrap()
    }

    #[test]
    fn finds_the_session_cookie_among_others() {
        let one = token();
        let header = format!("a=b; metabase.SESSIONS=x;  metabase.SESSION={} ; c=d", one.expose());
        assert_eq!(session_tokens(&header), [one]);
        assert_eq!(session_tokens("metabase.SESSION="), []);
        assert_eq!(session_tokens(""), []);
    }

    #[test]
    fn finds_at_most_four_session_cookies() {
        let tokens: Vec<_> = (0..5).map(|_| token()).collect();
        let pairs = tokens.iter().map(|token| format!("metabase.SESSION={}", token.expose()));
        let header = ["metabase.SESSION=x".to_owned()].into_iter().chain(pairs);
        assert_eq!(session_tokens(&header.collect::<Vec<_>>().join("; ")), tokens[..4]);
    }

    #[test]
    fn sets_lifetime_and_security_attributes() {
        let token = token();
        let short = CookiePolicy { secure: false, max_age_minutes: None };
        let long = CookiePolicy { secure: true, max_age_minutes: Some(2) };
        let value = token.expose();
        assert_eq!(
            short.set(&token),
            format!("metabase.SESSION={value}; HttpOnly; SameSite=Lax; Path=/")
        );
        assert_eq!(
            long.set(&token),
            format!(
                "metabase.SESSION={value}; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=120"
            )
        );
        assert_eq!(
            short.clear(),
            "metabase.SESSION=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0; \
             Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        );
    }
}
