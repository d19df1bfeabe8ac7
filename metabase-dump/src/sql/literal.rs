//! Texts, numbers and bytes in the rows of `INSERT`.

use super::{
    lexer::{Lexer, is_word},
    values::TRUNCATED,
};
use crate::{
    error::{Problem, RowError},
    record::Record,
    scanner::Stops,
};

impl Lexer {
    /// Reads a text in quotes. The quote is doubled within, or has a backslash.
    pub(super) fn text(
        &mut self,
        quote: u8,
        has_escapes: bool,
        record: &mut Record,
    ) -> Result<(), Problem> {
        self.scanner.next()?;
        let stops = if has_escapes { Stops::Two(quote, b'\\') } else { Stops::One(quote) };
        loop {
            match self.scanner.until(stops, |bytes| record.push(bytes))? {
                None => return Err(TRUNCATED),
                Some(b'\\') if has_escapes => self.escape(record)?,
                Some(_) => {
                    self.scanner.next()?;
                    if !self.scanner.eat(quote)? {
                        record.end();
                        return Ok(());
                    }
                    record.push(&[quote]);
                }
            }
        }
    }

    /// Reads an escape of MySQL, or of `E'…'` of PostgreSQL.
    fn escape(&mut self, record: &mut Record) -> Result<(), Problem> {
        self.scanner.next()?;
        let byte = match self.scanner.next()?.ok_or(TRUNCATED)? {
            b'0' => 0,
            b'b' => 8,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'Z' => 26,
            // A backslash in a pattern stays.
            wildcard @ (b'%' | b'_') => {
                record.push(b"\\");
                wildcard
            }
            other => other,
        };
        record.push(&[byte]);
        Ok(())
    }

    /// Reads a number, or bytes as `0x01`.
    pub(super) fn number(&mut self, record: &mut Record) -> Result<(), Problem> {
        if matches!(self.scanner.ahead(2)?, b"0x" | b"0X") {
            self.scanner.next()?;
            self.scanner.next()?;
            return self.hex(record);
        }
        let is_number = |byte| is_word(byte) || matches!(byte, b'-' | b'+' | b'.');
        self.scanner.while_(is_number, |byte| record.push(&[byte]))?;
        record.end();
        Ok(())
    }

    /// Reads bytes as `X'01'`.
    pub(super) fn hex_text(&mut self, record: &mut Record) -> Result<(), Problem> {
        self.open_quote()?;
        self.hex(record)?;
        self.close_quote()
    }

    /// Reads pairs of hexadecimal digits. A single digit is a byte, too.
    fn hex(&mut self, record: &mut Record) -> Result<(), Problem> {
        let mut high = None;
        let mut is_odd = false;
        let is_digit = |byte: u8| byte.is_ascii_hexdigit();
        self.scanner.while_(is_digit, |byte| {
            let digit = hex_digit(byte);
            match high.take() {
                Some(high) => record.push(&[high << 4 | digit]),
                None => high = Some(digit),
            }
            is_odd = !is_odd;
        })?;
        match high {
            Some(digit) if record.is(b"") => record.push(&[digit]),
            Some(_) => record.end_failed(RowError::Expression),
            None => {}
        }
        record.end();
        Ok(())
    }

    /// Reads bits as `b'1'`, at most eight.
    pub(super) fn bits(&mut self, record: &mut Record) -> Result<(), Problem> {
        self.open_quote()?;
        let mut value = 0_u8;
        let mut count = 0_u64;
        self.scanner.while_(
            |byte| matches!(byte, b'0' | b'1'),
            |byte| {
                value = value << 1 | (byte - b'0');
                count += 1;
            },
        )?;
        if count > 8 {
            record.end_failed(RowError::Expression);
        }
        record.push(&[value]);
        record.end();
        self.close_quote()
    }

    fn open_quote(&mut self) -> Result<(), Problem> {
        self.quote_byte(Problem::Syntax { expected: "a quote" })
    }

    fn close_quote(&mut self) -> Result<(), Problem> {
        self.quote_byte(Problem::Syntax { expected: "a closing quote" })
    }

    fn quote_byte(&mut self, error: Problem) -> Result<(), Problem> {
        match self.scanner.next()? {
            Some(b'\'') => Ok(()),
            None => Err(TRUNCATED),
            Some(_) => Err(error),
        }
    }

