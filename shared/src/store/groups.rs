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

    /// Reads all groups, and the active service accounts of API keys, concurrently.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn groups_and_service_accounts(
        &self,
        admin: &Admin,
    ) -> Result<(Vec<Group>, Vec<User>), StoreError> {
        tokio::try_join!(self.groups(admin), self.service_accounts(admin))
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
            let (key, item) = (Key::group_name(name), name_item(group.id));
            writes.push(Write::create(&key, &item, Conflict::GroupNameTaken)?);
            writes.extend(name_deletions(group));
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

/// Deletes the uniqueness item of a group's name. The key of a name from an earlier version may
/// differ, so the item is at one of two keys.
pub(super) fn name_deletions(group: &Group) -> Vec<Write> {
    let key = Key::group_name(&group.name);
    let deletion = |key: &Key, condition: &'static str| {
        let condition = Expression::new(condition).number("group", group.id);
        Write::delete(key).only_if(condition.or_conflict(Conflict::StaleGroup))
    };
    match Key::earlier_group_name(&group.name) {
        None => vec![deletion(&key, "#group_id = :group")],
        Some(earlier) => [key, earlier]
            .map(|key| deletion(&key, "attribute_not_exists(pk) OR #group_id = :group"))
            .into(),
    }
}

const fn name_item(id: GroupId) -> GroupNameItem {
    GroupNameItem { group_id: id.get() }
}
