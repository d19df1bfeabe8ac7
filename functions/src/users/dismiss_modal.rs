//! `PUT /api/user/{id}/modal/{modal}`: notes that a dialogue of the first steps was seen.

use shared::{
    domain::Modal,
    http::{ApiResult, Call, FieldErrors, PathUser, response},
};

/// The account's owner or an administrator.
///
/// # Errors
///
/// 400 `id` or `modal`, 401, 403, 404 also for a deactivated account, 412.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let modal = Modal::parse(&call.path("modal")).ok_or_else(|| {
        FieldErrors::single("modal", "value must be either qbnewb or datasetnewb.")
    })?;
    let access = caller.self_or_admin(target)?;

    call.store().dismiss_modal(&access, modal, caller.write_context()).await?;

    Ok(response::success())
}
