//! `POST /api/api-key`: makes an API key, which has the rights of one group.

use shared::{
    auth::api_key::ApiKeyToken,
    authorization::{Admin, Caller},
    domain::{ApiKeyName, ApiKeySpec, Group, GroupId},
    http::{
        ApiResult, Call, Fields, FromFields, response,
        view::{ApiKeyCreated, ApiKeyView},
    },
    store::ApiKeyWithUser,
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
    let input = call.body::<Input>();
    let named = input.as_ref().ok().map(|input| input.group);
    let (caller, target) = call.caller_and_named_group(named).await?;
    let Input { name, .. } = input?;
    let admin = caller.admin()?;
    let group = target.require_reference(&admin, "group_id")?;

    call.idempotent(admin.origin(), create(&call, (&caller, &admin), name, &group)).await
}

/// The answer has the key itself, so it is not kept for those who send the request again.
async fn create(
    call: &Call,
    (caller, admin): (&Caller, &Admin),
    name: ApiKeyName,
    group: &Group,
) -> ApiResult {
    let id = call.store().next_user_id(admin).await?;
    let token = ApiKeyToken::generate(id, caller.responsible_user())?;
    let new = ApiKeySpec { name, group: group.id, by: caller.user().id, now: call.now() };
    let made = ApiKeyWithUser::new(new, &token)?;
    call.store().create_api_key(admin, &made, &token).await?;

    response::ok(&ApiKeyCreated::new(ApiKeyView::new(&made.key, group, caller.user()), &token))
}
