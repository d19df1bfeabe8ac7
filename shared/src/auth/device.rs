//! Known devices: browsers and clients that have signed in before.
//!
//! A device keeps a cookie with one token for each of its last accounts, as in OWASP's
//! [Device Cookies]. The failed logins of a known device have a limit of their own, so other
//! clients cannot delay it.
//!
//! [Device Cookies]: https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies

use super::token::DeviceToken;
use crate::domain::Timestamp;

/// The maximum number of accounts that a device is known for.
const MAX_ACCOUNTS: usize = 4;
/// The time after the last login until a device is unknown again, in days.
pub const LIFETIME_DAYS: u32 = 90;
/// Separates the tokens in the cookie. Tokens are URL-safe Base64.
const SEPARATOR: char = '.';

/// The device tokens of a request, one for each account.
#[derive(Debug, Clone, Default)]
pub struct DeviceTokens(Vec<DeviceToken>);

impl DeviceTokens {
    /// Parses the value of the device cookie. Ignores whatever is not a token.
    #[must_use]
    pub fn parse(cookie: &str) -> Self {
        let tokens = cookie.split(SEPARATOR).take(MAX_ACCOUNTS).filter_map(DeviceToken::parse);
        Self(tokens.collect())
    }

    /// The tokens.
    pub fn iter(&self) -> impl Iterator<Item = &DeviceToken> {
        self.0.iter()
    }

    /// The value of the cookie after a login: the token of the login first, then those of other
    /// accounts.
    #[must_use]
    pub fn cookie_after_login(&self, token: &DeviceToken) -> String {
        let others = self.iter().filter(|other| other.user() != token.user());
        let tokens = std::iter::once(token).chain(others).take(MAX_ACCOUNTS);
        tokens.map(DeviceToken::expose).collect::<Vec<_>>().join(".")
    }
}

/// The first second in which a device that signs in now is unknown again.
#[must_use]
pub fn expires_at(now: Timestamp) -> i64 {
    now.epoch_seconds().saturating_add(i64::from(LIFETIME_DAYS) * 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{SessionGeneration, UserId};

    fn token(user: u64) -> DeviceToken {
        let user = UserId::try_from(user).unwrap();
        DeviceToken::generate(user, SessionGeneration::default()).unwrap()
    }

    #[test]
    fn a_login_replaces_the_token_of_its_account_only() {
        let [old, new, other] = [token(1), token(1), token(2)];
        let tokens = DeviceTokens::parse(&format!("{}.x.{}", old.expose(), other.expose()));
        assert_eq!(tokens.iter().collect::<Vec<_>>(), [&old, &other]);
        let cookie = tokens.cookie_after_login(&new);
        assert_eq!(cookie, format!("{}.{}", new.expose(), other.expose()));
    }

    #[test]
    fn a_device_is_known_for_its_last_four_accounts() {
        let mut cookie = String::new();
        for user in 1..=5 {
            cookie = DeviceTokens::parse(&cookie).cookie_after_login(&token(user));
        }
        let users = DeviceTokens::parse(&cookie);
        let users: Vec<_> = users.iter().map(|token| token.user().get()).collect();
        assert_eq!(users, [5, 4, 3, 2]);
        assert_eq!(DeviceTokens::parse(&"x.".repeat(9_999)).iter().count(), 0);
    }
}
