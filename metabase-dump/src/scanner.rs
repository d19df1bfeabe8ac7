//! Bytes of a source, with position and line. The buffer has a fixed size.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memchr2, memchr3};

const BUFFER: usize = 64 * 1024;

/// A reader of single bytes and of runs of bytes.
pub(crate) struct Scanner {
    input: Box<dyn Read + Send>,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    position: u64,
    line: u64,
}

impl Scanner {
    /// A scanner at the first byte after a byte order mark.
    pub(crate) fn new(input: Box<dyn Read + Send>) -> io::Result<Self> {
        let buffer = vec![0; BUFFER].into_boxed_slice();
        let mut scanner = Self { input, buffer, start: 0, end: 0, position: 0, line: 1 };
        scanner.fill(BUFFER)?;
        if scanner.rest().starts_with(b"\xEF\xBB\xBF") {
            scanner.consume(3);
        }
        Ok(scanner)
    }

    /// The line of the next byte, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The number of consumed bytes.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// The bytes in the buffer.
    pub(crate) fn rest(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Reads until the buffer has `count` bytes or the source is at its end.
    fn fill(&mut self, count: usize) -> io::Result<()> {
        while self.end - self.start < count {
            let Some(free) = self.buffer.get_mut(self.end..) else { break };
            match self.input.read(free) {
                Ok(0) => break,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The next bytes, at least one unless the source is at its end.
    pub(crate) fn chunk(&mut self) -> io::Result<&[u8]> {
        while self.start == self.end {
            match self.input.read(&mut self.buffer) {
                Ok(count) => {
                    self.start = 0;
                    self.end = count;
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.rest())
    }

    /// Consumes bytes of the buffer.
    fn consume(&mut self, count: usize) {
        let taken = self.rest().get(..count).unwrap_or_default();
        self.line += memchr_iter(b'\n', taken).count() as u64;
        self.start += count;
        self.position += count as u64;
    }

    /// The next byte.
    pub(crate) fn peek(&mut self) -> io::Result<Option<u8>> {
        if let Some(byte) = self.rest().first() {
            return Ok(Some(*byte));
        }
        Ok(self.chunk()?.first().copied())
    }

    /// The next bytes, `count` of them unless the source is at its end. They are not consumed.
    pub(crate) fn ahead(&mut self, count: usize) -> io::Result<&[u8]> {
        if self.end - self.start < count {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            self.fill(count)?;
        }
        Ok(self.rest().get(..count).unwrap_or(self.rest()))
    }

    /// Consumes the next byte.
    pub(crate) fn next(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        if let Some(byte) = byte {
            self.start += 1;
            self.position += 1;
            self.line += u64::from(byte == b'\n');
        }
        Ok(byte)
    }

    /// Consumes the next byte if it is `byte`.
    pub(crate) fn eat(&mut self, byte: u8) -> io::Result<bool> {
        let is_next = self.peek()? == Some(byte);
        if is_next {
            self.next()?;
        }
        Ok(is_next)
    }

    /// Consumes all bytes before the next one of `stops`, and passes them on. Returns the stop,
    /// which is not consumed, or `None` at the end.
    pub(crate) fn until(
        &mut self,
        stops: Stops,
        mut pass: impl FnMut(&[u8]),
    ) -> io::Result<Option<u8>> {
        loop {
            let chunk = self.chunk()?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let found = stops.find(chunk);
            let count = found.unwrap_or(chunk.len());
            pass(chunk.get(..count).unwrap_or_default());
            self.consume(count);
            if found.is_some() {
                return self.peek();
            }
        }
    }

    /// Consumes bytes as long as they fulfil a condition, and passes them on.
    pub(crate) fn while_(
        &mut self,
        accepts: impl Fn(u8) -> bool,
        mut pass: impl FnMut(u8),
    ) -> io::Result<()> {
        while let Some(byte) = self.peek()?.filter(|byte| accepts(*byte)) {
            pass(byte);
            self.next()?;
        }
        Ok(())
    }

    /// Consumes the rest of the line. Returns whether it has a line break.
    pub(crate) fn skip_line(&mut self) -> io::Result<bool> {
        self.until(Stops::One(b'\n'), |_| {})?;
        Ok(self.next()?.is_some())
    }
}

/// Bytes that end a run.
#[derive(Clone, Copy)]
pub(crate) enum Stops {
    /// One byte.
    One(u8),
    /// Either of two.
    Two(u8, u8),
    /// Any of three.
    Three(u8, u8, u8),
}

impl Stops {
    fn find(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::One(a) => memchr(a, bytes),
            Self::Two(a, b) => memchr2(a, b, bytes),
            Self::Three(a, b, c) => memchr3(a, b, c, bytes),
        }
    }
}
