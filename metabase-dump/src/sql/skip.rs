//! Parts of SQL without people.

use super::lexer::{Lexer, MAX_NAME, TRUNCATED, is_word};
use crate::{error::Problem, scanner::Stops};

impl Lexer {
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
