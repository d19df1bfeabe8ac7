//! Accounts: every change is one transaction, derived from what it was and what it becomes.

use super::{
    Conflict, Key, NewPasswordReset, Store, StoreError, WriteError,
    audit_write::NewAuditEvent,
    backoff::Backoff,
    items::{CredentialsItem, UserItem},
    transaction::Transaction,
    user_writes::{UserUpdate, fields},
};
use crate::{
    auth::password_hash::PasswordHash,
    authorization::{Admin, UserAccess},
    domain::{Action, DomainError, Modal, Timestamp, User, UserId, UserPatch},
};

/// How the owner of a new account gets in.
#[derive(Debug)]
pub enum InitialCredentials {
    /// With a password that an administrator chose.
    Password(PasswordHash),
    /// With a link to choose one.
    Invitation(NewPasswordReset),
    /// Through an identity provider; or not before an administrator gives the account a password.
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
    /// Creates an account under a number from [`Store::next_user_id`].
    ///
    /// # Errors
    ///
    /// [`Conflict::EmailTaken`], [`Conflict::UnknownGroup`].
    pub async fn create_user(
        &self,
        admin: &Admin,
        user: &User,
        entry: &InitialCredentials,
    ) -> Result<(), WriteError> {
        let key = Key::user(user.id);
        let login = CredentialsItem::new(user, entry.password());
        let fields = fields(None, user, entry.password().is_some());
        let deed =
            NewAuditEvent::on_user(admin.origin(), Action::CreateUser, user.id).with_fields(fields);
        self.transaction()
            .create(&key, &UserItem::new(user, self.sharding), Conflict::UserIdTaken)?
            .create(&Key::credentials(&user.email), &login, Conflict::EmailTaken)?
            .memberships(None, user)?
            .update_admins(None, user)?
            .update_counts(None, user)?
            .invitation(entry)?
            .commit(deed)
            .await
    }

    /// Changes a profile, as far as the caller's rights go.
    ///
    /// # Errors
    ///
    /// What [`User::updated`] and [`UserPatch::by_owner`] refuse, and the conflicts of
    /// [`Store::create_user`]; [`Conflict::LastAdmin`], [`Conflict::Outdated`].
    pub async fn update_user(
        &self,
        access: &UserAccess,
        patch: UserPatch,
        now: Timestamp,
    ) -> Result<User, WriteError> {
        let next =
            |user: &User| Ok(user.updated(access.authorize_patch(patch.clone(), user)?, now)?);
        self.update_with_retry(&UserUpdate::new(access, Action::UpdateUser), next).await
    }

    /// Takes an account's access away and ends its sessions; does nothing to one that has none.
    ///
    /// # Errors
    ///
    /// [`Conflict::LastAdmin`], [`Conflict::Outdated`].
    pub async fn deactivate(
        &self,
        _: &Admin,
        access: &UserAccess,
        now: Timestamp,
    ) -> Result<User, WriteError> {
        let edit = UserUpdate::new(access, Action::DeactivateUser);
        self.update_with_retry(&edit, |user| Ok(user.deactivated(now))).await
    }

    /// Takes an account's access away, ends its sessions, and removes what tells whose it was; does nothing
    /// to one that is nobody's already.
    ///
    /// # Errors
    ///
    /// [`Conflict::LastAdmin`].
    pub async fn anonymize(
        &self,
        _: &Admin,
        access: &UserAccess,
        now: Timestamp,
    ) -> Result<User, WriteError> {
        let edit = UserUpdate::new(access, Action::AnonymizeUser);
        self.update_with_retry(&edit, |user| Ok(user.anonymized(now))).await
    }

    /// Gives an account its access back.
    ///
    /// # Errors
    ///
    /// What [`User::reactivated`] refuses; [`Conflict::Outdated`].
    pub async fn reactivate(
        &self,
        _: &Admin,
        access: &UserAccess,
        now: Timestamp,
    ) -> Result<User, WriteError> {
        let edit = UserUpdate::new(access, Action::ReactivateUser);
        self.update_with_retry(&edit, |user| Ok(user.reactivated(now)?)).await
    }

    /// Notes that a dialogue need not be shown again.
    ///
    /// # Errors
    ///
    /// What [`User::without_modal`] refuses; [`Conflict::Outdated`].
    pub async fn dismiss_modal(
        &self,
        access: &UserAccess,
        modal: Modal,
    ) -> Result<User, WriteError> {
        let next = |user: &User| Ok(user.with_modal_dismissed(modal)?);
        self.update_with_retry(&UserUpdate::new(access, Action::DismissModal), next).await
    }

    /// Writes what `next` makes of the account. One that has changed since is read, and changed, once
    /// more, unless the request wants no other than it was.
    pub(super) async fn update_with_retry(
        &self,
        edit: &UserUpdate<'_>,
        next: impl Fn(&User) -> Result<User, WriteError>,
    ) -> Result<User, WriteError> {
        let expected = &edit.preconditions;
        let mut before = edit.user.clone();
        let mut patience = Backoff::default();
        loop {
            let after = match next(&before) {
                Err(WriteError::Refused(DomainError::NotFound)) => Err(DomainError::NotFound)?,
                _ if !expected.are_met_by(&before) => Err(Conflict::PreconditionFailed)?,
                after => after?,
            };
            if after == before {
                return Ok(before);
            }
            let after = User { version: before.version.wrapping_add(1), ..after };
            let outcome = self.write_user(edit, &before, &after).await;
            let Err(WriteError::Conflict(Conflict::StaleUser | Conflict::StaleCredentials)) =
                outcome
            else {
                return outcome.map(|()| after);
            };
            if !expected.allows_retry() {
                return Err(Conflict::PreconditionFailed.into());
            }
            if !patience.pause().await {
                return outcome.map(|()| after);
            }
            before = self.reload(before.id).await?;
        }
    }

    async fn reload(&self, id: UserId) -> Result<User, WriteError> {
        let user = self.read(vec![Key::user(id)]).await?.take_user(id)?;
        Ok(user.ok_or(Conflict::StaleUser)?)
    }
}

impl Transaction<'_> {
    fn invitation(self, entry: &InitialCredentials) -> Result<Self, StoreError> {
        match entry {
            InitialCredentials::Invitation(permit) => self.put_password_reset(permit),
            InitialCredentials::Password(_) | InitialCredentials::None => Ok(self),
        }
    }
}
