//! The output: text for people, or JSON.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::{Failure, Options, environment};

/// The destination of results.
#[derive(Debug)]
pub struct Output {
    json: bool,
    colors: bool,
}

impl Output {
    /// The output with these options. Colors need a terminal, and `NO_COLOR` disables them.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        let colors = io::stdout().is_terminal() && !environment::no_color();
        Self { json: options.global.json, colors }
    }

    /// Whether results are JSON.
    #[must_use]
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// Whether text may contain colors.
    #[must_use]
    pub const fn has_colors(&self) -> bool {
        self.colors
    }

    /// Writes a value as one line of JSON.
    ///
    /// # Errors
    ///
    /// Returns a failure if standard output is closed.
    pub fn json(&self, value: &impl Serialize) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        serde_json::to_writer(&mut out, value)?;
        Ok(writeln!(out)?)
    }

    /// Writes a line of text.
    ///
    /// # Errors
    ///
    /// Returns a failure if standard output is closed.
    pub fn line(&self, line: &str) -> Result<(), Failure> {
        Ok(writeln!(io::stdout(), "{line}")?)
    }
}
