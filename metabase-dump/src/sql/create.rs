//! The names of columns in `CREATE TABLE`, for rows without names.

use super::{Sql, lexer::TRUNCATED};
use crate::{error::Problem, scanner::Scanner};

/// Starts of a part of `CREATE TABLE` that is no column.
const CONSTRAINTS: [&str; 6] = ["PRIMARY", "UNIQUE", "CONSTRAINT", "FOREIGN", "CHECK", "EXCLUDE"];

/// Further starts in MySQL. In PostgreSQL, these are names of columns.
const MYSQL_CONSTRAINTS: [&str; 5] = ["KEY", "INDEX", "FULLTEXT", "SPATIAL", "PERIOD"];

/// Words between `CREATE` and `TABLE`.
const KINDS: [&[u8]; 7] =
    [b"TABLE", b"CACHED", b"MEMORY", b"GLOBAL", b"LOCAL", b"TEMPORARY", b"UNLOGGED"];

impl Sql {
    /// Reads `CREATE`, and keeps the columns of a table with people.
    pub(super) fn create(&mut self) -> Result<(), Problem> {
        loop {
            self.lexer.blank()?;
            let word = self.lexer.word()?;
            if word.as_bytes() == b"TABLE" {
                break;
            }
            if !KINDS.contains(&word.as_bytes()) {
                return self.lexer.skip();
            }
        }
        self.lexer.blank()?;
        if self.lexer.scanner.ahead(3)?.eq_ignore_ascii_case(b"IF ") {
            // IF NOT EXISTS
            for _ in 0..3 {
                self.lexer.word()?;
                self.lexer.blank()?;
            }
        }
        let name = self.lexer.name()?;
        if let Some(table) = self.find(&name)? {
            self.lexer.blank()?;
            if self.lexer.scanner.eat(b'(')? {
                let columns = self.definition()?;
                self.definitions.insert(table, columns);
            }
        }
        self.lexer.skip()
    }

    /// Reads the parts of a table up to its closing parenthesis.
    fn definition(&mut self) -> Result<Vec<String>, Problem> {
        let mut columns = Vec::new();
        loop {
            self.lexer.blank()?;
            let is_quoted = is_quote(&mut self.lexer.scanner)?;
            let name = self.lexer.identifier()?;
            let upper = name.to_ascii_uppercase();
            let is_constraint = CONSTRAINTS.contains(&upper.as_str())
                || self.lexer.has_escapes && MYSQL_CONSTRAINTS.contains(&upper.as_str());
            let is_column = is_quoted || !is_constraint;
            if is_column && columns.len() < 1024 {
                columns.push(name);
            }
            if !self.skip_definition()? {
                return Ok(columns);
            }
        }
    }

    /// Skips the rest of a part. Returns whether another one follows.
    fn skip_definition(&mut self) -> Result<bool, Problem> {
        let mut depth = 0_u64;
        loop {
            self.lexer.blank()?;
            match self.lexer.scanner.peek()? {
                None => return Err(TRUNCATED),
                Some(b'(') => depth += 1,
                Some(b')') if depth > 0 => depth -= 1,
                Some(end @ (b')' | b',')) if depth == 0 => {
                    self.lexer.scanner.next()?;
                    return Ok(end == b',');
                }
                Some(_) => {}
            }
            self.lexer.skip_part()?;
        }
    }
}

fn is_quote(scanner: &mut Scanner) -> Result<bool, Problem> {
    Ok(matches!(scanner.peek()?, Some(b'"' | b'`')))
}
