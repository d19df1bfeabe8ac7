//! Sessions: created, listed and revoked.

use std::cmp::Reverse;

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    audit::NewAuditEvent,
    credentials::credentials_are,
    expression::{Condition, Expression},
    imported_passwords::replacement_count,
    items::{self, Item, SessionItem},
    keys,
    rate_limits::rate_limit_check,
    user_writes::{UserUpdate, session_writes},
    write::Write,
};
use crate::{
    auth::{
        login::{Credentials, VerifiedCredentials},
        password_hash::PasswordHash,
        session::NewSession,
        token::SessionToken,
    },
    authorization::UserAccess,
    domain::{
        Action, Session, SessionGeneration, SessionId, Timestamp, User, UserId, WriteContext,
    },
};

/// A valid session of a user.
#[derive(Debug)]
pub struct ActiveSession {
    /// The public ID.
    pub id: SessionId,
    /// The stored part of the session.
    pub session: Session,
    user: UserId,
    key: Key,
}

/// A session to create for verified credentials.
struct LoginSession<'a> {
    verified: &'a VerifiedCredentials<'a>,
    new_session: &'a NewSession,
    replaced: &'a [SessionToken],
}

/// The effect of a login on an outdated password hash.
#[derive(Clone, Copy)]
enum NewHash<'a> {
    /// Replaces it.
    Replace(&'a PasswordHash),
    /// Leaves what a concurrent login has stored.
    Leave,
}

impl ActiveSession {
    fn new(user: UserId, item: Item) -> Result<Self, StoreError> {
        let key = Key::from_item(&item).and_then(|key| Some((key.token_hash()?.id(), key)));
        let (id, key) =
            key.ok_or_else(|| StoreError::Malformed("session", "unexpected key".into()))?;
        let session = items::from_item::<SessionItem>("session", item)?.into();
        Ok(Self { id, session, user, key })
    }

    /// The key of the last use.
    pub(super) fn use_key(&self) -> Option<Key> {
        self.key.token_hash().map(|hash| Key::session_use(&hash))
    }

    /// The unconditional deletion.
    pub(super) fn deletion(&self) -> Write {
        Write::delete(&self.key)
    }
}

impl Store {
    /// Creates a session, and records the sign-in. It also replaces a password hash with outdated
    /// parameters, and ends the sessions that came with the request.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::StaleCredentials`] if the user has been deactivated or got another
    /// password since the check, and [`Conflict::RateLimited`] if concurrent attempts have
    /// exhausted the rate limit of the email address.
    pub async fn create_session(
        &self,
        verified: &VerifiedCredentials<'_>,
        new_session: &NewSession,
        replaced: &[SessionToken],
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let session = LoginSession { verified, new_session, replaced };
        let hash = verified.new_hash().map(NewHash::Replace);
        match self.write_session(&session, hash, context).await {
            // A concurrent login may have replaced the hash.
            Err(WriteError::Conflict(Conflict::AlreadyRecorded)) => {
                self.write_session(&session, Some(NewHash::Leave), context).await
            }
            created => created,
        }
    }

    async fn write_session(
        &self,
        LoginSession { verified, new_session, replaced }: &LoginSession<'_>,
        new_hash: Option<NewHash<'_>>,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let credentials = verified.credentials();
        let replaces_imported = matches!(new_hash, Some(NewHash::Replace(_)))
            && credentials.hash.as_ref().is_some_and(PasswordHash::is_imported);
        let mut writes = vec![
            login_write(credentials, new_session, replaces_imported),
            rate_limit_check(verified.rate_limits(), new_session.now),
        ];
        writes.extend(session_writes(new_session)?);
        writes.extend(replaced.iter().map(|token| Write::delete(&Key::session(token))));
        writes.extend(self.surplus_deletions(new_session, replaced).await?);
        writes.extend(new_hash.map(|hash| hash_write(credentials, hash)));
        writes.extend(replaces_imported.then(replacement_count));
        self.commit(writes, context, NewAuditEvent::on_user(Action::Login, credentials.user)).await
    }

