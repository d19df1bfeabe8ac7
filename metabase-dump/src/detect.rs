//! The format of a source, by its first bytes.

use crate::{
    delimited::{Rules, names},
    error::Problem,
};

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// SQL. In MySQL, texts have backslash escapes.
    Sql {
        /// Whether texts have backslash escapes.
        has_escapes: bool,
    },
    /// Lines with a header.
    Delimited(Rules),
}

/// First bytes of formats that another program makes readable, with the command.
const MAGIC: [(&[u8], &str, &str); 9] = [
    (b"PGDMP", "a custom archive of pg_dump", PG_RESTORE),
    (b"H:2,", "a database file of H2", H2_SCRIPT),
    (b"-- H2 0.5/B --", "a database file of H2", H2_SCRIPT),
    (b"\x1F\x8B", "a gzip archive", "gunzip --keep FILE"),
    (b"PK\x03\x04", "a zip archive", "unzip FILE"),
    (b"\x28\xB5\x2F\xFD", "a zstd archive", "zstd --decompress FILE"),
    (b"\xFD7zXZ\0", "an xz archive", "xz --decompress --keep FILE"),
    (b"BZh", "a bzip2 archive", "bzip2 --decompress --keep FILE"),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive", "7z x FILE"),
];

const PG_RESTORE: &str = "pg_restore --file=dump.sql --table=core_user \
    --table=permissions_group --table=permissions_group_membership --table=api_key FILE";

/// H2 opens a file by its path without the extension.
const H2_SCRIPT: &str = "java -cp h2.jar org.h2.tools.Script -url \
    'jdbc:h2:file:BASE;ACCESS_MODE_DATA=r' -user '' -script dump.sql -options BLOCKSIZE \
    1048576 (h2.jar is H2 in the version of this Metabase)";

/// Byte order marks of encodings that are not read. The longer come first.
const MARKS: [(&[u8], &str); 4] = [
    (b"\xFF\xFE\0\0", "UTF-32LE"),
    (b"\0\0\xFE\xFF", "UTF-32BE"),
    (b"\xFF\xFE", "UTF-16LE"),
    (b"\xFE\xFF", "UTF-16BE"),
];

/// Words at the start of a dump.
const STATEMENTS: [&str; 27] = [
    "ALTER",
    "ANALYZE",
    "BEGIN",
    "COMMENT",
    "COMMIT",
    "COPY",
    "CREATE",
    "DELETE",
    "DELIMITER",
    "DO",
    "DROP",
    "GRANT",
    "INSERT",
    "LOCK",
    "MERGE",
    "REPLACE",
    "RESET",
    "REVOKE",
    "SELECT",
    "SET",
    "START",
    "TRUNCATE",
    "UNLOCK",
    "UPDATE",
    "USE",
    "VACUUM",
    "WITH",
];

/// Finds the format of a file by its first bytes after a byte order mark of UTF-8.
pub(crate) fn detect(prefix: &[u8], file: &str) -> Result<Format, Problem> {
    if prefix.trim_ascii().is_empty() {
        return Err(Problem::Empty);
    }
    other_program(prefix, file)?;
    encoding(prefix, file)?;
    if let Some(rules) = header(prefix) {
        return Ok(Format::Delimited(rules));
    }
    if is_sql(prefix) {
        return Ok(Format::Sql { has_escapes: is_mysql(prefix) });
    }
    Err(Problem::UnknownFormat)
}

/// The command for a directory, which `pg_dump -Fd` writes.
pub(crate) fn directory(file: &str) -> Problem {
    convert("a directory, as pg_dump -Fd writes it", PG_RESTORE, file)
}

fn convert(what: &'static str, command: &str, file: &str) -> Problem {
    let base = file.strip_suffix(".mv.db").or_else(|| file.strip_suffix(".h2.db"));
    let base = base.unwrap_or(file);
    let base = if base.starts_with(['/', '.']) { base.to_owned() } else { format!("./{base}") };
    let quoted = format!("'{}'", file.replace('\'', r"'\''"));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    let file = if file.bytes().all(is_plain) { file } else { &quoted };
    let command = command.replace("FILE", file).replace("BASE", &base);
    Problem::Convert { what, command }
}

