//! `POST /api/permissions/membership`: puts an account into a group.

use shared::{
    authorization::{Admin, UserAccess},
    domain::{GroupId, User, UserId},
    http::{ApiError, ApiResult, Call, Fields, FromFields, response, view::MemberView},
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
    let input = call.body::<Input>();
    let named = input.as_ref().ok().map(|input| input.user);
    let (caller, target) = call.caller_and_account(named).await?;
    let Input { group, is_group_manager, .. } = input?;
    let admin = caller.admin()?;
    if is_group_manager {
        return Err(ApiError::PremiumFeature(GROUP_MANAGERS_ARE_PREMIUM));
    }
    let access = target.require_reference(&admin, "user_id")?;

    call.idempotent(admin.origin(), add_member(&call, &admin, access, group)).await
}

async fn add_member(call: &Call, admin: &Admin, access: UserAccess, group: GroupId) -> ApiResult {
    let user = access.user().with_group(group, call.now())?;
    // Who else is in the group is read first: once the account has joined, nothing may fail any more.
    let mut members = call.store().members(admin, group).await?;
    members.retain(|member| member.id != user.id);
    members.extend(Some(user).filter(|user| user.is_active));
    User::sort_by_name(&mut members);
    let response = response::ok(&MemberView::all(&members, group))?;
    let joined = call.store().join_group(admin, &access.answering(&response), group).await;
    joined.map_err(|error| match error {
        WriteError::Conflict(Conflict::UnknownGroup(_)) => ApiError::UnknownReference("group_id"),
        error => error.into(),
    })?;

    Ok(response)
}
