//! The arguments of `userctl export metabase`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use shared::domain::{GroupId, SiteUrl};

use super::value::Dialect;
use crate::Failure;

/// The first version of Metabase with the table `auth_identity`.
const AUTH_IDENTITY: u32 = 58;

/// The first version of Metabase with the column `magic_group_type`.
const MAGIC_GROUPS: u32 = 55;

/// The arguments of `userctl export metabase`.
#[derive(Debug, Args)]
pub struct MetabaseArguments {
    /// Directory of the files. It is created if it does not exist
    pub(super) directory: PathBuf,
    /// Format
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
    /// Database of Metabase, for SQL
    #[arg(long, value_enum, default_value_t)]
    pub(super) dialect: Dialect,
    /// Version of Metabase, from 55
    #[arg(long, value_name = "N", default_value_t = AUTH_IDENTITY)]
    target_version: u32,
    /// Number to add to the IDs of groups, because a new Metabase has groups of its own
    #[arg(long, value_name = "N", default_value_t = 0)]
    group_offset: u32,
    /// Write links to choose a new password to this file, for users whose password cannot go back
    #[arg(long, value_name = "FILE", requires = "site_url")]
    pub(super) reset_links: Option<PathBuf>,
    /// URL of the Metabase, for the links
    #[arg(long, value_name = "URL", requires = "reset_links")]
    site_url: Option<String>,
}

/// The format of the files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// One file with a transaction.
    #[default]
    Sql,
    /// One file for each table, for `psql \copy`.
    Csv,
}

impl MetabaseArguments {
    /// Checks the arguments before the table is opened.
    pub(in crate::export) fn check(&self) -> Result<(), Failure> {
        if self.target_version < MAGIC_GROUPS {
            return Err(Failure::usage(format!(
                "--target-version: versions before {MAGIC_GROUPS} have other tables"
            )));
        }
        if self.format == Format::Csv && self.dialect != Dialect::Postgres {
            return Err(Failure::usage("CSV files are for PostgreSQL: use --format sql"));
        }
        self.site().map(drop)
    }

    /// The URL of the Metabase.
    pub(super) fn site(&self) -> Result<Option<SiteUrl>, Failure> {
        let parse = |text: &String| {
            SiteUrl::parse(text)
                .ok_or_else(|| Failure::usage(format!("{text} is no URL of a site")))
        };
        self.site_url.as_ref().map(parse).transpose()
    }

    /// Whether the version keeps credentials in `auth_identity`.
    pub(super) const fn has_auth_identity(&self) -> bool {
        self.target_version >= AUTH_IDENTITY
    }

    /// The ID of a group in Metabase.
    pub(super) fn group_id(&self, group: GroupId) -> u64 {
        let offset = if group.builtin().is_some() { 0 } else { self.group_offset };
        group.get().saturating_add(u64::from(offset))
    }
}
