//! Authentication of the caller, in the same read as everything else that a handler needs.

use super::{Call, Load};
use crate::{
    auth::{
        api_key::ApiKeyLogin,
        cookie,
        device::DeviceTokens,
        session::{NewSession, SessionCredential, is_session_valid},
        token::SessionToken,
    },
    authorization::{AuthenticatedUser, Caller, Credential},
    domain::{AuthMethod, ClientInfo, Session, SessionGeneration, SessionId, User, UserId},
    http::ApiError,
    random::NoEntropy,
    store::{Key, LoadedItems},
};

/// The header of Metabase's clients. It takes precedence over the cookie.
const SESSION_HEADER: &str = "x-metabase-session";

/// The sign-in and the last use of a valid session, in seconds.
struct SessionTimes {
    signed_in_at: i64,
    last_use: i64,
}

impl Call {
    /// Authenticates the caller and loads what the handler needs, in one strongly consistent read.
    ///
    /// # Errors
    ///
    /// Returns 401 if the request has neither a valid session nor a valid API key, 403 for a
    /// cross-site write with the cookie alone, 403 if the user must change their password first,
    /// and then the errors of `load`.
    pub async fn authenticate_active<L: Load>(
        &self,
        load: L,
    ) -> Result<(Caller, L::Output), ApiError> {
        let (user, mut items) = self.authenticate_with(load.keys(self)).await?;
        let caller = user.require_active_password()?;
        let output = load.take(self, caller.user(), &mut items)?;
        Ok((caller, output))
    }

    /// Authenticates the caller like [`Call::authenticate_active`], but also accepts users who must
    /// change their password first.
    ///
    /// # Errors
    ///
    /// Returns the other errors of [`Call::authenticate_active`].
    pub async fn authenticate<L: Load>(
        &self,
        load: L,
    ) -> Result<(AuthenticatedUser, L::Output), ApiError> {
        let (user, mut items) = self.authenticate_with(load.keys(self)).await?;
        let output = load.take(self, user.user(), &mut items)?;
        Ok((user, output))
    }

    /// Authenticates the caller.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Call::authenticate_active`].
    pub async fn caller(&self) -> Result<Caller, ApiError> {
        self.authenticate_active(()).await.map(|(caller, ())| caller)
    }

    /// The session tokens of the request, which may be invalid: at most one in the header, or four
    /// in cookies.
    ///
    /// # Errors
    ///
    /// Returns [`ApiError::Forbidden`] for a cross-site write with the cookie alone.
    pub fn tokens(&self) -> Result<Vec<SessionToken>, ApiError> {
        let credentials = self.credentials();
        credentials.iter().try_for_each(|credential| self.check_csrf(credential))?;
        Ok(credentials.iter().map(|credential| credential.token().clone()).collect())
    }

    /// Whether a session token of the request names a user. The session may be invalid.
    pub(super) fn may_be(&self, user: UserId) -> bool {
        self.credentials().iter().any(|credential| credential.token().user() == user)
    }

    /// The IDs of the request's sessions, which may be invalid.
    #[must_use]
    pub fn session_ids(&self) -> Vec<SessionId> {
        self.credentials().iter().map(|credential| credential.token().hash().id()).collect()
    }

    /// The device tokens of the request, which may be invalid.
    #[must_use]
    pub fn devices(&self) -> DeviceTokens {
        self.header("cookie").map(cookie::device_tokens).unwrap_or_default()
    }

    /// The cookies of a new session and of its device.
    #[must_use]
    pub fn session_cookies(&self, session: &NewSession, remember: bool) -> [String; 2] {
        let policy = self.cookie_policy(remember);
        [policy.set(&session.token), policy.set_device(&self.devices(), &session.device)]
    }

    /// Creates a session for a user. The store writes it.
    ///
    /// # Errors
    ///
    /// Returns an error if the operating system has no random bytes.
    pub fn new_session(
        &self,
        user: UserId,
        generation: SessionGeneration,
    ) -> Result<NewSession, NoEntropy> {
        let user_agent = self.header("user-agent").unwrap_or_default();
        let client = ClientInfo::new(user_agent, self.client_ip());
        let ttl = self.settings().session_ttl_minutes;
        NewSession::new(user, Session::new(generation, client, self.now(), ttl), self.now())
    }

