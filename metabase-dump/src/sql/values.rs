//! The rows of `INSERT`.

use super::{
    Mode, Sql,
    lexer::{Lexer, is_word},
};
use crate::{
    error::{Problem, RowError},
    record::{Layout, Record},
    table::Table,
};

/// The error for a file that ends within `INSERT`.
pub(super) const TRUNCATED: Problem = Problem::Truncated { within: "the rows of INSERT" };

impl Sql {
    /// Reads the start of `INSERT`.
    pub(super) fn insert(&mut self) -> Result<(), Problem> {
        loop {
            self.lexer.blank()?;
            match self.lexer.word()?.as_bytes() {
                b"INTO" => break,
                b"IGNORE" | b"DELAYED" | b"LOW_PRIORITY" => {}
                _ => return self.lexer.skip_insert(),
            }
        }
        self.lexer.blank()?;
        let name = self.lexer.name()?;
        let Some(table) = self.find(&name)? else { return self.lexer.skip_insert() };
        self.lexer.blank()?;
        let columns = self.lexer.columns()?;
        self.values()?;
        self.mode = Mode::Values(self.layout(table, columns.as_deref())?);
        Ok(())
    }

    /// Reads the words up to the rows.
    fn values(&mut self) -> Result<(), Problem> {
        loop {
            self.lexer.blank()?;
            match self.lexer.word()?.as_bytes() {
                b"VALUES" => return Ok(()),
                b"OVERRIDING" | b"SYSTEM" | b"USER" | b"VALUE" => {}
                _ if self.lexer.scanner.peek()?.is_none() => return Err(TRUNCATED),
                _ => return Err(Problem::Syntax { expected: "VALUES" }),
            }
        }
    }

    /// Reads a row in parentheses, or the end of the statement.
    pub(super) fn values_row(
        &mut self,
        layout: &Layout,
        record: &mut Record,
    ) -> Result<Option<(Table, u64)>, Problem> {
        self.lexer.blank()?;
        let line = self.lexer.scanner.line();
        match self.lexer.scanner.peek()? {
            Some(b'(') => {
                self.lexer.scanner.next()?;
                self.lexer.tuple(layout, record)?;
                return Ok(Some((layout.table, line)));
            }
            Some(b',') => {
                self.lexer.scanner.next()?;
            }
            Some(b';') => {
                self.lexer.scanner.next()?;
                self.mode = Mode::Statements;
            }
            None => return Err(TRUNCATED),
            // ON CONFLICT, ON DUPLICATE KEY
            Some(b'O' | b'o') => {
                self.mode = Mode::Statements;
                self.lexer.skip()?;
            }
            Some(_) => return Err(Problem::Syntax { expected: "a row" }),
        }
        Ok(None)
    }
}

impl Lexer {
    /// Reads the values up to the closing parenthesis.
    fn tuple(&mut self, layout: &Layout, record: &mut Record) -> Result<(), Problem> {
        loop {
            self.blank()?;
            record.begin(layout);
            self.value(record)?;
            self.blank()?;
            match self.scanner.next()? {
                Some(b',') => {}
                Some(b')') => {
                    record.finish(layout);
                    return Ok(());
                }
                None => return Err(TRUNCATED),
                Some(_) => return Err(Problem::Syntax { expected: "a comma or a parenthesis" }),
            }
        }
    }

    /// Reads a value.
    fn value(&mut self, record: &mut Record) -> Result<(), Problem> {
        match self.scanner.peek()? {
            None => return Err(TRUNCATED),
            Some(b'\'') => self.text(b'\'', self.has_escapes, record)?,
            Some(b'"') if self.has_escapes => self.text(b'"', true, record)?,
            Some(b'0'..=b'9' | b'-' | b'+' | b'.') => self.number(record)?,
            Some(byte) if is_word(byte) => self.word_value(record)?,
            Some(b'(') => self.expression(record)?,
            Some(_) => return Err(Problem::Syntax { expected: "a value" }),
        }
        // A cast of PostgreSQL: 'text'::type
        if self.scanner.peek()? == Some(b':') {
            self.skip_expression()?;
        }
        Ok(())
    }

