//! Dumps as the dump programs write them.

use std::fmt::Write as _;

use crate::model::{Content, Type, Value};

/// A format of a dump with all tables.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Format {
    Copy,
    CopyWithoutSchema,
    Inserts,
    ColumnInserts,
    MySql { bits: Bits, has_columns: bool },
    H2 { is_old: bool },
}

/// The booleans of a dump of MySQL.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bits {
    Escaped,
    Binary,
    Raw,
    Hex,
    Literal,
    Number,
}

pub(crate) const FORMATS: [Format; 13] = [
    Format::Copy,
    Format::CopyWithoutSchema,
    Format::Inserts,
    Format::ColumnInserts,
    Format::MySql { bits: Bits::Escaped, has_columns: false },
    Format::MySql { bits: Bits::Binary, has_columns: false },
    Format::MySql { bits: Bits::Raw, has_columns: true },
    Format::MySql { bits: Bits::Hex, has_columns: true },
    Format::MySql { bits: Bits::Hex, has_columns: false },
    Format::MySql { bits: Bits::Literal, has_columns: true },
    Format::MySql { bits: Bits::Number, has_columns: false },
    Format::H2 { is_old: true },
    Format::H2 { is_old: false },
];

/// Writes a dump with other tables around those with people.
pub(crate) fn dump(format: Format, contents: &[Content]) -> String {
    let mut out = String::new();
    match format {
        Format::Copy | Format::CopyWithoutSchema => postgres(format, contents, &mut out, true),
        Format::Inserts | Format::ColumnInserts => postgres(format, contents, &mut out, false),
        Format::MySql { bits, has_columns } => mysql(bits, has_columns, contents, &mut out),
        Format::H2 { is_old } => h2(is_old, contents, &mut out),
    }
    out
}

fn postgres(format: Format, contents: &[Content], out: &mut String, is_copy: bool) {
    out.push_str(
        "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET client_encoding = 'UTF8';\n\
         SET standard_conforming_strings = on;\n\
         CREATE FUNCTION public.f() RETURNS text AS $_$ SELECT 'it''s; $$ \"' $_$;\n\
         COMMENT ON TABLE public.core_user IS 'People; \"all\" of them';\n",
    );
    let schema = if matches!(format, Format::CopyWithoutSchema) { "" } else { "public." };
    if is_copy {
        let _ = write!(out, "COPY {schema}core_session (id, user_id) FROM stdin;\na\\tb\t1\n\\.\n");
    } else {
        let _ = writeln!(out, "INSERT INTO {schema}core_session VALUES ('a;''b', 1);");
    }
    for content in contents {
        create(out, &format!("{schema}{}", content.table), content, "");
        let names =
            names(content, |name| if name == "type" { "\"type\"".into() } else { name.into() });
        if is_copy {
            let _ = writeln!(out, "COPY {schema}{} ({names}) FROM stdin;", content.table);
            for row in &content.rows {
                let values: Vec<_> = row.iter().map(copy_value).collect();
                out.push_str(&values.join("\t"));
                out.push('\n');
            }
            out.push_str("\\.\n\n");
            continue;
        }
        let names = match format {
            Format::ColumnInserts => format!(" ({names})"),
            _ => String::new(),
        };
        for row in &content.rows {
            let values: Vec<_> = row.iter().map(sql_value).collect();
            let values = values.join(", ");
            let _ =
                writeln!(out, "INSERT INTO {schema}{}{names} VALUES ({values});", content.table);
        }
    }
    out.push_str("--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n\n");
}

fn create(out: &mut String, table: &str, content: &Content, quote: &str) {
    let _ = writeln!(out, "CREATE TABLE {table} (");
    for (name, kind) in &content.columns {
        let kind = match kind {
            Type::Id => "integer NOT NULL",
            Type::Bool => "boolean DEFAULT (b'0') COMMENT 'a, (b)'",
            Type::Time => "timestamp(6) DEFAULT now()",
            _ => "varchar(254) DEFAULT 'default'",
        };
        let _ = writeln!(out, "    {quote}{name}{quote} {kind},");
    }
    let key = if quote == "`" { "KEY a (`id`)" } else { "CONSTRAINT a CHECK (id > 0)" };
    let _ = writeln!(out, "    PRIMARY KEY ({quote}id{quote}),\n    {key}\n);");
}

