//! `POST /api/api-key`: creates an API key with the permissions of one group.

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

use openapi::{Access, Examples, Operation, Tag, errors::invalid};
use schemars::JsonSchema;
use serde_json::json;
use shared::http::ApiError;

use crate::route::{Event, Lambda, Permission, Route};

/// A new API key.
#[derive(JsonSchema)]
#[schemars(rename = "CreateApiKey")]
struct Input {
    /// Unique, ignoring case.
    name: ApiKeyName,
    /// The group with the permissions of the API key.
    #[schemars(rename = "group_id")]
    group: GroupId,
}

impl FromFields for Input {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        let (name, group) = (form.required("name"), form.id("group_id"));
        Some(Self { name: name?, group: group? })
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "POST",
    path: "/api/api-key",
    function: "create-api-key",
    summary: "Create an API key",
    tag: Tag::ApiKeys,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["GROUPS", "IDEMPOTENCY#*", "USER#*"]),
        Permission::PutItem(&[
            "APIKEYNAME#*",
            "APIKEYS",
            "AUDIT#*",
            "GROUP#*",
            "IDEMPOTENCY#*",
            "USER#*",
        ]),
        Permission::UpdateItem(&["COUNTER#user", "GROUPS"]),
    ],
    event: Event::body(r#"{"name": "Nightly sync", "group_id": 3}"#),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let Examples { api_key, analysts, ada, secret, .. } = operation.examples();
    let view = ApiKeyView::new(api_key, analysts, ada);
    let key = response::ok(&ApiKeyCreated::new(view, secret));
    operation
        .text(
            "The API key has the permissions of one group. It is valid while its creator is an \
            administrator. Only this response contains the secret.",
        )
        .request_body::<Input>(&[("key", json!({ "name": "Nightly sync", "group_id": 1 }))])
        .response::<ApiKeyCreated<'_>>("The API key and its secret.", &[("key", key)])
        .idempotent_without_replay()
        .link(&[
            ("update-api-key", "$response.body#/id"),
            ("regenerate-api-key", "$response.body#/id"),
            ("delete-api-key", "$response.body#/id"),
        ])
        .errors([invalid("name", "value must be a non-blank string.")])
        .error("name-taken", ApiError::KeyNameTaken)
        .error("unknown-group", ApiError::UnknownReference("group_id"))
        .error("contention", ApiError::Contention)
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
