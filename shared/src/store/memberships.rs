//! Who is in which group.

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    expression::{Condition, Expression},
    items::{self, MemberItem},
    keys,
    listing::MAX_RECIPIENTS,
    transaction::Transaction,
    user_writes::UserUpdate,
};
use crate::{
    authorization::{Admin, UserAccess},
    domain::{Action, BuiltinGroup, GroupId, StatusFilter, User, UserFilter, UserId},
};

/// The most items that one `BatchGetItem` reads.
const BATCH: usize = 100;

impl Store {
    /// The active accounts in a group, by first name, last name and number.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn members(&self, _: &Admin, group: GroupId) -> Result<Vec<User>, StoreError> {
        let ids = match group.builtin() {
            Some(BuiltinGroup::AllUsers) => {
                return self.all_users(&UserFilter::default(), MAX_RECIPIENTS).await;
            }
            Some(BuiltinGroup::Administrators) => self.admin_ids().await?,
            None => self.member_ids(group).await?,
        };
        let mut users = self.users_by_id(&ids).await?;
        users.retain(User::is_active_person);
        User::sort_by_name(&mut users);
        Ok(users)
    }

    /// Every account, active or not, with the groups it is in.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn memberships(&self, _: &Admin) -> Result<Vec<User>, StoreError> {
        self.all_users(
            &UserFilter { status: StatusFilter::All, ..UserFilter::default() },
            MAX_RECIPIENTS,
        )
        .await
    }

    /// Puts an account into one more group.
    ///
    /// # Errors
    ///
    /// What [`User::joined`] refuses; [`Conflict::UnknownGroup`].
    pub async fn join_group(
        &self,
        _: &Admin,
        access: &UserAccess,
        group: GroupId,
    ) -> Result<User, WriteError> {
        let now = access.origin().request().at;
        let edit = UserUpdate::new(access, Action::CreateMembership);
        self.update_with_retry(&edit, |user| Ok(user.with_group(group, now)?)).await
    }

    /// Takes an account out of a group.
    ///
    /// # Errors
    ///
    /// What [`User::left`] refuses; [`Conflict::LastAdmin`].
    pub async fn leave_group(
        &self,
        _: &Admin,
        access: &UserAccess,
        group: GroupId,
    ) -> Result<User, WriteError> {
        let now = access.origin().request().at;
        let edit = UserUpdate::new(access, Action::DeleteMembership);
        self.update_with_retry(&edit, |user| Ok(user.without_group(group, now)?)).await
    }

    /// The accounts in a group that somebody made, active or not, by number.
    pub(super) async fn member_ids(&self, group: GroupId) -> Result<Vec<UserId>, StoreError> {
        let members = self.partition(&keys::group_pk(group), keys::MEMBER).await?;
        let ids = members.into_iter().map(|item| {
            let MemberItem { user_id } = items::from_item("member", item)?;
            account(user_id)
        });
        ids.collect()
    }

    async fn admin_ids(&self) -> Result<Vec<UserId>, StoreError> {
        let ids = self.read(vec![Key::admins()]).await?.take_admins()?;
        ids.into_iter().map(account).collect()
    }

    /// Accounts by their numbers.
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

/// What a change of an account means for one group that it is in before or after.
struct MembershipChange {
    group: GroupId,
    user: UserId,
    /// By how much the number of the group's active members changes.
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
        let is_in = |user: &User| user.groups.contains(group);
        let counts = |user: &User| i8::from(is_in(user) && user.is_active_person());
        let kind = match (before.is_some_and(is_in), is_in(after)) {
            (false, _) => ChangeKind::Join,
            (true, false) => ChangeKind::Leave,
            (true, true) => ChangeKind::Unchanged,
        };
        let difference = counts(after) - before.map_or(0, counts);
        Self { group, user: after.id, active_delta: difference, kind }
    }

    /// Nobody joins a group that is gone or about to go. An account that is in one has changed by the
    /// time the group is gone.
    fn condition(&self) -> Condition {
        match self.kind {
            ChangeKind::Join => Expression::new("#is_closing = :no")
                .bool("no", false)
                .or_conflict(Conflict::UnknownGroup(self.group)),
            ChangeKind::Leave | ChangeKind::Unchanged => {
                Expression::new("attribute_exists(pk)").or_conflict(Conflict::StaleUser)
            }
        }
    }
}

impl Transaction<'_> {
    /// The groups that somebody made count their active members and list all of them.
    pub(super) fn memberships(
        self,
        before: Option<&User>,
        after: &User,
    ) -> Result<Self, StoreError> {
        let groups = match before {
            Some(before) => after.groups.custom_in_either(&before.groups),
            None => after.groups.custom().collect(),
        };
        let steps = groups.into_iter().map(|group| MembershipChange::new(group, before, after));
        let mut steps =
            steps.filter(|step| step.kind != ChangeKind::Unchanged || step.active_delta != 0);
        steps.try_fold(self, |transaction, step| transaction.membership(&step))
    }

    fn membership(self, step: &MembershipChange) -> Result<Self, StoreError> {
        let count = Expression::new("ADD #members :difference, #revision :one")
            .number("difference", step.active_delta)
            .number("one", 1);
        let transaction = self.update(&Key::group(step.group), count, Some(step.condition()))?;
        let member = Key::member(step.group, step.user);
        match step.kind {
            ChangeKind::Join => {
                transaction.put(&member, &MemberItem { user_id: step.user.get() }, None)
            }
            ChangeKind::Leave => {
                let exists = Expression::new("attribute_exists(pk)");
                transaction.delete(&member, exists.or_conflict(Conflict::StaleUser))
            }
            ChangeKind::Unchanged => Ok(transaction),
        }
    }
}
