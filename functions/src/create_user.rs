//! `POST /api/user`: creates an account.

use shared::{
    auth::{hash, password::NewPassword},
    domain::{NewUser, PersonName, User},
    http::{ApiError, ApiResult, Call, Form, FromForm},
    mail::Letter,
    permissions::Admin,
    store::{Entry, Permit},
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
        let groups = if form.is_by_installer() { groups.with_admin(true) } else { groups };
        form.check_invitation();
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
/// 400 naming fields, 401, 403, 409 for an address that any account has, active or not; 409 and 422 for
/// an `Idempotency-Key`.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;
    let input: Input = call.body()?;
    let admin = caller.admin()?;

    call.once(admin.origin(), create(&call, &admin, input)).await
}

async fn create(call: &Call, admin: &Admin, input: Input) -> ApiResult {
    if input.leaves_all_users {
        return Err(ApiError::AllUsers);
    }

    let id = call.store().next_user_id(admin).await?;
    let user = User::new(id, input.new, call.now());
    let entry = entry(call, &user, input.password.as_ref()).await?;
    let reply = call.dialect().user(&user)?;
    call.store().create_user(&admin.answering(&reply), &user, &entry).await?;
    if let Entry::Invitation(permit) = &entry {
        let letter = Letter::invitation(&user.email, &call.site_url(), &permit.token);
        call.settings().mail.try_send(letter).await;
    }

    Ok(reply)
}

/// Whoever is given no password is invited to choose one, where there is mail.
async fn entry(
    call: &Call,
    user: &User,
    password: Option<&NewPassword>,
) -> Result<Entry, ApiError> {
    Ok(match password {
        Some(password) => Entry::Password(hash::hash(password).await?),
        None if user.sso_source.is_none() && call.settings().mail.is_on() => {
            Entry::Invitation(Permit::new(user, call.now())?)
        }
        None => Entry::Elsewhere,
    })
}
