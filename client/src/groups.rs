//! Permission groups.

use futures_util::Stream;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Client, Error, GroupId, MembershipId, UserId, operations as op,
    pages::{self, Position, offset_after},
};

/// The number of groups in a page.
const PAGE: usize = 500;

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Group ID.
    pub id: GroupId,
    /// Name.
    pub name: String,
    /// `all-internal-users` or `admin` for a builtin group.
    pub magic_group_type: Option<String>,
}

/// A group in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupListItem {
    /// The group.
    #[serde(flatten)]
    pub group: Group,
    /// Number of active members.
    pub member_count: u64,
}

/// A group with its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupDetails {
    /// The group.
    #[serde(flatten)]
    pub group: Group,
    /// Active members.
    pub members: Vec<GroupMember>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupMember {
    /// User ID, or the ID of an API key.
    pub user_id: UserId,
    /// Membership ID.
    pub membership_id: MembershipId,
    /// Group ID.
    pub group_id: GroupId,
    /// Email address.
    pub email: String,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Both names, or the email address.
    pub common_name: String,
    /// Whether the member is an administrator.
    pub is_superuser: bool,
    /// `personal` for a user, `api-key` for an API key.
    #[serde(rename = "type")]
    pub kind: String,
}

/// # Groups
///
/// Every method returns an error if the service rejects the request or does not respond.
#[expect(clippy::missing_errors_doc, reason = "the same for all methods, see above")]
impl Client {
    /// Returns all groups. `GET /api/permissions/group`
    pub fn groups(&self) -> impl Stream<Item = Result<GroupListItem, Error>> {
        let client = self.clone();
        pages::all(Position::Offset(0), move |position| {
            let client = client.clone();
            async move {
                let Position::Offset(offset) = position else { return Ok((Vec::new(), None)) };
                let request = client.request(op::LIST_GROUPS, &[]).query("limit", &PAGE);
                let groups = request.query("offset", &offset).send().await?;
                let next = offset_after(offset, groups.len(), PAGE);
                Ok((groups, next))
            }
        })
    }

    /// Returns a group with its active members. `GET /api/permissions/group/{id}`
    pub async fn group(&self, id: GroupId) -> Result<GroupDetails, Error> {
        self.request(op::GET_GROUP, &[&id]).send().await
    }

    /// Creates a group. `POST /api/permissions/group`
    pub async fn create_group(&self, name: &str) -> Result<Group, Error> {
        self.request(op::CREATE_GROUP, &[]).json(&json!({ "name": name })).send().await
    }

    /// Renames a group. `PUT /api/permissions/group/{id}`
    pub async fn rename_group(&self, id: GroupId, name: &str) -> Result<Group, Error> {
        self.request(op::UPDATE_GROUP, &[&id]).json(&json!({ "name": name })).send().await
    }

    /// Deletes a group with its memberships. `DELETE /api/permissions/group/{id}`
    pub async fn delete_group(&self, id: GroupId) -> Result<(), Error> {
        self.request(op::DELETE_GROUP, &[&id]).done().await
    }

    /// Removes all members of a group. `PUT /api/permissions/membership/{id}/clear`
    pub async fn clear_group(&self, id: GroupId) -> Result<(), Error> {
        self.request(op::CLEAR_GROUP, &[&id]).done().await
    }
}
