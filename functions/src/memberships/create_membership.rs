//! `POST /api/permissions/membership`: adds a user to a group.

use openapi::{Access, Examples, Operation, Tag, errors::invalid};
use schemars::JsonSchema;
use serde_json::json;
use shared::{
    authorization::{Admin, UserAccess},
    domain::{GroupId, User, UserId, WriteContext},
    http::{
        ApiError, ApiResult, Call, Fields, FromFields, ReferencedUser, response, view::MemberView,
    },
    store::{Conflict, WriteError},
};

use crate::{
    memberships::update_membership::GROUP_MANAGERS_ARE_PREMIUM,
    route::{Event, Lambda, Permission, Route},
};

/// A new member of a group.
#[derive(JsonSchema)]
#[schemars(rename = "CreateMembership")]
struct Input {
    #[schemars(rename = "user_id")]
    user: UserId,
    #[schemars(rename = "group_id")]
    group: GroupId,
    /// Group managers are a paid feature of Metabase: true returns 402.
    #[schemars(with = "Option<bool>")]
    is_group_manager: bool,
}

impl FromFields for Input {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let (user, group) = (fields.id("user_id"), fields.id("group_id"));
        let is_group_manager = fields.bool("is_group_manager").unwrap_or(false);
        Some(Self { user: user?, group: group?, is_group_manager })
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "POST",
    path: "/api/permissions/membership",
    function: "create-membership",
    summary: "Add a user to a group",
    tag: Tag::Memberships,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["ADMINS", "IDEMPOTENCY#*", "USER#*"]),
        Permission::PutItem(&["AUDIT#*", "GROUP#*", "IDEMPOTENCY#*", "USER#*"]),
        Permission::Query(&["APIKEYS", "GROUP#*"]),
        Permission::UpdateItem(&["ADMINS", "GROUPS"]),
    ],
    event: Event::body(r#"{"group_id": 3, "user_id": 1}"#),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let Examples { jane, analysts, .. } = operation.examples();
    let members = response::ok(&MemberView::all(std::slice::from_ref(jane), analysts.id));
    operation
        .text("A new member of group 2 is an administrator.")
        .dialects(
            "For an unknown user or group, documented names the field and metabase returns text.",
        )
        .request_body::<Input>(&[("membership", json!({ "user_id": 2, "group_id": 3 }))])
        .response::<Vec<MemberView<'_>>>(
            "All active members of the group.",
            &[("members", members)],
        )
        .idempotent()
        .link(&[("delete-membership", "$response.body#/0/membership_id")])
        .error("invalid", invalid("user_id", "value must be an integer greater than zero."))
        .error("unknown-user", ApiError::UnknownReference("user_id"))
        .error("unknown-group", ApiError::UnknownReference("group_id"))
        .error("already-member", ApiError::AlreadyMember)
        .error("all-users", ApiError::AllUsersIsImplicit)
        .error("too-many-groups", ApiError::TooManyGroups)
        .error("paid-feature", ApiError::PremiumFeature(GROUP_MANAGERS_ARE_PREMIUM))
        .error("contention", ApiError::Contention)
}

/// Adds a user to a group. Allowed for administrators.
///
/// A new member of Administrators is an administrator at once.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for
/// invalid fields, an unknown user or group, All Users, an existing membership, or too many groups.
/// Returns 402 for a group manager, and 409 after contention. Returns 409 or 422 for a rejected
/// `Idempotency-Key`.
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
    let render = list_members(&call, &admin, group);
    Box::pin(call.idempotent_with(context, work, render)).await
}

/// Returns all active members of the group, for a repeated request.
async fn list_members(call: &Call, admin: &Admin, group: GroupId) -> ApiResult {
    let mut members = call.store().members(admin, group).await?;
    User::sort_by_name(&mut members);
    response::ok(&MemberView::all(&members, group))
}

/// Adds the user, and returns all active members of the group.
async fn add_member(
    call: &Call,
    admin: &Admin,
    access: &UserAccess,
    group: GroupId,
    context: &WriteContext,
) -> ApiResult {
    let user = access.user().with_group(group, call.now())?;
    // Reads the other members before the write, because nothing may fail after it.
    let mut members = call.store().members(admin, group).await?;
    members.retain(|member| member.id != user.id);
    members.extend(Some(user).filter(|user| user.is_active));
    User::sort_by_name(&mut members);
    let response = response::ok(&MemberView::all(&members, group))?;
    let context = context.with_rendering(&response);
    let joined = call.store().join_group(admin, access, group, &context).await;
    joined.map_err(|error| match error {
        WriteError::Conflict(Conflict::UnknownGroup(_)) => ApiError::UnknownReference("group_id"),
        error => error.into(),
    })?;

    Ok(response)
}
