//! Groups: found, made and renamed.

use super::{
    Conflict, Key, LoadedItems, Store, StoreError, WriteError,
    audit_write::NewAuditEvent,
    backoff::Backoff,
    expression::{Condition, Expression},
    items::{self, AdminsItem, GroupItem, GroupNameItem},
    keys,
};
use crate::{
    authorization::Admin,
    domain::{Action, DomainError, Group, GroupId, GroupName, User},
};

/// The field that a group has on the wire.
const NAME: &str = "name";

impl Store {
    /// All groups but those that are being deleted, by number.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn groups(&self, _: &Admin) -> Result<Vec<Group>, StoreError> {
        let items = self.partition(keys::GROUPS, keys::GROUP).await?;
        let groups =
            items.into_iter().map(|item| items::from_item::<GroupItem>("group", item)?.try_into());
        let groups: Vec<Group> = groups.collect::<Result<_, _>>()?;
        Ok(groups.into_iter().filter(|group| !group.is_being_deleted).collect())
    }

    /// The group of an API key.
    ///
    /// # Errors
    ///
    /// [`Conflict::UnknownGroup`] when somebody is just deleting it.
    pub async fn group_of_key(&self, _: &Admin, user: &User) -> Result<Group, WriteError> {
        self.reload_group(user.groups.api_key_group()).await
    }

    /// Makes a group under a number from [`Store::next_group_id`].
    ///
    /// # Errors
    ///
    /// [`Conflict::GroupNameTaken`].
    pub async fn create_group(
        &self,
        admin: &Admin,
        Group { id, name, .. }: &Group,
    ) -> Result<(), WriteError> {
        let item = GroupItem::new(*id, name.as_str());
        let deed = NewAuditEvent::on_group(admin.origin(), Action::CreateGroup, *id);
        self.transaction()
            .create(&Key::group(*id), &item, Conflict::GroupIdTaken)?
            .create(&Key::group_name(name), &name_item(*id), Conflict::GroupNameTaken)?
            .commit(deed.with_fields(vec![NAME.into()]))
            .await
    }

    /// Gives a group another name. One that has changed since it was read is read, and renamed, once
    /// more.
    ///
    /// # Errors
    ///
    /// [`Conflict::GroupNameTaken`]; [`Refusal::NotFound`] when it has been deleted meanwhile.
    pub async fn rename_group(
        &self,
        admin: &Admin,
        mut group: Group,
        name: GroupName,
    ) -> Result<Group, WriteError> {
        let mut patience = Backoff::default();
        loop {
            match self.rename_once(admin, &group, &name).await {
                Err(WriteError::Conflict(Conflict::StaleGroup)) if patience.pause().await => {
                    group = self.reload_group(group.id).await?;
                }
                renamed => return renamed.map(|()| Group { name, ..group }),
            }
        }
    }

    async fn rename_once(
        &self,
        admin: &Admin,
        group: &Group,
        name: &GroupName,
    ) -> Result<(), WriteError> {
        if *name == group.name {
            return Ok(());
        }
        let rename = Expression::new("SET #name = :name ADD #revision :one")
            .string("name", name.as_str())
            .number("one", 1);
        let transaction =
            self.transaction().update(&Key::group(group.id), rename, Some(revision_is(group)))?;
        let transaction = if name.normalized() == group.name.normalized() {
            transaction
        } else {
            transaction
                .create(&Key::group_name(name), &name_item(group.id), Conflict::GroupNameTaken)?
                .delete(&Key::group_name(&group.name), is_owned_by(group.id))?
        };
        let deed = NewAuditEvent::on_group(admin.origin(), Action::UpdateGroup, group.id);
        transaction.commit(deed.with_fields(vec![NAME.into()])).await
    }

    /// A group as it is now.
    pub(super) async fn reload_group(&self, id: GroupId) -> Result<Group, WriteError> {
        let group = self.read(vec![Key::group(id)]).await?.take_group(id)?;
        Ok(group.ok_or(DomainError::NotFound)?)
    }
}

impl LoadedItems {
    /// A group, also one that is being deleted.
    pub(crate) fn take_group(&mut self, id: GroupId) -> Result<Option<Group>, StoreError> {
        self.take::<GroupItem>("group", &Key::group(id))?.map(Group::try_from).transpose()
    }

    /// The numbers of the active administrators.
    pub(crate) fn take_admins(&mut self) -> Result<Vec<u64>, StoreError> {
        Ok(self.take::<AdminsItem>("admins", &Key::admins())?.unwrap_or_default().ids)
    }
}

/// Holds while neither the group nor a membership of it has changed.
pub(super) fn revision_is(group: &Group) -> Condition {
    Expression::new("#revision = :revision")
        .number("revision", group.revision)
        .or_conflict(Conflict::StaleGroup)
}

/// Holds while the claim on a name is the group's.
pub(super) fn is_owned_by(id: GroupId) -> Condition {
    Expression::new("#group_id = :group").number("group", id).or_conflict(Conflict::StaleGroup)
}

const fn name_item(id: GroupId) -> GroupNameItem {
    GroupNameItem { group_id: id.get() }
}
