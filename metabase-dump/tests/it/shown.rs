//! Rows as names and texts, secrets included, and shortcuts to read them.

use std::collections::BTreeMap;

use metabase_dump::{
    ApiKeyRow, GroupRow, Input, Located, MembershipRow, Options, Row, Source, SourceError, Table,
    UserRow,
};
use secrecy::{ExposeSecret, SecretString};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// The columns of a row. Null is absent.
pub(crate) type Shown = BTreeMap<&'static str, String>;

/// Reads a text. Errors of rows and the error of the source are texts.
pub(crate) fn read(name: &str, text: impl Into<Vec<u8>>) -> (Vec<(Table, Shown)>, Vec<String>) {
    read_input(Input::text(name, text))
}

pub(crate) fn read_input(input: Input) -> (Vec<(Table, Shown)>, Vec<String>) {
    let mut rows = Vec::new();
    let mut errors = Vec::new();
    let source = Source::open(&[input], &Options::default());
    match source.and_then(|source| source.rows()) {
        Ok(all) => all.for_each(|located| collect(located, &mut rows, &mut errors)),
        Err(error) => errors.push(error.to_string()),
    }
    (rows, errors)
}

fn collect(
    located: Result<Located, SourceError>,
    rows: &mut Vec<(Table, Shown)>,
    errors: &mut Vec<String>,
) {
    match located {
        Ok(Located { location, row: Ok(row) }) => {
            rows.push((location.table.unwrap(), show(&row)));
        }
        Ok(Located { location, row: Err(error) }) => errors.push(format!("{location}: {error}")),
        Err(error) => errors.push(error.to_string()),
    }
}

/// Reads a text without any error.
pub(crate) fn rows(name: &str, text: impl Into<Vec<u8>>) -> Vec<(Table, Shown)> {
    let (rows, errors) = read(name, text);
    assert_eq!(errors, Vec::<String>::new());
    rows
}

/// The only error of a text.
pub(crate) fn error(name: &str, text: impl Into<Vec<u8>>) -> String {
    let (_, errors) = read(name, text);
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors[0].clone()
}

/// The values of one column of all rows.
pub(crate) fn column(rows: &[(Table, Shown)], name: &str) -> Vec<String> {
    let value = |(_, row): &(Table, Shown)| row.get(name).map_or("-", String::as_str).to_owned();
    rows.iter().map(value).collect()
}

fn secret(secret: &SecretString) -> String {
    secret.expose_secret().to_owned()
}

fn time(time: OffsetDateTime) -> String {
    time.to_offset(UtcOffset::UTC).format(&Rfc3339).unwrap()
}

fn attributes(map: &BTreeMap<String, String>) -> Option<String> {
    (!map.is_empty()).then(|| serde_json::to_string(map).unwrap())
}

type Values = Vec<(&'static str, Option<String>)>;

/// The columns of a row.
pub(crate) fn show(row: &Row) -> Shown {
    let all = match row {
        Row::User(row) => user(row),
        Row::Group(row) => group(row),
        Row::Membership(row) => membership(row),
        Row::ApiKey(row) => api_key(row),
    };
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn user(row: &UserRow) -> Values {
    vec![
        ("id", Some(row.id.to_string())),
        ("email", Some(row.email.clone())),
        ("first_name", row.first_name.clone()),
        ("last_name", row.last_name.clone()),
        ("password", row.password.as_ref().map(secret)),
        ("password_salt", row.password_salt.as_ref().map(secret)),
        ("date_joined", row.date_joined.map(time)),
        ("last_login", row.last_login.map(time)),
        ("updated_at", row.updated_at.map(time)),
        ("deactivated_at", row.deactivated_at.map(time)),
        ("is_superuser", Some(row.is_superuser.to_string())),
        ("is_active", Some(row.is_active.to_string())),
        ("is_qbnewb", Some(row.is_qbnewb.to_string())),
        ("is_datasetnewb", Some(row.is_datasetnewb.to_string())),
        ("is_data_analyst", Some(row.is_data_analyst.to_string())),
        ("login_attributes", attributes(&row.login_attributes)),
        ("jwt_attributes", attributes(&row.jwt_attributes)),
        ("sso_source", row.sso_source.clone()),
        ("locale", row.locale.clone()),
        ("type", Some(row.kind.as_str().to_owned())),
        ("tenant_id", row.tenant_id.map(|id| id.to_string())),
    ]
}

fn group(row: &GroupRow) -> Values {
    vec![
        ("id", Some(row.id.to_string())),
        ("name", Some(row.name.clone())),
        ("magic_group_type", row.magic_group_type.clone()),
        ("is_tenant_group", Some(row.is_tenant_group.to_string())),
    ]
}

fn membership(row: &MembershipRow) -> Values {
    vec![
        ("id", row.id.map(|id| id.to_string())),
        ("user_id", Some(row.user_id.to_string())),
        ("group_id", Some(row.group_id.to_string())),
        ("is_group_manager", Some(row.is_group_manager.to_string())),
    ]
}

fn api_key(row: &ApiKeyRow) -> Values {
    vec![
        ("id", Some(row.id.to_string())),
        ("user_id", row.user_id.map(|id| id.to_string())),
        ("key", Some(secret(&row.key))),
        ("key_prefix", Some(row.key_prefix.clone())),
        ("creator_id", row.creator_id.map(|id| id.to_string())),
        ("created_at", row.created_at.map(time)),
        ("updated_at", row.updated_at.map(time)),
        ("name", Some(row.name.clone())),
        ("updated_by_id", row.updated_by_id.map(|id| id.to_string())),
        ("scope", row.scope.clone()),
    ]
}
