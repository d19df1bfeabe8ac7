//! Ending all memberships of a group, and the group with them.
//!
//! Up to [`Groups::MAX`] members it is one transaction. Of more members as many leave with each of
//! several transactions, and each of them leaves the table in order. A group that is to be deleted
//! closes with the first: nobody finds or joins it any more, and deleting it again goes on where a
//! crash left off.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    audit::Deed,
    expression::Expression,
    groups::{own_claim, unchanged},
    retry::Patience,
    transaction::Transaction,
};
use crate::{
    domain::{Action, Group, GroupId, Groups, Timestamp, User},
    permissions::Admin,
};

/// What becomes of a group whose members leave.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stays,
    Goes,
}

impl Fate {
    const fn action(self) -> Action {
        match self {
            Self::Stays => Action::ClearGroup,
            Self::Goes => Action::DeleteGroup,
        }
    }
}

/// Whether members are left.
#[derive(PartialEq, Eq)]
enum Progress {
    Done,
    More,
}

impl Store {
    /// Deletes a group with all memberships.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`](crate::domain::Refusal::NotFound) when somebody else has deleted it meanwhile.
    pub async fn delete_group(&self, admin: &Admin, group: Group) -> Result<(), WriteError> {
        self.dissolve(admin, group, Fate::Goes).await
    }

    /// Ends all memberships of a group.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`](crate::domain::Refusal::NotFound) when somebody else has deleted it meanwhile.
    pub async fn clear_group(&self, admin: &Admin, group: Group) -> Result<(), WriteError> {
        self.dissolve(admin, group, Fate::Stays).await
    }

    async fn dissolve(
        &self,
        admin: &Admin,
        mut group: Group,
        fate: Fate,
    ) -> Result<(), WriteError> {
        let mut patience = Patience::default();
        loop {
            match self.dissolve_some(admin, &group, fate).await {
                Ok(Progress::Done) => return Ok(()),
                Ok(Progress::More) => patience = Patience::default(),
                Err(WriteError::Conflict(Conflict::StaleGroup)) if patience.lasts().await => {}
                Err(error) => return Err(error),
            }
            group = self.reload_group(group.id).await?;
        }
    }

    /// The group was read before its members are, so what joins in between changes its revision.
    async fn dissolve_some(
        &self,
        admin: &Admin,
        group: &Group,
        fate: Fate,
    ) -> Result<Progress, WriteError> {
        let now = admin.origin().arrival().at;
        let deed = Deed::to_group(admin.origin(), fate.action(), group.id);
        let deed = deed.changing(vec!["members".into()]);
        let members = self.member_ids(group.id).await?;
        let (leaving, staying) = members.split_at(members.len().min(Groups::MAX));
        let leaving = self.users_by_id(leaving).await?;
        let transaction = leaving
            .iter()
            .try_fold(self.transaction(), |legs, user| legs.expel(user, group.id, now))?;
        let goes = fate == Fate::Goes;
        if goes && staying.is_empty() {
            let own = own_claim(group.id);
            let transaction = transaction.delete(&Key::group(group.id), unchanged(group))?;
            transaction.delete(&Key::group_name(&group.name), own)?.commit(deed).await?;
        } else {
            transaction.shrink(group, &leaving, goes)?.commit(deed).await?;
        }
        Ok(if staying.is_empty() { Progress::Done } else { Progress::More })
    }
}

impl Transaction<'_> {
    /// A group is a set of the account's, and leaving it needs nothing that was read of the account but
    /// whether it counts.
    fn expel(self, user: &User, group: GroupId, now: Timestamp) -> Result<Self, StoreError> {
        let leave = Expression::new(
            "SET #version = #version + :one, #updated_at = :now DELETE #groups :group",
        )
        .number("one", 1)
        .text("now", now.to_string())
        .value("group", AttributeValue::Ns(vec![group.to_string()]));
        let as_read = Expression::new("#is_active = :active AND contains(#groups, :id)")
            .flag("active", user.is_active)
            .number("id", group);
        let stale = Conflict::StaleGroup;
        let member = Expression::new("attribute_exists(pk)").guards_against(stale);
        self.update(&Key::user(user.id), leave, Some(as_read.guards_against(stale)))?
            .delete(&Key::member(group, user.id), member)
    }

    fn shrink(self, group: &Group, leaving: &[User], closes: bool) -> Result<Self, StoreError> {
        let less: i64 = leaving.iter().map(|user| -i64::from(user.is_active_person())).sum();
        let shrink =
            Expression::new("SET #is_closing = :closes ADD #members :less, #revision :one")
                .flag("closes", closes)
                .number("less", less)
                .number("one", 1);
        self.update(&Key::group(group.id), shrink, Some(unchanged(group)))
    }
}
