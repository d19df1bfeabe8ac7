//! Actions of the operator, with direct access to the table.

use lambda_http::Request;
use shared::{
    auth::reset_token::NewPasswordReset,
    authorization::Admin,
    domain::{AuthMethod, Email, NewUser, PersonName, StatusFilter, User, UserFilter},
    http::{ApiError, AppState, Call},
    store::{Conflict, InitialCredentials, WriteError},
};

/// The names of sample users, combined with each other.
const FIRST_NAMES: [&str; 10] =
    ["Ada", "Béla", "Chloé", "Dmitri", "Esra", "Femi", "Grace", "Hiro", "Ines", "Jürgen"];
const LAST_NAMES: [&str; 10] = [
    "Lovelace", "Bartók", "Okafor", "Sokolov", "Yılmaz", "Adeyemi", "Hopper", "Tanaka", "Costa",
    "Müller",
];

/// The reason why a password cannot be reset.
#[derive(Debug)]
pub(crate) enum ResetError {
    /// No active user with a password of their own has the address.
    NoSuchUser,
    /// The table is unavailable.
    Failed(ApiError),
}

impl<E: Into<ApiError>> From<E> for ResetError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Issues a password reset link for a user. The audit log names the operator.
///
/// # Errors
///
/// Returns [`ResetError::NoSuchUser`] for an unknown or deactivated user, and for a user of an
/// identity provider.
pub(crate) async fn reset_link(app: &AppState, email: &Email) -> Result<String, ResetError> {
    let store = app.store();
    let attempt = store.forgot_password_attempt(email.clone(), "127.0.0.1").await?;
    let owner = attempt.credentials.ok_or(ResetError::NoSuchUser)?.user;
    let admin = Admin::of_operator();
    let filter = UserFilter { status: StatusFilter::Active, ..UserFilter::default() };
    let user = store.exact_match(&admin, owner, &filter).await?;
    let user = user.filter(|user| user.sso_source.is_none()).ok_or(ResetError::NoSuchUser)?;
    let reset = NewPasswordReset::new(&user, app.now())?;
    let call = call(app);
    let context = call.write_context(None, AuthMethod::Operator);
    store.issue_password_reset(&admin.access(user), &reset, &context).await?;
    Ok(reset.token.reset_url(&call.site_url()))
}

/// Creates sample users without passwords. Existing ones stay as they are.
///
/// # Errors
///
/// Returns an error if the table is unavailable.
pub(crate) async fn create_samples(app: &AppState, count: usize) -> Result<(), ApiError> {
    for new in samples(count) {
        let admin = Admin::of_operator();
        let id = app.store().next_user_id(&admin).await?;
        let user = User::new(id, new, app.now());
        let credentials = InitialCredentials::None;
        let context = call(app).write_context(None, AuthMethod::Operator);
        match app.store().create_user(&admin, &user, &credentials, &context).await {
            Ok(()) | Err(WriteError::Conflict(Conflict::EmailTaken)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Sample users, with every pair of the names.
fn samples(count: usize) -> impl Iterator<Item = NewUser> {
    let pairs =
        LAST_NAMES.iter().flat_map(|last| FIRST_NAMES.iter().map(move |first| (first, last)));
    let users = (1_usize..=count).zip(pairs.cycle());
    users.filter_map(|(number, (first, last))| {
        let email = Email::parse(&format!("sample{number}@example.com"))?;
        let [first_name, last_name] = [first, last].map(|name| PersonName::parse(name));
        Some(NewUser { first_name, last_name, ..NewUser::with_email(email) })
    })
}

/// The operator's own action, in place of a request.
fn call(app: &AppState) -> Call {
    Call::new(app.clone(), Request::default())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn samples_have_distinct_addresses_and_names() {
        let samples: Vec<_> = samples(250).collect();
        let addresses: BTreeSet<_> = samples.iter().map(|new| new.email.normalized()).collect();
        assert_eq!((samples.len(), addresses.len()), (250, 250));
        assert!(samples.iter().all(|new| new.first_name.is_some() && new.last_name.is_some()));
    }
}
