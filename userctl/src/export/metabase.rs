//! `userctl export metabase`: users and groups as tables of Metabase.
//!
//! The files are for a Metabase that was started once, so that its tables exist, and not set up.

mod arguments;
mod csv_files;
mod rows;
mod sql_file;
mod value;

use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt};

use futures_util::future::try_join_all;
use secrecy::ExposeSecret;
use shared::{
    auth::password_hash::{MetabaseReset, PasswordHash, metabase_reset},
    authorization::Admin,
    domain::{GroupId, SiteUrl, User, UserId},
    store::{ExportedCredentials, ImportedUser, Store},
};

pub(super) use self::arguments::MetabaseArguments;
use self::{
    arguments::Format,
    csv_files::CsvFiles,
    rows::{Row, Rows, Table},
    sql_file::SqlFile,
};
use super::{backup, each_page, file::Destination, report::Report};
use crate::{Failure, list::safe, store::now};

/// The highest ID in Metabase's tables.
const MAX_ID: u64 = i32::MAX.unsigned_abs() as u64;

/// The files of an export.
enum Output {
    Sql(SqlFile),
    Csv(CsvFiles),
}

impl Output {
    fn rows(&mut self, table: &Table, rows: &[Row]) -> Result<(), Failure> {
        match self {
            Self::Sql(file) => file.insert(table, rows),
            Self::Csv(files) => files.append(table, rows),
        }
    }

    fn all(&mut self, rows: &Rows) -> Result<(), Failure> {
        rows.tables().try_for_each(|(table, rows)| self.rows(table, rows))
    }

    fn finish(self, last: &Last) -> Result<(), Failure> {
        match self {
            Self::Sql(file) => file.finish(last),
            Self::Csv(files) => files.finish(),
        }
    }
}

/// The highest IDs, for sequences of the database.
#[derive(Debug, Default)]
struct Last {
    user: u64,
    group: u64,
    key: u64,
}

/// The links for users whose password cannot go back.
struct ResetLinks {
    site: SiteUrl,
    csv: csv::Writer<Destination>,
}

/// Writes the files.
pub(super) async fn run(
    store: &Store,
    arguments: &MetabaseArguments,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let directory = &arguments.directory;
    let created = DirBuilder::new().recursive(true).mode(0o700).create(directory);
    created.map_err(|error| {
        Failure::usage(format!("cannot create {}: {error}", directory.display()))
    })?;
    let output = match arguments.format {
        Format::Sql => Output::Sql(SqlFile::create(directory, arguments.dialect)?),
        Format::Csv => Output::Csv(CsvFiles::create(directory, arguments.has_auth_identity())?),
    };
    let links = match (arguments.site()?, arguments.reset_links.as_deref()) {
        (Some(site), Some(path)) => {
            let mut csv = csv::Writer::from_writer(Destination::open(Some(path))?);
            csv.write_record(["email", "link"])?;
            Some(ResetLinks { site, csv })
        }
        _ => None,
    };
    Export { store, arguments, output, links, last: Last::default() }.run(report).await
}

struct Export<'a> {
    store: &'a Store,
    arguments: &'a MetabaseArguments,
    output: Output,
    links: Option<ResetLinks>,
    last: Last,
}

