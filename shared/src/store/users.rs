//! Accounts: every change is one transaction, derived from what it was and what it becomes.

use super::{
    Conflict, Key, Permit, Store, StoreError, WriteError,
    audit::Deed,
    items::{LoginItem, UserItem},
    retry::Patience,
    save::{Edit, fields},
    transaction::Transaction,
};
use crate::{
    auth::hash::PasswordHash,
    domain::{Action, Modal, Refusal, Timestamp, User, UserId, UserPatch},
    permissions::{Access, Admin},
};

/// How the owner of a new account gets in.
#[derive(Debug)]
pub enum Entry {
    /// With a password that an administrator chose.
    Password(PasswordHash),
    /// With a link to choose one.
    Invitation(Permit),
    /// Through an identity provider; or not before an administrator gives the account a password.
    Elsewhere,
}

impl Entry {
    const fn password(&self) -> Option<&PasswordHash> {
        match self {
            Self::Password(hash) => Some(hash),
            Self::Invitation(_) | Self::Elsewhere => None,
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
        entry: &Entry,
    ) -> Result<(), WriteError> {
        let key = Key::user(user.id);
        let login = LoginItem::new(user, entry.password());
        let fields = fields(None, user, entry.password().is_some());
        let deed = Deed::to_user(admin.origin(), Action::CreateUser, user.id).changing(fields);
        self.transaction()
            .create(&key, &UserItem::new(user, self.layout), Conflict::UserId)?
            .create(&Key::login(&user.email), &login, Conflict::EmailTaken)?
            .memberships(None, user)?
            .admins(None, user)?
            .tally(None, user)?
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
        access: &Access,
        patch: UserPatch,
        now: Timestamp,
    ) -> Result<User, WriteError> {
        let next = |user: &User| Ok(user.updated(access.permit(patch.clone(), user)?, now)?);
        self.change(&Edit::new(access, Action::UpdateUser), next).await
    }

    /// Takes an account's access away and ends its sessions; does nothing to one that has none.
    ///
    /// # Errors
    ///
    /// [`Conflict::LastAdmin`], [`Conflict::Outdated`].
    pub async fn deactivate(
        &self,
        _: &Admin,
        access: &Access,
        now: Timestamp,
    ) -> Result<User, WriteError> {
        let edit = Edit::new(access, Action::DeactivateUser);
        self.change(&edit, |user| Ok(user.deactivated(now))).await
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
        access: &Access,
        now: Timestamp,
    ) -> Result<User, WriteError> {
        let edit = Edit::new(access, Action::AnonymizeUser);
        self.change(&edit, |user| Ok(user.anonymized(now))).await
    }

    /// Gives an account its access back.
    ///
    /// # Errors
    ///
    /// What [`User::reactivated`] refuses; [`Conflict::Outdated`].
    pub async fn reactivate(
        &self,
        _: &Admin,
        access: &Access,
        now: Timestamp,
    ) -> Result<User, WriteError> {
        let edit = Edit::new(access, Action::ReactivateUser);
        self.change(&edit, |user| Ok(user.reactivated(now)?)).await
    }

    /// Notes that a dialogue need not be shown again.
    ///
    /// # Errors
    ///
    /// What [`User::without_modal`] refuses; [`Conflict::Outdated`].
    pub async fn dismiss_modal(&self, access: &Access, modal: Modal) -> Result<User, WriteError> {
        let next = |user: &User| Ok(user.without_modal(modal)?);
        self.change(&Edit::new(access, Action::DismissModal), next).await
    }

    /// Writes what `next` makes of the account. One that has changed since is read, and changed, once
    /// more, unless the request wants no other than it was.
    pub(super) async fn change(
        &self,
        edit: &Edit<'_>,
        next: impl Fn(&User) -> Result<User, WriteError>,
    ) -> Result<User, WriteError> {
        let expected = &edit.expected;
        let mut before = edit.user.clone();
        let mut patience = Patience::default();
        loop {
            let after = match next(&before) {
                Err(WriteError::Refused(Refusal::NotFound)) => Err(Refusal::NotFound)?,
                _ if !expected.holds(&before) => Err(Conflict::Outdated)?,
                after => after?,
            };
            if after == before {
                return Ok(before);
            }
            let after = User { version: before.version.wrapping_add(1), ..after };
            let outcome = self.save(edit, &before, &after).await;
            let Err(WriteError::Conflict(Conflict::StaleUser | Conflict::StaleLogin)) = outcome
            else {
                return outcome.map(|()| after);
            };
            if !expected.allows_another() {
                return Err(Conflict::Outdated.into());
            }
            if !patience.lasts().await {
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
    fn invitation(self, entry: &Entry) -> Result<Self, StoreError> {
        match entry {
            Entry::Invitation(permit) => self.permit(permit),
            Entry::Password(_) | Entry::Elsewhere => Ok(self),
        }
    }
}
