//! The third reading: writes the users, groups and API keys that the plan creates.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
};

use futures_util::{StreamExt, TryStreamExt, stream};
use shared::{
    auth::password_hash,
    authorization::Admin,
    domain::{ApiKey, ApiKeySpec, ApiKeyValidity, Email, Timestamp, User, UserId},
    store::{Conflict, ImportedApiKeySecret, ImportedKey, ImportedUser, Store, WriteError},
};

use super::{
    Choices, Kind,
    compare::Plan,
    incoming::{Incoming, IncomingKey, IncomingSecret, IncomingUser, PeopleSource},
    keys::{Owner, PlannedKey},
    report::Report,
};
use crate::{
    Failure,
    store::{now, write_context},
};

/// The number of users in memory at a time.
const CHUNK: usize = 500;

/// The number of hashes of `--onion` at a time. The hashes themselves wait for a free core.
const HASHES: usize = 16;

/// Writes a plan. After Ctrl-C the current chunk ends, and no other one begins.
pub(super) async fn run(
    source: &dyn PeopleSource,
    plan: &Plan,
    store: &Store,
    choices: &Choices,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    if plan.is_empty() {
        return Ok(());
    }
    let is_interrupted = AtomicBool::new(false);
    let interruption = async {
        crate::interruption().await;
        is_interrupted.store(true, Ordering::Relaxed);
        std::future::pending().await
    };
    let writer = Writer { plan, store, choices, is_interrupted: &is_interrupted };
    tokio::select! {
        written = writer.write(source, report) => written,
        never = interruption => never,
    }
}

struct Writer<'a> {
    plan: &'a Plan,
    store: &'a Store,
    choices: &'a Choices,
    is_interrupted: &'a AtomicBool,
}

