//! API keys of an import, compared with the table.

use std::collections::{HashMap, HashSet};

use shared::{
    authorization::Admin,
    domain::{ApiKey, Email, UserId},
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
    let mut known = Known {
        taken: taken(survey, store).await?,
        names: here.iter().map(|key| key.name.normalized()).collect(),
        keys: here.into_iter().map(|key| (key.id, key)).collect(),
        secrets: HashSet::new(),
    };
    let mut planned = Vec::new();
    for (index, (place, key)) in survey.keys.iter().enumerate() {
        let subject = (Kind::ApiKey, Some(key.user));
        let id = UserId::try_from(key.user);
        let id = id.map_err(|error| Failure::usage(format!("{place}: the user ID is {error}")))?;
        match known.find(id, key) {
            Ok(Found::New) => match owner(key, plan, survey, fallback.as_ref()) {
                Ok(owner) => planned.push(PlannedKey { index, id, owner }),
                Err(reason) => report.refuse(place, subject, reason)?,
            },
            Ok(Found::Same) => report.same(Kind::ApiKey),
            Ok(Found::Different) => report.differs(place, subject, &["name", "secret"])?,
            Err(reason) => report.refuse(place, subject, reason)?,
        }
    }
    Ok(planned)
}

/// The API keys of the table, and those to create.
struct Known {
    taken: HashSet<UserId>,
    keys: HashMap<UserId, ApiKey>,
    names: HashSet<String>,
    secrets: HashSet<String>,
}

/// The place of an API key of the source in the table.
enum Found {
    /// Neither ID nor name exist.
    New,
    /// The key exists.
    Same,
    /// Another key has the ID.
    Different,
}

impl Known {
    /// Finds the place of a key, or the reason why it cannot be created.
    fn find(&mut self, id: UserId, key: &IncomingKey) -> Result<Found, &'static str> {
        if let Some(here) = self.keys.get(&id) {
            return Ok(if is_same(here, key) { Found::Same } else { Found::Different });
        }
        if self.taken.contains(&id) {
            return Err("the ID belongs to another user here");
        }
        if !self.names.insert(key.name.normalized()) {
            return Err("another API key has the name");
        }
        if !self.secrets.insert(key.secret.list_hash().as_str().to_owned()) {
            return Err("another API key has the prefix or the hash");
        }
        Ok(Found::New)
    }
}

/// The IDs of keys that exist here, as keys or as users.
async fn taken(survey: &Survey, store: &Store) -> Result<HashSet<UserId>, Failure> {
    let ids = survey.keys.iter().filter_map(|(_, key)| UserId::try_from(key.user).ok());
    let ids: Vec<_> = ids.collect();
    let users = store.stored_users(&Admin::of_operator(), &ids).await?;
    Ok(users.into_keys().collect())
}

fn is_same(here: &ApiKey, key: &IncomingKey) -> bool {
    here.name.normalized() == key.name.normalized() || here.hash.is_equal(&key.secret.list_hash())
}

/// The owner of a key to create, or the reason why it cannot be created.
fn owner(
    key: &IncomingKey,
    plan: &Plan,
    survey: &Survey,
    fallback: Option<&Email>,
) -> Result<Owner, &'static str> {
    let is_owner = |creator: &u64| match key.own {
        Some(_) => survey.contains(*creator),
        None => survey.admins.contains(creator),
    };
    let creator = key.creator.filter(is_owner);
    match creator.and_then(|creator| UserId::try_from(creator).ok()) {
        Some(creator) if is_usable(key, plan, creator) => Ok(Owner::Creator(creator)),
        Some(_) => Err("its owner has another ID here, and the key contains the ID"),
        None => fallback.cloned().map(Owner::Address).ok_or(
            "its creator is no active administrator (--key-owner ADDRESS names another one)",
        ),
    }
}

/// Whether clients can use a key here. A key of this service contains the ID of its owner.
fn is_usable(key: &IncomingKey, plan: &Plan, owner: UserId) -> bool {
    let is_own = matches!(key.secret, IncomingSecret::Own(_));
    let id = owner.get();
    !is_own || !plan.renumbered.contains(&id) && !plan.elsewhere.contains_key(&id)
}
