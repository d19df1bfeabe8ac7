//! `PUT /api/permissions/group/{id}`: gives a group another name.

use shared::{
    domain::GroupName,
    http::{ApiError, ApiResult, Call, Fields, FromFields, PathGroup, response, view::GroupView},
};

struct Input {
    name: GroupName,
}

impl FromFields for Input {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        Some(Self { name: form.required("name")? })
    }
}

/// Administrators only. The groups that always exist keep their names.
///
/// # Errors
///
/// 400 naming fields, or for a name that another group has in any case; 401, 403, 404.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathGroup).await?;
    let Input { name } = call.body()?;
    let admin = caller.admin()?;
    let group = target.require(&admin)?.ensure_custom()?;
    if name.is_builtin() {
        return Err(ApiError::GroupNameTaken);
    }

    let group = call.store().rename_group(&admin, group, name, caller.write_context()).await?;

    response::ok(&GroupView::from(&group))
}
