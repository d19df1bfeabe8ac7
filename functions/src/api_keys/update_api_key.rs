//! `PUT /api/api-key/{id}`: gives an API key another name or another group.

use shared::{
    domain::{ApiKeyName, ApiKeyPatch, GroupId},
    http::{
        ApiResult, Call, Fields, FromFields, PathApiKey, ReferencedGroup, response,
        view::ApiKeyView,
    },
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
    let body = call.body_and(|input: &Input| ReferencedGroup(input.group));
    let (caller, (target, (Input { name, group }, new_group))) =
        call.authenticate_active((PathApiKey, body)).await?;
    let admin = caller.admin()?;
    let key = target.require(&admin)?;
    let new_group = match group {
        Some(_) => new_group.require_reference(&admin, "group_id")?,
        None => call.store().group_of_key(&admin, &key.user).await?,
    };

    let patch = ApiKeyPatch { by: caller.user().id, now: call.now(), name, group };
    let changed = call.store().update_api_key(&admin, key, &patch, caller.write_context()).await?;

    response::ok(&ApiKeyView::new(&changed.key, &new_group, caller.user()))
}
