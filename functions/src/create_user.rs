//! `POST /api/user`: creates an account.

use shared::{
    auth::{hash, password::NewPassword},
    domain::{NewUser, PersonName, User},
    http::{ApiResult, Call, Form, FromForm, reply, view::UserView},
};

struct Input {
    new: NewUser,
    password: Option<NewPassword>,
}

impl FromForm for Input {
    /// Whom an identity provider signs in needs no password. `is_superuser` is ignored: the group is
    /// what grants rights.
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
        let email = form.required("email");
        let first_name = form.required::<PersonName>("first_name");
        let last_name = form.required::<PersonName>("last_name");
        let sso_source = form.optional("sso_source");
        let has_password = form.has("password") || sso_source.is_none();
        let password = has_password.then(|| form.new_password("password")).flatten();
        let groups = form.groups().unwrap_or_default();
        let locale = form.optional("locale");
        let login_attributes = form.optional("login_attributes");
        let new = NewUser {
            email: email?,
            first_name,
            last_name,
            groups,
            locale,
            login_attributes,
            sso_source,
        };
        Some(Self { new, password })
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

    let hash = match &input.password {
        Some(password) => Some(hash::hash(password).await?),
        None => None,
    };
    let id = call.store().next_user_id(&admin).await?;
    let user = User::new(id, input.new, call.now());
    let user = call.store().create_user(&admin, user, hash.as_ref()).await?;

    reply::ok(&UserView::from(&user))
}
