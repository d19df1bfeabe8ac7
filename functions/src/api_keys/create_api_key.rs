//! `POST /api/api-key`: makes an API key, which has the rights of one group.

use shared::{
    auth::api_key::ApiKeyToken,
    authorization::{Admin, Caller},
    domain::{ApiKeyName, ApiKeySpec, ApiKeyWithUser, Group, GroupId},
    http::{
        ApiResult, Call, Fields, FromFields, ReferencedGroup, response,
        view::{ApiKeyCreated, ApiKeyView},
    },
};

struct Input {
    name: ApiKeyName,
    group: GroupId,
}

impl FromFields for Input {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        let (name, group) = (form.required("name"), form.id("group_id"));
        Some(Self { name: name?, group: group? })
    }
}

/// Administrators only. The secret is in the answer and never again. The key counts for as long as
/// whoever made it is an administrator.
///
/// # Errors
///
/// 400 naming fields, or for a name that another key has in any case; 401, 403; 409 and 422 for an
/// `Idempotency-Key`.
pub async fn handler(call: Call) -> ApiResult {
    let body = call.body_and(|input: &Input| ReferencedGroup(Some(input.group)));
    let (caller, (Input { name, .. }, target)) = call.authenticate_active(body).await?;
    let admin = caller.admin()?;
    let group = target.require_reference(&admin, "group_id")?;

    let work = create(&call, &caller, &admin, name, &group);
    call.idempotent(caller.write_context(), work).await
}

/// The response contains the secret, so the idempotency record does not store it.
async fn create(
    call: &Call,
    caller: &Caller,
    admin: &Admin,
    name: ApiKeyName,
    group: &Group,
) -> ApiResult {
    let id = call.store().next_user_id(admin).await?;
    let token = ApiKeyToken::generate(id, caller.responsible_user())?;
    let spec = ApiKeySpec { name, group: group.id, by: caller.user().id, now: call.now() };
    let created = ApiKeyWithUser::new(spec, &token)?;
    call.store().create_api_key(admin, &created, &token, caller.write_context()).await?;

    response::ok(&ApiKeyCreated::new(ApiKeyView::new(&created.key, group, caller.user()), &token))
}
