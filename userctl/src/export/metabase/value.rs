//! Values of columns in SQL and CSV.

use clap::ValueEnum;
use shared::domain::Timestamp;

/// A database of Metabase.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Dialect {
    /// PostgreSQL
    #[default]
    Postgres,
    /// MySQL and MariaDB
    Mysql,
    /// H2
    H2,
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Number(u64),
    Text(String),
    Flag(bool),
    Time(Timestamp),
}

impl Value {
    /// A text, or null.
    pub(super) fn optional(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(text.into()))
    }

    /// A time, or null.
    pub(super) fn optional_time(time: Option<Timestamp>) -> Self {
        time.map_or(Self::Null, Self::Time)
    }

    /// Appends the value as SQL.
    pub(super) fn push_sql(&self, dialect: Dialect, sql: &mut String) {
        match (self, dialect) {
            (Self::Null, _) => sql.push_str("NULL"),
            (Self::Number(number), _) => sql.push_str(&number.to_string()),
            (Self::Flag(true), Dialect::Mysql) => sql.push_str("b'1'"),
            (Self::Flag(false), Dialect::Mysql) => sql.push_str("b'0'"),
            (Self::Flag(flag), _) => sql.push_str(if *flag { "TRUE" } else { "FALSE" }),
            (Self::Text(text), _) => push_text(text, dialect, sql),
            (Self::Time(time), Dialect::Mysql) => push_all(sql, &["'", &local(*time), "'"]),
            (Self::Time(time), Dialect::Postgres) => push_all(sql, &["'", &local(*time), "+00'"]),
            (Self::Time(time), Dialect::H2) => {
                push_all(sql, &["TIMESTAMP WITH TIME ZONE '", &local(*time), "+00'"]);
            }
        }
    }

    /// The value as a cell of `psql \copy`. Null is an empty cell, and no text is empty.
    pub(super) fn to_cell(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Flag(flag) => if *flag { "t" } else { "f" }.to_owned(),
            Self::Time(time) => format!("{}+00", local(*time)),
        }
    }
}

fn push_all(sql: &mut String, parts: &[&str]) {
    sql.extend(parts.iter().copied());
}

/// Date and time in UTC, separated by a space.
fn local(time: Timestamp) -> String {
    format!("{} {}", time.day(), time.time_of_day())
}

/// Appends a text as a literal. MySQL also reads escapes after a backslash, and its client changes
/// line breaks.
fn push_text(text: &str, dialect: Dialect, sql: &mut String) {
    sql.push('\'');
    for character in text.chars() {
        match (character, dialect) {
            ('\'', _) => sql.push_str("''"),
            ('\\', Dialect::Mysql) => sql.push_str("\\\\"),
            ('\n', Dialect::Mysql) => sql.push_str("\\n"),
            ('\r', Dialect::Mysql) => sql.push_str("\\r"),
            (character, _) => sql.push(character),
        }
    }
    sql.push('\'');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(value: &Value, dialect: Dialect) -> String {
        let mut sql = String::new();
        value.push_sql(dialect, &mut sql);
        sql
    }

    #[test]
    fn texts_cannot_leave_their_quotes() {
        let hostile = Value::Text("a\\'; DROP TABLE core_user; --\r\n".to_owned());
        let plain = "'a\\''; DROP TABLE core_user; --\r\n'";
        assert_eq!(sql(&hostile, Dialect::Postgres), plain);
        assert_eq!(sql(&hostile, Dialect::H2), plain);
        let escaped = "'a\\\\''; DROP TABLE core_user; --\\r\\n'";
        assert_eq!(sql(&hostile, Dialect::Mysql), escaped);
    }

    #[test]
    fn values_have_the_form_of_their_database() {
        let time = Value::Time(Timestamp::parse("2026-03-01T01:02:03.5+01:00").unwrap());
        assert_eq!(sql(&time, Dialect::Postgres), "'2026-03-01 00:02:03.500000+00'");
        assert_eq!(sql(&time, Dialect::Mysql), "'2026-03-01 00:02:03.500000'");
        assert_eq!(
            sql(&time, Dialect::H2),
            "TIMESTAMP WITH TIME ZONE '2026-03-01 00:02:03.500000+00'"
        );
        assert_eq!(sql(&Value::Flag(true), Dialect::Mysql), "b'1'");
        assert_eq!(sql(&Value::Flag(false), Dialect::Postgres), "FALSE");
        assert_eq!(Value::Flag(true).to_cell(), "t");
        assert_eq!(Value::optional(None::<String>), Value::Null);
    }
}
