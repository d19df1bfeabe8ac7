//! Tables of a version with random rows, and the rows that a reader must return.

use fastrand::Rng;
use metabase_dump::Table;

use crate::shown::Shown;

/// A type of a column.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Id,
    Text,
    Bool,
    Time,
    Attributes,
}

/// A value of a row.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Id(u32),
    Bool(bool),
    Text(String),
    /// `2022-08-26 14:05:45.598953`, in UTC.
    Time(String),
}

/// A table with rows.
pub(crate) struct Content {
    pub(crate) table: Table,
    pub(crate) columns: Vec<(&'static str, Type)>,
    pub(crate) rows: Vec<Vec<Value>>,
}

/// The versions with another set of columns.
pub(crate) const VERSIONS: [u32; 6] = [40, 46, 50, 55, 58, 62];

/// The bcrypt hash of a public test vector, and its salt.
pub(crate) const HASH: &str = "$2a$10$C6OAB3k6QgM6.0e8Jqo71udz14w2zMSVt4x.fdo9DmhnZkxs2yz4a";
pub(crate) const SALT: &str = "a4d9fe2a-fbd9-44c6-a1a1-de3bf8c3be86";

/// The first and the last version with a column, its name and its type.
type Versioned = (u32, u32, &'static str, Type);

const USER: &[Versioned] = &[
    (0, 99, "id", Type::Id),
    (0, 99, "email", Type::Text),
    (0, 99, "first_name", Type::Text),
    (0, 99, "last_name", Type::Text),
    (0, 99, "password", Type::Text),
    (0, 99, "password_salt", Type::Text),
    (0, 99, "date_joined", Type::Time),
    (0, 99, "last_login", Type::Time),
    (0, 99, "is_superuser", Type::Bool),
    (0, 99, "is_active", Type::Bool),
    (0, 99, "reset_token", Type::Text),
    (0, 99, "reset_triggered", Type::Id),
    (0, 99, "is_qbnewb", Type::Bool),
    (0, 45, "google_auth", Type::Bool),
    (0, 45, "ldap_auth", Type::Bool),
    (0, 99, "login_attributes", Type::Attributes),
    (0, 99, "updated_at", Type::Time),
    (46, 99, "sso_source", Type::Text),
    (0, 99, "locale", Type::Text),
    (0, 99, "is_datasetnewb", Type::Bool),
    (47, 99, "settings", Type::Text),
    (50, 99, "type", Type::Text),
    (50, 99, "entity_id", Type::Text),
    (51, 99, "deactivated_at", Type::Time),
    (56, 99, "tenant_id", Type::Id),
    (57, 99, "jwt_attributes", Type::Attributes),
    (59, 99, "is_data_analyst", Type::Bool),
];

const GROUP: &[Versioned] = &[
    (0, 99, "id", Type::Id),
    (0, 99, "name", Type::Text),
    (50, 99, "entity_id", Type::Text),
    (55, 99, "magic_group_type", Type::Text),
    (57, 99, "is_tenant_group", Type::Bool),
];

const MEMBERSHIP: &[Versioned] = &[
    (0, 99, "id", Type::Id),
    (0, 99, "user_id", Type::Id),
    (0, 99, "group_id", Type::Id),
    (41, 99, "is_group_manager", Type::Bool),
];

const API_KEY: &[Versioned] = &[
    (49, 99, "id", Type::Id),
    (49, 99, "user_id", Type::Id),
    (49, 99, "key", Type::Text),
    (49, 99, "key_prefix", Type::Text),
    (49, 99, "creator_id", Type::Id),
    (49, 99, "created_at", Type::Time),
    (49, 99, "updated_at", Type::Time),
    (49, 99, "name", Type::Text),
    (49, 99, "updated_by_id", Type::Id),
    (51, 99, "scope", Type::Text),
];

/// The columns of a table in a version, in the order of the table. Some of them are not read.
pub(crate) fn columns(table: Table, version: u32) -> Vec<(&'static str, Type)> {
    let all = match table {
        Table::User => USER,
        Table::Group => GROUP,
        Table::Membership => MEMBERSHIP,
        Table::ApiKey => API_KEY,
    };
    let is_in = |column: &&Versioned| (column.0..=column.1).contains(&version);
    all.iter().filter(is_in).map(|column| (column.2, column.3)).collect()
}

/// Random tables of a version. The order of the columns is random, but for the last one: it is no
/// text, because `mysql --batch` does not escape a carriage return.
pub(crate) fn generate(rng: &mut Rng, version: u32, most: usize) -> Vec<Content> {
    let mut contents = Vec::new();
    for table in Table::ALL {
        let mut columns = columns(table, version);
        if columns.is_empty() {
            continue;
        }
        rng.shuffle(&mut columns);
        let last = columns.iter().position(|column| column.0 == "id").unwrap();
        let id = columns.remove(last);
        columns.push(id);
        let count = rng.usize(0..=most);
        let row = |id| columns.iter().map(|column| value(rng, table, *column, id)).collect();
        let rows = (1..=u32::try_from(count).unwrap()).map(row).collect();
        contents.push(Content { table, columns, rows });
    }
    contents
}

fn value(rng: &mut Rng, table: Table, (name, kind): (&'static str, Type), id: u32) -> Value {
    let is_required = ["id", "email", "name", "key", "key_prefix", "group_id"].contains(&name)
        || name == "user_id" && table == Table::Membership;
    if !is_required && kind != Type::Bool && rng.u8(..) < 60 {
        return Value::Null;
    }
    match (kind, name) {
        (_, "id") => Value::Id(id),
        (_, "password" | "key") => Value::Text(HASH.to_owned()),
        (_, "password_salt") => Value::Text(SALT.to_owned()),
        (_, "type") => Value::Text(rng.choice(["personal", "internal", "api-key"]).unwrap().into()),
        (Type::Id, _) => Value::Id(rng.u32(..)),
        (Type::Bool, _) => Value::Bool(rng.bool()),
        (Type::Time, _) => Value::Time(format!(
            "20{:02}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}",
            rng.u8(0..100),
            rng.u8(1..13),
            rng.u8(1..29),
            rng.u8(0..24),
            rng.u8(0..60),
            rng.u8(0..60),
            rng.u32(1..1_000_000)
        )),
        (Type::Attributes, _) => {
            let map: serde_json::Map<String, serde_json::Value> =
                (0..rng.usize(1..3)).map(|_| (text(rng), text(rng).into())).collect();
            Value::Text(serde_json::Value::from(map).to_string())
        }
        (Type::Text, _) => Value::Text(text(rng)),
    }
}

/// Parts of texts that mean something in a format.
const PARTS: [&str; 32] = [
    "'",
    "''",
    "\"",
    "\"\"",
    "`",
    "\\",
    "\\N",
    "\\.",
    "\n",
    "\r",
    "\r\n",
    "\t",
    ",",
    ";",
    "(",
    ")",
    "--",
    "/*",
    "*/",
    "#",
    "$$",
    "\u{1}",
    "\u{1A}",
    "\u{8}",
    "%",
    "_",
    "é",
    "שלום",
    "😀",
    "');\nINSERT INTO core_user VALUES (",
    "\n\\.\n",
    "Null",
];

/// A text of random parts. It may be empty.
pub(crate) fn text(rng: &mut Rng) -> String {
    let part = |rng: &mut Rng| {
        if rng.bool() {
            (*rng.choice(&PARTS).unwrap()).to_owned()
        } else {
            char::from(rng.u8(b'a'..=b'z')).to_string()
        }
    };
    (0..rng.usize(0..8)).map(|_| part(rng)).collect()
}

/// The row that a reader must return.
pub(crate) fn expected(content: &Content, row: &[Value]) -> Shown {
    let get = |name| {
        let place = content.columns.iter().position(|column| column.0 == name);
        place.map(|place| &row[place])
    };
    let mut shown = Shown::new();
    for (name, default) in known(content.table) {
        let value = match get(name) {
            None | Some(Value::Null) => default.map(str::to_owned),
            Some(Value::Id(id)) => Some(id.to_string()),
            Some(Value::Bool(value)) => Some(value.to_string()),
            Some(Value::Text(text)) if name.ends_with("attributes") => Some(sorted(text)),
            Some(Value::Text(text)) => {
                Some(text.clone()).filter(|text| name != "sso_source" || !text.is_empty())
            }
            Some(Value::Time(time)) => {
                let time = time.replace(' ', "T");
                Some(format!("{}Z", time.trim_end_matches('0')))
            }
        };
        if let Some(value) = value {
            shown.insert(name, value);
        }
    }
    for (name, source) in [("ldap_auth", "ldap"), ("google_auth", "google")] {
        if get(name) == Some(&Value::Bool(true)) {
            shown.insert("sso_source", source.to_owned());
        }
    }
    shown
}

fn sorted(text: &str) -> String {
    let map: std::collections::BTreeMap<String, String> = serde_json::from_str(text).unwrap();
    serde_json::to_string(&map).unwrap()
}

/// The columns of a row, in the version with most of them, with their defaults.
fn known(table: Table) -> Vec<(&'static str, Option<&'static str>)> {
    let unread = ["reset_token", "reset_triggered", "settings", "entity_id"];
    let default = |(name, kind)| match (name, kind) {
        ("is_active" | "is_qbnewb" | "is_datasetnewb", _) => (name, Some("true")),
        ("type", _) => (name, Some("personal")),
        (_, Type::Bool) => (name, Some("false")),
        _ => (name, None),
    };
    let columns = columns(table, 62).into_iter();
    columns.filter(|(name, _)| !unread.contains(name)).map(default).collect()
}
