//! The check of a session: code, on one strongly consistent read of exact keys.

use super::{
    api_key::ApiKeyToken,
    cookie,
    token::{SessionId, SessionToken},
};
use crate::{
    authorization::{AuthenticatedUser, Caller},
    domain::{AuthMethod, ClientInfo, Session, SessionGeneration, User, UserId},
    http::{ApiError, Call},
    random::NoEntropy,
    store::{Key, LoadedItems, NewSession},
};

/// The header of Metabase's clients; it wins over the cookie.
const HEADER: &str = "x-metabase-session";

/// The header of those who come with an API key; it counts where there is no session that does.
const API_KEY_HEADER: &str = "x-api-key";

/// How a token arrived.
pub(super) enum SessionCredential {
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
        self.credential().map(|presented| presented.check_csrf(self)).transpose()
    }

    /// The session that the request presents.
    #[must_use]
    pub fn session_id(&self) -> Option<SessionId> {
        self.credential().map(|presented| presented.token().hash().id())
    }

    /// A session of an account, to begin with this request.
    ///
    /// # Errors
    ///
    /// When the operating system has no random bytes.
    pub fn new_session(
        &self,
        user: UserId,
        generation: SessionGeneration,
    ) -> Result<NewSession, NoEntropy> {
        let device =
            ClientInfo::new(self.header("user-agent").unwrap_or_default(), self.client_ip());
        let ttl = self.settings().session_ttl_minutes;
        NewSession::new(user, Session::new(generation, device, self.now(), ttl), self.now())
    }

    /// Somebody with a session that counts, who need not change their password first, and what was read
    /// besides.
    pub(super) async fn authenticate_active(
        &self,
        keys: Vec<Key>,
    ) -> Result<(Caller, LoadedItems), ApiError> {
        let (holder, found) = self.authenticate(keys).await?;
        Ok((holder.require_active_password()?, found))
    }

    /// Somebody with a session that counts, and what was read besides.
    pub(super) async fn authenticate(
        &self,
        mut keys: Vec<Key>,
    ) -> Result<(AuthenticatedUser, LoadedItems), ApiError> {
        let (session, api_key) = (self.credential(), self.api_key());
        if session.is_none() && api_key.is_none() {
            return Err(ApiError::Unauthenticated);
        }
        keys.extend(session.iter().flat_map(|session| session_keys(session.token())));
        keys.extend(api_key.iter().flat_map(api_key_keys));
        let users = [
            session.as_ref().map(SessionCredential::user),
            api_key.as_ref().map(ApiKeyToken::user),
        ];
        let tickets = users
            .into_iter()
            .flatten()
            .filter_map(|user| self.idempotency_key(user).ok().flatten());
        keys.extend(tickets.map(|ticket| Key::idempotency(&ticket)));
        let mut found = self.store().read(keys).await?;
        let by_key =
            api_key.map(|token| self.api_key_user(&token, &mut found)).transpose()?.flatten();
        if let Some(session) = session
            && let Some(user) = self.session_user(session.token(), &mut found)?
        {
            session.check_csrf(self)?;
            let origin = self.audit_context(user.id, AuthMethod::Session, &mut found)?;
            return Ok((AuthenticatedUser::new(user, origin), found));
        }
        Ok((by_key.ok_or(ApiError::Unauthenticated)?, found))
    }

    /// The account of a session that counts: it exists, is young enough, was not revoked, and its
    /// account is active.
    fn session_user(
        &self,
        token: &SessionToken,
        found: &mut LoadedItems,
    ) -> Result<Option<User>, ApiError> {
        let ttl = self.settings().session_ttl_minutes;
        let session = found.take_session(token)?;
        if !session.is_some_and(|session| session.is_unexpired(self.now(), ttl)) {
            return Ok(None);
        }
        let user = found.take_user(token.user())?;
        Ok(user.filter(|user| user.is_active && user.generation == token.generation()))
    }

    /// The hidden account of an API key that counts: it exists, and whoever answers for it is still an
    /// administrator.
    fn api_key_user(
        &self,
        token: &ApiKeyToken,
        found: &mut LoadedItems,
    ) -> Result<Option<AuthenticatedUser>, ApiError> {
        let owner = found.user(token.responsible_user())?;
        if !owner.is_some_and(|owner| owner.is_active_admin()) {
            return Ok(None);
        }
        let Some(user) = found.user_of_api_key(token)? else { return Ok(None) };
        let origin = self.audit_context(user.id, AuthMethod::ApiKey, found)?;
        Ok(Some(AuthenticatedUser::from_api_key(user, token.responsible_user(), origin)))
    }

    fn api_key(&self) -> Option<ApiKeyToken> {
        ApiKeyToken::parse(self.header(API_KEY_HEADER)?.trim())
    }

    pub(super) fn credential(&self) -> Option<SessionCredential> {
        match self.header(HEADER).filter(|value| !value.trim().is_empty()) {
            Some(value) => SessionToken::parse(value.trim()).map(SessionCredential::Header),
            None => {
                SessionToken::parse(cookie::find(self.cookies())?).map(SessionCredential::Cookie)
            }
        }
    }
}

fn session_keys(token: &SessionToken) -> [Key; 2] {
    [Key::user(token.user()), Key::session(token)]
}

fn api_key_keys(token: &ApiKeyToken) -> [Key; 3] {
    let proof = Key::api_key_hash(token.user(), &token.hash());
    [Key::user(token.responsible_user()), Key::user(token.user()), proof]
}

impl SessionCredential {
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
    fn check_csrf(self, call: &Call) -> Result<SessionToken, ApiError> {
        match self {
            Self::Cookie(_) if call.is_cross_site_write() => Err(ApiError::Forbidden),
            Self::Header(token) | Self::Cookie(token) => Ok(token),
        }
    }
}
