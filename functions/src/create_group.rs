//! `POST /api/permissions/group`: makes a group.

use shared::{
    domain::GroupName,
    http::{ApiError, ApiResult, Call, Form, FromForm, reply, view::GroupView},
};

/// What Metabase tells those who have not paid.
pub const TENANTS: &str = "Tenants is a paid feature not currently available to your instance.";

struct Input {
    name: GroupName,
    is_tenant_group: bool,
}

impl FromForm for Input {
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
        let is_tenant_group = form.flag("is_tenant_group").unwrap_or(false);
        Some(Self { name: form.required("name")?, is_tenant_group })
    }
}

/// Administrators only.
///
/// # Errors
///
/// 400 naming fields, or for a name that another group has in any case; 401, 402 for a group of
/// another organisation, 403.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;
    let Input { name, is_tenant_group } = call.body()?;
    let admin = caller.admin()?;
    if is_tenant_group {
        return Err(ApiError::Premium(TENANTS));
    }
    if name.is_magic() {
        return Err(ApiError::GroupNameTaken);
    }

    let id = call.store().next_group_id(&admin).await?;
    let group = call.store().create_group(&admin, id, name).await?;

    reply::ok(&GroupView::from(&group))
}
