//! `POST /api/user`: creates an account.

use shared::{
    auth::{password_hash, password_policy::NewPassword, reset_token::NewPasswordReset},
    authorization::Admin,
    domain::{NewUser, PersonName, User, WriteContext},
    http::{ApiError, ApiResult, Call, Fields, FromFields},
    mail::EmailMessage,
    store::InitialCredentials,
};

struct Input {
    new: NewUser,
    password: Option<NewPassword>,
    omits_all_users: bool,
}

impl FromFields for Input {
    /// Whom an identity provider signs in needs no password. `is_superuser` is ignored: the group is
    /// what grants rights.
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        let email = form.required("email");
        let first_name = form.new_name::<PersonName>("first_name");
        let last_name = form.new_name::<PersonName>("last_name");
        let sso_source = form.optional("sso_source");
        let password = form.first_password("password", sso_source.is_some());
        let groups = form.groups().unwrap_or_default();
        let groups = if form.is_by_installer() { groups.with_admin(true) } else { groups };
        form.check_invitation();
        let leaves_all_users = form.leaves_all_users();
        let locale = form.optional("locale");
        let login_attributes = form.optional("login_attributes");
        let must_change_password = form.bool("must_change_password").unwrap_or_default();
        let new = NewUser {
            email: email?,
            first_name,
            last_name,
            groups,
            locale,
            login_attributes,
            sso_source,
            must_change_password,
        };
        Some(Self { new, password, omits_all_users: leaves_all_users })
    }
}

/// Administrators only. Members of group 2 become administrators at once.
///
/// # Errors
///
/// 400 naming fields, 401, 403, 409 for an address that any account has, active or not; 409 and 422 for
/// an `Idempotency-Key`.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;
    let input: Input = call.body()?;
    let admin = caller.admin()?;

    let context = caller.write_context();
    call.idempotent(context, create(&call, &admin, input, context)).await
}

async fn create(call: &Call, admin: &Admin, input: Input, context: &WriteContext) -> ApiResult {
    if input.omits_all_users {
        return Err(ApiError::AllUsersIsImplicit);
    }

    let id = call.store().next_user_id(admin).await?;
    let user = User::new(id, input.new, call.now());
    let credentials = initial_credentials(call, &user, input.password.as_ref()).await?;
    let response = call.dialect().user(&user)?;
    let context = context.with_response(&response);
    call.store().create_user(admin, &user, &credentials, &context).await?;
    if let InitialCredentials::Invitation(reset) = &credentials {
        let message = EmailMessage::invitation(&user.email, &call.site_url(), &reset.token);
        call.settings().mail.send_or_log(message).await;
    }

    Ok(response)
}

/// A user without a password gets an invitation to choose one, if mail is enabled.
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
