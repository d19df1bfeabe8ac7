//! Authentication of the caller, in the same read as everything else that a handler needs.

use super::{Call, Load};
use crate::{
    auth::{
        api_key::{ApiKeyLogin, ApiKeyToken},
        cookie,
        session::{NewSession, SessionCredential, is_session_valid},
        token::SessionToken,
    },
    authorization::{AuthenticatedUser, Caller},
    domain::{
        ApiKeyValidity, AuthMethod, ClientInfo, Session, SessionGeneration, SessionId, User, UserId,
    },
    http::ApiError,
    random::NoEntropy,
    store::{Key, LoadedItems},
};

/// The header of Metabase's clients. It takes precedence over the cookie.
const SESSION_HEADER: &str = "x-metabase-session";

/// The header with an API key. It is used if the request has no valid session.
const API_KEY_HEADER: &str = "x-api-key";

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

    /// The session token of the request, which may be invalid.
    ///
    /// # Errors
    ///
    /// Returns [`ApiError::Forbidden`] for a cross-site write with the cookie alone.
    pub fn token(&self) -> Result<Option<SessionToken>, ApiError> {
        let Some(credential) = self.credential() else { return Ok(None) };
        self.check_csrf(&credential)?;
        Ok(Some(credential.token().clone()))
    }

    /// The ID of the request's session, which may be invalid.
    #[must_use]
    pub fn session_id(&self) -> Option<SessionId> {
        self.credential().map(|credential| credential.token().hash().id())
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
        let (session, api_key) = (self.credential(), self.api_key());
        if session.is_none() && api_key.is_none() {
            return Err(ApiError::Unauthenticated);
        }
        keys.extend(session.iter().flat_map(|session| session_keys(session.token())));
        let use_key = |session: &SessionCredential| self.store().session_use_key(session.token());
        keys.extend(session.iter().filter_map(use_key));
        keys.extend(api_key.iter().flat_map(LoadedItems::api_key_login_keys));
        let session_user = session.as_ref().map(|session| session.token().user());
        let users = [session_user, api_key.as_ref().map(ApiKeyToken::user)];
        let idempotency_keys = users
            .into_iter()
            .flatten()
            .filter_map(|user| self.idempotency_key(user).ok().flatten());
        keys.extend(idempotency_keys.map(|key| Key::idempotency(&key)));

        let mut items = self.store().read(keys).await?;
        let by_key = api_key.map(|token| items.api_key_login(&token, self.now())).transpose()?;
        if let Some(session) = session
            && let Some((user, last_use)) = self.session_user(session.token(), &mut items)?
        {
            self.check_csrf(&session)?;
            self.record_session_use(session.token(), last_use).await;
            let user = self.authenticated((user, None), AuthMethod::Session, &mut items)?;
            return Ok((user, items));
        }
        let login = by_key.flatten().ok_or(ApiError::Unauthenticated)?;
        let user = self.api_key_user(login, &mut items).await?;
        Ok((user, items))
    }

    fn session_user(
        &self,
        token: &SessionToken,
        items: &mut LoadedItems,
    ) -> Result<Option<(User, i64)>, ApiError> {
        let bounds = (self.now(), self.settings().session_ttl_minutes);
        let session = items.take_session(token)?;
        let user = items.take_user(token.user())?;
        let valid = session.zip(user);
        let valid = valid.filter(|(session, user)| is_session_valid(token, session, user, bounds));
        let Some((session, user)) = valid else { return Ok(None) };
        let last_use = self.store().last_use(token, &session, (items, self.now()))?;
        Ok(last_use.map(|last_use| (user, last_use)))
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
        self.authenticated((user, Some(validity)), AuthMethod::ApiKey, items)
    }

    fn authenticated(
        &self,
        (user, key): (User, Option<ApiKeyValidity>),
        method: AuthMethod,
        items: &mut LoadedItems,
    ) -> Result<AuthenticatedUser, ApiError> {
        let context = self.write_context(Some(user.id), method);
        let context = self.with_idempotent_request(context, user.id, items)?;
        Ok(AuthenticatedUser::new(user, key, context))
    }

    fn check_csrf(&self, credential: &SessionCredential) -> Result<(), ApiError> {
        if credential.is_cookie() && self.is_cross_site_write() {
            return Err(ApiError::Forbidden);
        }
        Ok(())
    }

    fn api_key(&self) -> Option<ApiKeyToken> {
        ApiKeyToken::parse(self.header(API_KEY_HEADER)?.trim())
    }

    /// The session token or the API key of a user that the request contains, or an empty text.
    pub(super) fn credential_of(&self, user: UserId) -> String {
        let session = self.credential().map(|credential| credential.token().clone());
        let session = session.filter(|token| token.user() == user);
        let by_key = || self.api_key().filter(|token| token.user() == user);
        match session {
            Some(token) => token.expose(),
            None => by_key().map(|token| token.expose()).unwrap_or_default(),
        }
    }

    /// The session token of the header, or of the cookie if there is no such header.
    pub(super) fn credential(&self) -> Option<SessionCredential> {
        if let Some(value) = self.header(SESSION_HEADER).filter(|value| !value.trim().is_empty()) {
            return SessionToken::parse(value.trim()).map(SessionCredential::Header);
        }
        let value = cookie::find(self.header("cookie")?)?;
        SessionToken::parse(&value).map(SessionCredential::Cookie)
    }
}

fn session_keys(token: &SessionToken) -> [Key; 2] {
    [Key::user(token.user()), Key::session(token)]
}