fn names(content: &Content, name: impl Fn(&str) -> String) -> String {
    content.columns.iter().map(|column| name(column.0)).collect::<Vec<_>>().join(", ")
}

/// The escapes of `COPY`.
fn copy_value(value: &Value) -> String {
    match value {
        Value::Null => "\\N".into(),
        Value::Id(id) => id.to_string(),
        Value::Bool(value) => if *value { "t" } else { "f" }.into(),
        Value::Time(time) => format!("{time}+00"),
        Value::Text(text) => text
            .replace('\\', "\\\\")
            .replace('\u{8}', "\\b")
            .replace('\n', "\\n")
            .replace('\r', "\\r")
            .replace('\t', "\\t"),
    }
}

fn sql_value(value: &Value) -> String {
    match value {
        Value::Null => "NULL".into(),
        Value::Id(id) => id.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Time(time) => format!("'{time}+00'"),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
    }
}

fn mysql(bits: Bits, has_columns: bool, contents: &[Content], out: &mut String) {
    out.push_str(
        "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19  Distrib 10.11\n\
         /*!40101 SET NAMES utf8mb4 */;\n/*!40103 SET TIME_ZONE='+00:00' */;\n\n\
         INSERT INTO `core_session` VALUES ('a;\\'b',1),('c\"',2);\n",
    );
    for content in contents {
        let _ = writeln!(out, "DROP TABLE IF EXISTS `{}`;", content.table);
        create(out, &format!("`{}`", content.table), content, "`");
        if content.rows.is_empty() {
            continue;
        }
        let names = names(content, |name| format!("`{name}`"));
        let names = if has_columns { format!("({names}) ") } else { String::new() };
        let _ = writeln!(out, "LOCK TABLES `{}` WRITE;", content.table);
        let _ = write!(out, "INSERT INTO `{}` {names}VALUES ", content.table);
        let row = |row: &Vec<Value>| {
            let values: Vec<_> = row.iter().map(|value| mysql_value(value, bits)).collect();
            format!("({})", values.join(","))
        };
        out.push_str(&content.rows.iter().map(row).collect::<Vec<_>>().join(","));
        out.push_str(";\nUNLOCK TABLES;\n");
    }
    out.push_str("DELIMITER ;;\nCREATE TRIGGER a BEGIN INSERT INTO core_user VALUES (1); END ;;\n");
    out.push_str("DELIMITER ;\n-- Dump completed on 2026-11-29  0:00:00\n");
}

fn mysql_value(value: &Value, bits: Bits) -> String {
    match value {
        Value::Bool(value) => match (bits, value) {
            (Bits::Escaped, false) => "'\\0'".into(),
            (Bits::Binary, false) => "_binary '\\0'".into(),
            (Bits::Binary, true) => "_binary '\u{1}'".into(),
            (Bits::Raw, false) => "'\0'".into(),
            (Bits::Escaped | Bits::Raw, true) => "'\u{1}'".into(),
            (Bits::Hex, value) => format!("0x0{}", u8::from(*value)),
            (Bits::Literal, value) => format!("b'{}'", u8::from(*value)),
            (Bits::Number, value) => u8::from(*value).to_string(),
        },
        Value::Text(text) => {
            let escaped = text
                .replace('\\', "\\\\")
                .replace('\'', "\\'")
                .replace('"', "\\\"")
                .replace('\n', "\\n")
                .replace('\r', "\\r")
                .replace('\u{1A}', "\\Z");
            format!("'{escaped}'")
        }
        Value::Time(time) => format!("'{time}'"),
        other => sql_value(other),
    }
}

