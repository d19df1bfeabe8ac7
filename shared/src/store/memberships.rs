//! Memberships of users in groups.

use tokio::try_join;

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    expression::{Condition, Expression},
    items::{self, MemberItem},
    keys,
    listing::MAX_RECIPIENTS,
    user_writes::UserUpdate,
    write::Write,
};
use crate::{
    authorization::{Admin, UserAccess},
    domain::{Action, BuiltinGroup, GroupId, StatusFilter, User, UserFilter, UserId, WriteContext},
};

/// The maximum number of items that one `BatchGetItem` reads.
const BATCH: usize = 100;

impl Store {
    /// Reads the active members of a group, by first name, last name and ID. They include the
    /// service accounts of API keys.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn members(&self, admin: &Admin, group: GroupId) -> Result<Vec<User>, StoreError> {
        let mut users = match group.builtin() {
            Some(BuiltinGroup::AllUsers) => {
                self.with_service_accounts(admin, &UserFilter::default()).await?
            }
            Some(BuiltinGroup::Administrators) => {
                let (admins, keys) = try_join!(self.admins(), self.service_accounts(admin))?;
                [admins, keys].concat()
            }
            None => self.users_by_id(&self.member_ids(group).await?).await?,
        };
        users.retain(|user| user.is_active && user.groups.contains(group));
        User::sort_by_name(&mut users);
        Ok(users)
    }

    /// Reads all users, active or not, and the service accounts of API keys, with their groups.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn memberships(&self, admin: &Admin) -> Result<Vec<User>, StoreError> {
        let all = UserFilter { status: StatusFilter::All, ..UserFilter::default() };
        self.with_service_accounts(admin, &all).await
    }

    async fn with_service_accounts(
        &self,
        admin: &Admin,
        filter: &UserFilter,
    ) -> Result<Vec<User>, StoreError> {
        let users = self.all_users(filter, MAX_RECIPIENTS);
        let (users, keys) = try_join!(users, self.service_accounts(admin))?;
        Ok([users, keys].concat())
    }

    /// Adds a user to a group.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`User::with_group`], and [`Conflict::UnknownGroup`].
    pub async fn join_group(
        &self,
        _: &Admin,
        access: &UserAccess,
        group: GroupId,
        context: &WriteContext,
    ) -> Result<User, WriteError> {
        let now = context.now();
        let update = UserUpdate::new(access, Action::CreateMembership, context);
        self.update_with_retry(&update, |user| Ok(user.with_group(group, now)?)).await
    }

    /// Removes a user from a group.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`User::without_group`], and [`Conflict::LastAdmin`].
    pub async fn leave_group(
        &self,
        _: &Admin,
        access: &UserAccess,
        group: GroupId,
        context: &WriteContext,
    ) -> Result<User, WriteError> {
        let now = context.now();
        let update = UserUpdate::new(access, Action::DeleteMembership, context);
        self.update_with_retry(&update, |user| Ok(user.without_group(group, now)?)).await
    }

    /// The IDs of all members of a custom group, active or not, ascending.
    pub(super) async fn member_ids(&self, group: GroupId) -> Result<Vec<UserId>, StoreError> {
        let members = self.partition(&keys::group_pk(group), keys::MEMBER).await?;
        let ids = members.into_iter().map(|item| {
            let MemberItem { user_id } = items::from_item("member", item)?;
            account(user_id)
        });
        ids.collect()
    }

    /// The active administrators.
    async fn admins(&self) -> Result<Vec<User>, StoreError> {
        let ids = self.read(vec![Key::admins()]).await?.take_admins()?;
        let ids = ids.into_iter().map(account).collect::<Result<Vec<_>, _>>()?;
        self.users_by_id(&ids).await
    }

    /// Reads users by ID.
    pub(super) async fn users_by_id(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        let mut users = Vec::with_capacity(ids.len());
        for ids in ids.chunks(BATCH) {
            let mut found = self.read(ids.iter().copied().map(Key::user).collect()).await?;
            for id in ids {
                users.extend(found.take_user(*id)?);
            }
        }
        Ok(users)
    }
}

fn account(id: u64) -> Result<UserId, StoreError> {
    UserId::try_from(id).map_err(|error| StoreError::Malformed("member", error.into()))
}

