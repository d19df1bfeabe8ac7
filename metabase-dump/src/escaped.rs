//! Values with a delimiter and backslash escapes: `COPY` of PostgreSQL, and `mysql --batch`.

use std::io;

use crate::{
    record::{Layout, Record},
    scanner::{Scanner, Stops},
};

/// The escapes of a program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escapes {
    /// `COPY … TO STDOUT`.
    Copy,
    /// `mysql --batch` and `SELECT … INTO OUTFILE`. `NULL` is null, too.
    Batch,
}

/// Reads one line of values. Returns whether it has its line break.
pub(crate) fn row(
    scanner: &mut Scanner,
    escapes: Escapes,
    layout: &Layout,
    record: &mut Record,
) -> io::Result<bool> {
    loop {
        record.begin(layout);
        match value(scanner, escapes, record)? {
            Some(b'\t') => {}
            Some(_) => {
                record.finish(layout);
                return Ok(true);
            }
            None => return Ok(false),
        }
    }
}

/// Reads one value and the byte after it.
fn value(scanner: &mut Scanner, escapes: Escapes, record: &mut Record) -> io::Result<Option<u8>> {
    let mut is_null = false;
    let mut is_escaped = false;
    let stop = loop {
        let stops = Stops::Three(b'\t', b'\n', b'\\');
        let stop = scanner.until(stops, |bytes| record.push(bytes))?;
        scanner.next()?;
        if stop != Some(b'\\') {
            break stop;
        }
        let is_first = !is_escaped && record.is(b"");
        is_null = is_first && scanner.peek()? == Some(b'N');
        is_escaped = true;
        escape(scanner, escapes, record)?;
    };
    if stop == Some(b'\n') {
        record.strip(b'\r');
    }
    let is_word = escapes == Escapes::Batch && !is_escaped && record.is(b"NULL");
    if is_word || is_null && record.is(b"N") {
        record.end_null();
    } else {
        record.end();
    }
    Ok(stop)
}

/// Reads the rest of an escape.
fn escape(scanner: &mut Scanner, escapes: Escapes, record: &mut Record) -> io::Result<()> {
    let Some(byte) = scanner.next()? else { return Ok(()) };
    match (escapes, byte) {
        (Escapes::Copy, b'0'..=b'7') => {
            let octal = digits(scanner, byte - b'0', 8, 2)?;
            record.push(&[octal]);
        }
        (Escapes::Copy, b'x') if scanner.peek()?.is_some_and(|byte| byte.is_ascii_hexdigit()) => {
            let hex = digits(scanner, 0, 16, 2)?;
            record.push(&[hex]);
        }
        _ => record.push(&[simple(escapes, byte)]),
    }
    Ok(())
}

/// The byte of an escape with one character.
fn simple(escapes: Escapes, byte: u8) -> u8 {
    match byte {
        b'b' => 8,
        b'f' if escapes == Escapes::Copy => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' if escapes == Escapes::Copy => 11,
        b'0' => 0,
        b'Z' if escapes == Escapes::Batch => 26,
        other => other,
    }
}

/// Reads the digits of an octal or hexadecimal escape.
fn digits(scanner: &mut Scanner, first: u8, radix: u8, most: usize) -> io::Result<u8> {
    let mut value = first;
    for _ in 0..most {
        let next = scanner.peek()?.and_then(|byte| char::from(byte).to_digit(u32::from(radix)));
        let Some(digit) = next.and_then(|digit| u8::try_from(digit).ok()) else { break };
        value = value.wrapping_mul(radix).wrapping_add(digit);
        scanner.next()?;
    }
    Ok(value)
}