fn other_program(prefix: &[u8], file: &str) -> Result<(), Problem> {
    for (magic, what, command) in MAGIC {
        if prefix.starts_with(magic) {
            return Err(convert(what, command, file));
        }
    }
    if prefix.get(257..262) == Some(b"ustar") {
        let is_dump = prefix.starts_with(b"toc.dat\0");
        let command = if is_dump { PG_RESTORE } else { "tar --extract --file=FILE" };
        return Err(convert("a tar archive", command, file));
    }
    Ok(())
}

/// Rejects UTF-16 and UTF-32, with and without a byte order mark.
fn encoding(prefix: &[u8], file: &str) -> Result<(), Problem> {
    let mark = MARKS.into_iter().find(|(mark, _)| prefix.starts_with(mark));
    let encoding = match (mark, prefix) {
        (Some((_, encoding)), _) => encoding,
        (None, [first, 0, second, 0, ..]) if *first != 0 && *second != 0 => "UTF-16LE",
        (None, [0, first, 0, second, ..]) if *first != 0 && *second != 0 => "UTF-16BE",
        _ => return Ok(()),
    };
    let command = format!("iconv --from-code={encoding} --to-code=UTF-8 FILE > dump.sql");
    match convert("", &command, file) {
        Problem::Convert { command, .. } => {
            Err(Problem::Encoding { encoding: encoding.to_owned(), command })
        }
        other => Err(other),
    }
}

/// Finds the rules of a file with a header. One of its names is `id`, or `group_id` for memberships
/// whose IDs are left to the database.
fn header(prefix: &[u8]) -> Option<Rules> {
    let line = prefix.split(|byte| *byte == b'\n').next()?;
    let has_quotes = line.starts_with(b"\"");
    let tab = if has_quotes { Rules::Csv(b'\t') } else { Rules::Batch };
    let is_name = |name: &String| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    [tab, Rules::Csv(b','), Rules::Csv(b';'), Rules::Csv(b'|')].into_iter().find(|rules| {
        let names = names(line, *rules);
        names.len() > 1
            && names.iter().all(is_name)
            && names.iter().any(|name| name == "id" || name == "group_id")
    })
}

fn is_sql(prefix: &[u8]) -> bool {
    let start = after_warnings(prefix);
    if matches!(start.first(), Some(b';' | b'#' | b'\\')) {
        return true;
    }
    if start.starts_with(b"--") || start.starts_with(b"/*") {
        return true;
    }
    let is_letter = |byte: &&u8| byte.is_ascii_alphabetic();
    let word: Vec<u8> = start.iter().take(16).take_while(is_letter).copied().collect();
    STATEMENTS.iter().any(|statement| statement.as_bytes().eq_ignore_ascii_case(&word))
}

/// Skips lines that a shell has put before a dump, such as a warning of `mysqldump`.
fn after_warnings(prefix: &[u8]) -> &[u8] {
    const WARNINGS: [&[u8]; 6] =
        [b"mysqldump:", b"mariadb-dump:", b"mysql:", b"pg_dump:", b"Warning:", b"WARNING:"];
    let mut start = prefix.trim_ascii_start();
    while WARNINGS.iter().any(|warning| start.starts_with(warning)) {
        let end = start.iter().position(|byte| *byte == b'\n').unwrap_or(start.len());
        start = start.get(end..).unwrap_or_default().trim_ascii_start();
    }
    start
}

/// Whether the marks of MySQL come before those of other databases.
fn is_mysql(prefix: &[u8]) -> bool {
    const MYSQL: [&[u8]; 8] = [
        b"-- MySQL dump",
        b"-- MariaDB dump",
        b"/*!",
        b"/*M!",
        b"INTO `",
        b"TABLE `",
        b") ENGINE=",
        b"-- phpMyAdmin",
    ];
    const OTHERS: [&[u8]; 5] =
        [b"-- PostgreSQL database", b"\"PUBLIC\"", b"PUBLIC.", b" public.", b" FROM stdin;"];
    let first =
        |marks: &[&[u8]]| marks.iter().filter_map(|mark| memchr::memmem::find(prefix, mark)).min();
    match (first(&MYSQL), first(&OTHERS)) {
        (Some(mysql), Some(other)) => mysql < other,
        (mysql, _) => mysql.is_some(),
    }
}
