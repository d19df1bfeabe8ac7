//! Where a walk through a list goes on.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// The most bytes that a place has: those of a sort key of DynamoDB.
const MAX: usize = 1_024;

/// A place in a list: after one of its items, or before all of them.
///
/// Opaque to clients, and harmless if they make one up: whatever it says, what follows it is a part of
/// the list that they asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// The place after an item.
    #[must_use]
    pub const fn after(place: String) -> Self {
        Self(place)
    }

    /// Reads a cursor that a client was given; an empty one is before all items.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let place = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        (place.len() <= MAX).then_some(Self(place))
    }

    /// The cursor as it is given to a client.
    #[must_use]
    pub fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.0)
    }

    /// The place; empty before all items.
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
    fn is_a_text_that_can_be_a_key() {
        let of = |bytes: &[u8]| Cursor::parse(&BASE64_URL_SAFE_NO_PAD.encode(bytes));
        assert!(of(&[b'x'; MAX]).is_some());
        for bytes in [&[b'x'; MAX + 1][..], b"\xff"] {
            assert_eq!(of(bytes), None);
        }
        assert_eq!(Cursor::parse("no/base64"), None);
    }
}
