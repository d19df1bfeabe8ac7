//! Groups.

use super::{
    Conflict, Key, LoadedItems, Store, StoreError, WriteError,
    audit::NewAuditEvent,
    backoff::Backoff,
    expression::{Condition, Expression},
    items::{self, AdminsItem, GroupItem, GroupNameItem},
    keys,
    write::Write,
};
use crate::{
    authorization::Admin,
    domain::{Action, DomainError, Group, GroupId, GroupName, User, WriteContext},
};

/// The wire name of the changed field.
const NAME: &str = "name";

impl Store {
    /// Reads all groups, by ID. Groups that are being deleted are left out.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn groups(&self, _: &Admin) -> Result<Vec<Group>, StoreError> {
        let items = self.partition(keys::GROUPS, keys::GROUP).await?;
        let groups =
            items.into_iter().map(|item| items::from_item::<GroupItem>("group", item)?.try_into());
        let groups: Vec<Group> = groups.collect::<Result<_, _>>()?;
        Ok(groups.into_iter().filter(|group| !group.is_being_deleted).collect())
    }

    /// Reads the group of an API key's service account.
    ///
    /// # Errors
    ///
    /// Returns [`DomainError::NotFound`] if the group has just been deleted.
    pub async fn group_of_key(&self, _: &Admin, user: &User) -> Result<Group, WriteError> {
        self.reload_group(user.groups.api_key_group()).await
    }

    /// Creates a group with an ID from [`Store::next_group_id`].
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::GroupNameTaken`].
    pub async fn create_group(
        &self,
        _: &Admin,
        Group { id, name, .. }: &Group,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let item = GroupItem::new(*id, name.as_str());
        let writes = vec![
            Write::create(&Key::group(*id), &item, Conflict::GroupIdTaken)?,
            Write::create(&Key::group_name(name), &name_item(*id), Conflict::GroupNameTaken)?,
        ];
        let event = NewAuditEvent::on_group(Action::CreateGroup, *id);
        self.commit(writes, context, event.with_fields(vec![NAME.into()])).await
    }

    /// Renames a group. A group that has changed since the read is read again.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::GroupNameTaken`], and [`DomainError::NotFound`] if the group has been
    /// deleted.
    pub async fn rename_group(
        &self,
        _: &Admin,
        mut group: Group,
        name: GroupName,
        context: &WriteContext,
    ) -> Result<Group, WriteError> {
        let mut backoff = Backoff::default();
        loop {
            match self.rename_once(&group, &name, context).await {
                Err(WriteError::Conflict(Conflict::StaleGroup)) if backoff.pause().await => {
                    group = self.reload_group(group.id).await?;
                }
                renamed => return renamed.map(|()| Group { name, ..group }),
            }
        }
    }

    async fn rename_once(
        &self,
        group: &Group,
        name: &GroupName,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        if *name == group.name {
            return Ok(());
        }
        let rename = Expression::new("SET #name = :name ADD #revision :one")
            .string("name", name.as_str())
            .number("one", 1);
        let mut writes =
            vec![Write::update(&Key::group(group.id), rename).only_if(revision_is(group))];
        if name.normalized() != group.name.normalized() {
            let item = name_item(group.id);
            writes.extend([
                Write::create(&Key::group_name(name), &item, Conflict::GroupNameTaken)?,
                Write::delete(&Key::group_name(&group.name)).only_if(is_owned_by(group.id)),
            ]);
        }
        let event = NewAuditEvent::on_group(Action::UpdateGroup, group.id);
        self.commit(writes, context, event.with_fields(vec![NAME.into()])).await
    }

    pub(super) async fn reload_group(&self, id: GroupId) -> Result<Group, WriteError> {
        let group = self.read(vec![Key::group(id)]).await?.take_group(id)?;
        Ok(group.ok_or(DomainError::NotFound)?)
    }
}

impl LoadedItems {
    /// Takes a group, even one that is being deleted.
    pub(crate) fn take_group(&mut self, id: GroupId) -> Result<Option<Group>, StoreError> {
        self.take::<GroupItem>("group", &Key::group(id))?.map(Group::try_from).transpose()
    }

    /// Takes the IDs of the active administrators.
    pub(crate) fn take_admins(&mut self) -> Result<Vec<u64>, StoreError> {
        Ok(self.take::<AdminsItem>("administrators", &Key::admins())?.unwrap_or_default().ids)
    }
}

/// Is true if neither the group nor its members have changed since the group was read.
pub(super) fn revision_is(group: &Group) -> Condition {
    Expression::new("#revision = :revision")
        .number("revision", group.revision)
        .or_conflict(Conflict::StaleGroup)
}

/// Is true if a uniqueness item belongs to a group.
pub(super) fn is_owned_by(id: GroupId) -> Condition {
    Expression::new("#group_id = :group").number("group", id).or_conflict(Conflict::StaleGroup)
}

const fn name_item(id: GroupId) -> GroupNameItem {
    GroupNameItem { group_id: id.get() }
}
