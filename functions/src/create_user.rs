//! `POST /api/user`: creates an account.

use shared::{
    auth::{hash, password::NewPassword},
    domain::{NewUser, PersonName, User},
    http::{ApiError, ApiResult, Call, Form, FromForm},
};

struct Input {
    new: NewUser,
    password: Option<NewPassword>,
    leaves_all_users: bool,
}

impl FromForm for Input {
    /// Whom an identity provider signs in needs no password. `is_superuser` is ignored: the group is
    /// what grants rights.
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
        let email = form.required("email");
        let first_name = form.new_name::<PersonName>("first_name");
        let last_name = form.new_name::<PersonName>("last_name");
        let sso_source = form.optional("sso_source");
        let password = form.first_password("password", sso_source.is_some());
        let groups = form.groups().unwrap_or_default();
        let leaves_all_users = form.leaves_all_users();
        let locale = form.optional("locale");
        let login_attributes = form.optional("login_attributes");
        let must_change_password = form.flag("must_change_password").unwrap_or_default();
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
        Some(Self { new, password, leaves_all_users })
    }
}

/// Administrators only. Members of group 2 become administrators at once.
///
/// # Errors
///
/// 400 naming fields, 401, 403, 409 for an address that any account has, active or not.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;
    let input: Input = call.body()?;
    let admin = caller.admin()?;
    if input.leaves_all_users {
        return Err(ApiError::AllUsers);
    }

    let hash = match &input.password {
        Some(password) => Some(hash::hash(password).await?),
        None => None,
    };
    let id = call.store().next_user_id(&admin).await?;
    let user = User::new(id, input.new, call.now());
    let user = call.store().create_user(&admin, user, hash.as_ref()).await?;

    call.dialect().user(&user)
}
