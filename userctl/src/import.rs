//! `userctl import`: users, groups and API keys of another instance, into the table itself.
//!
//! An import reads its files several times: to check every row, to compare each user with the
//! table, and to write. It writes nothing before all rows are known to be valid.

mod backup_rows;
mod compare;
mod incoming;
mod jsonl;
mod keys;
mod metabase;
mod report;
mod survey;
mod write;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use metabase_dump::{Input, Options, Source};

use self::{
    compare::Plan,
    incoming::PeopleSource,
    jsonl::JsonlSource,
    metabase::MetabaseSource,
    report::{Kind, Report},
    survey::Survey,
};
use crate::{
    Context, Exit, Failure, environment,
    store::{IfAbsent, OpenTable},
};

/// The commands of `userctl import`.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Import a dump or a database of Metabase, from version 40 on
    Metabase(MetabaseArguments),
    /// Import a backup of `userctl export jsonl`
    Jsonl(JsonlArguments),
}

/// The arguments of `userctl import jsonl`.
#[derive(Debug, Args)]
pub struct JsonlArguments {
    /// The file. It is read several times
    file: PathBuf,
    /// Options of all imports.
    #[command(flatten)]
    options: ImportOptions,
}

/// The arguments of `userctl import metabase`.
#[derive(Debug, Args)]
pub struct MetabaseArguments {
    /// Dumps, TABLE=FILE for a CSV file of one table, or the URL of a database
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<String>,
    /// Keep only argon2id over the hashes of Metabase, so that no export has them
    #[arg(long)]
    onion: bool,
    /// Email address of the administrator who is responsible for API keys without a valid creator
    #[arg(long, value_name = "ADDRESS")]
    key_owner: Option<String>,
    /// File with further certificate authorities for the database, in PEM
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Options of all imports.
    #[command(flatten)]
    options: ImportOptions,
}

/// Options of all imports.
#[derive(Debug, Clone, Args)]
pub(crate) struct ImportOptions {
    /// Print what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Import the valid rows although others are invalid
    #[arg(long)]
    continue_on_error: bool,
    /// Give a new ID to users and groups whose ID belongs to others in the table
    #[arg(long)]
    new_ids: bool,
}

/// The choices of an import.
#[derive(Debug, Clone)]
struct Choices {
    options: ImportOptions,
    onion: bool,
    key_owner: Option<String>,
}

/// Runs an import.
pub(crate) async fn run(context: &Context, command: &ImportCommand) -> Result<Exit, Failure> {
    match command {
        ImportCommand::Metabase(arguments) => {
            let inputs = arguments.inputs.iter().map(|text| match text.parse::<Input>() {
                Ok(input) => input,
                Err(never) => match never {},
            });
            let inputs: Vec<_> = inputs.collect();
            let password = environment::secret("PGPASSWORD");
            let options = Options { password, ca_file: arguments.ca_file.clone() };
            let source = Source::open(&inputs, &options).map_err(Failure::usage)?;
            let choices = Choices {
                options: arguments.options.clone(),
                onion: arguments.onion,
                key_owner: arguments.key_owner.clone(),
            };
            import(context, &MetabaseSource(source), &choices).await
        }
        ImportCommand::Jsonl(JsonlArguments { file, options }) => {
            let source = JsonlSource::open(file)?;
            let choices = Choices { options: options.clone(), onion: false, key_owner: None };
            import(context, &source, &choices).await
        }
    }
}

async fn import(
    context: &Context,
    source: &dyn PeopleSource,
    choices: &Choices,
) -> Result<Exit, Failure> {
    let is_dry = choices.options.dry_run;
    let if_absent = if is_dry { IfAbsent::UseMemory } else { IfAbsent::Create };
    let table = OpenTable::open(&context.global.table.source()?, if_absent).await?;
    let mut report = Report::new(context, is_dry);
    let survey = Survey::read(source, &mut report)?;
    let plan = Plan::new(source, survey, &table.store, choices, &mut report).await?;
    let refused = report.refused();
    if is_dry {
        report.planned(&plan);
        return report.finish();
    }
    if refused > 0 && !choices.options.continue_on_error {
        report.finish()?;
        return Err(Failure::usage(format!(
            "{refused} of the rows cannot be imported, so nothing changes (--continue-on-error \
             imports the others)"
        )));
    }
    let written = write::run(source, &plan, &table.store, choices, &mut report).await;
    // An interrupted import tells what it has created.
    let exit = report.finish()?;
    written.map(|()| exit)
}

impl Plan {
    /// The numbers of what is to be created.
    fn numbers(&self) -> [(Kind, usize); 3] {
        [
            (Kind::User, self.users.len()),
            (Kind::Group, self.groups.len()),
            (Kind::ApiKey, self.keys.len()),
        ]
    }
}
