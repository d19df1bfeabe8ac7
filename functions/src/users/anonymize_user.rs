//! `POST /api/user/{id}/anonymize`: takes an account's access away, and all that tells whose it was.

use shared::http::{ApiResult, Call, PathUser};

/// Administrators only. There is no way back; an account that is nobody's already is left as it is.
///
/// # Errors
///
/// 400 `id` or for the last administrator, 401, 403, 404, 412.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let admin = caller.admin()?;

    let access = target.require(&admin)?;
    let context = caller.write_context().without_idempotency();
    let user = call.store().anonymize(&admin, &access, &context).await?;

    call.dialect().user(&user)
}
