//! `PUT /api/permissions/membership/{id}/clear`: takes all accounts out of a group.

use shared::{
    domain::{BuiltinGroup, DomainError},
    http::{ApiError, ApiResult, Call, PathGroup, response},
};

/// Administrators only. Nobody can be taken out of All Users, nor all out of Administrators.
///
/// # Errors
///
/// 400 for those two or a path without a number, 401, 403, 404.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathGroup).await?;
    let admin = caller.admin()?;
    let group = target.require(&admin)?;
    match group.id.builtin() {
        Some(BuiltinGroup::AllUsers) => return Err(DomainError::AllUsersIsImplicit.into()),
        Some(BuiltinGroup::Administrators) => return Err(ApiError::BadRequest("Invalid Request.")),
        None => call.store().clear_group(&admin, group, caller.write_context()).await?,
    }

    Ok(response::no_content())
}
