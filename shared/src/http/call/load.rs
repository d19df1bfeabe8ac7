//! Items that a handler needs, loaded in the read that authenticates the caller.

use super::Call;
use crate::{
    authorization::{Target, TargetUser},
    domain::{
        ApiKeyWithUser, Group, GroupId, MembershipId, Timestamp, User, UserCounts, UserId, UserKind,
    },
    http::{ApiError, FromFields},
    store::{Key, LoadedItems},
};

/// Something to load together with the caller. Pairs load both parts; the errors of the first part
/// come first.
pub trait Load {
    /// The loaded value.
    type Output;

    /// The keys to read.
    fn keys(&self, call: &Call) -> Vec<Key>;

    /// Takes the value out of the items read. `user` is the authenticated user.
    ///
    /// # Errors
    ///
    /// Returns 400 for a malformed path or body, and an error if an item cannot be read.
    fn take(
        self,
        call: &Call,
        user: &User,
        items: &mut LoadedItems,
    ) -> Result<Self::Output, ApiError>;
}

impl Load for () {
    type Output = ();

    fn keys(&self, _: &Call) -> Vec<Key> {
        Vec::new()
    }

    fn take(self, _: &Call, _: &User, _: &mut LoadedItems) -> Result<(), ApiError> {
        Ok(())
    }
}

impl<A: Load, B: Load> Load for (A, B) {
    type Output = (A::Output, B::Output);

    fn keys(&self, call: &Call) -> Vec<Key> {
        let mut keys = self.0.keys(call);
        keys.extend(self.1.keys(call));
        keys
    }

    fn take(
        self,
        call: &Call,
        user: &User,
        items: &mut LoadedItems,
    ) -> Result<Self::Output, ApiError> {
        Ok((self.0.take(call, user, items)?, self.1.take(call, user, items)?))
    }
}

/// The user of `{id}`.
#[derive(Debug, Clone, Copy)]
pub struct PathUser;

impl Load for PathUser {
    type Output = TargetUser;

    fn keys(&self, call: &Call) -> Vec<Key> {
        call.path_id::<UserId>().map(Key::user).into_iter().collect()
    }

    fn take(
        self,
        call: &Call,
        user: &User,
        items: &mut LoadedItems,
    ) -> Result<TargetUser, ApiError> {
        let id = call.path_id()?;
        Ok(TargetUser::new(id, user_or_own(id, (call, user), items)?, call.preconditions()))
    }
}

/// The user of `{id}`, and the end of an invitation that the user has not accepted.
#[derive(Debug, Clone, Copy)]
pub struct PathUserWithInvitation;

impl Load for PathUserWithInvitation {
    type Output = (TargetUser, Option<Timestamp>);

    fn keys(&self, call: &Call) -> Vec<Key> {
        let id = call.path_id::<UserId>().ok();
        let link = id.filter(|_| call.dialect().shows_invitations()).map(Key::reset);
        PathUser.keys(call).into_iter().chain(link).collect()
    }

    fn take(
        self,
        call: &Call,
        own: &User,
        items: &mut LoadedItems,
    ) -> Result<Self::Output, ApiError> {
        let target = PathUser.take(call, own, items)?;
        let invited = target.user().filter(|user| user.last_login.is_none());
        let end = invited.map(|user| items.take_given_link_end(user, call.now())).transpose()?;
        Ok((target, end.flatten()))
    }
}

/// The ID of the group in the path, which may not exist.
#[derive(Debug, Clone, Copy)]
pub struct PathGroupId;

impl Load for PathGroupId {
    type Output = GroupId;

    fn keys(&self, _: &Call) -> Vec<Key> {
        Vec::new()
    }

    fn take(self, call: &Call, _: &User, _: &mut LoadedItems) -> Result<GroupId, ApiError> {
        call.path_id()
    }
}

/// The group of `{id}`. A group that is being deleted does not exist.
#[derive(Debug, Clone, Copy)]
pub struct PathGroup;

impl Load for PathGroup {
    type Output = Target<Group>;

