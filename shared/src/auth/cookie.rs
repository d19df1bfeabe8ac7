//! The session cookie.

use cookie::{
    Cookie, SameSite,
    time::{Duration, OffsetDateTime},
};

use super::token::SessionToken;

/// The name of the cookie, as in Metabase.
const NAME: &str = "metabase.SESSION";

/// Returns the value of the session cookie in a `Cookie` header.
pub(crate) fn find(header: &str) -> Option<String> {
    let pairs = Cookie::split_parse(header).filter_map(Result::ok);
    let mut values = pairs.filter(|cookie| cookie.name() == NAME && !cookie.value().is_empty());
    values.next().map(|cookie| cookie.value().to_owned())
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
    /// The value of the `Set-Cookie` header that sets the cookie.
    #[must_use]
    pub fn set(self, token: &SessionToken) -> String {
        let mut cookie = self.cookie(token.expose());
        if let Some(minutes) = self.max_age_minutes {
            cookie.set_max_age(Duration::minutes(minutes.into()));
        }
        cookie.to_string()
    }

    /// The value of the `Set-Cookie` header that removes the cookie.
    #[must_use]
    pub fn clear(self) -> String {
        let mut cookie = self.cookie(String::new());
        cookie.set_max_age(Duration::ZERO);
        cookie.set_expires(OffsetDateTime::UNIX_EPOCH);
        cookie.to_string()
    }

    fn cookie(self, value: String) -> Cookie<'static> {
        Cookie::build((NAME, value))
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

    #[test]
    fn finds_the_session_cookie_among_others() {
        let header = "a=b; metabase.SESSIONS=x;  metabase.SESSION=tok ; c=d";
        assert_eq!(find(header).as_deref(), Some("tok"));
        assert_eq!(find("metabase.SESSION="), None);
        assert_eq!(find(""), None);
    }

    #[test]
    fn sets_lifetime_and_security_attributes() {
        let token =
            SessionToken::generate(UserId::INSTALLER, SessionGeneration::default()).unwrap();
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
