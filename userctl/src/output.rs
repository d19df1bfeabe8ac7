//! The output: text for people, or JSON.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::{Failure, GlobalOptions, environment};

/// The destination of results.
#[derive(Debug)]
pub struct Output {
    json: bool,
    colors: bool,
    progress: bool,
}

impl Output {
    /// The output with these options. Colors need a terminal, and `NO_COLOR` disables them.
    #[must_use]
    pub fn new(options: &GlobalOptions) -> Self {
        Self {
            json: options.json,
            colors: io::stdout().is_terminal() && !environment::no_color(),
            progress: io::stderr().is_terminal() && !options.json,
        }
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

    /// A progress bar on standard error, hidden without a terminal.
    #[must_use]
    pub fn progress(&self, total: u64) -> indicatif::ProgressBar {
        if !self.progress {
            return indicatif::ProgressBar::hidden();
        }
        let bar = indicatif::ProgressBar::new(total);
        let style = indicatif::ProgressStyle::with_template("{bar:40} {pos}/{len} {eta}");
        style.map_or(bar.clone(), |style| bar.with_style(style))
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
        Ok(writeln!(io::stdout(), "{}", printable(line))?)
    }

    /// Writes a value as JSON, or a sentence.
    ///
    /// # Errors
    ///
    /// Returns a failure if standard output is closed.
    pub fn result(&self, value: &impl Serialize, sentence: &str) -> Result<(), Failure> {
        if self.json { self.json(value) } else { self.line(sentence) }
    }

    /// Writes a value as JSON, or as lines with a label.
    ///
    /// # Errors
    ///
    /// Returns a failure if standard output is closed.
    pub fn details(&self, value: &impl Serialize, lines: &[(&str, String)]) -> Result<(), Failure> {
        if self.json {
            return self.json(value);
        }
        let width = lines.iter().map(|(label, _)| label.len()).max().unwrap_or_default();
        lines.iter().try_for_each(|(label, text)| self.line(&format!("{label:width$}  {text}")))
    }

    /// Writes a hint for people to standard error. JSON has none.
    pub fn hint(&self, hint: &str) {
        if !self.json {
            drop(writeln!(io::stderr(), "{}", printable(hint)));
        }
    }
}

/// The text without control characters, which could command a terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