impl Writer<'_> {
    async fn write(
        &self,
        source: &dyn PeopleSource,
        report: &mut Report<'_>,
    ) -> Result<(), Failure> {
        let (admin, context) = (Admin::of_operator(), write_context());
        let preparation = self.plan.preparation(source.instance());
        self.store.prepare_import(&admin, &preparation, &context).await?;
        self.store.import_groups(&admin, &self.plan.groups).await?;
        report.created(Kind::Group, self.plan.groups.len());
        let renumbered = self.write_users(source, report).await?;
        self.write_keys(&renumbered, report).await?;
        Ok(self.store.finish_import(&admin, &report.numbers(), &write_context()).await?)
    }

    /// Writes the users. Returns the new IDs of those who get one.
    async fn write_users(
        &self,
        source: &dyn PeopleSource,
        report: &mut Report<'_>,
    ) -> Result<HashMap<u64, UserId>, Failure> {
        let bar = report.progress(source.size());
        let mut renumbered = HashMap::new();
        let mut rows = source.rows()?;
        let mut chunk = Vec::with_capacity(CHUNK);
        while let Some(row) = rows.next()? {
            let Incoming::User(incoming) = row.incoming else { continue };
            let source_id = incoming.user.id.get();
            if !self.plan.users.contains(&source_id) {
                continue;
            }
            let mut imported = self.imported(*incoming);
            if self.plan.renumbered.contains(&source_id) {
                imported.user.id = self.store.next_user_id(&Admin::of_operator()).await?;
                renumbered.insert(source_id, imported.user.id);
                if imported.user.is_anonymized {
                    imported.user.email = Email::anonymized(imported.user.id);
                }
            }
            chunk.push((row.place, imported));
            if chunk.len() == CHUNK {
                self.write_chunk(&mut chunk, report).await?;
                bar.set_position(rows.position());
            }
        }
        self.write_chunk(&mut chunk, report).await?;
        bar.finish_and_clear();
        Ok(renumbered)
    }

    fn imported(&self, incoming: IncomingUser) -> ImportedUser {
        let IncomingUser { user, password, password_set_at, .. } = self.plan.complete(incoming);
        ImportedUser { user, password, password_set_at }
    }

    async fn write_chunk(
        &self,
        chunk: &mut Vec<(String, ImportedUser)>,
        report: &mut Report<'_>,
    ) -> Result<(), Failure> {
        if self.is_interrupted.load(Ordering::Relaxed) {
            return Err(Failure::interrupted(
                "interrupted; run the same command again to import the rest",
            ));
        }
        let (places, users): (Vec<_>, Vec<_>) = std::mem::take(chunk).into_iter().unzip();
        let users = if self.choices.onion { wrapped(users).await? } else { users };
        let admin = Admin::of_operator();
        match self.store.import_users(&admin, &users).await {
            Ok(()) => {
                report.created(Kind::User, users.len());
                Ok(())
            }
            Err(WriteError::Conflict(_)) => self.write_each(&places, &users, report).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Writes users one by one, after a concurrent change of the table.
    async fn write_each(
        &self,
        places: &[String],
        users: &[ImportedUser],
        report: &mut Report<'_>,
    ) -> Result<(), Failure> {
        let admin = Admin::of_operator();
        let ids: Vec<_> = users.iter().map(|user| user.user.id).collect();
        let here = self.store.stored_users(&admin, &ids).await?;
        for (place, user) in places.iter().zip(users) {
            let id = user.user.id;
            let is_here = |here: &User| here.email.normalized() == user.user.email.normalized();
            if here.get(&id).is_some_and(is_here) {
                report.created(Kind::User, 1);
                continue;
            }
            match self.store.import_users(&admin, std::slice::from_ref(user)).await {
                Ok(()) => report.created(Kind::User, 1),
                Err(WriteError::Conflict(conflict)) => {
                    report.refuse(place, (Kind::User, Some(id.get())), &conflict.to_string())?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn write_keys(
        &self,
        renumbered: &HashMap<u64, UserId>,
        report: &mut Report<'_>,
    ) -> Result<(), Failure> {
        let admin = Admin::of_operator();
        for planned in &self.plan.keys {
            let Some((place, key)) = self.plan.key(planned.index) else { continue };
            let subject = (Kind::ApiKey, Some(key.user));
            let owner = self.owner(planned, renumbered).await?;
            let is_owner = |owner: &User| owner.is_active_admin() || key.own.is_some();
            let Some(owner) = owner.filter(is_owner) else {
                report.refuse(place, subject, "its owner is no active administrator here")?;
                continue;
            };
            let imported = self.key(key, planned.id, &owner, renumbered);
            match self.store.import_api_key(&admin, &imported).await {
                Ok(()) => report.created(Kind::ApiKey, 1),
                Err(WriteError::Conflict(
                    conflict @ (Conflict::UserIdTaken
                    | Conflict::ApiKeyNameTaken
                    | Conflict::UnknownGroup(_)),
                )) => {
                    report.refuse(place, subject, &conflict.to_string())?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn owner(
        &self,
        planned: &PlannedKey,
        renumbered: &HashMap<u64, UserId>,
    ) -> Result<Option<User>, Failure> {
        let admin = Admin::of_operator();
        let id = match &planned.owner {
            Owner::Creator(id) => Some(self.here(*id, renumbered)),
            Owner::Address(email) => {
                let owners = self.store.owners(&admin, std::slice::from_ref(email)).await?;
                owners.get(&email.normalized()).copied()
            }
        };
        let Some(id) = id else { return Ok(None) };
        Ok(self.store.stored_users(&admin, &[id]).await?.remove(&id))
    }

    /// The ID here of a user of the source.
    fn here(&self, id: UserId, renumbered: &HashMap<u64, UserId>) -> UserId {
        let new = renumbered.get(&id.get()).or_else(|| self.plan.elsewhere.get(&id.get()));
        new.copied().unwrap_or(id)
    }

    fn key(
        &self,
        incoming: &IncomingKey,
        id: UserId,
        owner: &User,
        renumbered: &HashMap<u64, UserId>,
    ) -> ImportedKey {
        let created_at = incoming.created_at.unwrap_or_else(now);
        let group = self.plan.key_groups(incoming.user).api_key_group();
        let name = incoming.name.clone();
        let validity = validity(incoming, owner, created_at);
        let spec = ApiKeySpec { name: name.clone(), group, by: owner.id, now: created_at };
        let user = User::for_api_key(id, u128::from(id.get()), &spec);
        let (masked, secret) = match &incoming.secret {
            IncomingSecret::Metabase { prefix, hash } => {
                let (prefix, hash) = (prefix.clone(), hash.clone());
                let masked = format!("{prefix}{}", "*".repeat(20));
                (masked, ImportedApiKeySecret::Metabase { prefix, hash })
            }
            IncomingSecret::Own(_) => (String::new(), ImportedApiKeySecret::Own),
        };
        let updated_by = incoming.own.as_ref().map(|own| UserId::try_from(own.updated_by));
        let updated_by = updated_by.and_then(Result::ok);
        let key = ApiKey {
            id,
            name,
            hash: incoming.secret.list_hash(),
            masked: incoming.own.as_ref().map_or(masked, |own| own.masked.clone()),
            created_at,
            updated_at: incoming.updated_at.unwrap_or(created_at),
            updated_by: updated_by.map_or(owner.id, |id| self.here(id, renumbered)),
            validity: Some(validity),
        };
        ImportedKey { key, user, validity, secret }
    }
}

/// The conditions of the secret. A key that was revoked stays invalid.
fn validity(incoming: &IncomingKey, owner: &User, created_at: Timestamp) -> ApiKeyValidity {
    let validity = ApiKeyValidity::of_owner(owner, created_at);
    let Some(own) = &incoming.own else { return validity };
    let (issued_at, expires_at) = (own.issued_at, own.expires_at);
    let validity = ApiKeyValidity { issued_at, expires_at, ..validity };
    if own.is_revoked { validity.revoked() } else { validity }
}

/// Replaces hashes of Metabase by hashes of argon2id over them.
async fn wrapped(users: Vec<ImportedUser>) -> Result<Vec<ImportedUser>, Failure> {
    let wrap = |user: ImportedUser| async move {
        let kept = user.password.as_ref().filter(|password| password.to_metabase().is_some());
        let Some(kept) = kept else { return Ok(user) };
        let password = password_hash::wrap(kept).await.map_err(Failure::failed)?;
        Ok(ImportedUser { password: Some(password), ..user })
    };
    stream::iter(users).map(wrap).buffered(HASHES).try_collect().await
}