    /// Reads the valid sessions of a user, newest first.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn sessions(
        &self,
        access: &UserAccess,
        now: Timestamp,
        ttl_minutes: u32,
    ) -> Result<Vec<ActiveSession>, StoreError> {
        let user = access.user();
        let mut sessions = self.stored_sessions(user.id).await?;
        sessions.retain(|ActiveSession { session, .. }| {
            self.cutoff.admits_second(session.created_at)
                && session.is_current_for(user)
                && session.is_unexpired(now, ttl_minutes)
        });
        self.retain_used(&mut sessions, now).await?;
        sessions.sort_by_key(|one| Reverse(one.session.created_at));
        Ok(sessions)
    }

    /// Reads all stored sessions of a user.
    pub(super) async fn stored_sessions(
        &self,
        user: UserId,
    ) -> Result<Vec<ActiveSession>, StoreError> {
        let items = self.partition(&keys::session_pk(user), keys::SESSION).await?;
        items.into_iter().map(|item| ActiveSession::new(user, item)).collect()
    }

    /// Revokes one session of a user.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::UnknownSession`] if the session is no longer valid.
    pub async fn revoke_session(
        &self,
        _: &UserAccess,
        session: &ActiveSession,
        ttl_minutes: u32,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let user = session.user;
        let generation = session.session.generation;
        let is_unexpired = self.session_is_unexpired(context.now(), ttl_minutes);
        let writes = vec![
            Write::check(&Key::user(user), generation_is_current(generation)),
            Write::delete(&session.key).only_if(is_unexpired),
        ];
        self.commit(writes, context, NewAuditEvent::on_user(Action::RevokeSession, user)).await
    }

    /// Revokes all sessions of a user. If users do this for themselves, it includes the current
    /// session.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::StaleUser`] if concurrent changes of the user exhaust the retries.
    pub async fn revoke_sessions(
        &self,
        access: &UserAccess,
        context: &WriteContext,
    ) -> Result<User, WriteError> {
        let update = UserUpdate::new(access, Action::RevokeSessions, context);
        self.update_with_retry(&update, |user| Ok(user.with_sessions_revoked())).await
    }

    /// Reads a user who has just signed in.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn signed_in_user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.read(vec![Key::user(id)]).await?.take_user(id)
    }

    /// Deletes the session of a token.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::UnknownSession`] if there is no valid session with the token.
    pub async fn delete_session(
        &self,
        token: &SessionToken,
        ttl_minutes: u32,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let user = token.user();
        let is_unexpired = self.session_is_unexpired(context.now(), ttl_minutes);
        let writes = vec![
            Write::check(&Key::user(user), generation_is_current(token.generation())),
            Write::delete(&Key::session(token)).only_if(is_unexpired),
        ];
        self.commit(writes, context, NewAuditEvent::on_user(Action::Logout, user)).await
    }
}

impl Store {
    /// Is true if a session has not expired, and was created after the time of the operator.
    fn session_is_unexpired(&self, now: Timestamp, ttl_minutes: u32) -> Condition {
        let too_old = Session::oldest_valid_creation(now, ttl_minutes);
        let cutoff = self.cutoff.time().map(|time| time.just_before().epoch_seconds());
        Expression::new("#expires_at > :now AND #created_at > :too_old")
            .number("now", now.epoch_seconds())
            .number("too_old", cutoff.map_or(too_old, |cutoff| cutoff.max(too_old)))
            .or_conflict(Conflict::UnknownSession)
    }
}

/// Is true if the user is active and has not revoked a generation of sessions.
pub(super) fn generation_is(generation: SessionGeneration) -> Expression {
    Expression::new("#is_active = :true AND #generation = :generation")
        .bool("true", true)
        .number("generation", generation.0)
}

fn generation_is_current(generation: SessionGeneration) -> Condition {
    generation_is(generation).or_conflict(Conflict::UnknownSession)
}

/// Records a sign-in on the profile.
fn login_write(
    credentials: &Credentials,
    new_session: &NewSession,
    replaces_imported: bool,
) -> Write {
    let update = if replaces_imported {
        "SET #last_login = :now, #first_login = if_not_exists(#first_login, :now), \
         #version = #version + :one REMOVE #has_imported_password"
    } else {
        "SET #last_login = :now, #first_login = if_not_exists(#first_login, :now), \
         #version = #version + :one"
    };
    let update = Expression::new(update).string("now", new_session.now.to_string());
    let condition = generation_is(credentials.generation);
    Write::update(&Key::user(credentials.user), update.number("one", 1))
        .only_if(condition.or_conflict(Conflict::StaleCredentials))
}

/// Replaces the password hash, unless a concurrent login has replaced it. The credentials must be
/// those of the user, with the session generation that was read.
fn hash_write(credentials: &Credentials, hash: NewHash<'_>) -> Write {
    let Credentials { user, generation, .. } = *credentials;
    let unchanged = credentials_are(user, generation);
    let key = Key::credentials(&credentials.email);
    match hash {
        NewHash::Replace(hash) => {
            let before = credentials.hash.as_ref().map(PasswordHash::expose).unwrap_or_default();
            let update =
                Expression::new("SET #password_hash = :hash").string("hash", hash.expose());
            let is_same =
                Expression::new("#password_hash = :hash_before").string("hash_before", before);
            Write::update(&key, update)
                .only_if(unchanged.and(is_same).or_conflict(Conflict::AlreadyRecorded))
        }
        // Changes nothing: the function may update credentials, but not check them.
        NewHash::Leave => {
            let update = Expression::new("SET #user_id = :user").number("user", user);
            Write::update(&key, update).only_if(unchanged.or_conflict(Conflict::StaleCredentials))
        }
    }
}
