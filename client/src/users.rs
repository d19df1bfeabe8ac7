//! Users: routes below `/api/user`.

mod changes;
mod query;
mod views;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::json;

pub use self::{
    changes::{Change, NewUser, UserChanges},
    query::{UserQuery, UserStatus},
    views::{CurrentUser, Invitation, Recipient, User, UserListItem},
};
use crate::{Client, Error, UserId, Versioned, operations as op};

/// A welcome dialog of Metabase's user interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Modal {
    /// The dialog for new users.
    #[serde(rename = "qbnewb")]
    NewUser,
    /// The dialog about datasets.
    #[serde(rename = "datasetnewb")]
    Datasets,
}

impl Modal {
    const fn name(self) -> &'static str {
        match self {
            Self::NewUser => "qbnewb",
            Self::Datasets => "datasetnewb",
        }
    }
}

/// # Users
///
/// Every method returns an error if the service rejects the request or does not respond.
#[expect(clippy::missing_errors_doc, reason = "the same for all methods, see above")]
impl Client {
    /// Creates a user. `POST /api/user`
    pub async fn create_user(&self, user: &NewUser) -> Result<Versioned<User>, Error> {
        self.request(op::CREATE_USER, &[]).json(user).versioned().await
    }

    /// Returns the user of the credentials. `GET /api/user/current`
    pub async fn current_user(&self) -> Result<Versioned<CurrentUser>, Error> {
        self.request(op::CURRENT_USER, &[]).versioned().await
    }

    /// Returns a user. `GET /api/user/{id}`
    pub async fn user(&self, id: UserId) -> Result<Versioned<User>, Error> {
        self.request(op::GET_USER, &[&id]).versioned().await
    }

    /// Changes a user. `PUT /api/user/{id}`
    pub async fn update_user(
        &self,
        id: UserId,
        changes: &UserChanges,
    ) -> Result<Versioned<User>, Error> {
        self.request(op::UPDATE_USER, &[&id]).json(changes).versioned().await
    }

    /// Deactivates a user and revokes their sessions. `DELETE /api/user/{id}`
    pub async fn deactivate_user(&self, id: UserId) -> Result<(), Error> {
        self.request(op::DEACTIVATE_USER, &[&id]).done().await
    }

    /// Reactivates a user. `PUT /api/user/{id}/reactivate`
    pub async fn reactivate_user(&self, id: UserId) -> Result<Versioned<User>, Error> {
        self.request(op::REACTIVATE_USER, &[&id]).versioned().await
    }

    /// Deactivates a user and removes their personal data permanently.
    /// `POST /api/user/{id}/anonymize`
    pub async fn anonymize_user(&self, id: UserId) -> Result<Versioned<User>, Error> {
        self.request(op::ANONYMIZE_USER, &[&id]).versioned().await
    }

    /// Dismisses a welcome dialog. `PUT /api/user/{id}/modal/{modal}`
    pub async fn dismiss_modal(&self, id: UserId, modal: Modal) -> Result<(), Error> {
        self.request(op::DISMISS_MODAL, &[&id, &modal.name().to_owned()]).done().await
    }

    /// Emails an invitation, or returns its link if the service sends no emails.
    /// `POST /api/user/{id}/send_invite`
    pub async fn send_invite(&self, id: UserId) -> Result<Invitation, Error> {
        self.request(op::SEND_INVITE, &[&id]).send().await
    }

    /// Applies a new email address with the token of a link. `POST /api/user/confirm-email`
    pub async fn confirm_email(&self, token: &SecretString) -> Result<(), Error> {
        let body = json!({ "token": token.expose_secret() });
        self.request(op::CONFIRM_EMAIL, &[]).json(&body).done().await
    }

    /// Restores an earlier email address with the token of a link. `POST /api/user/revert-email`
    pub async fn revert_email(&self, token: &SecretString) -> Result<(), Error> {
        let body = json!({ "token": token.expose_secret() });
        self.request(op::REVERT_EMAIL, &[]).json(&body).done().await
    }
}
