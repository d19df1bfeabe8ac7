//! Ending all memberships of a group, and the group with them.
//!
//! Up to [`Groups::MAX`] members it is one transaction. Of more members as many leave with each of
//! several transactions, and each of them leaves the table in order. A group that is to be deleted
//! closes with the first: nobody finds or joins it any more, and deleting it again goes on where a
//! crash left off.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    audit_write::NewAuditEvent,
    backoff::Backoff,
    expression::Expression,
    groups::{is_owned_by, revision_is},
    transaction::Transaction,
};
use crate::{
    authorization::Admin,
    domain::{Action, Group, GroupId, GroupSet, Timestamp, User},
};

/// What becomes of a group whose members leave.
#[derive(Clone, Copy, PartialEq, Eq)]
enum GroupRemoval {
    Clear,
    Delete,
}

impl GroupRemoval {
    const fn action(self) -> Action {
        match self {
            Self::Clear => Action::ClearGroup,
            Self::Delete => Action::DeleteGroup,
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
        self.remove_all_members(admin, group, GroupRemoval::Delete).await
    }

    /// Ends all memberships of a group.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`](crate::domain::Refusal::NotFound) when somebody else has deleted it meanwhile.
    pub async fn clear_group(&self, admin: &Admin, group: Group) -> Result<(), WriteError> {
        self.remove_all_members(admin, group, GroupRemoval::Clear).await
    }

    async fn remove_all_members(
        &self,
        admin: &Admin,
        mut group: Group,
        fate: GroupRemoval,
    ) -> Result<(), WriteError> {
        let mut patience = Backoff::default();
        loop {
            match self.remove_member_batch(admin, &group, fate).await {
                Ok(Progress::Done) => return Ok(()),
                Ok(Progress::More) => patience = Backoff::default(),
                Err(WriteError::Conflict(Conflict::StaleGroup)) if patience.pause().await => {}
                Err(error) => return Err(error),
            }
            group = self.reload_group(group.id).await?;
        }
    }

    /// The group was read before its members are, so what joins in between changes its revision.
    async fn remove_member_batch(
        &self,
        admin: &Admin,
        group: &Group,
        fate: GroupRemoval,
    ) -> Result<Progress, WriteError> {
        let now = admin.origin().request().at;
        let deed = NewAuditEvent::on_group(admin.origin(), fate.action(), group.id);
        let deed = deed.with_fields(vec!["members".into()]);
        let members = self.member_ids(group.id).await?;
        let (leaving, staying) = members.split_at(members.len().min(GroupSet::MAX));
        let leaving = self.users_by_id(leaving).await?;
        let transaction = leaving
            .iter()
            .try_fold(self.transaction(), |legs, user| legs.remove_member(user, group.id, now))?;
        let goes = fate == GroupRemoval::Delete;
        if goes && staying.is_empty() {
            let own = is_owned_by(group.id);
            let transaction = transaction.delete(&Key::group(group.id), revision_is(group))?;
            transaction.delete(&Key::group_name(&group.name), own)?.commit(deed).await?;
        } else {
            transaction.decrement_member_count(group, &leaving, goes)?.commit(deed).await?;
        }
        Ok(if staying.is_empty() { Progress::Done } else { Progress::More })
    }
}

impl Transaction<'_> {
    /// A group is a set of the account's, and leaving it needs nothing that was read of the account but
    /// whether it counts.
    fn remove_member(
        self,
        user: &User,
        group: GroupId,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let leave = Expression::new(
            "SET #version = #version + :one, #updated_at = :now DELETE #groups :group",
        )
        .number("one", 1)
        .string("now", now.to_string())
        .value("group", AttributeValue::Ns(vec![group.to_string()]));
        let as_read = Expression::new("#is_active = :active AND contains(#groups, :id)")
            .bool("active", user.is_active)
            .number("id", group);
        let stale = Conflict::StaleGroup;
        let member = Expression::new("attribute_exists(pk)").or_conflict(stale);
        self.update(&Key::user(user.id), leave, Some(as_read.or_conflict(stale)))?
            .delete(&Key::member(group, user.id), member)
    }

    fn decrement_member_count(
        self,
        group: &Group,
        leaving: &[User],
        closes: bool,
    ) -> Result<Self, StoreError> {
        let less: i64 = leaving.iter().map(|user| -i64::from(user.is_active_person())).sum();
        let shrink =
            Expression::new("SET #is_closing = :closes ADD #members :less, #revision :one")
                .bool("closes", closes)
                .number("less", less)
                .number("one", 1);
        self.update(&Key::group(group.id), shrink, Some(revision_is(group)))
    }
}
