//! Sessions: begun by those who proved something, ended by their holder or by whoever may change the
//! account.

use std::cmp::Reverse;

use super::{
    Conflict, Credentials, Key, Store, StoreError, WriteError,
    audit_write::NewAuditEvent,
    credentials::credentials_unchanged,
    expression::{Condition, Expression},
    items::{self, Item, SessionItem},
    keys,
    transaction::Transaction,
    user_writes::UserUpdate,
};
use crate::{
    auth::{
        login::VerifiedCredentials,
        password_hash::PasswordHash,
        token::{SessionId, SessionToken},
    },
    authorization::UserAccess,
    domain::{
        Action, AuditContext, AuthMethod, RequestMeta, Session, SessionGeneration, Timestamp, User,
        UserId,
    },
    random::NoEntropy,
};

/// A session that is about to begin.
#[derive(Debug)]
pub struct NewSession {
    /// What the client is given.
    pub token: SessionToken,
    /// What is stored beside the token's hash.
    pub session: Session,
    /// When it begins.
    pub now: Timestamp,
}

impl NewSession {
    /// A new session of an account.
    ///
    /// # Errors
    ///
    /// When the operating system has no random bytes.
    pub fn new(user: UserId, session: Session, now: Timestamp) -> Result<Self, NoEntropy> {
        let token = SessionToken::generate(user, session.generation)?;
        Ok(Self { token, session, now })
    }
}

/// A session that counts, of an account that somebody has access to.
#[derive(Debug)]
pub struct ActiveSession {
    /// What it is called.
    pub id: SessionId,
    /// What is stored of it.
    pub session: Session,
    user: UserId,
    key: Key,
}

impl ActiveSession {
    fn new(user: UserId, item: Item) -> Result<Self, StoreError> {
        let key = Key::from_item(&item).and_then(|key| Some((key.token_hash()?.id(), key)));
        let (id, key) = key.ok_or_else(|| StoreError::Malformed("session", "its key".into()))?;
        let session = items::from_item::<SessionItem>("session", item)?.into();
        Ok(Self { id, session, user, key })
    }
}

impl Store {
    /// Begins a session, and notes the login on the account; stores the new hash if the old one had
    /// outdated parameters.
    ///
    /// # Errors
    ///
    /// [`Conflict::StaleLogin`] when the account was deactivated, or its password replaced, since it
    /// was verified; [`Conflict::Throttled`] when too many others have failed for the address since.
    /// Those from the same source are not asked for: people who share one would wait for each other.
    pub async fn create_session(
        &self,
        verified: &VerifiedCredentials<'_>,
        opening: &NewSession,
    ) -> Result<(), WriteError> {
        let mut transaction = self
            .transaction()
            .record_login(verified.login(), opening)?
            .check_rate_limit(verified.attempt().rate_limits(), opening.now)?
            .put(&Key::session(&opening.token), &SessionItem::from(&opening.session), None)?;
        if let Some(hash) = verified.new_hash() {
            transaction = transaction.update_password_hash(verified.login(), hash)?;
        }
        let user = verified.login().user;
        let origin = verified.attempt().audit_context(Some(user));
        transaction.commit(NewAuditEvent::on_user(&origin, Action::Login, user)).await
    }

    /// The sessions of an account that count, newest first.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn sessions(
        &self,
        access: &UserAccess,
        now: Timestamp,
        ttl_minutes: u32,
    ) -> Result<Vec<ActiveSession>, StoreError> {
        let user = access.user();
        let items = self.partition(&keys::user_pk(user.id), keys::SESSION).await?;
        let sessions = items.into_iter().map(|item| ActiveSession::new(user.id, item));
        let mut sessions = sessions.collect::<Result<Vec<_>, _>>()?;
        sessions.retain(|one| {
            one.session.is_current_for(user) && one.session.is_unexpired(now, ttl_minutes)
        });
        sessions.sort_by_key(|one| Reverse(one.session.created_at));
        Ok(sessions)
    }

    /// Ends one session of an account.
    ///
    /// # Errors
    ///
    /// [`Conflict::UnknownSession`] when it no longer counts.
    pub async fn revoke_session(
        &self,
        access: &UserAccess,
        one: &ActiveSession,
        ttl_minutes: u32,
    ) -> Result<(), WriteError> {
        let origin = access.origin();
        self.transaction()
            .check(&Key::user(one.user), generation_is_current(one.session.generation))?
            .delete(&one.key, session_is_unexpired(origin.request().at, ttl_minutes))?
            .commit(NewAuditEvent::on_user(origin, Action::RevokeSession, one.user))
            .await
    }

    /// Ends every session of an account, the caller's own among them if it is their account.
    ///
    /// # Errors
    ///
    /// [`Conflict::StaleUser`] when others kept changing the account.
    pub async fn revoke_sessions(&self, access: &UserAccess) -> Result<User, WriteError> {
        let edit = UserUpdate::new(access, Action::RevokeSessions);
        self.update_with_retry(&edit, |user| Ok(user.with_sessions_revoked())).await
    }

    /// Ends the session of a token.
    ///
    /// # Errors
    ///
    /// [`Conflict::UnknownSession`] when there is none, or it no longer counts.
    pub async fn delete_session(
        &self,
        token: &SessionToken,
        arrival: RequestMeta,
        ttl_minutes: u32,
    ) -> Result<(), WriteError> {
        let (now, user) = (arrival.at, token.user());
        let origin = AuditContext::new(Some(user), AuthMethod::Session, arrival);
        self.transaction()
            .check(&Key::user(user), generation_is_current(token.generation()))?
            .delete(&Key::session(token), session_is_unexpired(now, ttl_minutes))?
            .commit(NewAuditEvent::on_user(&origin, Action::Logout, user))
            .await
    }
}

/// Holds on an account while its sessions of a generation count.
fn generation_is_current(generation: SessionGeneration) -> Condition {
    generation_is(generation).or_conflict(Conflict::UnknownSession)
}

/// Holds on a session that is there and young enough.
fn session_is_unexpired(now: Timestamp, ttl_minutes: u32) -> Condition {
    Expression::new("#expires_at > :now AND #created_at > :too_old")
        .number("now", now.epoch_seconds())
        .number("too_old", Session::oldest_valid_creation(now, ttl_minutes))
        .or_conflict(Conflict::UnknownSession)
}

/// Holds while an account is active and its sessions of a generation count.
pub(super) fn generation_is(generation: SessionGeneration) -> Expression {
    Expression::new("#is_active = :true AND #generation = :generation")
        .bool("true", true)
        .number("generation", generation.0)
}

impl Transaction<'_> {
    fn record_login(self, login: &Credentials, opening: &NewSession) -> Result<Self, StoreError> {
        let noted = Expression::new(
            "SET #last_login = :now, #first_login = if_not_exists(#first_login, :now), \
             #version = #version + :one",
        );
        let unchanged = generation_is(login.generation);
        let noted = noted.string("now", opening.now.to_string()).number("one", 1);
        self.update(
            &Key::user(login.user),
            noted,
            Some(unchanged.or_conflict(Conflict::StaleCredentials)),
        )
    }

    fn update_password_hash(
        self,
        login: &Credentials,
        hash: &PasswordHash,
    ) -> Result<Self, StoreError> {
        let same = credentials_unchanged(login.user, login.generation);
        let update = Expression::new("SET #password_hash = :hash").string("hash", hash.expose());
        self.update(&Key::credentials(&login.email), update, Some(same))
    }
}
