//! Who is calling, and what else a request depends on: one read of exact keys for both.

use crate::{
    authorization::{
        AuthenticatedUser, Caller, ReferencedUser, TargetApiKey, TargetGroup, TargetMembership,
        TargetUser,
    },
    domain::{GroupId, MembershipId, Timestamp, User, UserId, UserKind},
    http::{ApiError, Call},
    store::{Key, LoadedItems, UserCounts},
};

impl Call {
    /// Asks for a session of somebody who need not change their password first, as all do that give out
    /// a [`Caller`].
    ///
    /// # Errors
    ///
    /// [`ApiError::Unauthenticated`]; [`ApiError::Forbidden`] for a write that another site sent
    /// with nothing but the cookie; [`ApiError::PasswordChangeRequired`].
    pub async fn caller(&self) -> Result<Caller, ApiError> {
        self.authenticate_active(vec![]).await.map(|(caller, _)| caller)
    }

    /// Asks for a session, and reads the account that `{id}` names with the same request.
    ///
    /// # Errors
    ///
    /// As [`Call::caller`], then [`ApiError::Invalid`] when `{id}` is none.
    pub async fn caller_and_target(&self) -> Result<(Caller, TargetUser), ApiError> {
        let id = self.path_id::<UserId>();
        let keys = id.iter().map(|id| Key::user(*id)).collect();
        let (caller, mut found) = self.authenticate_active(keys).await?;
        let target = self.target(caller.user(), id?, &mut found)?;
        Ok((caller, target))
    }

    /// As [`Call::caller_and_target`], and also for whoever must change their password first.
    ///
    /// # Errors
    ///
    /// As [`Call::caller_and_target`], but for that.
    pub async fn holder_and_target(&self) -> Result<(AuthenticatedUser, TargetUser), ApiError> {
        let id = self.path_id::<UserId>();
        let keys = id.iter().map(|id| Key::user(*id)).collect();
        let (holder, mut found) = self.authenticate(keys).await?;
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
    ) -> Result<(Caller, ReferencedUser), ApiError> {
        let (caller, mut found) =
            self.authenticate_active(id.into_iter().map(Key::user).collect()).await?;
        let user = match id {
            Some(id) => found.take_account(caller.user(), id)?,
            None => None,
        };
        Ok((caller, ReferencedUser::new(user)))
    }

    /// Asks for a session, and reads the group that `{id}` names with the same request.
    ///
    /// # Errors
    ///
    /// As [`Call::caller_and_target`].
    pub async fn caller_and_group(&self) -> Result<(Caller, TargetGroup), ApiError> {
        let id = self.path_id::<GroupId>();
        let keys = id.iter().map(|id| Key::group(*id)).collect();
        let (caller, mut found) = self.authenticate_active(keys).await?;
        Ok((caller, TargetGroup::new(found.take_group(id?)?)))
    }

    /// Asks for a session, and reads the account whose membership `{id}` names with the same request.
    ///
    /// # Errors
    ///
    /// As [`Call::caller_and_target`].
    pub async fn caller_and_membership(&self) -> Result<(Caller, TargetMembership), ApiError> {
        let pair = self.path_id::<MembershipId>().map(MembershipId::decode);
        let keys = pair.iter().flatten().map(|(user, _)| Key::user(*user)).collect();
        let (caller, mut found) = self.authenticate_active(keys).await?;
        let membership = match pair? {
            Some((user, group)) => {
                found.take_account(caller.user(), user)?.map(|user| (user, group))
            }
            None => None,
        };
        Ok((caller, TargetMembership::new(membership)))
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
    ) -> Result<(Caller, TargetGroup), ApiError> {
        let (caller, mut found) =
            self.authenticate_active(id.into_iter().map(Key::group).collect()).await?;
        let group = id.map(|id| found.take_group(id)).transpose()?;
        Ok((caller, TargetGroup::new(group.flatten())))
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
    ) -> Result<(Caller, TargetApiKey, TargetGroup), ApiError> {
        let id = self.path_id::<UserId>();
        let keys = id.iter().flat_map(|id| [Key::api_key(*id), Key::user(*id)]);
        let keys = keys.chain(group.map(Key::group)).collect();
        let (caller, mut found) = self.authenticate_active(keys).await?;
        let key = found.take_api_key(id?)?;
        let group = group.map(|id| found.take_group(id)).transpose()?;
        Ok((caller, TargetApiKey::new(key), TargetGroup::new(group.flatten())))
    }

    /// Asks for a session, and counts the accounts and the administrators with the same request.
    ///
    /// # Errors
    ///
    /// As [`Call::caller`].
    pub async fn caller_and_counts(&self) -> Result<(Caller, UserCounts, usize), ApiError> {
        let keys = self.store().user_count_keys().chain([Key::admins()]).collect();
        let (caller, mut found) = self.authenticate_active(keys).await?;
        Ok((caller, found.take_user_counts()?, found.take_admins()?.len()))
    }

    /// Asks for a session, and counts the accounts with the same request if they are `wanted`; without
    /// that the count is zero.
    ///
    /// # Errors
    ///
    /// As [`Call::caller`].
    pub async fn caller_and_tally(&self, wanted: bool) -> Result<(Caller, UserCounts), ApiError> {
        let keys = self.store().user_count_keys().filter(|_| wanted).collect();
        let (caller, mut found) = self.authenticate_active(keys).await?;
        let tally = found.take_user_counts()?;
        Ok((caller, tally))
    }

    /// Asks for a session, also of somebody who must change their password first, and whether its
    /// account is the installer's and not the only one: nobody else is told whether there are others.
    ///
    /// # Errors
    ///
    /// As [`Call::caller`], but for that.
    pub async fn holder_and_invitations(&self) -> Result<(AuthenticatedUser, bool), ApiError> {
        let is_installer = self
            .credential()
            .is_some_and(|presented| presented.token().user() == UserId::INSTALLER);
        let keys = self.store().user_count_keys().filter(|_| is_installer).collect();
        let (holder, mut found) = self.authenticate(keys).await?;
        Ok((holder, found.take_user_counts()?.all() > 1))
    }

    /// The account that `{id}` names, and the states in which the request wants to meet it.
    fn target(
        &self,
        own: &User,
        id: UserId,
        found: &mut LoadedItems,
    ) -> Result<TargetUser, ApiError> {
        Ok(TargetUser::new(id, found.take_account(own, id)?, self.preconditions()))
    }

    /// Asks for a session, and reads with the same request when the instance was set up.
    ///
    /// # Errors
    ///
    /// As [`Call::caller`].
    pub async fn caller_and_beginning(&self) -> Result<(Caller, Timestamp), ApiError> {
        let (caller, mut found) = self.authenticate_active(vec![Key::instance()]).await?;
        let beginning = found.take_setup_time()?;
        Ok((caller, beginning.unwrap_or_else(|| self.now())))
    }
}

impl LoadedItems {
    /// An account, which may be `own` and have been taken already.
    fn take_account(&mut self, own: &User, id: UserId) -> Result<Option<User>, ApiError> {
        if id == own.id {
            return Ok(Some(own.clone()));
        }
        Ok(self.take_user(id)?.filter(|user| user.kind == UserKind::Person))
    }
}
