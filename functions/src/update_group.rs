//! `PUT /api/permissions/group/{id}`: gives a group another name.

use shared::{
    domain::GroupName,
    http::{ApiError, ApiResult, Call, Form, FromForm, reply, view::GroupView},
};

struct Input {
    name: GroupName,
}

impl FromForm for Input {
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
        Some(Self { name: form.required("name")? })
    }
}

/// Administrators only. The groups that always exist keep their names.
///
/// # Errors
///
/// 400 naming fields, or for a name that another group has in any case; 401, 403, 404.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.caller_and_group().await?;
    let Input { name } = call.body()?;
    let admin = caller.admin()?;
    let group = target.found(&admin)?.editable()?;
    if name.is_magic() {
        return Err(ApiError::GroupNameTaken);
    }

    let group = call.store().rename_group(&admin, group, name).await?;

    reply::ok(&GroupView::from(&group))
}
