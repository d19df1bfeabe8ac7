//! `PUT /api/api-key/{id}`: gives an API key another name or another group.

use shared::{
    domain::{GroupId, KeyName},
    http::{ApiResult, Call, Form, FromForm, reply, view::ApiKeyView},
    store::KeyChange,
};

struct Input {
    name: Option<KeyName>,
    group: Option<GroupId>,
}

impl FromForm for Input {
    /// What is absent or null stays.
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
        let name = form.optional("name");
        let group = if form.has("group_id") { form.id("group_id") } else { None };
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
    let key = target.found(&admin)?;
    let group = match named {
        Some(_) => group.named(&admin, "group_id")?,
        None => call.store().group_of_key(&admin, &key.user).await?,
    };

    let change = KeyChange { by: caller.user().id, now: call.now(), name, group: named };
    let changed = call.store().change_api_key(&admin, key, &change).await?;

    reply::ok(&ApiKeyView::new(&changed.key, &group, caller.user()))
}
