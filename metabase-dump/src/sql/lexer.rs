//! Words, names, comments and quotes of SQL.

use crate::{
    error::Problem,
    scanner::{Scanner, Stops},
};

/// The length up to which names, comments and settings are kept.
const MAX_NAME: usize = 256;

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
    is_unfinished: bool,
}

impl Lexer {
    pub(super) fn new(scanner: Scanner, has_escapes: bool) -> Self {
        Self { scanner, has_escapes, is_unfinished: false }
    }

    /// Whether the dump program wrote its first comment and not its last.
    pub(super) fn is_unfinished(&self) -> bool {
        self.is_unfinished
    }

    /// Skips white space and comments.
    pub(super) fn blank(&mut self) -> Result<(), Problem> {
        loop {
            match self.scanner.peek()? {
                Some(byte) if byte.is_ascii_whitespace() => {
                    self.scanner.next()?;
                }
                Some(b'-' | b'/' | b'#') => {
                    if !self.comment()? {
                        return Ok(());
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// Skips a comment, if there is one.
    fn comment(&mut self) -> Result<bool, Problem> {
        let has_escapes = self.has_escapes;
        match self.scanner.ahead(2)? {
            b"--" => self.line_comment()?,
            [b'#', ..] if has_escapes => self.line_comment()?,
            b"/*" => self.block_comment()?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn line_comment(&mut self) -> Result<(), Problem> {
        let mut text = Capped::default();
        self.scanner.until(Stops::One(b'\n'), |bytes| text.push(bytes))?;
        let text = text.to_text();
        let is_postgres = text.starts_with("-- PostgreSQL database");
        if is_postgres && text.trim_end().ends_with(" dump")
            || text.starts_with("-- MySQL dump ")
            || text.starts_with("-- MariaDB dump ")
        {
            self.is_unfinished = true;
        }
        if is_postgres && text.trim_end().ends_with(" dump complete")
            || text.starts_with("-- Dump completed")
        {
            self.is_unfinished = false;
        }
        Ok(())
    }

    fn block_comment(&mut self) -> Result<(), Problem> {
        let mut text = Capped::default();
        self.scanner.next()?;
        self.scanner.next()?;
        loop {
            let stop = self.scanner.until(Stops::One(b'*'), |bytes| text.push(bytes))?;
            if stop.is_none() {
                return Err(Problem::Truncated { within: "a comment" });
            }
            self.scanner.next()?;
            if self.scanner.eat(b'/')? {
                break;
            }
        }
        // A dump of MySQL has its settings in comments.
        check_encoding(&text.to_text())
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
    fn quoted(&mut self, quote: u8, mut pass: impl FnMut(&[u8])) -> Result<(), Problem> {
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

    /// Skips the rest of a statement with its semicolon.
    pub(super) fn skip(&mut self) -> Result<(), Problem> {
        loop {
            self.blank()?;
            match self.scanner.peek()? {
                None => return Err(TRUNCATED),
                Some(b';') => {
                    self.scanner.next()?;
                    return Ok(());
                }
                Some(_) => self.skip_part()?,
            }
        }
    }

    /// Skips a quoted text, a word or a single other byte.
    pub(super) fn skip_part(&mut self) -> Result<(), Problem> {
        match self.scanner.peek()? {
            Some(b'\'') => {
                self.scanner.next()?;
                self.skip_text(b'\'', self.has_escapes)
            }
            Some(quote @ (b'"' | b'`')) => {
                self.scanner.next()?;
                self.quoted(quote, |_| {})
            }
            Some(b'$') => self.dollar_quoted(),
            Some(byte) if is_word(byte) => self.scanner.while_(is_word, |_| {}).map_err(Into::into),
            _ => self.scanner.next().map(|_| ()).map_err(Into::into),
        }
    }

    /// Skips the rest of a text in quotes.
    fn skip_text(&mut self, quote: u8, has_escapes: bool) -> Result<(), Problem> {
        let stops = if has_escapes { Stops::Two(quote, b'\\') } else { Stops::One(quote) };
        loop {
            match self.scanner.until(stops, |_| {})? {
                None => return Err(Problem::Truncated { within: "a text" }),
                Some(b'\\') => {
                    self.scanner.next()?;
                    self.scanner.next()?;
                }
                Some(_) => {
                    self.scanner.next()?;
                    return Ok(());
                }
            }
        }
    }

    /// Skips a text such as `$tag$ … $tag$` of PostgreSQL.
    fn dollar_quoted(&mut self) -> Result<(), Problem> {
        let mut tag = vec![b'$'];
        self.scanner.next()?;
        self.scanner.while_(
            |byte| is_word(byte) && byte != b'$',
            |byte| {
                if tag.len() < MAX_NAME {
                    tag.push(byte);
                }
            },
        )?;
        if !self.scanner.eat(b'$')? {
            return Ok(());
        }
        tag.push(b'$');
        loop {
            if self.scanner.until(Stops::One(b'$'), |_| {})?.is_none() {
                return Err(Problem::Truncated { within: "a function" });
            }
            if self.scanner.ahead(tag.len())? == tag {
                return self.skip_bytes(tag.len());
            }
            self.scanner.next()?;
        }
    }

    fn skip_bytes(&mut self, count: usize) -> Result<(), Problem> {
        for _ in 0..count {
            self.scanner.next()?;
        }
        Ok(())
    }

    /// Skips the rest of `INSERT` with its semicolon. It has no comments, so this is fast.
    pub(super) fn skip_insert(&mut self) -> Result<(), Problem> {
        loop {
            match self.scanner.until(Stops::Three(b'\'', b'"', b';'), |_| {})? {
                None => return Err(Problem::Truncated { within: "the rows of INSERT" }),
                Some(b';') => {
                    self.scanner.next()?;
                    return Ok(());
                }
                Some(quote) => {
                    self.scanner.next()?;
                    self.skip_text(quote, self.has_escapes)?;
                }
            }
        }
    }
}

pub(super) const TRUNCATED: Problem = Problem::Truncated { within: "a statement" };

/// Whether a byte can be in a name without quotes.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

/// Rejects the setting of another encoding than UTF-8.
fn check_encoding(text: &str) -> Result<(), Problem> {
    let upper = text.to_ascii_uppercase();
    let found = ["SET NAMES ", "SET CLIENT_ENCODING = ", "SET CLIENT_ENCODING TO "]
        .into_iter()
        .find_map(|start| upper.split_once(start));
    let Some((_, rest)) = found else { return Ok(()) };
    let rest = rest.trim_start_matches('\'');
    let encoding: String = rest.chars().take_while(|letter| !" ';*".contains(*letter)).collect();
    if ["UTF8", "UTF-8", "SQL_ASCII", "BINARY"].iter().any(|known| encoding.starts_with(known))
        || !encoding.starts_with(|first: char| first.is_ascii_alphabetic())
    {
        return Ok(());
    }
    let command = if upper.contains("SET NAMES") {
        "mysqldump --default-character-set=utf8mb4"
    } else {
        "pg_dump --encoding=UTF8"
    };
    Err(Problem::Encoding { encoding, command: command.to_owned() })
}

/// The first bytes of a text.
#[derive(Default)]
struct Capped(Vec<u8>);

impl Capped {
    fn push(&mut self, bytes: &[u8]) {
        let free = MAX_NAME - self.0.len();
        self.0.extend_from_slice(bytes.get(..free).unwrap_or(bytes));
    }

    fn to_text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}
