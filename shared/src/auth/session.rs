//! The check of a session: code, on one strongly consistent read of exact keys.

use super::{
    api_key::ApiKeyToken,
    cookie,
    token::{SessionId, SessionToken},
};
use crate::{
    domain::{Device, Generation, Session, User, UserId, Via},
    http::{ApiError, Call},
    permissions::{Caller, Holder},
    random::NoEntropy,
    store::{Found, Key, Opening},
};

/// The header of Metabase's clients; it wins over the cookie.
const HEADER: &str = "x-metabase-session";

/// The header of those who come with an API key; it counts where there is no session that does.
const API_KEY_HEADER: &str = "x-api-key";

/// How a token arrived.
pub(super) enum Presented {
    Header(SessionToken),
    Cookie(SessionToken),
}

impl Call {
    /// The token that the request presents, whether it is worth anything or not.
    ///
    /// # Errors
    ///
    /// [`ApiError::Forbidden`] as for [`Call::caller`].
    pub fn token(&self) -> Result<Option<SessionToken>, ApiError> {
        self.presented().map(|presented| presented.for_use_in(self)).transpose()
    }

    /// The session that the request presents.
    #[must_use]
    pub fn session_id(&self) -> Option<SessionId> {
        self.presented().map(|presented| presented.token().hash().id())
    }

    /// A session of an account, to begin with this request.
    ///
    /// # Errors
    ///
    /// When the operating system has no random bytes.
    pub fn opening(&self, user: UserId, generation: Generation) -> Result<Opening, NoEntropy> {
        let device = Device::new(self.header("user-agent").unwrap_or_default(), self.source());
        let ttl = self.settings().session_ttl_minutes;
        Opening::new(user, Session::begin(generation, device, self.now(), ttl), self.now())
    }

    /// Somebody with a session that counts, who need not change their password first, and what was read
    /// besides.
    pub(super) async fn authenticate(&self, keys: Vec<Key>) -> Result<(Caller, Found), ApiError> {
        let (holder, found) = self.identify(keys).await?;
        Ok((holder.caller()?, found))
    }

    /// Somebody with a session that counts, and what was read besides.
    pub(super) async fn identify(&self, mut keys: Vec<Key>) -> Result<(Holder, Found), ApiError> {
        let (session, api_key) = (self.presented(), self.api_key());
        if session.is_none() && api_key.is_none() {
            return Err(ApiError::Unauthenticated);
        }
        keys.extend(session.iter().flat_map(|session| keys_of_session(session.token())));
        keys.extend(api_key.iter().flat_map(keys_of_api_key));
        let users =
            [session.as_ref().map(Presented::user), api_key.as_ref().map(ApiKeyToken::user)];
        let tickets =
            users.into_iter().flatten().filter_map(|user| self.ticket(user).ok().flatten());
        keys.extend(tickets.map(|ticket| Key::once(&ticket)));
        let mut found = self.store().read(keys).await?;
        let by_key =
            api_key.map(|token| self.key_holder(&token, &mut found)).transpose()?.flatten();
        if let Some(session) = session
            && let Some(user) = self.holder(session.token(), &mut found)?
        {
            session.for_use_in(self)?;
            let origin = self.origin(user.id, Via::Session, &mut found)?;
            return Ok((Holder::new(user, origin), found));
        }
        Ok((by_key.ok_or(ApiError::Unauthenticated)?, found))
    }

    /// The account of a session that counts: it exists, is young enough, was not revoked, and its
    /// account is active.
    fn holder(&self, token: &SessionToken, found: &mut Found) -> Result<Option<User>, ApiError> {
        let ttl = self.settings().session_ttl_minutes;
        let session = found.take_session(token)?;
        if !session.is_some_and(|session| session.is_live(self.now(), ttl)) {
            return Ok(None);
        }
        let user = found.take_user(token.user())?;
        Ok(user.filter(|user| user.is_active && user.generation == token.generation()))
    }

    /// The hidden account of an API key that counts: it exists, and whoever answers for it is still an
    /// administrator.
    fn key_holder(
        &self,
        token: &ApiKeyToken,
        found: &mut Found,
    ) -> Result<Option<Holder>, ApiError> {
        let owner = found.user(token.owner())?;
        if !owner.is_some_and(|owner| owner.is_active_admin()) {
            return Ok(None);
        }
        let Some(user) = found.user_of_key(token)? else { return Ok(None) };
        let origin = self.origin(user.id, Via::ApiKey, found)?;
        Ok(Some(Holder::by_key(user, token.owner(), origin)))
    }

    fn api_key(&self) -> Option<ApiKeyToken> {
        ApiKeyToken::parse(self.header(API_KEY_HEADER)?.trim())
    }

    pub(super) fn presented(&self) -> Option<Presented> {
        match self.header(HEADER).filter(|value| !value.trim().is_empty()) {
            Some(value) => SessionToken::parse(value.trim()).map(Presented::Header),
            None => SessionToken::parse(cookie::find(self.cookies())?).map(Presented::Cookie),
        }
    }
}

fn keys_of_session(token: &SessionToken) -> [Key; 2] {
    [Key::user(token.user()), Key::session(token)]
}

fn keys_of_api_key(token: &ApiKeyToken) -> [Key; 3] {
    let proof = Key::api_key_proof(token.user(), &token.hash());
    [Key::user(token.owner()), Key::user(token.user()), proof]
}

impl Presented {
    const fn user(&self) -> UserId {
        self.token().user()
    }

    pub(super) const fn token(&self) -> &SessionToken {
        match self {
            Self::Header(token) | Self::Cookie(token) => token,
        }
    }

    /// A browser sends the cookie on its own, so a cookie alone does not vouch for a write that
    /// another site started.
    fn for_use_in(self, call: &Call) -> Result<SessionToken, ApiError> {
        match self {
            Self::Cookie(_) if call.is_cross_site_write() => Err(ApiError::Forbidden),
            Self::Header(token) | Self::Cookie(token) => Ok(token),
        }
    }
}
