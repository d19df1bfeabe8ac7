//! Sessions: begun by those who proved something, ended by their holder or by whoever may change the
//! account.

use std::cmp::Reverse;

use super::{
    Conflict, Key, Login, Store, StoreError, WriteError,
    audit::Deed,
    expression::{Condition, Expression},
    items::{self, Item, SessionItem},
    keys,
    logins::unchanged_claim,
    save::Edit,
    transaction::Transaction,
};
use crate::{
    auth::{
        hash::PasswordHash,
        login::Verified,
        token::{SessionId, SessionToken},
    },
    domain::{Action, Arrival, Generation, Origin, Session, Timestamp, User, UserId, Via},
    permissions::Access,
    random::NoEntropy,
};

/// A session that is about to begin.
#[derive(Debug)]
pub struct Opening {
    /// What the client is given.
    pub token: SessionToken,
    /// What is stored beside the token's hash.
    pub session: Session,
    /// When it begins.
    pub now: Timestamp,
}

impl Opening {
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
        let key = Key::of(&item).and_then(|key| Some((key.token_hash()?.id(), key)));
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
    pub async fn log_in(
        &self,
        verified: &Verified<'_>,
        opening: &Opening,
    ) -> Result<(), WriteError> {
        let mut transaction = self
            .transaction()
            .note_login(verified.login(), opening)?
            .throttle(verified.attempt().throttles(), opening.now)?
            .put(&Key::session(&opening.token), &SessionItem::from(&opening.session), None)?;
        if let Some(hash) = verified.new_hash() {
            transaction = transaction.store_hash(verified.login(), hash)?;
        }
        let user = verified.login().user;
        let origin = verified.attempt().origin(Some(user));
        transaction.commit(Deed::to_user(&origin, Action::Login, user)).await
    }

    /// The sessions of an account that count, newest first.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn sessions(
        &self,
        access: &Access,
        now: Timestamp,
        ttl_minutes: u32,
    ) -> Result<Vec<ActiveSession>, StoreError> {
        let user = access.user();
        let items = self.partition(&keys::user_pk(user.id), keys::SESSION).await?;
        let sessions = items.into_iter().map(|item| ActiveSession::new(user.id, item));
        let mut sessions = sessions.collect::<Result<Vec<_>, _>>()?;
        sessions.retain(|one| one.session.is_of(user) && one.session.is_live(now, ttl_minutes));
        sessions.sort_by_key(|one| Reverse(one.session.created_at));
        Ok(sessions)
    }

    /// Ends one session of an account.
    ///
    /// # Errors
    ///
    /// [`Conflict::UnknownSession`] when it no longer counts.
    pub async fn end_session(
        &self,
        access: &Access,
        one: &ActiveSession,
        ttl_minutes: u32,
    ) -> Result<(), WriteError> {
        let origin = access.origin();
        self.transaction()
            .check(&Key::user(one.user), still_counts(one.session.generation))?
            .delete(&one.key, still_lives(origin.arrival().at, ttl_minutes))?
            .commit(Deed::to_user(origin, Action::EndSession, one.user))
            .await
    }

    /// Ends every session of an account, the caller's own among them if it is their account.
    ///
    /// # Errors
    ///
    /// [`Conflict::StaleUser`] when others kept changing the account.
    pub async fn end_sessions(&self, access: &Access) -> Result<User, WriteError> {
        let edit = Edit::new(access, Action::EndSessions);
        self.change(&edit, |user| Ok(user.without_sessions())).await
    }

    /// Ends the session of a token.
    ///
    /// # Errors
    ///
    /// [`Conflict::UnknownSession`] when there is none, or it no longer counts.
    pub async fn log_out(
        &self,
        token: &SessionToken,
        arrival: Arrival,
        ttl_minutes: u32,
    ) -> Result<(), WriteError> {
        let (now, user) = (arrival.at, token.user());
        let origin = Origin::new(Some(user), Via::Session, arrival);
        self.transaction()
            .check(&Key::user(user), still_counts(token.generation()))?
            .delete(&Key::session(token), still_lives(now, ttl_minutes))?
            .commit(Deed::to_user(&origin, Action::Logout, user))
            .await
    }
}

/// Holds on an account while its sessions of a generation count.
fn still_counts(generation: Generation) -> Condition {
    not_revoked(generation).guards_against(Conflict::UnknownSession)
}

/// Holds on a session that is there and young enough.
fn still_lives(now: Timestamp, ttl_minutes: u32) -> Condition {
    Expression::new("#expires_at > :now AND #created_at > :too_old")
        .number("now", now.epoch_seconds())
        .number("too_old", Session::too_old(now, ttl_minutes))
        .guards_against(Conflict::UnknownSession)
}

/// Holds while an account is active and its sessions of a generation count.
pub(super) fn not_revoked(generation: Generation) -> Expression {
    Expression::new("#is_active = :true AND #generation = :generation")
        .flag("true", true)
        .number("generation", generation.0)
}

impl Transaction<'_> {
    fn note_login(self, login: &Login, opening: &Opening) -> Result<Self, StoreError> {
        let noted = Expression::new(
            "SET #last_login = :now, #first_login = if_not_exists(#first_login, :now), \
             #version = #version + :one",
        );
        let unchanged = not_revoked(login.generation);
        let noted = noted.text("now", opening.now.to_string()).number("one", 1);
        self.update(
            &Key::user(login.user),
            noted,
            Some(unchanged.guards_against(Conflict::StaleLogin)),
        )
    }

    fn store_hash(self, login: &Login, hash: &PasswordHash) -> Result<Self, StoreError> {
        let same = unchanged_claim(login.user, login.generation);
        let update = Expression::new("SET #password_hash = :hash").text("hash", hash.expose());
        self.update(&Key::login(&login.email), update, Some(same))
    }
}