    /// Reads a value that begins with a word.
    fn word_value(&mut self, record: &mut Record) -> Result<(), Problem> {
        let word = self.word()?;
        match word.as_bytes() {
            b"NULL" | b"DEFAULT" => record.end_null(),
            word @ (b"TRUE" | b"FALSE") => {
                record.push(word);
                record.end();
            }
            b"U" if self.scanner.eat(b'&')? => self.unicode(record)?,
            word => {
                self.blank()?;
                self.prefixed(word, record)?;
            }
        }
        Ok(())
    }

    /// Reads a value after a word, such as `TIMESTAMP '…'`.
    fn prefixed(&mut self, word: &[u8], record: &mut Record) -> Result<(), Problem> {
        match (word, self.scanner.peek()?) {
            (_, None) => Err(TRUNCATED),
            (b"B", Some(b'\'')) => self.bits(record),
            (b"X", Some(b'\'')) => self.hex_text(record),
            (b"E", Some(b'\'')) => self.text(b'\'', true, record),
            (_, Some(b'\'')) => self.text(b'\'', self.has_escapes, record),
            (b"STRINGDECODE", Some(b'(')) => self.string_decode(record),
            (b"CAST", Some(b'(')) => self.cast(record),
            (_, Some(b'(')) if word.starts_with(b"SYSTEM_COMBINE_") => {
                record.end_failed(RowError::Lob);
                self.skip_expression()
            }
            (_, Some(b'"')) if word.starts_with(b"_") => self.text(b'"', true, record),
            (_, Some(b'0')) if word.starts_with(b"_") => self.number(record),
            (b"TIMESTAMP" | b"TIME", Some(_)) => self.with_time_zone(record),
            (_, Some(byte)) if word.starts_with(b"_") && is_word(byte) => {
                let word = self.word()?;
                match word.as_bytes() {
                    b"X" => self.hex_text(record),
                    b"B" => self.bits(record),
                    _ => self.expression(record),
                }
            }
            _ => self.expression(record),
        }
    }

    /// Reads the rest of `TIMESTAMP WITH TIME ZONE '…'`.
    fn with_time_zone(&mut self, record: &mut Record) -> Result<(), Problem> {
        for _ in 0..3 {
            self.word()?;
            self.blank()?;
        }
        match self.scanner.peek()? {
            Some(b'\'') => self.text(b'\'', self.has_escapes, record),
            _ => self.expression(record),
        }
    }

    /// Reads the text in `CAST('…' AS …)`.
    fn cast(&mut self, record: &mut Record) -> Result<(), Problem> {
        self.scanner.next()?;
        self.blank()?;
        match self.scanner.peek()? {
            Some(b'\'') => self.text(b'\'', self.has_escapes, record)?,
            _ => record.end_failed(RowError::Expression),
        }
        self.skip_expression()?;
        self.close()
    }

    /// Consumes a closing parenthesis.
    pub(super) fn close(&mut self) -> Result<(), Problem> {
        match self.scanner.next()? {
            Some(b')') => Ok(()),
            None => Err(TRUNCATED),
            Some(_) => Err(Problem::Syntax { expected: "a closing parenthesis" }),
        }
    }

    /// Skips a value that is no constant.
    fn expression(&mut self, record: &mut Record) -> Result<(), Problem> {
        record.end_failed(RowError::Expression);
        self.skip_expression()
    }

    /// Skips to the comma or the closing parenthesis after a value.
    pub(super) fn skip_expression(&mut self) -> Result<(), Problem> {
        let mut depth = 0_u64;
        loop {
            self.blank()?;
            match self.scanner.peek()? {
                None => return Err(TRUNCATED),
                Some(b',' | b')') if depth == 0 => return Ok(()),
                Some(b'(') => depth += 1,
                Some(b')') => depth -= 1,
                Some(_) => {}
            }
            self.skip_part()?;
        }
    }
}
