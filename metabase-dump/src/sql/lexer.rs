//! Words, names and columns of SQL.

use super::comments::check_encoding;
use crate::{
    error::Problem,
    scanner::{Scanner, Stops},
};

/// The length up to which names, comments and settings are kept.
pub(super) const MAX_NAME: usize = 256;

/// The number of columns up to which their names are kept.
const MAX_COLUMNS: usize = 1024;

/// A keyword in upper case. A longer one is cut.
#[derive(Default)]
pub(super) struct Word {
    bytes: [u8; 24],
    length: usize,
}

impl Word {
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte.to_ascii_uppercase();
            self.length += 1;
        }
    }
}

/// The name of a table with its schema, which may be empty.
#[derive(Default)]
pub(super) struct Name {
    pub(super) schema: String,
    pub(super) table: String,
}

/// A reader of the parts of a statement.
pub(super) struct Lexer {
    pub(super) scanner: Scanner,
    /// Whether texts have backslash escapes.
    pub(super) has_escapes: bool,
    pub(super) is_unfinished: bool,
}

impl Lexer {
    pub(super) fn new(scanner: Scanner, has_escapes: bool) -> Self {
        Self { scanner, has_escapes, is_unfinished: false }
    }

    /// Whether the dump program wrote its first comment and not its last.
    pub(super) fn is_unfinished(&self) -> bool {
        self.is_unfinished
    }

    /// Reads a word of letters, digits and underscores.
    pub(super) fn word(&mut self) -> Result<Word, Problem> {
        let mut word = Word::default();
        self.scanner.while_(is_word, |byte| word.push(byte))?;
        Ok(word)
    }

    /// Reads a name with an optional schema.
    pub(super) fn name(&mut self) -> Result<Name, Problem> {
        let mut name = Name { schema: String::new(), table: self.identifier()? };
        while self.scanner.eat(b'.')? {
            name.schema = std::mem::replace(&mut name.table, self.identifier()?);
        }
        Ok(name)
    }

    /// Reads an identifier with or without quotes.
    pub(super) fn identifier(&mut self) -> Result<String, Problem> {
        let mut text = Capped::default();
        match self.scanner.peek()? {
            Some(quote @ (b'"' | b'`')) => {
                self.has_escapes |= quote == b'`';
                self.scanner.next()?;
                self.quoted(quote, |bytes| text.push(bytes))?;
            }
            _ => self.scanner.while_(is_word, |byte| text.push(&[byte]))?,
        }
        Ok(text.to_text())
    }

    /// Reads the rest of a quoted identifier. The quote is doubled within.
    pub(super) fn quoted(&mut self, quote: u8, mut pass: impl FnMut(&[u8])) -> Result<(), Problem> {
        loop {
            let stop = self.scanner.until(Stops::One(quote), &mut pass)?;
            if stop.is_none() {
                return Err(Problem::Truncated { within: "a name" });
            }
            self.scanner.next()?;
            if !self.scanner.eat(quote)? {
                return Ok(());
            }
            pass(&[quote]);
        }
    }

    /// Reads the names of columns in parentheses, if there are some.
    pub(super) fn columns(&mut self) -> Result<Option<Vec<String>>, Problem> {
        if !self.scanner.eat(b'(')? {
            return Ok(None);
        }
        let mut columns = Vec::new();
        loop {
            self.blank()?;
            let column = self.identifier()?;
            if columns.len() < MAX_COLUMNS {
                columns.push(column);
            }
            self.blank()?;
            match self.scanner.next()? {
                Some(b',') => {}
                Some(b')') => return Ok(Some(columns)),
                None => return Err(Problem::Truncated { within: "the names of columns" }),
                Some(_) => return Err(Problem::Syntax { expected: "the names of columns" }),
            }
        }
    }

    /// Reads the rest of a short statement with its semicolon.
    pub(super) fn tail(&mut self) -> Result<String, Problem> {
        let mut text = Capped::default();
        let stop = self.scanner.until(Stops::One(b';'), |bytes| text.push(bytes))?;
        if stop.is_none() {
            return Err(TRUNCATED);
        }
        self.scanner.next()?;
        Ok(text.to_text())
    }

    /// Reads `SET`, and checks the encoding. Returns the statement without `SET`.
    pub(super) fn setting(&mut self) -> Result<String, Problem> {
        let text = self.tail()?;
        let words: String = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        if words.eq_ignore_ascii_case("standard_conforming_strings = off") {
            self.has_escapes = true;
        }
        check_encoding(&format!("SET {words}"))?;
        Ok(words)
    }
}

pub(super) const TRUNCATED: Problem = Problem::Truncated { within: "a statement" };

/// Whether a byte can be in a name without quotes.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

/// The first bytes of a text.
#[derive(Default)]
pub(super) struct Capped(Vec<u8>);

impl Capped {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let free = MAX_NAME - self.0.len();
        self.0.extend_from_slice(bytes.get(..free).unwrap_or(bytes));
    }

    pub(super) fn to_text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}
