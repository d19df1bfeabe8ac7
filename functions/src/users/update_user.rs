//! `PUT /api/user/{id}`: changes a profile, and as an administrator also rights and groups.

use shared::{
    domain::UserPatch,
    http::{ApiResult, Call, Fields, FromFields, PathUser},
};

struct Input(UserPatch);

impl FromFields for Input {
    /// What is absent stays. Null clears what may be empty and leaves the rest as it is.
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        // There are no analysts; what is no boolean is refused all the same.
        form.bool("is_data_analyst");
        Some(Self(UserPatch {
            email: form.optional("email"),
            first_name: form.patch("first_name"),
            last_name: form.patch("last_name"),
            locale: form.patch("locale"),
            login_attributes: form.patch("login_attributes"),
            is_superuser: form.bool("is_superuser"),
            must_change_password: form.bool("must_change_password"),
            groups: form.groups(),
            leaves_all_users: form.leaves_all_users(),
        }))
    }
}

/// The account's owner or an administrator. What only administrators may change is ignored when the
/// owner sends it, but for other groups, which are refused.
///
/// # Errors
///
/// 400 naming fields or for the last administrator, 401, 403, 404 also for a deactivated account,
/// 409 for an address that another account has, 412.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let Input(patch) = call.body()?;
    let access = caller.self_or_admin(target)?;

    let user = call.store().update_user(&access, patch, caller.write_context()).await?;

    call.dialect().user(&user)
}