/// The effect of a change of a user on one custom group.
struct MembershipChange {
    group: GroupId,
    user: UserId,
    /// The change of the number of active members: -1, 0 or 1.
    active_delta: i8,
    kind: ChangeKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ChangeKind {
    Join,
    Leave,
    Unchanged,
}

impl MembershipChange {
    fn new(group: GroupId, before: Option<&User>, after: &User) -> Self {
        let is_member = |user: &User| user.groups.contains(group);
        let counts = |user: &User| i8::from(is_member(user) && user.is_active_person());
        let kind = match (before.is_some_and(is_member), is_member(after)) {
            (false, _) => ChangeKind::Join,
            (true, false) => ChangeKind::Leave,
            (true, true) => ChangeKind::Unchanged,
        };
        let active_delta = counts(after) - before.map_or(0, counts);
        Self { group, user: after.id, active_delta, kind }
    }

    /// A user cannot join a group that does not exist or is being deleted. A member of the group
    /// was changed before the group was deleted, so the user is stale.
    fn condition(&self) -> Condition {
        match self.kind {
            ChangeKind::Join => Expression::new("#is_closing = :no")
                .bool("no", false)
                .or_conflict(Conflict::UnknownGroup(self.group)),
            ChangeKind::Leave | ChangeKind::Unchanged => exists(),
        }
    }

    /// The writes: the counter of active members, and the member item.
    fn writes(&self) -> Result<Vec<Write>, StoreError> {
        let count = Expression::new("ADD #members :difference, #revision :one")
            .number("difference", self.active_delta)
            .number("one", 1);
        let count = Write::update(&Key::group(self.group), count).only_if(self.condition());
        let member = Key::member(self.group, self.user);
        Ok(match self.kind {
            ChangeKind::Join => {
                vec![count, Write::put(&member, &MemberItem { user_id: self.user.get() })?]
            }
            ChangeKind::Leave => vec![count, Write::delete(&member).only_if(exists())],
            ChangeKind::Unchanged => vec![count],
        })
    }
}

fn exists() -> Condition {
    Expression::new("attribute_exists(pk)").or_conflict(Conflict::StaleUser)
}

/// The writes to custom groups when a user is created or changed. A custom group lists its members
/// and counts the active ones.
pub(super) fn membership_writes(
    before: Option<&User>,
    after: &User,
) -> Result<Vec<Write>, StoreError> {
    let groups = match before {
        Some(before) => after.groups.custom_in_either(&before.groups),
        None => after.groups.custom().collect(),
    };
    let changes = groups.into_iter().map(|group| MembershipChange::new(group, before, after));
    let changes = changes.filter(|one| one.kind != ChangeKind::Unchanged || one.active_delta != 0);
    let writes = changes.map(|change| change.writes()).collect::<Result<Vec<_>, _>>()?;
    Ok(writes.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Email, NewUser, Timestamp};

    fn user(groups: &[u64]) -> User {
        let groups = groups.iter().map(|id| GroupId::try_from(*id).unwrap()).collect();
        let new = NewUser { groups, ..NewUser::with_email(Email::parse("a@b.c").unwrap()) };
        User::new(UserId::INSTALLER, new, Timestamp::parse("2026-01-01").unwrap())
    }

    fn conflicts(before: Option<&User>, after: &User) -> Vec<Option<Conflict>> {
        membership_writes(before, after).unwrap().iter().map(Write::conflict).collect()
    }

    #[test]
    fn a_new_member_needs_the_group_and_a_former_one_the_member_item() {
        let group = GroupId::try_from(3).unwrap();
        let joined = [Some(Conflict::UnknownGroup(group)), None];
        assert_eq!(conflicts(None, &user(&[3])), joined);
        assert_eq!(conflicts(Some(&user(&[])), &user(&[3])), joined);
        let left = [Some(Conflict::StaleUser), Some(Conflict::StaleUser)];
        assert_eq!(conflicts(Some(&user(&[3])), &user(&[])), left);
    }

    #[test]
    fn a_deactivation_changes_the_counter_and_nothing_else() {
        let before = user(&[3]);
        let after = before.deactivated(before.updated_at);
        assert_eq!(conflicts(Some(&before), &after), [Some(Conflict::StaleUser)]);
    }

    #[test]
    fn builtin_groups_and_unchanged_memberships_need_no_write() {
        assert!(conflicts(None, &user(&[1, 2])).is_empty());
        assert!(conflicts(Some(&user(&[3])), &user(&[3])).is_empty());
    }
}
