//! Who is in which group.

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    expression::{Condition, Expression},
    items::{self, MemberItem},
    keys,
    listing::MOST_RECIPIENTS,
    save::Edit,
    transaction::Transaction,
};
use crate::{
    domain::{Action, Filter, GroupId, Magic, Status, User, UserId},
    permissions::{Access, Admin},
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
        let ids = match group.magic() {
            Some(Magic::AllUsers) => {
                return self.all_users(&Filter::default(), MOST_RECIPIENTS).await;
            }
            Some(Magic::Administrators) => self.admin_ids().await?,
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
        self.all_users(&Filter { status: Status::All, ..Filter::default() }, MOST_RECIPIENTS).await
    }

    /// Puts an account into one more group.
    ///
    /// # Errors
    ///
    /// What [`User::joined`] refuses; [`Conflict::UnknownGroup`].
    pub async fn join_group(
        &self,
        _: &Admin,
        access: &Access,
        group: GroupId,
    ) -> Result<User, WriteError> {
        let now = access.origin().arrival().at;
        let edit = Edit::new(access, Action::CreateMembership);
        self.change(&edit, |user| Ok(user.joined(group, now)?)).await
    }

    /// Takes an account out of a group.
    ///
    /// # Errors
    ///
    /// What [`User::left`] refuses; [`Conflict::LastAdmin`].
    pub async fn leave_group(
        &self,
        _: &Admin,
        access: &Access,
        group: GroupId,
    ) -> Result<User, WriteError> {
        let now = access.origin().arrival().at;
        let edit = Edit::new(access, Action::DeleteMembership);
        self.change(&edit, |user| Ok(user.left(group, now)?)).await
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
struct Step {
    group: GroupId,
    user: UserId,
    /// By how much the number of the group's active members changes.
    difference: i8,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Joins,
    Leaves,
    Stays,
}

impl Step {
    fn new(group: GroupId, before: Option<&User>, after: &User) -> Self {
        let is_in = |user: &User| user.groups.contains(group);
        let counts = |user: &User| i8::from(is_in(user) && user.is_active_person());
        let kind = match (before.is_some_and(is_in), is_in(after)) {
            (false, _) => Kind::Joins,
            (true, false) => Kind::Leaves,
            (true, true) => Kind::Stays,
        };
        let difference = counts(after) - before.map_or(0, counts);
        Self { group, user: after.id, difference, kind }
    }

    /// Nobody joins a group that is gone or about to go. An account that is in one has changed by the
    /// time the group is gone.
    fn condition(&self) -> Condition {
        match self.kind {
            Kind::Joins => Expression::new("#is_closing = :no")
                .flag("no", false)
                .guards_against(Conflict::UnknownGroup(self.group)),
            Kind::Leaves | Kind::Stays => {
                Expression::new("attribute_exists(pk)").guards_against(Conflict::StaleUser)
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
            Some(before) => after.groups.made_in_either(&before.groups),
            None => after.groups.made().collect(),
        };
        let steps = groups.into_iter().map(|group| Step::new(group, before, after));
        let mut steps = steps.filter(|step| step.kind != Kind::Stays || step.difference != 0);
        steps.try_fold(self, |transaction, step| transaction.membership(&step))
    }

    fn membership(self, step: &Step) -> Result<Self, StoreError> {
        let count = Expression::new("ADD #members :difference, #revision :one")
            .number("difference", step.difference)
            .number("one", 1);
        let transaction = self.update(&Key::group(step.group), count, Some(step.condition()))?;
        let member = Key::member(step.group, step.user);
        match step.kind {
            Kind::Joins => transaction.put(&member, &MemberItem { user_id: step.user.get() }, None),
            Kind::Leaves => {
                let exists = Expression::new("attribute_exists(pk)");
                transaction.delete(&member, exists.guards_against(Conflict::StaleUser))
            }
            Kind::Stays => Ok(transaction),
        }
    }
}
