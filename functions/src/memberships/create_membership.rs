//! `POST /api/permissions/membership`: puts an account into a group.

use shared::{
    authorization::{Admin, UserAccess},
    domain::{GroupId, User, UserId, WriteContext},
    http::{
        ApiError, ApiResult, Call, Fields, FromFields, ReferencedUser, response, view::MemberView,
    },
    store::{Conflict, WriteError},
};

use crate::memberships::update_membership::GROUP_MANAGERS_ARE_PREMIUM;

struct Input {
    user: UserId,
    group: GroupId,
    is_group_manager: bool,
}

impl FromFields for Input {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        let (user, group) = (form.id("user_id"), form.id("group_id"));
        let is_group_manager = form.bool("is_group_manager").unwrap_or(false);
        Some(Self { user: user?, group: group?, is_group_manager })
    }
}

/// Administrators only. Who joins Administrators becomes one.
///
/// # Errors
///
/// 400 naming fields, for All Users, and for somebody who is in the group; 401, 402 for managers of
/// groups, 403; 409 and 422 for an `Idempotency-Key`.
pub async fn handler(call: Call) -> ApiResult {
    let body = call.body_and(|input: &Input| ReferencedUser(Some(input.user)));
    let (caller, (Input { group, is_group_manager, .. }, target)) =
        call.authenticate_active(body).await?;
    let admin = caller.admin()?;
    if is_group_manager {
        return Err(ApiError::PremiumFeature(GROUP_MANAGERS_ARE_PREMIUM));
    }
    let access = admin.access(target.require_reference(&admin, "user_id")?);

    let context = caller.write_context();
    let work = add_member(&call, &admin, &access, group, context);
    call.idempotent(context, work).await
}

async fn add_member(
    call: &Call,
    admin: &Admin,
    access: &UserAccess,
    group: GroupId,
    context: &WriteContext,
) -> ApiResult {
    let user = access.user().with_group(group, call.now())?;
    // The other members are read first: nothing may fail after the user has joined.
    let mut members = call.store().members(admin, group).await?;
    members.retain(|member| member.id != user.id);
    members.extend(Some(user).filter(|user| user.is_active));
    User::sort_by_name(&mut members);
    let response = response::ok(&MemberView::all(&members, group))?;
    let context = context.with_response(&response);
    let joined = call.store().join_group(admin, access, group, &context).await;
    joined.map_err(|error| match error {
        WriteError::Conflict(Conflict::UnknownGroup(_)) => ApiError::UnknownReference("group_id"),
        error => error.into(),
    })?;

    Ok(response)
}
