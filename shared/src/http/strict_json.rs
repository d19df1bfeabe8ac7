//! A JSON parser for untrusted input, without duplicate keys and with limited nesting.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize,
    de::{Deserializer, Error as _, MapAccess, Visitor},
};
use serde_json::{Error, Value, value::RawValue};

/// The error message for a body that is not valid JSON.
pub(super) const MALFORMED_JSON: &str =
    "The request body is not valid JSON, repeats a key, or is nested deeper than 32 levels.";

/// The maximum depth of a value. The outermost level counts.
const MAX_DEPTH: u8 = 32;

/// The member whose values become text with the digits that the client sent.
///
/// A [`Value`] would round `1.10` and reject `1e400`.
const ATTRIBUTES: &str = "login_attributes";

/// The bytes of U+FEFF, which some clients send before the JSON (RFC 8259, section 8.1).
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Parses a whole body. Skips a byte order mark.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, &'static str> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let parsed = serde_json::from_slice(bytes).and_then(|raw: &RawValue| body(raw));
    parsed.map_err(|_| MALFORMED_JSON)
}

/// Parses the outermost value.
fn body(raw: &RawValue) -> Result<Value, Error> {
    if !is_object(raw) {
        return value(raw, MAX_DEPTH);
    }
    let depth = inner(MAX_DEPTH)?;
    let members = members(raw)?.into_iter().map(|(name, raw)| {
        let parsed = match name.as_str() {
            ATTRIBUTES if is_object(raw) => attributes(raw, inner(depth)?)?,
            _ => value(raw, depth)?,
        };
        Ok((name, parsed))
    });
    members.collect::<Result<_, Error>>().map(Value::Object)
}

/// Parses attributes. Values other than null and text become text.
fn attributes(raw: &RawValue, depth: u8) -> Result<Value, Error> {
    let attributes = members(raw)?.into_iter().map(|(name, raw)| {
        let parsed = match raw.get().as_bytes().first() {
            Some(b'"' | b'n') => value(raw, depth)?,
            _ => Value::String(text(raw, depth)?),
        };
        Ok((name, parsed))
    });
    attributes.collect::<Result<_, Error>>().map(Value::Object)
}

/// Parses a value with `depth` levels left.
fn value(raw: &RawValue, depth: u8) -> Result<Value, Error> {
    if is_object(raw) {
        let depth = inner(depth)?;
        let members = members(raw)?.into_iter();
        let members = members.map(|(name, raw)| Ok((name, value(raw, depth)?)));
        return members.collect::<Result<_, Error>>().map(Value::Object);
    }
    if is_array(raw) {
        let depth = inner(depth)?;
        let elements = elements(raw)?.into_iter().map(|raw| value(raw, depth));
        return elements.collect::<Result<_, Error>>().map(Value::Array);
    }
    serde_json::from_str(raw.get())
}

/// Writes a value without white space. Numbers keep their digits.
fn text(raw: &RawValue, depth: u8) -> Result<String, Error> {
    if is_object(raw) {
        let depth = inner(depth)?;
        let members = members(raw)?.into_iter();
        let members = members
            .map(|(name, raw)| Ok(format!("{}:{}", Value::String(name), text(raw, depth)?)))
            .collect::<Result<Vec<_>, Error>>()?;
        return Ok(format!("{{{}}}", members.join(",")));
    }
    if is_array(raw) {
        let depth = inner(depth)?;
        let elements = elements(raw)?.into_iter().map(|raw| text(raw, depth));
        return Ok(format!("[{}]", elements.collect::<Result<Vec<_>, Error>>()?.join(",")));
    }
    match raw.get().as_bytes().first() {
        Some(b'"') => value(raw, depth).map(|text| text.to_string()),
        _ => Ok(raw.get().to_owned()),
    }
}

/// The number of levels left within a value.
fn inner(depth: u8) -> Result<u8, Error> {
    depth.checked_sub(1).ok_or_else(|| Error::custom("nested too deeply"))
}

fn is_object(raw: &RawValue) -> bool {
    raw.get().starts_with('{')
}

fn is_array(raw: &RawValue) -> bool {
    raw.get().starts_with('[')
}

fn elements(raw: &RawValue) -> Result<Vec<&RawValue>, Error> {
    serde_json::from_str(raw.get())
}

fn members(raw: &RawValue) -> Result<BTreeMap<String, &RawValue>, Error> {
    serde_json::from_str(raw.get()).map(|Members(members)| members)
}

/// The members of an object. A duplicate key is an error.
struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members<'de>, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = access.next_entry()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("duplicate key"));
            }
        }
        Ok(Members(members))
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
    fn attributes_keep_the_digits_of_numbers() {
        for (sent, expected) in [
            ("1.10", "1.10"),
            ("1e400", "1e400"),
            ("-0.0", "-0.0"),
            ("1E+2", "1E+2"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("true", "true"),
            ("[ 1.10, [ 1e400 ], null ]", "[1.10,[1e400],null]"),
            (r#"{ "b": 1.50, "a": "\u00e9 x" }"#, r#"{"a":"é x","b":1.50}"#),
        ] {
            let body = format!(r#"{{"login_attributes": {{"a": {sent} }}}}"#);
            let expected = json!({"login_attributes": {"a": expected}});
            assert_eq!(parse(body.as_bytes()), Ok(expected), "{sent}");
        }
        let body = br#"{"login_attributes": {"a": null, "b": "x"}, "c": 1.10}"#;
        let expected = json!({"login_attributes": {"a": null, "b": "x"}, "c": 1.1});
        assert_eq!(parse(body), Ok(expected));
        assert_eq!(parse(b"[1.10]"), Ok(json!([1.1])));
    }

    #[test]
    fn attributes_are_as_strict_as_other_values() {
        let nested = |levels: usize| {
            format!(
                r#"{{"login_attributes":{{"a":{}{}}}}}"#,
                "[".repeat(levels),
                "]".repeat(levels)
            )
        };
        assert!(parse(nested(30).as_bytes()).is_ok());
        assert!(parse(nested(31).as_bytes()).is_err());
        for value in [r#"{"a":1,"a":2}"#, r#"["\ud800"]"#, "[1.]", "01", "1e", "+1", "NaN", "nul"] {
            let body = format!(r#"{{"login_attributes": {{"a": {value}}}}}"#);
            assert_eq!(parse(body.as_bytes()), Err(MALFORMED_JSON), "{value}");
        }
        assert_eq!(parse(br#"{"login_attributes": 1e400}"#), Err(MALFORMED_JSON));
    }

    #[test]
    fn skips_one_byte_order_mark() {
        assert_eq!(parse(b"\xef\xbb\xbf {}"), Ok(json!({})));
        assert!(parse(b"\xef\xbb\xbf\xef\xbb\xbf{}").is_err());
        assert!(parse(b"{}\xef\xbb\xbf").is_err());
        assert!(parse(b"\xfe\xff\x00{\x00}").is_err());
    }

    #[test]
    fn rejects_malformed_and_ambiguous_json() {
        let cases: [&[u8]; 14] = [
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
            b"[1e999]",
            b"{\"a\": [1e999]}",
            b"{\"a\": 1,}",
        ];
        for case in cases {
            assert_eq!(parse(case), Err(MALFORMED_JSON), "{}", String::from_utf8_lossy(case));
        }
    }
}