    fn keys(&self, call: &Call) -> Vec<Key> {
        PathGroupToDelete.keys(call)
    }

    fn take(
        self,
        call: &Call,
        _: &User,
        items: &mut LoadedItems,
    ) -> Result<Target<Group>, ApiError> {
        Ok(Target::new(visible(items.take_group(call.path_id()?)?)))
    }
}

/// The group of `{id}`, even if an earlier request to delete it did not finish.
#[derive(Debug, Clone, Copy)]
pub struct PathGroupToDelete;

impl Load for PathGroupToDelete {
    type Output = Target<Group>;

    fn keys(&self, call: &Call) -> Vec<Key> {
        call.path_id::<GroupId>().map(Key::group).into_iter().collect()
    }

    fn take(
        self,
        call: &Call,
        _: &User,
        items: &mut LoadedItems,
    ) -> Result<Target<Group>, ApiError> {
        Ok(Target::new(items.take_group(call.path_id()?)?))
    }
}

/// The user and the group of the membership `{id}`.
#[derive(Debug, Clone, Copy)]
pub struct PathMembership;

impl Load for PathMembership {
    type Output = Target<(User, GroupId)>;

    fn keys(&self, call: &Call) -> Vec<Key> {
        let membership = call.path_id().ok().and_then(MembershipId::decode);
        membership.map(|(user, _)| Key::user(user)).into_iter().collect()
    }

    fn take(
        self,
        call: &Call,
        own: &User,
        items: &mut LoadedItems,
    ) -> Result<Self::Output, ApiError> {
        let Some((id, group)) = call.path_id().map(MembershipId::decode)? else {
            return Ok(Target::new(None));
        };
        let user = user_or_own(id, (call, own), items)?.filter(|user| user.groups.contains(group));
        Ok(Target::new(user.map(|user| (user, group))))
    }
}

/// The API key of `{id}`.
#[derive(Debug, Clone, Copy)]
pub struct PathApiKey;

impl Load for PathApiKey {
    type Output = Target<ApiKeyWithUser>;

    fn keys(&self, call: &Call) -> Vec<Key> {
        let id = call.path_id::<UserId>().ok();
        id.into_iter().flat_map(|id| [Key::api_key(id), Key::user(id)]).collect()
    }

    fn take(
        self,
        call: &Call,
        _: &User,
        items: &mut LoadedItems,
    ) -> Result<Self::Output, ApiError> {
        Ok(Target::new(items.take_api_key(call.path_id()?)?))
    }
}

/// A user that the body names, if it names one.
#[derive(Debug, Clone, Copy)]
pub struct ReferencedUser(pub Option<UserId>);

impl Load for ReferencedUser {
    type Output = Target<User>;

    fn keys(&self, _: &Call) -> Vec<Key> {
        self.0.map(Key::user).into_iter().collect()
    }

    fn take(
        self,
        call: &Call,
        own: &User,
        items: &mut LoadedItems,
    ) -> Result<Target<User>, ApiError> {
        let user = self.0.map(|id| user_or_own(id, (call, own), items)).transpose()?;
        Ok(Target::new(user.flatten()))
    }
}

/// A group that the body names, if it names one.
#[derive(Debug, Clone, Copy)]
pub struct ReferencedGroup(pub Option<GroupId>);

impl Load for ReferencedGroup {
    type Output = Target<Group>;

    fn keys(&self, _: &Call) -> Vec<Key> {
        self.0.map(Key::group).into_iter().collect()
    }

    fn take(self, _: &Call, _: &User, items: &mut LoadedItems) -> Result<Target<Group>, ApiError> {
        let group = self.0.map(|id| items.take_group(id)).transpose()?;
        Ok(Target::new(visible(group.flatten())))
    }
}

/// A body or a query, and something to load for it. Its own errors come after those of
/// authentication.
#[derive(Debug)]
pub struct Deferred<T, L>(Result<(T, L), ApiError>);

impl Call {
    /// Reads the body, to load something that it names together with the caller.
    #[must_use]
    pub fn body_and<T: FromFields, L>(&self, load: impl FnOnce(&T) -> L) -> Deferred<T, L> {
        Deferred::new(self.body(), load)
    }

