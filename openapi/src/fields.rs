//! What the fields of requests must look like.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use shared::{
    auth::password_policy::{NewPassword, PasswordPolicy},
    domain::{Email, Locale, PersonName},
};

/// Within a class: what is trimmed from the ends of a text.
const BLANK: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// Within a class: what no line has.
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";

/// Texts as requests have them; what is long to describe has a name of its own.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident $inline:literal => $schema:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize)]
        #[serde(transparent)]
        pub(crate) struct $name(pub(crate) &'static str);

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).trim_end_matches("Text").into()
            }

            fn inline_schema() -> bool {
                $inline
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )*};
}

texts! {
    /// An address.
    AddressText true => json_schema!({
        "type": "string", "format": "idn-email", "maxLength": Email::MAX_CHARS,
    });
    /// One line that is not blank, in whatever blanks.
    LineText false => json_schema!({
        "description": "One line that is not blank; blanks around it do not count.",
        "type": "string", "minLength": 1, "maxLength": PersonName::MAX_CHARS, "pattern": line(),
    });
    /// A text that is not blank.
    NonBlankText false => json_schema!({
        "description": "A text that is not blank.",
        "type": "string", "minLength": 1, "pattern": non_blank(),
    });
    /// A password that is only compared.
    CurrentPasswordText true => json_schema!({ "type": "string", "pattern": r"^[^\u0000]*$" });
    /// A password that the policy of a new instance admits.
    NewPasswordText false => json_schema!({
        "description": "What a new instance asks of a password: six characters with a digit, none of the common passwords, and 1,024 bytes at most. `GET /api/session/properties` tells what this one asks.",
        "type": "string",
        "minLength": PasswordPolicy::default().minimum().total,
        "maxLength": NewPassword::MAX_BYTES,
        "pattern": r"^[^\u0000]*[0-9][^\u0000]*$",
    });
    /// A language, and a country if need be.
    LocaleText false => json_schema!({
        "description": "A language that exists, alone or with a country: `es`, `es_MX`, `es-mx`.",
        "type": "string", "pattern": locale(), "examples": ["es_MX"],
    });
    /// A place in a list, or the beginning.
    CursorText true => json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9_-]*$" });
    /// What an entry of the audit trail is called.
    EntryCursorText true => json_schema!({ "type": "string", "pattern": "^[0-9]{1,16}-[A-Za-z0-9_-]{0,12}$" });
    /// What something is done to.
    SubjectText true => json_schema!({ "type": "string", "pattern": "^((user|group|api-key):)?[1-9][0-9]{0,17}$" });
    /// Part of a name or an address.
    SearchText true => json_schema!({ "type": "string", "pattern": format!("^[^{CONTROL}]*$") });
}

/// What a list is ordered by.
pub(crate) struct Sort;

impl JsonSchema for Sort {
    fn schema_name() -> Cow<'static, str> {
        "Sort".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names = ["name", "email", "last_login", "date_joined", "id"];
        let reversed = names.map(|name| format!("-{name}"));
        let all: Vec<_> = names.map(str::to_owned).into_iter().chain(reversed).collect();
        json_schema!({ "type": "string", "enum": all })
    }
}

/// A moment, or a date that stands for its first one.
pub(crate) struct DateOrDateTime;

impl JsonSchema for DateOrDateTime {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [{ "type": "string", "format": "date-time" }, { "type": "string", "format": "date" }],
            "examples": ["2026-01-31", "2026-01-31T12:00:00Z"],
        })
    }
}

/// What an administrator notes: values of any kind, which become texts.
#[derive(Debug, Serialize)]
pub(crate) struct LoginAttributesSchema(pub(crate) BTreeMap<&'static str, &'static str>);

impl JsonSchema for LoginAttributesSchema {
    fn schema_name() -> Cow<'static, str> {
        "LoginAttributes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "What an administrator notes for other systems to read. Values that are no texts become texts.",
            "propertyNames": { "pattern": r"^[^@\u0000][^\u0000]*$" },
            "additionalProperties": { "pattern": r"^[^\u0000]*$" },
        })
    }
}

fn line() -> String {
    let (end, within) = (format!("[^{BLANK}{CONTROL}]"), format!("[^{CONTROL}]"));
    format!("^[{BLANK}]*{end}({within}*{end})?[{BLANK}]*$")
}

fn non_blank() -> String {
    format!(r"^[^\u0000]*[^{BLANK}\u0000][^\u0000]*$")
}

/// Exactly the languages and countries that exist, in any case.
fn locale() -> String {
    let (languages, countries) = (codes(Locale::languages()), codes(Locale::countries()));
    format!("^({languages})([-_]({countries}))?$")
}

/// Codes of two letters, together by the first of them.
fn codes(codes: impl Iterator<Item = &'static str>) -> String {
    let mut by_first: BTreeMap<String, String> = BTreeMap::new();
    for code in codes {
        let (first, second) = code.split_at(1);
        by_first.entry(any_case(first)).or_default().push_str(&any_case(second));
    }
    let groups = by_first.iter().map(|(first, seconds)| format!("[{first}][{seconds}]"));
    groups.collect::<Vec<_>>().join("|")
}

fn any_case(letter: &str) -> String {
    letter.to_ascii_lowercase() + &letter.to_ascii_uppercase()
}
