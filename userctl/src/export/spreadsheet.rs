//! `userctl export csv`: users for spreadsheets, in the columns of `userctl user list --csv`.

use std::{collections::HashMap, path::Path};

use shared::{
    authorization::Admin,
    domain::{GroupId, PersonName, SsoSource, Timestamp, User},
    store::{ExportedCredentials, Store},
};
use time::OffsetDateTime;

use super::{each_page, file::Destination, report::Report};
use crate::{
    Failure, clock,
    commands::{CSV_COLUMNS, name_in_list},
    list::safe,
};

/// Writes users without hashes.
pub(super) async fn run(
    store: &Store,
    path: Option<&Path>,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let groups = store.groups(&Admin::of_operator()).await?;
    let custom = groups.into_iter().filter(|group| group.id.builtin().is_none());
    let names: HashMap<_, _> =
        custom.map(|group| (group.id, name_in_list(group.id, group.name.as_str()))).collect();
    let mut csv = csv::Writer::from_writer(Destination::open(path)?);
    csv.write_record(CSV_COLUMNS)?;
    each_page(store, ExportedCredentials::None, report, async |page, report| {
        for user in page.into_iter().map(|exported| exported.user) {
            if user.is_anonymized {
                report.note("anonymized user, who has no data", user.id.get());
                continue;
            }
            report.count("users", 1);
            csv.write_record(cells(&user, &names).iter().map(|cell| safe(cell)))?;
        }
        Ok(())
    })
    .await?;
    let file = csv.into_inner().map_err(|error| Failure::failed(error.error()))?;
    file.finish()
}

/// The cells of a user, in the order of the columns.
fn cells(user: &User, names: &HashMap<GroupId, String>) -> [String; CSV_COLUMNS.len()] {
    let name = |name: &Option<PersonName>| {
        name.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default()
    };
    let groups: Vec<_> = user.groups.iter().filter_map(|id| names.get(&id)).cloned().collect();
    let locale = user.locale.as_ref().map(|locale| locale.as_str().to_owned());
    let sso_source = user.sso_source.as_ref().map(SsoSource::as_str).map(str::to_owned);
    [
        user.email.as_str().to_owned(),
        name(&user.first_name),
        name(&user.last_name),
        groups.join(";"),
        locale.unwrap_or_default(),
        user.is_superuser().to_string(),
        user.is_active.to_string(),
        sso_source.unwrap_or_default(),
        user.id.to_string(),
        clock::optional(time(user.date_joined)),
        clock::optional(user.last_login.and_then(time)),
    ]
}

fn time(time: Timestamp) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(time.epoch_seconds()).ok()
}