impl Export<'_> {
    async fn run(mut self, report: &mut Report<'_>) -> Result<(), Failure> {
        self.groups(report).await?;
        let store = self.store;
        let with_hashes = ExportedCredentials::WithHashes;
        each_page(store, with_hashes, report, async |page, report| self.page(page, report).await)
            .await?;
        self.keys(report).await?;
        self.output.finish(&self.last)?;
        match self.links {
            None => Ok(()),
            Some(links) => {
                let file =
                    links.csv.into_inner().map_err(|error| Failure::failed(error.error()))?;
                file.finish()
            }
        }
    }

    async fn groups(&mut self, report: &mut Report<'_>) -> Result<(), Failure> {
        let mut rows = Rows::default();
        for group in self.store.groups(&Admin::of_operator()).await? {
            if group.id.builtin().is_some() {
                continue;
            }
            let id = self.arguments.group_id(group.id);
            if id > MAX_ID {
                return Err(Failure::failed(format!("the ID of group {id} is too high")));
            }
            self.last.group = self.last.group.max(id);
            rows.group(id, group.name.as_str());
            report.count("groups", 1);
        }
        self.output.all(&rows)
    }

    async fn page(
        &mut self,
        page: Vec<ImportedUser>,
        report: &mut Report<'_>,
    ) -> Result<(), Failure> {
        let mut users = page;
        users.retain(|exported| is_exported(&exported.user, report));
        for exported in &users {
            note_losses(exported, self.links.is_some(), report);
        }
        let resets = try_join_all(users.iter().map(|exported| self.reset(exported))).await?;
        let mut rows = Rows::default();
        for (exported, reset) in users.iter().zip(&resets) {
            let groups = exported.user.groups.iter();
            let groups = groups.map(|group| self.arguments.group_id(group));
            rows.user(exported, reset.as_ref(), now())?;
            rows.memberships(exported.user.id, groups);
            self.last.user = self.last.user.max(exported.user.id.get());
            if self.arguments.has_auth_identity() {
                rows.auth_identities(exported, reset.as_ref(), now())?;
            }
            if let (Some(links), Some(reset)) = (&mut self.links, reset) {
                links.add(&exported.user, reset)?;
                report.count("reset links", 1);
            }
        }
        report.count("users", users.len());
        self.output.all(&rows)
    }

    /// A reset token for an active user whose password cannot go back.
    async fn reset(&self, exported: &ImportedUser) -> Result<Option<MetabaseReset>, Failure> {
        let needs_link = self.links.is_some() && needs_password(exported);
        if !needs_link {
            return Ok(None);
        }
        metabase_reset(exported.user.id).await.map(Some).map_err(Failure::failed)
    }

    async fn keys(&mut self, report: &mut Report<'_>) -> Result<(), Failure> {
        let keys = backup::keys(self.store, report).await?;
        let owners = backup::owners(self.store, &keys).await?;
        let mut rows = Rows::default();
        for exported in &keys {
            let id = exported.key.id;
            let owner = owners.get(&exported.validity.owner);
            let is_valid = owner.is_some_and(|owner| exported.validity.is_valid_for(owner, now()));
            if !is_valid {
                report.note("API key that is invalid", id.get());
                continue;
            }
            if exported.validity.expires_at.is_some() {
                report.note("API key that expires, because Metabase has none", id.get());
                continue;
            }
            let number = self.last.key.saturating_add(1);
            if id.get() > MAX_ID || !rows.api_key(number, exported)? {
                report.note("API key with a hash that Metabase cannot check", id.get());
                continue;
            }
            let group = exported.user.groups.api_key_group();
            let groups = [GroupId::ALL_USERS, group].map(|group| self.arguments.group_id(group));
            rows.memberships(id, std::collections::BTreeSet::from(groups).into_iter());
            self.last.key = number;
            self.last.user = self.last.user.max(id.get());
            report.count("API keys", 1);
        }
        self.output.all(&rows)
    }
}

impl ResetLinks {
    fn add(&mut self, user: &User, reset: &MetabaseReset) -> Result<(), Failure> {
        let token = reset.token.expose_secret();
        let link = format!("{}/auth/reset_password/{token}", self.site);
        Ok(self.csv.write_record([safe(user.email.as_str()), link])?)
    }
}

/// Whether Metabase can have a user.
fn is_exported(user: &User, report: &mut Report<'_>) -> bool {
    let reason = if user.is_anonymized {
        "anonymized user, who has no data"
    } else if user.id.get() > MAX_ID || user.id == UserId::INTERNAL {
        "user whose ID Metabase cannot have"
    } else {
        return true;
    };
    report.note(reason, user.id.get());
    false
}

/// Whether a user has to choose a new password in Metabase.
fn needs_password(exported: &ImportedUser) -> bool {
    let kept = exported.password.as_ref().and_then(PasswordHash::to_metabase);
    exported.user.is_active && exported.user.sso_source.is_none() && kept.is_none()
}

/// Notes what Metabase cannot take of a user.
fn note_losses(exported: &ImportedUser, has_links: bool, report: &mut Report<'_>) {
    let id = exported.user.id.get();
    if exported.user.must_change_password {
        report.note("duty to change the password, which Metabase does not know", id);
    }
    if exported.user.sso_source.is_some() {
        return;
    }
    let reason = match &exported.password {
        Some(password) if password.to_metabase().is_some() => return,
        Some(password) if password.is_imported() => {
            "password kept as argon2id over bcrypt (--onion)"
        }
        Some(_) => "password hashed with argon2id, which Metabase cannot check",
        None if has_links || !exported.user.is_active => return,
        None => "password, because the user has none",
    };
    report.note(reason, id);
}
