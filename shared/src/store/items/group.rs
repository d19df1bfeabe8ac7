//! Groups, their names and their members.

use serde::{Deserialize, Serialize};

use crate::{
    domain::{Group, GroupId, GroupName},
    store::StoreError,
};

/// A group.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) struct GroupItem {
    id: u64,
    name: String,
    members: i64,
    revision: u64,
    #[serde(default)]
    is_closing: bool,
}

/// The uniqueness item of a group name.
#[derive(Debug, Serialize)]
pub(in crate::store) struct GroupNameItem {
    pub(in crate::store) group_id: u64,
}

/// The membership of a user in a group.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) struct MemberItem {
    pub(in crate::store) user_id: u64,
}

impl GroupItem {
    /// A group without members.
    pub(in crate::store) fn new(id: GroupId, name: &str) -> Self {
        Self { id: id.get(), name: name.to_owned(), members: 0, revision: 0, is_closing: false }
    }
}

impl TryFrom<GroupItem> for Group {
    type Error = StoreError;

    fn try_from(item: GroupItem) -> Result<Self, StoreError> {
        let malformed = |error| StoreError::Malformed("group", Box::new(error));
        Ok(Self {
            id: GroupId::try_from(item.id).map_err(malformed)?,
            name: GroupName::from_stored(item.name),
            members: usize::try_from(item.members).unwrap_or_default(),
            revision: item.revision,
            is_being_deleted: item.is_closing,
        })
    }
}
