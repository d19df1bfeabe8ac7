//! Input that is cut off, endless or random.

use std::io::{self, Read};

use fastrand::Rng;
use metabase_dump::Input;

use crate::{
    model::{generate, text},
    shown::{column, read, read_input, rows},
    writers::{FORMATS, Format, batch, csv, dump},
};

/// Reads every prefix. It must give the same first rows. A dump with a first and a last comment is
/// an error until its last comment.
fn cut(name: &str, whole: &str, has_comments: bool) {
    let all = rows(name, whole);
    assert!(!all.is_empty());
    let header = whole.find("INTO").or(whole.find("COPY")).unwrap_or_default();
    for end in 0..whole.len() {
        let (rows, errors) = read(name, &whole.as_bytes()[..end]);
        assert!(rows.len() <= all.len() && rows == all[..rows.len()], "{end} of {name}\n{whole}");
        if has_comments && end > header && rows.len() < all.len() {
            assert_eq!(errors.len(), 1, "{end} of {name}\n{whole}");
        }
    }
}

#[test]
fn every_prefix_gives_the_same_first_rows() {
    let mut rng = Rng::with_seed(1);
    let mut contents = generate(&mut rng, 62, 1);
    contents.retain(|content| !content.rows.is_empty());
    for format in FORMATS {
        let has_comments = !matches!(format, Format::H2 { .. });
        cut("dump.sql", &dump(format, &contents), has_comments);
    }
    for content in contents {
        let name = content.table.name();
        cut(name, &csv(&content, ',', "\n"), false);
        cut(name, &batch(&content), false);
    }
}

#[test]
fn random_bytes_never_panic() {
    let mut rng = Rng::with_seed(2);
    let starts = [
        "",
        "--\n",
        "COPY core_user (id, email, is_active) FROM stdin;\n",
        "INSERT INTO core_user (id, email, is_active) VALUES (",
        "INSERT INTO core_user (id, email, is_active) VALUES (1, STRINGDECODE('",
        "INSERT INTO `core_user` (id, email, is_active) VALUES (1, U&'",
        "CREATE TABLE core_user (",
        "INSERT INTO x VALUES (",
        "id,email,is_active\n",
        "id\temail\tis_active\n",
    ];
    for _ in 0..3000 {
        let mut bytes = rng.choice(&starts).unwrap().as_bytes().to_vec();
        for _ in 0..rng.usize(0..40) {
            match rng.u8(0..3) {
                0 => bytes.push(rng.u8(..)),
                1 => bytes.extend(text(&mut rng).bytes()),
                _ => bytes.extend(
                    rng.choice(["'", ",", "(", ")", ";", "\\", "\"", "1", "NULL"]).unwrap().bytes(),
                ),
            }
        }
        read("core_user", bytes);
    }
}

#[test]
fn changed_bytes_never_panic() {
    let mut rng = Rng::with_seed(3);
    let contents = generate(&mut rng, 62, 3);
    for format in FORMATS {
        let whole = dump(format, &contents).into_bytes();
        for _ in 0..100 {
            let mut bytes = whole.clone();
            let place = rng.usize(..bytes.len());
            bytes[place] = rng.u8(..);
            read("dump.sql", bytes);
        }
    }
}

/// A start, a byte many times, and an end.
struct Long {
    start: io::Cursor<&'static str>,
    byte: u8,
    left: usize,
    end: io::Cursor<&'static str>,
}

impl Read for Long {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.start.read(buffer)?;
        if count > 0 || buffer.is_empty() {
            return Ok(count);
        }
        if self.left == 0 {
            return self.end.read(buffer);
        }
        let count = buffer.len().min(self.left);
        buffer[..count].fill(self.byte);
        self.left -= count;
        Ok(count)
    }
}

fn long(name: &str, start: &'static str, byte: u8, left: usize, end: &'static str) -> Input {
    Input::reader(name, move || {
        let (start, end) = (io::Cursor::new(start), io::Cursor::new(end));
        Ok(Long { start, byte, left, end })
    })
}

const GIGABYTE: usize = 1 << 30;

#[test]
fn one_line_of_a_gigabyte_is_skipped() {
    let end = "');\nCOPY core_user (id, email) FROM stdin;\n1\ta\n\\.\n";
    let (rows, errors) = read_input(long("d", "INSERT INTO x VALUES ('", b'x', GIGABYTE, end));
    assert_eq!((column(&rows, "id"), errors.len()), (vec!["1".to_owned()], 0));
}

#[test]
fn one_value_of_a_gigabyte_is_refused() {
    let start = "COPY core_user (id, email) FROM stdin;\n1\t";
    let (rows, errors) = read_input(long("d", start, b'x', GIGABYTE, "\n2\tb\n\\.\n"));
    assert_eq!(column(&rows, "id"), ["2"]);
    assert_eq!(errors, ["d:2: the column email is longer than 1 MiB; shorten the value"]);
}

#[test]
fn long_values_are_refused_in_every_format() {
    for (start, end) in [
        ("INSERT INTO core_user (id, email) VALUES (1, '", "'), (2, 'b');"),
        ("INSERT INTO core_user (id, email) VALUES (1, U&'", "'), (2, 'b');"),
        ("INSERT INTO core_user (id, email) VALUES (1, STRINGDECODE('", "')), (2, 'b');"),
        ("INSERT INTO `core_user` (id, email) VALUES (1, 0x", "), (2, 'b');"),
        ("id,email,date_joined\n1,", ",\n2,b,\n"),
        ("id,email,date_joined\n1,\"", "\",\n2,b,\n"),
        ("id\temail\tdate_joined\n1\t", "\tNULL\n2\tb\tNULL\n"),
    ] {
        let left = if start.ends_with("0x") { 5 << 20 } else { 3 << 20 };
        let (rows, errors) = read_input(long("d", start, b'a', left, end));
        assert_eq!(column(&rows, "id"), ["2"], "{start}");
        assert!(errors[0].contains("email is longer than 1 MiB"), "{errors:?}");
    }
}

#[test]
fn deep_parentheses_and_long_names_need_no_memory() {
    for (start, byte) in [
        ("INSERT INTO core_user (id, email) VALUES (1, (", b'('),
        ("INSERT INTO core_user (id, email) VALUES (1, a", b'a'),
        ("CREATE TABLE core_user (id int DEFAULT (", b'('),
        ("CREATE TABLE core_user (\"", b'a'),
        ("INSERT INTO ", b'a'),
        ("COPY core_user (id", b'a'),
        ("/*", b'*'),
        ("--", b'-'),
        ("SET x = ", b'a'),
        ("id,email\n", b','),
        ("id,email,", b'a'),
        ("CREATE FUNCTION f AS $a", b'a'),
    ] {
        let (rows, errors) = read_input(long("core_user", start, byte, 2 << 20, ""));
        assert_eq!((rows.len(), errors.len()), (0, 1), "{start}: {errors:?}");
    }
}
