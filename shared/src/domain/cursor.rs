//! Cursors for pagination.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// The maximum length of a position in bytes: the limit of a sort key in DynamoDB.
const MAX_BYTES: usize = 1_024;

/// A position in a list: after one of its items, or before the first one.
///
/// A cursor is opaque to clients. A forged one is harmless: it still selects a part of the
/// requested list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// The position after an item.
    #[must_use]
    pub const fn after(position: String) -> Self {
        Self(position)
    }

    /// Parses a cursor from a client. An empty one is the position before the first item.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let position = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        (position.len() <= MAX_BYTES).then_some(Self(position))
    }

    /// Encodes the cursor for the client.
    #[must_use]
    pub fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.0)
    }

    /// The position; empty before the first item.
    #[must_use]
    pub fn position(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_the_wire() {
        let cursor = Cursor::after("jörg\u{1}doe\u{1}0000000000000000042".to_owned());
        assert_eq!(Cursor::parse(&cursor.encode()), Some(cursor));
        assert_eq!(
            Cursor::parse("").map(|cursor| cursor.position().to_owned()),
            Some(String::new())
        );
    }

    #[test]
    fn a_position_is_text_that_fits_into_a_sort_key() {
        let parse = |bytes: &[u8]| Cursor::parse(&BASE64_URL_SAFE_NO_PAD.encode(bytes));
        assert!(parse(&[b'x'; MAX_BYTES]).is_some());
        for bytes in [&[b'x'; MAX_BYTES + 1][..], b"\xff"] {
            assert_eq!(parse(bytes), None);
        }
        assert_eq!(Cursor::parse("no/base64"), None);
    }
}