fn h2(is_old: bool, contents: &[Content], out: &mut String) {
    let name = |table: &str| format!("\"PUBLIC\".\"{}\"", table.to_ascii_uppercase());
    out.push_str("-- H2 2.1.214; \n;              \n");
    out.push_str("CREATE USER IF NOT EXISTS \"SA\" SALT '00' HASH '00' ADMIN;   \n");
    for content in contents {
        let mut definition = String::new();
        create(&mut definition, &name(content.table.name()), content, "\"");
        out.push_str(&definition.replacen("CREATE TABLE", "CREATE CACHED TABLE", 1));
        out.push_str("-- 3 +/- SELECT COUNT(*) FROM PUBLIC.CORE_USER;\n");
        if content.rows.is_empty() {
            continue;
        }
        let names = names(content, str::to_ascii_uppercase);
        let names = if is_old { format!("({names})") } else { String::new() };
        let _ = writeln!(out, "INSERT INTO {}{names} VALUES", name(content.table.name()));
        let row = |row: &Vec<Value>| {
            let values: Vec<_> = row.iter().map(|value| h2_value(value, is_old)).collect();
            format!("({})", values.join(", "))
        };
        out.push_str(&content.rows.iter().map(row).collect::<Vec<_>>().join(",\n"));
        out.push_str(";          \n");
    }
}

fn h2_value(value: &Value, is_old: bool) -> String {
    let is_plain = |text: &str| text.bytes().all(|byte| (b' '..127).contains(&byte));
    match value {
        Value::Bool(value) => value.to_string().to_ascii_uppercase(),
        Value::Time(time) if is_old => format!("TIMESTAMP '{time}'"),
        Value::Time(time) => format!("TIMESTAMP WITH TIME ZONE '{time}+00'"),
        Value::Text(text) if is_old && (!is_plain(text) || text.contains('\\')) => {
            format!("STRINGDECODE('{}')", java(text).replace('\'', "''"))
        }
        Value::Text(text) if !is_old && !is_plain(text) => format!("U&'{}'", unicode(text)),
        other => sql_value(other),
    }
}

/// The escapes of Java, with two for a character beyond the basic plane.
fn java(text: &str) -> String {
    let mut out = String::new();
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b'\n') => out.push_str("\\n"),
            Ok(b'\t') => out.push_str("\\t"),
            Ok(b'\r') => out.push_str("\\r"),
            Ok(b'\\') => out.push_str("\\\\"),
            Ok(b'"') => out.push_str("\\\""),
            Ok(byte @ b' '..127) => out.push(char::from(byte)),
            _ => drop(write!(out, "\\u{unit:04x}")),
        }
    }
    out
}

fn unicode(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '\'' | '\\' => out.extend([character, character]),
            ' '..='~' => out.push(character),
            '\0'..='\u{FFFF}' => drop(write!(out, "\\{:04x}", u32::from(character))),
            _ => drop(write!(out, "\\+{:06x}", u32::from(character))),
        }
    }
    out
}

/// The file of `\copy … csv header` of one table.
pub(crate) fn csv(content: &Content, delimiter: char, line: &str) -> String {
    let mut out = content
        .columns
        .iter()
        .map(|column| column.0)
        .collect::<Vec<_>>()
        .join(&delimiter.to_string());
    out.push_str(line);
    for row in &content.rows {
        let value = |value: &Value| match value {
            Value::Null => String::new(),
            Value::Text(text)
                if text.is_empty()
                    || text.contains(['"', '\n', '\r', delimiter])
                    || text == "\\." =>
            {
                format!("\"{}\"", text.replace('"', "\"\""))
            }
            Value::Text(text) => text.clone(),
            other => copy_value(other),
        };
        out.push_str(&row.iter().map(value).collect::<Vec<_>>().join(&delimiter.to_string()));
        out.push_str(line);
    }
    out
}

/// The lines of `mysql --batch` of one table.
pub(crate) fn batch(content: &Content) -> String {
    let mut out = content.columns.iter().map(|column| column.0).collect::<Vec<_>>().join("\t");
    out.push('\n');
    for row in &content.rows {
        let value = |value: &Value| match value {
            Value::Null => "NULL".to_owned(),
            Value::Bool(false) => "\\0".to_owned(),
            Value::Bool(true) => "\u{1}".to_owned(),
            Value::Time(time) => time.clone(),
            Value::Text(text) => {
                text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t")
            }
            other => copy_value(other),
        };
        out.push_str(&row.iter().map(value).collect::<Vec<_>>().join("\t"));
        out.push('\n');
    }
    out
}
