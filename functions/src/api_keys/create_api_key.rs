//! `POST /api/api-key`: creates an API key with the permissions of one group.

use openapi::{
    Access, Examples, Operation, Tag,
    errors::{invalid_value, rule},
};
use schemars::JsonSchema;
use serde_json::json;
use shared::{
    auth::api_key::NewApiKeySecret,
    authorization::{Admin, Caller},
    domain::{ApiKeyName, ApiKeySpec, ApiKeyWithUser, Group, GroupId, Timestamp, UserKind},
    http::{
        ApiError, ApiResult, Call, FieldErrors, Fields, FromFields, ReferencedGroup, response,
        view::{ApiKeyCreated, ApiKeyView},
    },
    mail::EmailMessage,
};

use crate::{
    route::{Event, Lambda, Permission, Route},
    security_email,
};

const IN_THE_PAST: &str = "value must be in the future.";

/// A new API key.
#[derive(JsonSchema)]
#[schemars(rename = "CreateApiKey")]
struct Input {
    /// Unique, ignoring case.
    name: ApiKeyName,
    /// The group with the permissions of the API key.
    #[schemars(rename = "group_id")]
    group: GroupId,
    /// The expiry, in the future. Without it, the API key does not expire.
    expires_at: Option<Timestamp>,
}

impl FromFields for Input {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let (name, group) = (fields.required("name"), fields.id("group_id"));
        let expires_at = fields.optional("expires_at");
        Some(Self { name: name?, group: group?, expires_at })
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
    lambda: Lambda::READ.with_email(),
    permissions: &[
        Permission::BatchGetItem(&["GROUPS", "IDEMPOTENCY#*", "USER#*"]),
        Permission::PutItem(&[
            "APIKEYNAME#*",
            "APIKEYS",
            "AUDIT#*",
            "GROUP#*",
            "IDEMPOTENCY#*",
            "KEYHASH#*",
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
            active administrator. A new password, the revocation of all sessions and the \
            deactivation of the creator end it. Only this response contains the secret.",
        )
        .request_body::<Input>(&[("key", json!({ "name": "Nightly sync", "group_id": 1 }))])
        .response::<ApiKeyCreated<'_>>("The API key and its secret.", &[("key", key)])
        .idempotent_without_replay()
        .link(&[
            ("update-api-key", "$response.body#/id"),
            ("regenerate-api-key", "$response.body#/id"),
            ("delete-api-key", "$response.body#/id"),
        ])
        .error("invalid", invalid_value::<ApiKeyName>("name"))
        .error("expired", rule("expires_at", IN_THE_PAST))
        .error("name-taken", ApiError::KeyNameTaken)
        .error("unknown-group", ApiError::UnknownReference("group_id"))
        .error("contention", ApiError::Contention)
}

/// Creates an API key. Allowed for administrators.
///
/// Only this response contains the secret. The key is valid while its owner is an active
/// administrator. A new password, the revocation of all sessions and the deactivation of the owner
/// end it.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for
/// invalid fields, an unknown group or a taken name. Returns 409 or 422 for a rejected
/// `Idempotency-Key`.
pub async fn handler(call: Call) -> ApiResult {
    let body = call.body_and(|input: &Input| ReferencedGroup(Some(input.group)));
    let (caller, (input, target)) = call.authenticate_active(body).await?;
    let admin = caller.admin()?;
    let group = target.require_reference(&admin, "group_id")?;

    let work = create(&call, &caller, &admin, input, &group);
    call.idempotent(caller.write_context(), work).await
}

/// Creates the key. The idempotency record omits the response, because it contains the secret.
async fn create(
    call: &Call,
    caller: &Caller,
    admin: &Admin,
    Input { name, expires_at, .. }: Input,
    group: &Group,
) -> ApiResult {
    if expires_at.is_some_and(|end| end <= call.now()) {
        return Err(ApiError::RuleViolation(FieldErrors::single("expires_at", IN_THE_PAST)));
    }
    let id = call.store().next_user_id(admin).await?;
    let secret = NewApiKeySecret::generate(id, caller.new_key_validity(expires_at))?;
    let spec = ApiKeySpec { name, group: group.id, by: caller.user().id, now: call.now() };
    let created = ApiKeyWithUser::new(spec, &secret)?;
    call.store().create_api_key(admin, &created, &secret, caller.write_context()).await?;

    if caller.user().kind == UserKind::Person {
        security_email::send(call, caller.user(), EmailMessage::api_key_created).await;
    }

    let view = ApiKeyView::new(&created.key, group, caller.user());
    response::ok(&ApiKeyCreated::new(view, &secret.token))
}
