//! `POST /api/user/{id}/anonymize`: takes an account's access away, and all that tells whose it was.

use shared::http::{ApiResult, Call};

/// Administrators only. There is no way back; an account that is nobody's already is left as it is.
///
/// # Errors
///
/// 400 `id` or for the last administrator, 401, 403, 404, 412.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.caller_and_target().await?;
    let admin = caller.admin()?;

    let access = target.require(&admin)?.repeatable();
    let user = call.store().anonymize(&admin, &access, call.now()).await?;

    call.dialect().user(&user)
}
