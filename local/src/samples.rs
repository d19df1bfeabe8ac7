//! Sample users.

use shared::{
    authorization::Admin,
    domain::{Email, NewUser, PersonName, User},
    http::{ApiError, AppState},
    operator,
    store::{Conflict, InitialCredentials, WriteError},
};

/// The names of sample users, combined with each other.
const FIRST_NAMES: [&str; 10] =
    ["Ada", "Béla", "Chloé", "Dmitri", "Esra", "Femi", "Grace", "Hiro", "Ines", "Jürgen"];
const LAST_NAMES: [&str; 10] = [
    "Lovelace", "Bartók", "Okafor", "Sokolov", "Yılmaz", "Adeyemi", "Hopper", "Tanaka", "Costa",
    "Müller",
];

/// Creates sample users without passwords. Existing ones stay as they are.
///
/// # Errors
///
/// Returns an error if the table is unavailable.
pub(crate) async fn create(app: &AppState, count: usize) -> Result<(), ApiError> {
    for new in samples(count) {
        let admin = Admin::of_operator();
        let id = app.store().next_user_id(&admin).await?;
        let user = User::new(id, new, app.now());
        let credentials = InitialCredentials::None;
        let context = operator::write_context(app.now());
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
