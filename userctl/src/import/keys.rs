//! API keys of an import, compared with the table.

use std::collections::HashSet;

use shared::{
    authorization::Admin,
    domain::{Email, UserId},
    store::Store,
};

use super::{Choices, Kind, incoming::IncomingKey, report::Report, survey::Survey};
use crate::Failure;

/// An API key to create.
#[derive(Debug)]
pub(super) struct PlannedKey {
    /// The place of the key among those of the survey.
    pub(super) index: usize,
    /// The ID of the key.
    pub(super) id: UserId,
    /// The person who is responsible for the key: the creator, or the user of the option.
    pub(super) owner: Owner,
}

/// The user who is responsible for a key.
#[derive(Debug, Clone)]
pub(super) enum Owner {
    /// A user of the source.
    Creator(UserId),
    /// A user of the table.
    Address(Email),
}

/// Finds the API keys to create.
pub(super) async fn compare(
    survey: &Survey,
    store: &Store,
    choices: &Choices,
    report: &mut Report<'_>,
) -> Result<Vec<PlannedKey>, Failure> {
    let admin = Admin::of_operator();
    let fallback = choices.key_owner.as_deref().map(|text| {
        Email::parse(text).ok_or_else(|| Failure::usage(format!("{text} is no email address")))
    });
    let fallback = fallback.transpose()?;
    let here = if survey.keys.is_empty() { Vec::new() } else { store.api_keys(&admin).await?.keys };
    let ids: HashSet<_> = here.iter().map(|key| key.id).collect();
    let mut names: HashSet<_> = here.iter().map(|key| key.name.normalized()).collect();
    let mut prefixes = HashSet::new();
    let mut planned = Vec::new();
    for (index, (place, key)) in survey.keys.iter().enumerate() {
        let subject = (Kind::ApiKey, Some(key.user));
        let id = UserId::try_from(key.user);
        let id = id.map_err(|error| Failure::usage(format!("{place}: the user ID is {error}")))?;
        if ids.contains(&id) {
            report.same(Kind::ApiKey);
            continue;
        }
        if !names.insert(key.name.normalized()) {
            report.refuse(place, subject, "another API key has the name")?;
            continue;
        }
        if !prefixes.insert(&key.prefix) {
            report.refuse(place, subject, "another API key has the prefix")?;
            continue;
        }
        match owner(key, survey, fallback.as_ref()) {
            Some(owner) => planned.push(PlannedKey { index, id, owner }),
            None => report.refuse(
                place,
                subject,
                "its creator is no active administrator (--key-owner ADDRESS names another one)",
            )?,
        }
    }
    Ok(planned)
}

fn owner(key: &IncomingKey, survey: &Survey, fallback: Option<&Email>) -> Option<Owner> {
    let creator = key.creator.filter(|creator| survey.admins.contains(creator));
    let creator = creator.and_then(|creator| UserId::try_from(creator).ok());
    creator.map(Owner::Creator).or_else(|| fallback.cloned().map(Owner::Address))
}