    async fn authenticate_with(
        &self,
        mut keys: Vec<Key>,
    ) -> Result<(AuthenticatedUser, LoadedItems), ApiError> {
        let (sessions, api_key) = (self.credentials(), self.api_key().await?);
        if sessions.is_empty() && api_key.is_none() {
            return Err(ApiError::Unauthenticated);
        }
        keys.extend(sessions.iter().flat_map(|session| session_keys(session.token())));
        let use_key = |session: &SessionCredential| self.store().session_use_key(session.token());
        keys.extend(sessions.iter().filter_map(use_key));
        keys.extend(api_key.iter().flat_map(LoadedItems::api_key_login_keys));
        let session_users = sessions.iter().map(|session| session.token().user());
        let users = session_users.chain(api_key.as_ref().map(|key| key.user));
        let idempotency_keys = users.filter_map(|user| self.idempotency_key(user).ok().flatten());
        keys.extend(idempotency_keys.map(|key| Key::idempotency(&key)));

        let mut items = self.store().read(keys).await?;
        let by_key = api_key.map(|key| items.api_key_login(&key, self.now())).transpose()?;
        if let Some((session, user, times)) = self.first_valid(&sessions, &mut items)? {
            self.check_csrf(session)?;
            self.record_session_use(session.token(), times.last_use).await;
            let credential = Credential::Session { signed_in_at: times.signed_in_at };
            let user = self.authenticated((user, credential), AuthMethod::Session, &mut items)?;
            return Ok((user, items));
        }
        let login = by_key.flatten().ok_or(ApiError::Unauthenticated)?;
        let user = self.api_key_user(login, &mut items).await?;
        Ok((user, items))
    }

    /// The first valid session, and its user.
    fn first_valid<'a>(
        &self,
        sessions: &'a [SessionCredential],
        items: &mut LoadedItems,
    ) -> Result<Option<(&'a SessionCredential, User, SessionTimes)>, ApiError> {
        let mut users: Vec<User> = Vec::new();
        for credential in sessions {
            let token = credential.token();
            let known = users.iter().position(|user| user.id == token.user());
            let user = match known {
                Some(index) => Some(users.swap_remove(index)),
                None => items.take_user(token.user())?,
            };
            let Some(user) = user else { continue };
            match self.session_times(token, &user, items)? {
                Some(times) => return Ok(Some((credential, user, times))),
                None => users.push(user),
            }
        }
        Ok(None)
    }

    /// The times of a session; `None` if it is invalid.
    fn session_times(
        &self,
        token: &SessionToken,
        user: &User,
        items: &mut LoadedItems,
    ) -> Result<Option<SessionTimes>, ApiError> {
        let bounds = (self.now(), self.settings().session_ttl_minutes);
        match items.take_session(token)? {
            Some(session) if is_session_valid(token, &session, user, bounds) => {
                let last_use = self.store().last_use(token, &session, (items, self.now()))?;
                let signed_in_at = session.created_at;
                Ok(last_use.map(|last_use| SessionTimes { signed_in_at, last_use }))
            }
            _ => Ok(None),
        }
    }

    /// Records the use of a session for the idle time-out. A failure is not one of the request.
    async fn record_session_use(&self, token: &SessionToken, last_use: i64) {
        let recorded = self.store().record_session_use(token, last_use, self.now()).await;
        if let Err(error) = recorded {
            tracing::warn!(%error, "failed to record the use of a session");
        }
    }

    /// The service account of a valid API key. Records the first use within an hour.
    ///
    /// A failure of the record is not one of the request.
    async fn api_key_user(
        &self,
        login: ApiKeyLogin,
        items: &mut LoadedItems,
    ) -> Result<AuthenticatedUser, ApiError> {
        let context = self.write_context(Some(login.user.id), AuthMethod::ApiKey);
        if let Err(error) = self.store().record_api_key_use(&login, &context).await {
            tracing::warn!(%error, "failed to record the use of an API key");
        }
        let ApiKeyLogin { user, validity, .. } = login;
        let credential = Credential::ApiKey(validity);
        self.authenticated((user, credential), AuthMethod::ApiKey, items)
    }

    fn authenticated(
        &self,
        (user, credential): (User, Credential),
        method: AuthMethod,
        items: &mut LoadedItems,
    ) -> Result<AuthenticatedUser, ApiError> {
        let context = self.write_context(Some(user.id), method);
        let context = self.with_idempotent_request(context, user.id, items)?;
        Ok(AuthenticatedUser::new(user, credential, context))
    }

    fn check_csrf(&self, credential: &SessionCredential) -> Result<(), ApiError> {
        if credential.is_cookie() && self.is_cross_site_write() {
            return Err(ApiError::Forbidden);
        }
        Ok(())
    }

    /// The session token or the API key of a user that the request contains, or an empty text.
    pub(super) fn credential_of(&self, user: UserId) -> String {
        let credentials = self.credentials();
        let mut tokens = credentials.iter().map(SessionCredential::token);
        match tokens.find(|token| token.user() == user) {
            Some(token) => token.expose(),
            None => self.api_key_of(user).unwrap_or_default(),
        }
    }

    /// The session token of the header, or those of the cookies if there is no such header.
    fn credentials(&self) -> Vec<SessionCredential> {
        if let Some(value) = self.header(SESSION_HEADER).filter(|value| !value.trim().is_empty()) {
            let token = SessionToken::parse(value.trim());
            return token.map(SessionCredential::Header).into_iter().collect();
        }
        let tokens = self.header("cookie").map(cookie::session_tokens).unwrap_or_default();
        tokens.into_iter().map(SessionCredential::Cookie).collect()
    }
}

fn session_keys(token: &SessionToken) -> [Key; 2] {
    [Key::user(token.user()), Key::session(token)]
}
