//! `POST /api/permissions/group`: makes a group.

use shared::{
    authorization::Admin,
    domain::{Group, GroupName, WriteContext},
    http::{ApiError, ApiResult, Call, Fields, FromFields, response, view::GroupView},
};

/// What Metabase tells those who have not paid.
pub const TENANTS_ARE_PREMIUM: &str =
    "Tenants is a paid feature not currently available to your instance.";

struct Input {
    name: GroupName,
    is_tenant_group: bool,
}

impl FromFields for Input {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        let is_tenant_group = form.bool("is_tenant_group").unwrap_or(false);
        Some(Self { name: form.required("name")?, is_tenant_group })
    }
}

/// Administrators only.
///
/// # Errors
///
/// 400 naming fields, or for a name that another group has in any case; 401, 402 for a group of
/// another organisation, 403; 409 and 422 for an `Idempotency-Key`.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;
    let input: Input = call.body()?;
    let admin = caller.admin()?;

    let context = caller.write_context();
    call.idempotent(context, create(&call, &admin, input, context)).await
}

async fn create(call: &Call, admin: &Admin, input: Input, context: &WriteContext) -> ApiResult {
    let Input { name, is_tenant_group } = input;
    if is_tenant_group {
        return Err(ApiError::PremiumFeature(TENANTS_ARE_PREMIUM));
    }
    if name.is_builtin() {
        return Err(ApiError::GroupNameTaken);
    }

    let group = Group::new(call.store().next_group_id(admin).await?, name);
    let response = response::ok(&GroupView::from(&group))?;
    call.store().create_group(admin, &group, &context.with_response(&response)).await?;

    Ok(response)
}
