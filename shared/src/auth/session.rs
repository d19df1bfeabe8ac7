//! The check of a session: code, on one strongly consistent read of exact keys.

use super::{
    api_key::ApiKeyToken,
    cookie,
    token::{SessionId, SessionToken},
};
use crate::{
    domain::{
        Device, Generation, GroupId, Kind, MembershipId, Session, Timestamp, User, UserId, Via,
    },
    http::{ApiError, Call},
    permissions::{ApiKeyTarget, Caller, GroupTarget, Holder, MembershipTarget, Named, Target},
    random::NoEntropy,
    store::{Found, Key, Opening, Tally},
};

/// The header of Metabase's clients; it wins over the cookie.
const HEADER: &str = "x-metabase-session";

/// The header of those who come with an API key; it counts where there is no session that does.
const API_KEY_HEADER: &str = "x-api-key";

/// How a token arrived.
enum Presented {
    Header(SessionToken),
    Cookie(SessionToken),
}

impl Call {
    /// Asks for a session of somebody who need not change their password first, as all do that give out
    /// a [`Caller`].
    ///
    /// # Errors
    ///
    /// [`ApiError::Unauthenticated`]; [`ApiError::Forbidden`] for a write that another site sent
    /// with nothing but the cookie; [`ApiError::PasswordChangeRequired`].
    pub async fn caller(&self) -> Result<Caller, ApiError> {
        self.authenticate(vec![]).await.map(|(caller, _)| caller)
    }

    /// Asks for a session, and reads the account that `{id}` names with the same request.
    ///
    /// # Errors
    ///
    /// As [`Call::caller`], then [`ApiError::Invalid`] when `{id}` is none.
    pub async fn caller_and_target(&self) -> Result<(Caller, Target), ApiError> {
        let id = self.path_id::<UserId>();
        let keys = id.iter().map(|id| Key::user(*id)).collect();
        let (caller, mut found) = self.authenticate(keys).await?;
        let target = self.target(caller.user(), id?, &mut found)?;
        Ok((caller, target))
    }

    /// As [`Call::caller_and_target`], and also for whoever must change their password first.
    ///
    /// # Errors
    ///
    /// As [`Call::caller_and_target`], but for that.
    pub async fn holder_and_target(&self) -> Result<(Holder, Target), ApiError> {
        let id = self.path_id::<UserId>();
        let keys = id.iter().map(|id| Key::user(*id)).collect();
        let (holder, mut found) = self.identify(keys).await?;
        let target = self.target(holder.user(), id?, &mut found)?;
        Ok((holder, target))
    }

    /// Asks for a session, and reads the account that the body names with the same request, if it
    /// names one.
    ///
    /// # Errors
    ///
    /// As [`Call::caller`].
    pub async fn caller_and_account(
        &self,
        id: Option<UserId>,
    ) -> Result<(Caller, Named), ApiError> {
        let (caller, mut found) =
            self.authenticate(id.into_iter().map(Key::user).collect()).await?;
        let user = match id {
            Some(id) => found.take_account(caller.user(), id)?,
            None => None,
        };
        Ok((caller, Named::new(user)))
    }

    /// Asks for a session, and reads the group that `{id}` names with the same request.
    ///
    /// # Errors
    ///
    /// As [`Call::caller_and_target`].
    pub async fn caller_and_group(&self) -> Result<(Caller, GroupTarget), ApiError> {
        let id = self.path_id::<GroupId>();
        let keys = id.iter().map(|id| Key::group(*id)).collect();
        let (caller, mut found) = self.authenticate(keys).await?;
        Ok((caller, GroupTarget::new(found.take_group(id?)?)))
    }

    /// Asks for a session, and reads the account whose membership `{id}` names with the same request.
    ///
    /// # Errors
    ///
    /// As [`Call::caller_and_target`].
    pub async fn caller_and_membership(&self) -> Result<(Caller, MembershipTarget), ApiError> {
        let pair = self.path_id::<MembershipId>().map(MembershipId::pair);
        let keys = pair.iter().flatten().map(|(user, _)| Key::user(*user)).collect();
        let (caller, mut found) = self.authenticate(keys).await?;
        let membership = match pair? {
            Some((user, group)) => {
                found.take_account(caller.user(), user)?.map(|user| (user, group))
            }
            None => None,
        };
        Ok((caller, MembershipTarget::new(membership)))
    }

