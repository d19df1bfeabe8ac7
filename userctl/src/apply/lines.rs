//! Line numbers of rows.

/// Counts lines up to increasing positions of a text.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    rest: &'t [u8],
    position: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    pub(super) const fn new(text: &'t [u8]) -> Self {
        Self { rest: text, position: 0, line: 1 }
    }

    /// The line of the row that begins at this position, after line breaks.
    ///
    /// The CSV reader ends a row after the first byte of its line break, and does not skip blank
    /// lines before the position of the next one.
    pub(super) fn at(&mut self, position: usize) -> u64 {
        while let [byte, rest @ ..] = self.rest {
            let is_break = matches!(byte, b'\r' | b'\n');
            if self.position >= position && !is_break {
                break;
            }
            let is_pair = *byte == b'\r' && rest.first() == Some(&b'\n');
            self.line += u64::from(is_break && !is_pair);
            (self.rest, self.position) = (rest, self.position.saturating_add(1));
        }
        self.line
    }
}
