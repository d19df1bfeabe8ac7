//! Actions of the operator, with direct access to the table. The audit log names the operator.

use crate::{
    auth::reset_token::{NewPasswordReset, ResetToken},
    authorization::Admin,
    domain::{
        Actor, AuthMethod, Email, RequestMeta, StatusFilter, Timestamp, UserFilter, WriteContext,
    },
    store::{Store, StoreError, WriteError},
};

/// The reason why the operator cannot reset a password.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// No active user with a password has the address.
    #[error("no active user with a password has the address")]
    NoSuchUser,
    /// The table could not be read or written.
    #[error(transparent)]
    Failed(#[from] WriteError),
}

impl From<StoreError> for ResetError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// The circumstances of a write by the operator.
#[must_use]
pub fn write_context(now: Timestamp) -> WriteContext {
    let actor = Actor { id: None, method: AuthMethod::Operator };
    let (source_ip, request_id) = Default::default();
    WriteContext::new(actor, RequestMeta { at: now, source_ip, request_id })
}

/// Issues a password reset token for a user.
///
/// # Errors
///
/// Returns [`ResetError::NoSuchUser`] for an unknown or deactivated user, and for a user of an
/// identity provider.
pub async fn reset_token(
    store: &Store,
    email: &Email,
    now: Timestamp,
) -> Result<ResetToken, ResetError> {
    let admin = Admin::of_operator();
    let owners = store.owners(&admin, std::slice::from_ref(email)).await?;
    let owner = *owners.get(&email.normalized()).ok_or(ResetError::NoSuchUser)?;
    let filter = UserFilter { status: StatusFilter::Active, ..UserFilter::default() };
    let user = store.exact_match(&admin, owner, &filter).await?;
    let user = user.filter(|user| user.sso_source.is_none()).ok_or(ResetError::NoSuchUser)?;
    let reset = NewPasswordReset::new(&user, now).map_err(StoreError::from)?;
    store.issue_password_reset(&admin.access(user), &reset, &write_context(now)).await?;
    Ok(reset.token)
}
