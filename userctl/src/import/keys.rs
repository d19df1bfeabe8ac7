//! API keys of an import, compared with the table.

use std::collections::{HashMap, HashSet};

use shared::{
    authorization::Admin,
    domain::{Email, UserId},
    store::Store,
};

use super::{
    Choices, Kind,
    compare::Plan,
    incoming::{IncomingKey, IncomingSecret},
    report::Report,
    survey::Survey,
};
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
    plan: &Plan,
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
    let mut names: HashSet<_> = here.iter().map(|key| key.name.normalized()).collect();
    let here: HashMap<_, _> = here.into_iter().map(|key| (key.id, key)).collect();
    let mut prefixes = HashSet::new();
    let mut planned = Vec::new();
    for (index, (place, key)) in survey.keys.iter().enumerate() {
        let subject = (Kind::ApiKey, Some(key.user));
        let id = UserId::try_from(key.user);
        let id = id.map_err(|error| Failure::usage(format!("{place}: the user ID is {error}")))?;
        if let Some(same) = here.get(&id) {
            let is_same = same.name.normalized() == key.name.normalized()
                || same.hash.is_equal(&key.secret.list_hash());
            if is_same {
                report.same(Kind::ApiKey);
            } else {
                report.differs(place, subject, &["name", "secret"])?;
            }
            continue;
        }
        if !names.insert(key.name.normalized()) {
            report.refuse(place, subject, "another API key has the name")?;
            continue;
        }
        if !prefixes.insert(key.secret.list_hash().as_str().to_owned()) {
            report.refuse(place, subject, "another API key has the prefix or the hash")?;
            continue;
        }
        match owner(key, survey, fallback.as_ref()) {
            Some(Owner::Creator(owner)) if !is_usable(key, plan, owner) => report.refuse(
                place,
                subject,
                "its owner has another ID here, and the key contains the ID",
            )?,
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
    let is_owner = |creator: &u64| match key.own {
        Some(_) => survey.contains(*creator),
        None => survey.admins.contains(creator),
    };
    let creator = key.creator.filter(is_owner);
    let creator = creator.and_then(|creator| UserId::try_from(creator).ok());
    creator.map(Owner::Creator).or_else(|| fallback.cloned().map(Owner::Address))
}

/// Whether clients can use a key here. A key of this service contains the ID of its owner.
fn is_usable(key: &IncomingKey, plan: &Plan, owner: UserId) -> bool {
    let is_own = matches!(key.secret, IncomingSecret::Own(_));
    let id = owner.get();
    !is_own || !plan.renumbered.contains(&id) && !plan.elsewhere.contains_key(&id)
}
