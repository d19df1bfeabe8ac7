//! `PUT /api/api-key/{id}`: gives an API key another name or another group.

use shared::{
    domain::{ApiKeyName, GroupId},
    http::{ApiResult, Call, Fields, FromFields, response, view::ApiKeyView},
    store::ApiKeyPatch,
};

struct Input {
    name: Option<ApiKeyName>,
    group: Option<GroupId>,
}

impl FromFields for Input {
    /// What is absent or null stays.
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        let name = form.optional("name");
        let group = if form.is_set("group_id") { form.id("group_id") } else { None };
        Some(Self { name, group })
    }
}

/// Administrators only. The secret stays.
///
/// # Errors
///
/// 400 naming fields, or for a name that another key has in any case; 401, 403, 404.
pub async fn handler(call: Call) -> ApiResult {
    let input = call.body::<Input>();
    let named = input.as_ref().ok().and_then(|input| input.group);
    let (caller, target, group) = call.caller_and_api_key(named).await?;
    let Input { name, .. } = input?;
    let admin = caller.admin()?;
    let key = target.require(&admin)?;
    let group = match named {
        Some(_) => group.require_reference(&admin, "group_id")?,
        None => call.store().group_of_key(&admin, &key.user).await?,
    };

    let change = ApiKeyPatch { by: caller.user().id, now: call.now(), name, group: named };
    let changed = call.store().update_api_key(&admin, key, &change).await?;

    response::ok(&ApiKeyView::new(&changed.key, &group, caller.user()))
}
