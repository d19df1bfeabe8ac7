//! `userctl user list`.

use std::{collections::BTreeMap, fmt::Display};

use clap::{Args, ValueEnum};
use client::{Client, GroupId, UserListItem, UserQuery, UserStatus};
use futures_util::TryStreamExt;
use serde::Serialize;

use crate::{
    Context, Failure, clock,
    list::{self, Columns, ListFormat},
    references::{NamedRef, groups},
};

/// The orders of the service.
const SORTS: [&str; 10] = [
    "name",
    "email",
    "last_login",
    "date_joined",
    "id",
    "-name",
    "-email",
    "-last_login",
    "-date_joined",
    "-id",
];

/// The filters of the list.
#[derive(Debug, Args)]
pub struct UserListArguments {
    /// Words in the name or the email address
    #[arg(long)]
    query: Option<String>,
    /// Status
    #[arg(long, value_enum, default_value_t)]
    status: Status,
    /// Members of this group; may be repeated
    #[arg(long = "group", value_name = "ID|NAME")]
    groups: Vec<NamedRef>,
    /// Order, by name if it is absent; a leading - reverses it
    #[arg(long, allow_hyphen_values = true, value_parser = SORTS)]
    sort: Option<String>,
    /// Last login at this time or later, for example 2026-01-31
    #[arg(long, value_name = "TIME")]
    last_login_after: Option<String>,
    /// Last login before this time
    #[arg(long, value_name = "TIME")]
    last_login_before: Option<String>,
    #[command(flatten)]
    format: ListFormat,
}

/// Status of listed users.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Status {
    #[default]
    Active,
    Deactivated,
    All,
}

/// A user with the names of the groups. JSON has the user alone.
#[derive(Serialize)]
#[serde(transparent)]
struct Row {
    user: UserListItem,
    #[serde(skip)]
    groups: String,
}

/// The eight columns of `userctl apply`, then those that it ignores.
pub(crate) const CSV_COLUMNS: [&str; 11] = [
    "email",
    "first_name",
    "last_name",
    "groups",
    "locale",
    "is_superuser",
    "active",
    "sso_source",
    "id",
    "date_joined",
    "last_login",
];

const COLUMNS: Columns<Row> = Columns {
    table: &["id", "email", "name", "administrator", "status", "last login"],
    cells: |Row { user, .. }| {
        vec![
            user.id.to_string(),
            user.email.clone(),
            user.common_name.clone(),
            if user.is_superuser { "yes".to_owned() } else { String::new() },
            if user.is_active { "active".to_owned() } else { "deactivated".to_owned() },
            clock::optional(user.last_login),
        ]
    },
    csv: &CSV_COLUMNS,
    csv_cells: |Row { user, groups }| {
        vec![
            user.email.clone(),
            user.first_name.clone().unwrap_or_default(),
            user.last_name.clone().unwrap_or_default(),
            groups.clone(),
            user.locale.clone().unwrap_or_default(),
            user.is_superuser.to_string(),
            user.is_active.to_string(),
            user.sso_source.clone().unwrap_or_default(),
            user.id.to_string(),
            clock::text(user.date_joined),
            clock::optional(user.last_login),
        ]
    },
};

/// Lists users.
pub(super) async fn run(context: &Context, arguments: UserListArguments) -> Result<(), Failure> {
    let client = context.client()?;
    let mut group_ids = Vec::new();
    for group in &arguments.groups {
        group_ids.push(group.group(&client).await?);
    }
    let query = UserQuery {
        query: arguments.query,
        status: match arguments.status {
            Status::Active => UserStatus::Active,
            Status::Deactivated => UserStatus::Deactivated,
            Status::All => UserStatus::All,
        },
        group_ids,
        sort: arguments.sort,
        last_login_after: arguments.last_login_after,
        last_login_before: arguments.last_login_before,
        page_size: None,
    };
    let is_csv = arguments.format.is_csv();
    let names = if is_csv { names(&client).await? } else { BTreeMap::new() };
    let rows = client.users(query).map_ok(move |user| {
        let groups = user.group_ids.iter().filter_map(|id| names.get(id).cloned());
        Row { groups: groups.collect::<Vec<_>>().join(";"), user }
    });
    list::write(context, &arguments.format, &COLUMNS, rows).await
}

/// The names of all groups except the builtin ones, which other columns express.
async fn names(client: &Client) -> Result<BTreeMap<GroupId, String>, Failure> {
    let groups = groups(client).await?.into_iter().map(|each| each.group);
    let custom = groups.filter(|group| group.magic_group_type.is_none());
    Ok(custom.map(|group| (group.id, name_in_list(group.id, &group.name))).collect())
}

/// The name of a group in a list with semicolons, or `#` and its ID if the name is ambiguous there.
pub(crate) fn name_in_list(id: impl Display, name: &str) -> String {
    let is_ambiguous = name.contains(';') || name.starts_with('#');
    if is_ambiguous { format!("#{id}") } else { name.to_owned() }
}
