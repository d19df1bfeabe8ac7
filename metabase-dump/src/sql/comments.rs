//! White space and comments of SQL, with the marks of the dump programs in them.

use super::lexer::{Capped, Lexer};
use crate::{error::Problem, scanner::Stops};

impl Lexer {
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
}

/// Rejects the setting of another encoding than UTF-8.
pub(super) fn check_encoding(text: &str) -> Result<(), Problem> {
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