    /// Reads the query, to load something that it needs together with the caller.
    #[must_use]
    pub fn query_and<T: FromFields, L>(&self, load: impl FnOnce(&T) -> L) -> Deferred<T, L> {
        Deferred::new(self.query(), load)
    }
}

impl<T, L> Deferred<T, L> {
    fn new(input: Result<T, ApiError>, load: impl FnOnce(&T) -> L) -> Self {
        Self(input.map(|input| {
            let load = load(&input);
            (input, load)
        }))
    }
}

impl<T, L: Load> Load for Deferred<T, L> {
    type Output = (T, L::Output);

    fn keys(&self, call: &Call) -> Vec<Key> {
        self.0.iter().flat_map(|(_, load)| load.keys(call)).collect()
    }

    fn take(
        self,
        call: &Call,
        user: &User,
        items: &mut LoadedItems,
    ) -> Result<Self::Output, ApiError> {
        let (input, load) = self.0?;
        Ok((input, load.take(call, user, items)?))
    }
}

/// The numbers of users, if they are needed; otherwise zeros.
#[derive(Debug, Clone, Copy)]
pub struct UserCountsIf(pub bool);

impl Load for UserCountsIf {
    type Output = UserCounts;

    fn keys(&self, call: &Call) -> Vec<Key> {
        call.store().user_count_keys().filter(|_| self.0).collect()
    }

    fn take(self, _: &Call, _: &User, items: &mut LoadedItems) -> Result<UserCounts, ApiError> {
        Ok(items.take_user_counts()?)
    }
}

/// The numbers of users and of administrators.
#[derive(Debug, Clone, Copy)]
pub struct UserAndAdminCounts;

impl Load for UserAndAdminCounts {
    type Output = (UserCounts, usize);

    fn keys(&self, call: &Call) -> Vec<Key> {
        call.store().user_count_keys().chain([Key::admins()]).collect()
    }

    fn take(self, _: &Call, _: &User, items: &mut LoadedItems) -> Result<Self::Output, ApiError> {
        Ok((items.take_user_counts()?, items.take_admins()?.len()))
    }
}

/// Whether the caller is the first administrator and has created other users. For everybody else it
/// is false, so that they learn nothing about other users.
#[derive(Debug, Clone, Copy)]
pub struct HasInvitedUsers;

impl Load for HasInvitedUsers {
    type Output = bool;

    fn keys(&self, call: &Call) -> Vec<Key> {
        UserCountsIf(call.may_be(UserId::INSTALLER)).keys(call)
    }

    fn take(self, _: &Call, user: &User, items: &mut LoadedItems) -> Result<bool, ApiError> {
        Ok(user.id == UserId::INSTALLER && items.take_user_counts()?.all() > 1)
    }
}

/// The time at which the instance was set up; the time of the request if it is not known.
#[derive(Debug, Clone, Copy)]
pub struct SetupTime;

impl Load for SetupTime {
    type Output = Timestamp;

    fn keys(&self, _: &Call) -> Vec<Key> {
        vec![Key::instance()]
    }

    fn take(self, call: &Call, _: &User, items: &mut LoadedItems) -> Result<Timestamp, ApiError> {
        Ok(items.take_setup_time()?.unwrap_or_else(|| call.now()))
    }
}

/// A person, or the authenticated user, whose item has been taken already.
///
/// The service account of an API key can read itself. For a change and for others, it does not
/// exist.
fn user_or_own(
    id: UserId,
    (call, own): (&Call, &User),
    items: &mut LoadedItems,
) -> Result<Option<User>, ApiError> {
    let user = if id == own.id { Some(own.clone()) } else { items.take_user(id)? };
    let is_own_read = id == own.id && matches!(call.method(), "GET" | "HEAD");
    Ok(user.filter(|user| is_own_read || user.kind == UserKind::Person))
}

fn visible(group: Option<Group>) -> Option<Group> {
    group.filter(|group| !group.is_being_deleted)
}
