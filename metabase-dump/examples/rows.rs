//! Prints the rows of dumps and databases as JSON lines, without secrets.
//!
//! ```sh
//! cargo run -p metabase-dump --example rows -- dump.sql postgres://metabase@localhost/metabase
//! ```
//!
//! `--count` prints the number of rows only. `--twice` reads all rows again after a line on the
//! standard input. `PGPASSWORD` is the password of a URL without one.

use std::{
    env,
    io::{self, BufRead, Write},
    path::PathBuf,
    process::ExitCode,
};

use metabase_dump::{
    ApiKeyRow, GroupRow, Input, Located, MembershipRow, Options, Row, Source, SourceError, UserRow,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

fn main() -> ExitCode {
    let (flags, names): (Vec<_>, Vec<_>) =
        env::args().skip(1).partition(|name| ["--count", "--twice"].contains(&name.as_str()));
    let inputs: Vec<Input> = names.iter().map(|name| name.parse()).filter_map(Result::ok).collect();
    let text = |name| env::var_os(name).and_then(|value| value.into_string().ok());
    let options = Options {
        password: text("PGPASSWORD").map(SecretString::from),
        ca_file: text("PGSSLROOTCERT").map(PathBuf::from),
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let result = print(&inputs, &options, &flags, &mut out);
    if let Err(error) = &result {
        let _ = writeln!(out, "{}", json!({ "error": error.to_string() }));
    }
    let is_written = out.flush().is_ok();
    if result.is_ok() && is_written { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print(
    inputs: &[Input],
    options: &Options,
    flags: &[String],
    out: &mut impl Write,
) -> Result<(), SourceError> {
    let has = |name: &str| flags.iter().any(|flag| flag == name);
    let source = Source::open(inputs, options)?;
    pass(&source, has("--count"), out)?;
    if has("--twice") {
        let _ = out.flush();
        let _ = io::stdin().lock().read_line(&mut String::new());
        pass(&source, has("--count"), out)?;
    }
    Ok(())
}

fn pass(source: &Source, is_count: bool, out: &mut impl Write) -> Result<(), SourceError> {
    let mut rows = source.rows()?;
    let mut count = 0_u64;
    for located in rows.by_ref() {
        let located = located?;
        count += 1;
        if !is_count {
            let _ = writeln!(out, "{}", line(&located));
        }
    }
    if is_count {
        let _ = writeln!(out, "{}", json!({ "rows": count, "bytes": rows.bytes_read() }));
    }
    Ok(())
}

fn line(located: &Located) -> Value {
    let mut value = match &located.row {
        Ok(Row::User(row)) => user(row),
        Ok(Row::Group(row)) => group(row),
        Ok(Row::Membership(row)) => membership(row),
        Ok(Row::ApiKey(row)) => api_key(row),
        Err(error) => json!({ "error": error.to_string() }),
    };
    if let Some(value) = value.as_object_mut() {
        value.insert("location".to_owned(), json!(located.location.to_string()));
        let table = located.location.table.map(|table| table.to_string());
        value.insert("table".to_owned(), json!(table));
    }
    value
}

fn user(row: &UserRow) -> Value {
    json!({
        "id": row.id,
        "email": row.email,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "password": row.password.as_ref().map(present),
        "password_salt": row.password_salt.as_ref().map(present),
        "date_joined": row.date_joined.map(time),
        "last_login": row.last_login.map(time),
        "updated_at": row.updated_at.map(time),
        "deactivated_at": row.deactivated_at.map(time),
        "is_superuser": row.is_superuser,
        "is_active": row.is_active,
        "is_qbnewb": row.is_qbnewb,
        "is_datasetnewb": row.is_datasetnewb,
        "is_data_analyst": row.is_data_analyst,
        "login_attributes": row.login_attributes,
        "jwt_attributes": row.jwt_attributes,
        "sso_source": row.sso_source,
        "locale": row.locale,
        "type": row.kind.as_str(),
        "tenant_id": row.tenant_id,
    })
}

fn group(row: &GroupRow) -> Value {
    json!({
        "id": row.id,
        "name": row.name,
        "magic_group_type": row.magic_group_type,
        "is_tenant_group": row.is_tenant_group,
    })
}

fn membership(row: &MembershipRow) -> Value {
    json!({
        "id": row.id,
        "user_id": row.user_id,
        "group_id": row.group_id,
        "is_group_manager": row.is_group_manager,
    })
}

fn api_key(row: &ApiKeyRow) -> Value {
    json!({
        "id": row.id,
        "user_id": row.user_id,
        "key": present(&row.key),
        "key_prefix": row.key_prefix,
        "creator_id": row.creator_id,
        "created_at": row.created_at.map(time),
        "updated_at": row.updated_at.map(time),
        "name": row.name,
        "updated_by_id": row.updated_by_id,
        "scope": row.scope,
    })
}

fn present(_: &SecretString) -> &'static str {
    "present"
}

fn time(time: OffsetDateTime) -> Option<String> {
    time.to_offset(UtcOffset::UTC).format(&Rfc3339).ok()
}
