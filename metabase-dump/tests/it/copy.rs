//! `COPY` and other parts of dumps of PostgreSQL.

use crate::shown::{column, error, read, rows};

const HEADER: &str = "COPY public.core_user (id, email, first_name, is_active) FROM stdin;\n";

#[test]
fn escapes_are_understood() {
    let dump =
        format!("{HEADER}1\ta\\\\b\\101\\x42\\b\\f\\v\\q\\\nend\t\\N\tt\n2\t\\\\N\t\tf\n\\.\n");
    let rows = rows("dump.sql", dump);
    assert_eq!(column(&rows, "email"), ["a\\bAB\u{8}\u{c}\u{b}q\nend", "\\N"]);
    assert_eq!(column(&rows, "first_name"), ["-", ""]);
}

#[test]
fn line_breaks_of_windows_are_understood() {
    let dump = "COPY public.core_user (id, is_active, email) FROM stdin;\r\n1\tt\ta@b\r\n\\.\r\n";
    assert_eq!(column(&rows("dump.sql", dump), "email"), ["a@b"]);
}

#[test]
fn a_bad_row_has_its_line_and_reading_continues() {
    let dump = format!(
        "\u{FEFF}-- Comment\n{HEADER}x\ta\tb\tt\n1\ta\tb\tmaybe\n2\ta\tb\n3\t\\N\tb\tt\n-1\ta\tb\t\
         t\n\
         99999999999999999999\ta\tb\tt\n4\ta\tb\t\n5\ta\tb\tt\n\\.\n"
    );
    let dump = dump.replace("4\ta\tb\t\n", "");
    let (rows, errors) = read("dump.sql", dump);
    assert_eq!(column(&rows, "id"), ["5"]);
    assert_eq!(
        errors,
        [
            "dump.sql:3: the column id is no ID; an ID is a whole number from 0",
            "dump.sql:4: the column is_active is neither true nor false",
            "dump.sql:5: the row has 3 values for 4 columns",
            "dump.sql:6: the column email is empty; the row needs a value",
            "dump.sql:7: the column id is no ID; an ID is a whole number from 0",
            "dump.sql:8: the column id is no ID; an ID is a whole number from 0",
        ]
    );
}

#[test]
fn ids_are_plain_numbers() {
    for id in ["+1", " 1", "1.0", "0x1", "9223372036854775808", "NULL", "", "١"] {
        let dump = format!("{HEADER}{id}\ta\tb\tt\n\\.\n");
        assert!(error("dump.sql", dump).contains("the column id is no ID"), "{id}");
    }
    let dump = format!("{HEADER}9223372036854775807\ta\tb\tt\n\\.\n");
    assert_eq!(column(&rows("dump.sql", dump), "id"), ["9223372036854775807"]);
}

#[test]
fn invalid_utf_8_has_its_line() {
    let mut dump = HEADER.as_bytes().to_vec();
    dump.extend(b"1\tana\xE9@example.com\tb\tt\n2\ta\tb\tt\n\\.\n");
    let (rows, errors) = read("dump.sql", dump);
    assert_eq!(column(&rows, "id"), ["2"]);
    assert_eq!(errors, ["dump.sql:2: the column email is not UTF-8; dump with the encoding UTF-8"]);
}

#[test]
fn a_truncated_dump_is_an_error() {
    assert_eq!(
        error("dump.sql", format!("{HEADER}1\ta\tb\tt\n")),
        "dump.sql:3: the file ends within the rows of COPY; it is cut off, so copy it or dump it \
         again"
    );
    let dump = "-- PostgreSQL database dump\nCOPY public.core_user (id, email) FROM stdin;\n\\.\n";
    assert!(error("dump.sql", dump).contains("before its last comment"));
    assert_eq!(rows("dump.sql", format!("{dump}-- PostgreSQL database dump complete\n")), []);
}

#[test]
fn functions_and_comments_hide_their_quotes() {
    let dump = format!(
        "CREATE FUNCTION f() RETURNS text AS $body$ SELECT 'a; $$ ' || \"b $body$ LANGUAGE sql;\n\
         CREATE TABLE x (a text DEFAULT 'it''s; -- (');\n/* a ; ' */\n{HEADER}1\ta\tb\tt\n\\.\n"
    );
    assert_eq!(column(&rows("dump.sql", dump), "id"), ["1"]);
}

#[test]
fn old_strings_with_backslashes_are_understood() {
    let dump = "SET standard_conforming_strings = off;\n\
                INSERT INTO core_user (id, email) VALUES (1, 'a\\'b');\n";
    assert_eq!(column(&rows("dump.sql", dump), "email"), ["a'b"]);
    let dump = "INSERT INTO core_user (id, email) VALUES (1, E'a\\'b\\n'), (2, 'c\\');";
    assert_eq!(column(&rows("dump.sql", dump), "email"), ["a'b\n", "c\\"]);
}

#[test]
fn columns_must_identify_their_meaning() {
    assert_eq!(
        error("dump.sql", "COPY core_user (email) FROM stdin;\n\\.\n"),
        "dump.sql:2: the table core_user has no column id; dump the table with all columns"
    );
    assert!(error("dump.sql", "COPY core_user (id, email, ID) FROM stdin;\n").contains("twice"));
    assert!(error("d", "INSERT INTO core_user VALUES (1);").contains("--column-inserts"));
}

#[test]
fn the_tables_of_two_databases_are_not_mixed() {
    let copy = "COPY a.core_user (id, email) FROM stdin;\n\\.\n";
    let both = format!("{copy}{}", copy.replace("a.", "b."));
    assert!(error("dump.sql", both).contains("two databases or schemas"));
    let both = format!("\\connect one\n{copy}\\connect two\n{copy}");
    assert!(error("dump.sql", both).contains("two databases or schemas"));
    let old = copy.replace("a.", "");
    let both = format!("SET search_path = a, pg_catalog;\n{old}SET search_path = b;\n{old}");
    assert!(error("dump.sql", both).contains("two databases or schemas"));
    assert_eq!(rows("dump.sql", format!("{copy}{copy}")), []);
}

#[test]
fn other_encodings_are_named() {
    let message = error("dump.sql", format!("SET client_encoding = 'LATIN1';\n{HEADER}\\.\n"));
    assert!(message.contains("LATIN1") && message.contains("pg_dump --encoding=UTF8"), "{message}");
}

#[test]
fn an_expression_is_no_value() {
    let dump = "INSERT INTO core_user (id, email) VALUES (1, lower('A,)')), (2, ('b')), (3, 'c');";
    let (rows, errors) = read("dump.sql", dump);
    assert_eq!(column(&rows, "id"), ["3"]);
    assert_eq!(errors.len(), 2);
    assert!(errors[0].contains("email is an expression"), "{errors:?}");
}

#[test]
fn statements_after_the_rows_are_skipped() {
    let dump = "INSERT INTO core_user (id, email) VALUES (1, 'a') ON CONFLICT DO NOTHING;\n\
                INSERT INTO core_user (id, email) VALUES (2, 'b');";
    assert_eq!(column(&rows("dump.sql", dump), "id"), ["1", "2"]);
}
