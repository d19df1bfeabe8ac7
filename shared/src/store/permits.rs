//! Reset tokens that are given out.

use super::{
    Conflict, Key, Login, Store, StoreError, Throttles, WriteError, audit::Deed,
    expression::Expression, items::ResetItem, resets::keys, save::unchanged, sessions::not_revoked,
    throttles::Watched, transaction::Transaction,
};
use crate::{
    auth::reset::ResetToken,
    domain::{
        Action, Arrival, Email, Generation, Limit, Origin, Reset, Subject, Timestamp, User, UserId,
        Via,
    },
    permissions::Access,
    random::NoEntropy,
};

/// A reset token that is about to be given out.
#[derive(Debug)]
pub struct Permit {
    /// What the account's owner is given.
    pub token: ResetToken,
    /// What is stored beside the token's hash.
    pub reset: Reset,
}

impl Permit {
    /// A new token for an account as it is.
    ///
    /// # Errors
    ///
    /// When the operating system has no random bytes.
    pub fn new(user: &User, now: Timestamp) -> Result<Self, NoEntropy> {
        let token = ResetToken::generate(user.id)?;
        Ok(Self { token, reset: Reset::begin(user.generation, &user.email, now) })
    }
}

/// Somebody says that they have forgotten the password of an address.
#[derive(Debug)]
pub struct ForgottenPassword {
    email: Email,
    login: Option<Login>,
    arrival: Arrival,
    throttles: Throttles,
}

impl ForgottenPassword {
    /// The credentials behind the address, if anybody has it.
    #[must_use]
    pub const fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }

    /// The limits that asking is held to.
    #[must_use]
    pub const fn throttles(&self) -> &Throttles {
        &self.throttles
    }

    /// A new token; of an address that nobody has, one that is never stored.
    ///
    /// # Errors
    ///
    /// When the operating system has no random bytes.
    pub fn permit(&self, now: Timestamp) -> Result<Permit, NoEntropy> {
        let (user, generation, email) = match &self.login {
            Some(login) => (login.user, login.generation, &login.email),
            None => (UserId::INSTALLER, Generation::default(), &self.email),
        };
        let token = ResetToken::generate(user)?;
        Ok(Permit { token, reset: Reset::begin(generation, email, now) })
    }
}

impl Store {
    /// Gives a token out; the one before it counts no longer.
    ///
    /// # Errors
    ///
    /// [`Conflict::StaleUser`] when the account has been deactivated, or given another password, since
    /// it was read; [`Conflict::Outdated`].
    pub async fn permit_reset(
        &self,
        access: &Access,
        action: Action,
        permit: &Permit,
    ) -> Result<(), WriteError> {
        let (user, expected) = access.known();
        let deed = Deed::to_user(access.origin(), action, user.id);
        let unrevoked = not_revoked(permit.reset.generation);
        let condition = if expected.allows_another() {
            unrevoked.guards_against(Conflict::StaleUser)
        } else {
            unrevoked.and(unchanged(user)).guards_against(Conflict::Outdated)
        };
        self.transaction().check(&Key::user(user.id), condition)?.permit(permit)?.commit(deed).await
    }

    /// Reads what the address is, and how often it and the source have asked.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn forgotten_password(
        &self,
        email: Email,
        arrival: Arrival,
    ) -> Result<ForgottenPassword, StoreError> {
        let watched = Watched::new(Limit::LETTERS_TO_ADDRESS, &email.key())
            .and(Limit::LETTERS_FROM_SOURCE, &arrival.source_ip);
        let mut found = self.read(watched.keys().chain([Key::login(&email)]).collect()).await?;
        let login = found.take_login(&email)?;
        Ok(ForgottenPassword { email, login, arrival, throttles: found.take_throttles(watched)? })
    }

    /// Gives a token out that its account's owner is sent, and says whether it was: an account that is
    /// deactivated, or that an identity provider signs in, gets none.
    ///
    /// For an address that nobody has the same is asked of an account that cannot be.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn permit_forgotten(
        &self,
        forgotten: &ForgottenPassword,
        permit: &Permit,
    ) -> Result<bool, WriteError> {
        let [user, reset] = match &forgotten.login {
            Some(login) => keys(login.user),
            None => Key::nobody(&forgotten.email),
        };
        let own = Expression::new("attribute_not_exists(#sso_source)");
        let unchanged = not_revoked(permit.reset.generation).and(own);
        let origin = Origin::new(None, Via::Own, forgotten.arrival.clone());
        let whose = forgotten.login.as_ref().map(|login| Subject::User(login.user));
        let given = self
            .transaction()
            .check(&user, unchanged.guards_against(Conflict::StaleUser))?
            .put(&reset, &ResetItem::from(permit), None)?
            .commit(Deed::new(&origin, Action::ForgotPassword, whose))
            .await;
        match given {
            Ok(()) => Ok(true),
            Err(WriteError::Conflict(Conflict::StaleUser)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Transaction<'_> {
    /// Stores what there is to store of a token that is given out.
    pub(super) fn permit(self, permit: &Permit) -> Result<Self, StoreError> {
        self.put(&Key::reset(permit.token.user()), &ResetItem::from(permit), None)
    }
}
