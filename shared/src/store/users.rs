//! Creation and changes of users.

use super::{
    Conflict, Key, Store, WriteError,
    audit::NewAuditEvent,
    backoff::Backoff,
    credentials::earlier_form_check,
    email_changes::EmailChangeAttempt,
    items::{CredentialsItem, UserItem},
    memberships::membership_writes,
    password_resets::reset_put,
    user_writes::{UserUpdate, admin_write, changed_fields, count_write},
    write::Write,
};
use crate::{
    auth::{password_hash::PasswordHash, reset_token::NewPasswordReset},
    authorization::{Admin, UserAccess},
    domain::{Action, DomainError, Modal, User, UserId, UserPatch, WriteContext},
};

/// The way in which a new user signs in for the first time.
#[derive(Debug)]
pub enum InitialCredentials {
    /// A password that an administrator chose.
    Password(PasswordHash),
    /// An invitation with a link to choose a password.
    Invitation(NewPasswordReset),
    /// An identity provider, or a password that an administrator sets later.
    None,
}

impl InitialCredentials {
    const fn password(&self) -> Option<&PasswordHash> {
        match self {
            Self::Password(hash) => Some(hash),
            Self::Invitation(_) | Self::None => None,
        }
    }
}

impl Store {
    /// Creates a user with an ID from [`Store::next_user_id`].
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::EmailTaken`] or [`Conflict::UnknownGroup`].
    pub async fn create_user(
        &self,
        _: &Admin,
        user: &User,
        credentials: &InitialCredentials,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let password = credentials.password();
        let lacks_password = password.is_none() && user.sso_source.is_none();
        let user = &User { lacks_password, ..user.clone() };
        let profile = UserItem::new(user, self.sharding);
        let item = CredentialsItem::new(user, password);
        let mut writes = vec![
            Write::create(&Key::user(user.id), &profile, Conflict::UserIdTaken)?,
            Write::create(&Key::credentials(&user.email), &item, Conflict::EmailTaken)?,
        ];
        writes.extend(earlier_form_check(&user.email, None, Conflict::EmailTaken));
        writes.extend(membership_writes(None, user)?);
        writes.extend(admin_write(None, user));
        writes.extend(count_write(None, user, self.sharding));
        if let InitialCredentials::Invitation(reset) = credentials {
            writes.push(reset_put(reset)?);
        }
        let fields = changed_fields(None, user, password.is_some());
        let event = NewAuditEvent::on_user(Action::CreateUser, user.id).with_fields(fields);
        self.commit(writes, context, event.with_promotion(None, user)).await
    }

    /// Changes the fields of a user that the caller may change.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`User::updated`] and [`UserPatch::restrict_to_owner`], the conflicts
    /// of [`Store::create_user`], [`Conflict::LastAdmin`] and [`Conflict::PreconditionFailed`].
    pub async fn update_user(
        &self,
        access: &UserAccess,
        patch: UserPatch,
        context: &WriteContext,
    ) -> Result<User, WriteError> {
        self.apply_patch(access, (patch, None), context).await
    }

    /// Changes the fields of the caller, among them the email address, and stores the links about
    /// it.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Store::update_user`], and [`Conflict::RateLimited`] if concurrent
    /// changes have exhausted the rate limit.
    pub async fn change_own_email(
        &self,
        access: &UserAccess,
        (patch, attempt): (UserPatch, &EmailChangeAttempt),
        context: &WriteContext,
    ) -> Result<User, WriteError> {
        self.apply_patch(access, (patch, Some(attempt)), context).await
    }

    async fn apply_patch(
        &self,
        access: &UserAccess,
        (patch, email_change): (UserPatch, Option<&EmailChangeAttempt>),
        context: &WriteContext,
    ) -> Result<User, WriteError> {
        let now = context.now();
        let next = |user: &User| {
            let after = user.updated(access.authorize_patch(patch.clone(), user)?, now)?;
            Ok(if access.is_own() { after } else { after.with_settled_email(user, now) })
        };
        let update = UserUpdate::new(access, Action::UpdateUser, context);
        self.update_with_retry(&update.with_email_change(email_change), next).await
    }

    /// Deactivates a user and revokes their sessions. A deactivated user stays unchanged.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::LastAdmin`] or [`Conflict::PreconditionFailed`].
    pub async fn deactivate(
        &self,
        _: &Admin,
        access: &UserAccess,
        context: &WriteContext,
    ) -> Result<User, WriteError> {
        let update = UserUpdate::new(access, Action::DeactivateUser, context);
        self.update_with_retry(&update, |user| Ok(user.deactivated(context.now()))).await
    }

    /// Deactivates a user, revokes their sessions and removes their personal data. An anonymized
    /// user stays unchanged.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::LastAdmin`].
    pub async fn anonymize(
        &self,
        _: &Admin,
        access: &UserAccess,
        context: &WriteContext,
    ) -> Result<User, WriteError> {
        let update = UserUpdate::new(access, Action::AnonymizeUser, context);
        self.update_with_retry(&update, |user| Ok(user.anonymized(context.now()))).await
    }

    /// Reactivates a user.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`User::reactivated`], and [`Conflict::PreconditionFailed`].
    pub async fn reactivate(
        &self,
        _: &Admin,
        access: &UserAccess,
        context: &WriteContext,
    ) -> Result<User, WriteError> {
        let update = UserUpdate::new(access, Action::ReactivateUser, context);
        self.update_with_retry(&update, |user| Ok(user.reactivated(context.now())?)).await
    }

    /// Records that a modal was dismissed.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`User::with_modal_dismissed`], and [`Conflict::PreconditionFailed`].
    pub async fn dismiss_modal(
        &self,
        access: &UserAccess,
        modal: Modal,
        context: &WriteContext,
    ) -> Result<User, WriteError> {
        let update = UserUpdate::new(access, Action::DismissModal, context);
        self.update_with_retry(&update, |user| Ok(user.with_modal_dismissed(modal)?)).await
    }

    /// Writes the result of `next`. If the user has changed since the read, it reads and changes
    /// the user again, unless the preconditions exclude another version.
    pub(super) async fn update_with_retry(
        &self,
        update: &UserUpdate<'_>,
        next: impl Fn(&User) -> Result<User, WriteError>,
    ) -> Result<User, WriteError> {
        let preconditions = &update.preconditions;
        let mut before = update.user.clone();
        let mut backoff = Backoff::default();
        loop {
            let after = match next(&before) {
                Err(WriteError::Domain(DomainError::NotFound)) => Err(DomainError::NotFound)?,
                _ if !preconditions.are_met_by(&before) => Err(Conflict::PreconditionFailed)?,
                after => after?,
            };
            if after == before {
                return Ok(before);
            }
            let keeps_password = update.keeps_password() && !after.is_anonymized;
            let after = User {
                version: before.version.wrapping_add(1),
                has_imported_password: before.has_imported_password && keeps_password,
                ..after
            };
            let outcome = self.write_user(update, &before, &after).await;
            let Err(WriteError::Conflict(Conflict::StaleUser | Conflict::StaleCredentials)) =
                outcome
            else {
                return outcome.map(|()| after);
            };
            if !preconditions.allows_retry() {
                return Err(Conflict::PreconditionFailed.into());
            }
            if !backoff.pause().await {
                return outcome.map(|()| after);
            }
            before = self.reload_user(before.id).await?;
        }
    }

    async fn reload_user(&self, id: UserId) -> Result<User, WriteError> {
        let user = self.read(vec![Key::user(id)]).await?.take_user(id)?;
        Ok(user.ok_or(Conflict::StaleUser)?)
    }
}
