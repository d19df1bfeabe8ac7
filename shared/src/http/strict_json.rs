//! A JSON parser for untrusted input, without duplicate keys and with limited nesting.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The error message for a body that is not valid JSON.
pub(super) const MALFORMED_JSON: &str =
    "The request body is not valid JSON, repeats a key, or is nested deeper than 32 levels.";

/// The maximum depth of a value. The outermost level counts.
const MAX_DEPTH: u8 = 32;

/// Parses a whole body.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, &'static str> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    StrictValue { depth: MAX_DEPTH }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|_| MALFORMED_JSON)
}

/// A deserializer for a value with `depth` levels left.
#[derive(Clone, Copy)]
struct StrictValue {
    depth: u8,
}

impl StrictValue {
    fn inner<E: Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth }),
            None => Err(E::custom("nested too deeply")),
        }
    }
}

impl<'de> DeserializeSeed<'de> for StrictValue {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StrictValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut array = Vec::new();
        while let Some(value) = access.next_element_seed(inner)? {
            array.push(value);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut object = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            if object.insert(key, access.next_value_seed(inner)?).is_some() {
                return Err(A::Error::custom("duplicate key"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_every_kind_of_value() {
        let text = r#" {"a": [null, true, 1, -1, 1.5, "x\u00e9"], "b": {}} "#;
        let value = json!({"a": [null, true, 1, -1, 1.5, "xé"], "b": {}});
        assert_eq!(parse(text.as_bytes()), Ok(value));
    }

    #[test]
    fn counts_the_outermost_level() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(parse(nested(32).as_bytes()).is_ok());
        assert!(parse(nested(33).as_bytes()).is_err());
        assert!(parse(nested(60_000).as_bytes()).is_err());
        assert!(parse("{\"a\":".repeat(30_000).as_bytes()).is_err());
    }

    #[test]
    fn rejects_malformed_and_ambiguous_json() {
        let cases: [&[u8]; 12] = [
            b"",
            b" ",
            b"{",
            b"{} {}",
            b"{'a': 1}",
            b"{\"a\": 1, \"a\": 1}",
            b"[{\"a\": 1, \"\\u0061\": 2}]",
            b"\"\\ud800\"",
            b"\"\xff\"",
            b"1e999",
            b"nul",
            b"{\"a\": 1,}",
        ];
        for case in cases {
            assert_eq!(parse(case), Err(MALFORMED_JSON), "{}", String::from_utf8_lossy(case));
        }
    }
}
