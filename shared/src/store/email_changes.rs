//! Changes of a user's own email address.

use serde::de::DeserializeOwned;

use super::{
    Conflict, Key, PasswordChange, Store, StoreError, WriteError,
    batch_get::LoadedItems,
    items::{EmailConfirmationItem, EmailReversalItem},
    rate_limits::{RateLimitQuery, rate_limit_count},
    user_writes::UserUpdate,
    write::Write,
};
use crate::{
    auth::{
        email_change::{EmailLinkAttempt, EmailLinkGrant, NewEmailChange},
        login::Credentials,
        password_hash::PasswordHash,
        token::{ForConfirmation, ForReversal, Token},
    },
    authorization::UserAccess,
    domain::{
        Action, Email, EmailConfirmation, EmailLink, EmailReversal, RateLimit, RateLimits,
        SessionGeneration, Timestamp, User, WriteContext,
    },
};

/// An attempt to confirm a new email address.
pub type ConfirmationAttempt = EmailLinkAttempt<ForConfirmation, EmailConfirmation>;

/// An attempt to go back to an earlier email address.
pub type ReversalAttempt = EmailLinkAttempt<ForReversal, EmailReversal>;

/// A new email address of a user's own, with everything that was read for it.
#[derive(Debug)]
pub struct EmailChangeAttempt {
    /// The rate limit.
    pub rate_limits: RateLimits,
    /// Whether another user has the address.
    pub is_taken: bool,
    /// The links to store.
    pub links: Option<NewEmailChange>,
    /// The credentials at the old address.
    pub(super) credentials: Option<Credentials>,
}

impl Store {
    /// Reads the rate limit of changes of a user's own email address, and the owners of the old and
    /// the new one.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn email_change_attempt(
        &self,
        access: &UserAccess,
        email: &Email,
    ) -> Result<EmailChangeAttempt, StoreError> {
        let User { id, generation, email: old, .. } = access.user();
        let limits = RateLimitQuery::new(RateLimit::EMAIL_CHANGE_PER_USER, &id.to_string());
        let credentials = [old, email].into_iter().flat_map(Key::possible_credentials);
        let mut items = self.read(limits.keys().chain(credentials).collect()).await?;
        let is_taken = items.take_credentials(email)?.is_some_and(|found| found.user != *id);
        let credentials = items.take_credentials(old)?;
        let rate_limits = items.take_rate_limits(limits, *generation)?;
        Ok(EmailChangeAttempt { rate_limits, is_taken, links: None, credentials })
    }

    /// Reads everything that the validity of a confirmation depends on, and the rate limit of
    /// guesses.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn confirmation_attempt(
        &self,
        token: &str,
        client_ip: &str,
    ) -> Result<(ConfirmationAttempt, RateLimits), StoreError> {
        self.link_attempt::<_, EmailConfirmationItem, _>(token, Key::email_confirmation, client_ip)
            .await
    }

    /// Reads everything that the validity of a reversal depends on, and the rate limit of guesses.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn reversal_attempt(
        &self,
        token: &str,
        client_ip: &str,
    ) -> Result<(ReversalAttempt, RateLimits), StoreError> {
        self.link_attempt::<_, EmailReversalItem, _>(token, Key::email_reversal, client_ip).await
    }

    async fn link_attempt<K, I: DeserializeOwned, L: From<I> + EmailLink>(
        &self,
        token: &str,
        key: fn(&Token<K>) -> Key,
        client_ip: &str,
    ) -> Result<(EmailLinkAttempt<K, L>, RateLimits), StoreError> {
        let token = Token::parse(token);
        let limits = RateLimitQuery::per_network(RateLimit::PASSWORD_RESET_PER_NETWORK, client_ip);
        let link_keys = token.iter().flat_map(|token| [Key::user(token.user()), key(token)]);
        let mut items = self.read(link_keys.chain(limits.keys()).collect()).await?;
        let rate_limits = items.take_rate_limits(limits, SessionGeneration::default())?;
        let (stored, user) = match &token {
            Some(token) => (take::<I>(&mut items, &key(token))?, items.take_user(token.user())?),
            None => (None, None),
        };
        let cutoff = items.cutoff;
        let stored = stored.map(L::from).filter(|link| cutoff.admits_second(link.issued_at()));
        Ok((EmailLinkAttempt { token, stored, user }, rate_limits))
    }

    /// Applies a confirmed email address.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::EmailTakenOnUpdate`], and [`Conflict::StaleEmailLink`] if the link has
    /// become invalid since it was checked.
    pub async fn confirm_email(
        &self,
        grant: &EmailLinkGrant<'_, EmailConfirmation>,
        context: &WriteContext,
    ) -> Result<User, WriteError> {
        let next = |user: &User| {
            check(grant, user, context)?;
            Ok(user.with_confirmed_email(context.now()))
        };
        let update = UserUpdate::from_link(grant.user(), Action::ConfirmEmail, context);
        self.update_with_retry(&update, next).await
    }

    /// Goes back to an earlier email address, and revokes all sessions. `password` replaces the
    /// password of a user who has one.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Store::confirm_email`].
    pub async fn revert_email(
        &self,
        grant: &EmailLinkGrant<'_, EmailReversal>,
        password: Option<&PasswordHash>,
        context: &WriteContext,
    ) -> Result<User, WriteError> {
        let next = |user: &User| {
            check(grant, user, context)?;
            Ok(user.with_reverted_email(grant.link().email.clone(), context.now()))
        };
        let update = UserUpdate::from_link(grant.user(), Action::RevertEmail, context);
        match password.map(|hash| PasswordChange::new(hash, None)) {
            Some(password) => self.update_with_retry(&update.with_password(&password), next).await,
            None => self.update_with_retry(&update, next).await,
        }
    }
}

/// The writes that count a change and store its links.
pub(super) fn email_change_writes(
    attempt: &EmailChangeAttempt,
    now: Timestamp,
) -> Result<Vec<Write>, StoreError> {
    let mut writes = vec![rate_limit_count(&attempt.rate_limits, now)];
    writes.extend(attempt.links.as_ref().map(link_writes).transpose()?.into_iter().flatten());
    Ok(writes)
}

fn link_writes(new: &NewEmailChange) -> Result<Vec<Write>, StoreError> {
    let (token, reversal) = &new.reversal;
    let reversal = Write::put(&Key::email_reversal(token), &EmailReversalItem::from(reversal))?;
    let confirmation = new.confirmation.as_ref().map(|(token, confirmation)| {
        Write::put(&Key::email_confirmation(token), &EmailConfirmationItem::from(confirmation))
    });
    Ok([reversal].into_iter().chain(confirmation.transpose()?).collect())
}

fn check<L: EmailLink>(
    grant: &EmailLinkGrant<'_, L>,
    user: &User,
    context: &WriteContext,
) -> Result<(), Conflict> {
    let is_valid = grant.link().is_valid_for(user, context.now());
    is_valid.then_some(()).ok_or(Conflict::StaleEmailLink)
}

fn take<I: DeserializeOwned>(items: &mut LoadedItems, key: &Key) -> Result<Option<I>, StoreError> {
    items.take("email link", key)
}
