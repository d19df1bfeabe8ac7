//! Members of groups.

use futures_util::Stream;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Client, Error, GroupId, GroupMember, MembershipId, UserId, operations as op,
    pages::{self, Position, offset_after},
};

/// The number of users in a page.
const PAGE: usize = 500;

/// A user in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Membership ID.
    pub membership_id: MembershipId,
    /// Group ID.
    pub group_id: GroupId,
    /// User ID.
    pub user_id: UserId,
}

/// # Memberships
///
/// Every method returns an error if the service rejects the request or does not respond.
#[expect(clippy::missing_errors_doc, reason = "the same for all methods, see above")]
impl Client {
    /// Returns the memberships of all users, by user ID. `GET /api/permissions/membership`
    pub fn memberships(&self) -> impl Stream<Item = Result<Membership, Error>> {
        let client = self.clone();
        pages::all(Position::Offset(0), move |position| {
            let client = client.clone();
            async move {
                let Position::Offset(offset) = position else { return Ok((Vec::new(), None)) };
                let request = client.request(op::LIST_MEMBERSHIPS, &[]).query("limit", &PAGE);
                let by_user = request.query("offset", &offset).send().await?;
                let next = offset_after(offset, by_user.len(), PAGE);
                Ok((by_user.into_values().flatten().collect(), next))
            }
        })
    }

    /// Adds a user to a group and returns all active members. `POST /api/permissions/membership`
    pub async fn create_membership(
        &self,
        group_id: GroupId,
        user_id: UserId,
    ) -> Result<Vec<GroupMember>, Error> {
        let body = json!({ "group_id": group_id, "user_id": user_id });
        self.request(op::CREATE_MEMBERSHIP, &[]).json(&body).send().await
    }

    /// Removes a user from a group. `DELETE /api/permissions/membership/{id}`
    pub async fn delete_membership(&self, id: MembershipId) -> Result<(), Error> {
        self.request(op::DELETE_MEMBERSHIP, &[&id]).done().await
    }
}
