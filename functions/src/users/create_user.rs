//! `POST /api/user`: creates a user.

use openapi::{
    Access, Operation, Tag,
    errors::{common_password, different_groups, invalid_value},
};
use serde_json::{Value, json};
use shared::{
    auth::{password_hash, password_policy::NewPassword, reset_token::NewPasswordReset},
    authorization::Admin,
    domain::{Email, User, WriteContext},
    http::{ApiError, ApiResult, Call, Dialect, FieldErrors, view::UserView},
    mail::{EmailMessage, Mailer, UNDELIVERABLE},
    store::InitialCredentials,
};

use crate::{
    new_user::{CreateUser, Input, InviteUser},
    route::{Event, Lambda, Permission, Route},
    security_email,
};

/// The route.
pub const ROUTE: Route = Route {
    method: "POST",
    path: "/api/user",
    function: "create-user",
    summary: "Create a user",
    tag: Tag::Users,
    access: Access::Administrator,
    lambda: Lambda::HASH.with_email(),
    permissions: &[
        Permission::BatchGetItem(&["IDEMPOTENCY#*", "USER#*"]),
        Permission::ConditionCheckItem(&["LOGIN#*"]),
        Permission::PutItem(&[
            "AUDIT#*",
            "GROUP#*",
            "IDEMPOTENCY#*",
            "LOGIN#*",
            "RESET#*",
            "USER#*",
        ]),
        Permission::UpdateItem(&["ADMINS", "COUNTER#user", "GROUPS", "TALLY#*"]),
    ],
    event: Event::body(concat!(
        r#"{"email": "newuser@example.com", "first_name": "Jane", "last_name": "Smith", "#,
        r#""password": "PASSWORD"}"#,
    )),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let dialect = operation.dialect();
    let group = operation.examples().analysts.id;
    let created = dialect.user(&operation.examples().jane);
    let operation = operation
        .text(
            "A member of group 2 is an administrator. An email address is unique among all users, \
            active or not, ignoring case.",
        )
        .dialects(
            "documented requires both names, and a password or an `sso_source`, except for an \
            invitation: an email address alone, or `source` with the value `admin`. metabase \
            requires only the email address, but `user_group_memberships` must include group 1. A \
            taken email address returns 409 in documented, 400 in metabase.",
        )
        .response::<UserView<'_>>("The new user.", &[("created", created)])
        .with_etag()
        .idempotent()
        .link(&LINKS)
        .error("invalid", invalid_value::<Email>("email"))
        .error("common-password", common_password("password"))
        .error("different-groups", different_groups())
        .error("unknown-group", ApiError::UnknownGroup(group))
        .error("too-many-groups", ApiError::TooManyGroups)
        .error("email-taken", ApiError::EmailTaken);
    match dialect {
        Dialect::Documented => operation.request_body::<CreateUser>(&[
            ("with-password", with_password()),
            ("with-sso", sso()),
            ("invitation", json!({ "email": "newuser@example.com" })),
        ]),
        Dialect::Metabase => operation
            .request_body::<InviteUser>(&[("with-password", invited())])
            .error("without-all-users", ApiError::AllUsersIsImplicit),
    }
}

/// Operations on the new user.
const LINKS: [(&str, &str); 5] = [
    ("get-user", "$response.body#/id"),
    ("update-user", "$response.body#/id"),
    ("update-password", "$response.body#/id"),
    ("dismiss-modal", "$response.body#/id"),
    ("deactivate-user", "$response.body#/id"),
];

fn with_password() -> Value {
    json!({
        "email": "newuser@example.com",
        "first_name": "Jane",
        "last_name": "Smith",
        "password": "SecurePassword123!",
        "group_ids": [1],
    })
}

fn sso() -> Value {
    json!({
        "email": "sam@example.com",
        "first_name": "Sam",
        "last_name": "Jones",
        "sso_source": "saml",
        "locale": "es-MX",
        "login_attributes": { "region": "north" },
    })
}

fn invited() -> Value {
    json!({
        "email": "newuser@example.com",
        "first_name": "Jane",
        "last_name": "Smith",
        "password": "SecurePassword123!",
        "group_ids": [1],
        "source": "admin",
    })
}

/// Creates a user. Allowed for administrators.
///
/// A member of group 2 is an administrator at once. A user without a password gets an invitation
/// email, except users of an identity provider.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for
/// invalid fields, and 409 if another user has the email address, active or not. Returns 409 or 422
/// for a rejected `Idempotency-Key`.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;
    let input: Input = call.body()?;
    let admin = caller.admin()?;

    let context = caller.write_context();
    call.idempotent(context, create(&call, &admin, input, context)).await
}

impl Input {
    /// Whether the user needs an invitation, and no email can be sent to the address.
    fn is_unreachable(&self, mail: &Mailer) -> bool {
        let needs_invitation = self.password.is_none() && self.new.sso_source.is_none();
        mail.is_enabled() && needs_invitation && self.new.email.deliverable().is_none()
    }
}

/// Creates the user, and sends the invitation email if there is one.
async fn create(call: &Call, admin: &Admin, input: Input, context: &WriteContext) -> ApiResult {
    if input.omits_all_users {
        return Err(ApiError::AllUsersIsImplicit);
    }

    if input.is_unreachable(&call.settings().mail) {
        return Err(ApiError::RuleViolation(FieldErrors::single("email", UNDELIVERABLE)));
    }
    let id = call.store().next_user_id(admin).await?;
    let record = context.idempotent_request().map(|request| request.key.id().to_owned());
    let user = User { creation_record: record, ..User::new(id, input.new, call.now()) };
    let credentials = initial_credentials(call, &user, input.password.as_ref()).await?;
    let response = call.dialect().user(&user)?;
    let context = context.with_response(&response);
    call.store().create_user(admin, &user, &credentials, &context).await?;
    if let InitialCredentials::Invitation(reset) = &credentials {
        let site = call.mail_site().await;
        let message = EmailMessage::invitation(&(&user).into(), &site, &reset.token);
        call.settings().mail.send_or_log(message).await;
    }
    security_email::send_if_promoted(call, None, &user).await;

    Ok(response)
}

/// The first credentials of a user: the given password, or else an invitation, if mail is enabled.
async fn initial_credentials(
    call: &Call,
    user: &User,
    password: Option<&NewPassword>,
) -> Result<InitialCredentials, ApiError> {
    Ok(match password {
        Some(password) => InitialCredentials::Password(password_hash::hash(password).await?),
        None if user.sso_source.is_none() && call.settings().mail.is_enabled() => {
            InitialCredentials::Invitation(NewPasswordReset::new(user, call.now())?)
        }
        None => InitialCredentials::None,
    })
}
