//! Sessions: begun by those who proved something, ended by their holder.

use super::{
    Conflict, Key, Login, Store, StoreError, WriteError, expression::Expression,
    items::SessionItem, logins::unchanged_claim, transaction::Transaction,
};
use crate::{
    auth::{hash::PasswordHash, login::Verified, token::SessionToken},
    domain::{Generation, Session, Timestamp, UserId},
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
    pub fn new(
        user: UserId,
        generation: Generation,
        now: Timestamp,
        ttl_minutes: u32,
    ) -> Result<Self, NoEntropy> {
        let token = SessionToken::generate(user, generation)?;
        Ok(Self { token, session: Session::begin(now, ttl_minutes), now })
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
        let throttle = verified.attempt().of_address();
        let mut transaction = self
            .transaction()
            .note_login(verified.login(), opening)?
            .check(throttle.key(), throttle.still_allows(opening.now))?
            .put(&Key::session(&opening.token), &SessionItem::from(opening.session), None)?;
        if let Some(hash) = verified.new_hash() {
            transaction = transaction.store_hash(verified.login(), hash)?;
        }
        transaction.commit().await
    }

    /// Ends the session of a token.
    ///
    /// # Errors
    ///
    /// [`Conflict::UnknownSession`] when there is none, or it no longer counts.
    pub async fn log_out(
        &self,
        token: &SessionToken,
        now: Timestamp,
        ttl_minutes: u32,
    ) -> Result<(), WriteError> {
        let unknown = Conflict::UnknownSession;
        let live = Expression::new("#expires_at > :now AND #created_at > :too_old")
            .number("now", now.epoch_seconds())
            .number("too_old", Session::too_old(now, ttl_minutes));
        self.transaction()
            .check(
                &Key::user(token.user()),
                not_revoked(token.generation()).guards_against(unknown),
            )?
            .delete(&Key::session(token), live.guards_against(unknown))?
            .commit()
            .await
    }
}

/// Holds while an account is active and its sessions of a generation count.
fn not_revoked(generation: Generation) -> Expression {
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
