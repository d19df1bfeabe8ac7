//! Removal of all members of a group, and deletion of groups.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Conflict, Key, Store, WriteError,
    audit::NewAuditEvent,
    backoff::Backoff,
    expression::Expression,
    groups::{name_deletions, revision_is},
    write::Write,
};
use crate::{
    authorization::Admin,
    domain::{Action, Group, GroupId, GroupSet, Timestamp, User, WriteContext},
};

/// The fate of a group whose members are removed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum GroupRemoval {
    /// The group stays, without members.
    Clear,
    /// The group is deleted.
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

/// Whether members remain.
#[derive(PartialEq, Eq)]
enum Progress {
    Done,
    More,
}

impl Store {
    /// Deletes a group with all its memberships.
    ///
    /// # Errors
    ///
    /// Returns [`DomainError::NotFound`](crate::domain::DomainError::NotFound) if a concurrent
    /// request has deleted the group.
    pub async fn delete_group(
        &self,
        _: &Admin,
        group: Group,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        self.remove_all_members(group, GroupRemoval::Delete, context).await
    }

    /// Removes all members of a group.
    ///
    /// # Errors
    ///
    /// Returns [`DomainError::NotFound`](crate::domain::DomainError::NotFound) if a concurrent
    /// request has deleted the group.
    pub async fn clear_group(
        &self,
        _: &Admin,
        group: Group,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        self.remove_all_members(group, GroupRemoval::Clear, context).await
    }

    async fn remove_all_members(
        &self,
        mut group: Group,
        removal: GroupRemoval,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let mut backoff = Backoff::default();
        loop {
            match self.remove_member_batch(&group, removal, context).await {
                Ok(Progress::Done) => return Ok(()),
                Ok(Progress::More) => backoff = Backoff::default(),
                Err(WriteError::Conflict(Conflict::StaleGroup)) if backoff.pause().await => {}
                Err(error) => return Err(error),
            }
            group = self.reload_group(group.id).await?;
        }
    }

    /// Removes as many members as fit into one transaction. The group is read before its members,
    /// so a member who joins in between changes its revision.
    async fn remove_member_batch(
        &self,
        group: &Group,
        removal: GroupRemoval,
        context: &WriteContext,
    ) -> Result<Progress, WriteError> {
        let members = self.member_ids(group.id).await?;
        let (leaving, staying) = members.split_at(members.len().min(GroupSet::MAX));
        let leaving = self.users_by_id(leaving).await?;
        let mut writes: Vec<Write> =
            leaving.iter().flat_map(|user| member_removal(user, group.id, context.now())).collect();
        let is_deletion = removal == GroupRemoval::Delete;
        if is_deletion && staying.is_empty() {
            writes.extend(group_deletion(group));
        } else {
            writes.push(group_shrink(group, &leaving, is_deletion));
        }
        let event = NewAuditEvent::on_group(removal.action(), group.id);
        self.commit(writes, context, event.with_fields(vec!["members".into()])).await?;
        Ok(if staying.is_empty() { Progress::Done } else { Progress::More })
    }
}

/// Removes a user from a group. The update of the profile depends only on the attributes that it
/// uses, not on the version that was read.
fn member_removal(user: &User, group: GroupId, now: Timestamp) -> [Write; 2] {
    let leave =
        Expression::new("SET #version = #version + :one, #updated_at = :now DELETE #groups :group")
            .number("one", 1)
            .string("now", now.to_string())
            .value("group", AttributeValue::Ns(vec![group.to_string()]));
    let is_unchanged = Expression::new("#is_active = :active AND contains(#groups, :id)")
        .bool("active", user.is_active)
        .number("id", group);
    let exists = Expression::new("attribute_exists(pk)");
    [
        Write::update(&Key::user(user.id), leave)
            .only_if(is_unchanged.or_conflict(Conflict::StaleGroup)),
        Write::delete(&Key::member(group, user.id))
            .only_if(exists.or_conflict(Conflict::StaleGroup)),
    ]
}

fn group_deletion(group: &Group) -> Vec<Write> {
    let deletion = Write::delete(&Key::group(group.id)).only_if(revision_is(group));
    std::iter::once(deletion).chain(name_deletions(group)).collect()
}

/// Subtracts the removed members from the counter. During a deletion it marks the group, so that no
/// user joins any more.
fn group_shrink(group: &Group, leaving: &[User], is_deletion: bool) -> Write {
    let less: i64 = leaving.iter().map(|user| -i64::from(user.is_active_person())).sum();
    let shrink = Expression::new("SET #is_closing = :closes ADD #members :less, #revision :one")
        .bool("closes", is_deletion)
        .number("less", less)
        .number("one", 1);
    Write::update(&Key::group(group.id), shrink).only_if(revision_is(group))
}