    /// Asks for a session, and reads the group that the body names with the same request, if it names
    /// one.
    ///
    /// # Errors
    ///
    /// As [`Call::caller`].
    pub async fn caller_and_named_group(
        &self,
        id: Option<GroupId>,
    ) -> Result<(Caller, GroupTarget), ApiError> {
        let (caller, mut found) =
            self.authenticate(id.into_iter().map(Key::group).collect()).await?;
        let group = id.map(|id| found.take_group(id)).transpose()?;
        Ok((caller, GroupTarget::new(group.flatten())))
    }

    /// Asks for a session, and reads the API key that `{id}` names with the same request, and the group
    /// that the body names, if it names one.
    ///
    /// # Errors
    ///
    /// As [`Call::caller_and_target`].
    pub async fn caller_and_api_key(
        &self,
        group: Option<GroupId>,
    ) -> Result<(Caller, ApiKeyTarget, GroupTarget), ApiError> {
        let id = self.path_id::<UserId>();
        let keys = id.iter().flat_map(|id| [Key::api_key(*id), Key::user(*id)]);
        let keys = keys.chain(group.map(Key::group)).collect();
        let (caller, mut found) = self.authenticate(keys).await?;
        let key = found.take_api_key(id?)?;
        let group = group.map(|id| found.take_group(id)).transpose()?;
        Ok((caller, ApiKeyTarget::new(key), GroupTarget::new(group.flatten())))
    }

    /// Asks for a session, and counts the accounts and the administrators with the same request.
    ///
    /// # Errors
    ///
    /// As [`Call::caller`].
    pub async fn caller_and_counts(&self) -> Result<(Caller, Tally, usize), ApiError> {
        let keys = self.store().tallies().chain([Key::admins()]).collect();
        let (caller, mut found) = self.authenticate(keys).await?;
        Ok((caller, found.take_tally()?, found.take_admins()?.len()))
    }

    /// Asks for a session, and counts the accounts with the same request if they are `wanted`; without
    /// that the count is zero.
    ///
    /// # Errors
    ///
    /// As [`Call::caller`].
    pub async fn caller_and_tally(&self, wanted: bool) -> Result<(Caller, Tally), ApiError> {
        let keys = self.store().tallies().filter(|_| wanted).collect();
        let (caller, mut found) = self.authenticate(keys).await?;
        let tally = found.take_tally()?;
        Ok((caller, tally))
    }

    /// Asks for a session, also of somebody who must change their password first, and whether its
    /// account is the installer's and not the only one: nobody else is told whether there are others.
    ///
    /// # Errors
    ///
    /// As [`Call::caller`], but for that.
    pub async fn holder_and_invitations(&self) -> Result<(Holder, bool), ApiError> {
        let is_installer =
            self.presented().is_some_and(|presented| presented.token().user() == UserId::INSTALLER);
        let keys = self.store().tallies().filter(|_| is_installer).collect();
        let (holder, mut found) = self.identify(keys).await?;
        Ok((holder, found.take_tally()?.all() > 1))
    }

    /// The account that `{id}` names, and the states in which the request wants to meet it.
    fn target(&self, own: &User, id: UserId, found: &mut Found) -> Result<Target, ApiError> {
        Ok(Target::new(id, found.take_account(own, id)?, self.expected()))
    }

    /// Asks for a session, and reads with the same request when the instance was set up.
    ///
    /// # Errors
    ///
    /// As [`Call::caller`].
    pub async fn caller_and_beginning(&self) -> Result<(Caller, Timestamp), ApiError> {
        let (caller, mut found) = self.authenticate(vec![Key::instance()]).await?;
        let beginning = found.take_beginning()?;
        Ok((caller, beginning.unwrap_or_else(|| self.now())))
    }

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

    async fn authenticate(&self, keys: Vec<Key>) -> Result<(Caller, Found), ApiError> {
        let (holder, found) = self.identify(keys).await?;
        Ok((holder.caller()?, found))
    }

    async fn identify(&self, mut keys: Vec<Key>) -> Result<(Holder, Found), ApiError> {
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

    fn presented(&self) -> Option<Presented> {
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

impl Found {
    /// An account, which may be `own` and have been taken already.
    fn take_account(&mut self, own: &User, id: UserId) -> Result<Option<User>, ApiError> {
        if id == own.id {
            return Ok(Some(own.clone()));
        }
        Ok(self.take_user(id)?.filter(|user| user.kind == Kind::Person))
    }
}

impl Presented {
    const fn user(&self) -> UserId {
        self.token().user()
    }

    const fn token(&self) -> &SessionToken {
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