    /// Reads `U&'…'` after its ampersand: `\0041`, `\+01F600` and doubled quotes.
    pub(super) fn unicode(&mut self, record: &mut Record) -> Result<(), Problem> {
        self.open_quote()?;
        let mut units = Units::default();
        loop {
            let stops = Stops::Two(b'\'', b'\\');
            let stop = self.scanner.until(stops, |bytes| units.text(bytes, record))?;
            self.scanner.next()?;
            match (stop, self.scanner.peek()?) {
                (None, _) | (Some(b'\\'), None) => return Err(TRUNCATED),
                (Some(b'\\'), Some(b'+')) => {
                    self.scanner.next()?;
                    units.push(self.code(6)?, record);
                }
                (Some(b'\\'), Some(b'\\')) | (Some(_), Some(b'\'')) => {
                    let byte = self.scanner.next()?;
                    units.text(byte.as_slice(), record);
                }
                (Some(b'\\'), Some(_)) => units.push(self.code(4)?, record),
                (Some(_), _) => break,
            }
        }
        units.flush(record);
        record.end();
        Ok(())
    }

    /// Reads `STRINGDECODE('…')` of H2 at its parenthesis: escapes of Java within a text of SQL.
    pub(super) fn string_decode(&mut self, record: &mut Record) -> Result<(), Problem> {
        self.scanner.next()?;
        self.blank()?;
        self.open_quote()?;
        let mut units = Units::default();
        loop {
            let stops = Stops::Two(b'\'', b'\\');
            let stop = self.scanner.until(stops, |bytes| units.text(bytes, record))?;
            self.scanner.next()?;
            match stop {
                None => return Err(TRUNCATED),
                Some(b'\\') => self.java_escape(&mut units, record)?,
                Some(_) if self.scanner.eat(b'\'')? => units.text(b"'", record),
                Some(_) => break,
            }
        }
        units.flush(record);
        record.end();
        self.blank()?;
        self.close()
    }

    fn java_escape(&mut self, units: &mut Units, record: &mut Record) -> Result<(), Problem> {
        match self.scanner.next()?.ok_or(TRUNCATED)? {
            b'u' => units.push(self.code(4)?, record),
            b'n' => units.text(b"\n", record),
            b't' => units.text(b"\t", record),
            b'r' => units.text(b"\r", record),
            b'b' => units.text(&[8], record),
            b'f' => units.text(&[12], record),
            other => units.text(&[other], record),
        }
        Ok(())
    }

    /// Reads the hexadecimal digits of a code.
    fn code(&mut self, digits: usize) -> Result<u32, Problem> {
        let mut code = 0;
        for _ in 0..digits {
            let byte = self.scanner.next()?.ok_or(TRUNCATED)?;
            if !byte.is_ascii_hexdigit() {
                return Err(Problem::Syntax { expected: "a hexadecimal digit" });
            }
            code = code << 4 | u32::from(hex_digit(byte));
        }
        Ok(code)
    }
}

/// The value of a hexadecimal digit.
fn hex_digit(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        _ => byte.to_ascii_lowercase() - b'a' + 10,
    }
}

/// Codes of UTF-16 or Unicode. A pair of surrogates is one character.
#[derive(Default)]
struct Units {
    high: Option<u32>,
}

impl Units {
    fn text(&mut self, bytes: &[u8], record: &mut Record) {
        if !bytes.is_empty() {
            self.flush(record);
            record.push(bytes);
        }
    }

    fn push(&mut self, code: u32, record: &mut Record) {
        match (self.high.take(), code) {
            (Some(high), 0xDC00..=0xDFFF) => {
                character(0x1_0000 + ((high - 0xD800) << 10) + (code - 0xDC00), record);
            }
            (high, code) => {
                self.high = high;
                self.flush(record);
                if (0xD800..0xDC00).contains(&code) {
                    self.high = Some(code);
                } else {
                    character(code, record);
                }
            }
        }
    }

    /// Writes a surrogate that has no pair.
    fn flush(&mut self, record: &mut Record) {
        if let Some(high) = self.high.take() {
            character(high, record);
        }
    }
}

fn character(code: u32, record: &mut Record) {
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    record.push(character.encode_utf8(&mut [0; 4]).as_bytes());
}
