//! JSON schemas of the values in requests and responses, for the OpenAPI document.
//!
//! No function links them.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{AuditLimit, NonBlank, PageLimit, PageOffset};
use crate::{
    auth::{
        api_key::ApiKeyToken,
        password_policy::{NewPassword, PasswordPolicy},
        token::SessionToken,
    },
    domain::{
        Action, ApiKeyName, AuditEventId, AuditTarget, AuthMethod, Cursor, Email, GroupId,
        GroupName, Locale, LoginAttributes, MembershipId, NamePrefix, PersonName, SearchTerm,
        SessionId, SiteName, SsoSource, Timestamp, UserId, UserSort,
    },
};

/// Characters trimmed from both ends of a name, as part of a character class.
const BLANK: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// Control characters, as part of a character class.
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";
/// Invisible characters of the basic multilingual plane that names may not contain, as part of a
/// character class. The two joiners are absent: they may stand between some letters.
const INVISIBLE: &str = concat!(
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e",
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb",
);

/// Implements [`JsonSchema`] without a component: the schema stands where the type is used.
macro_rules! inline_schema {
    ($($type:ident: |$generator:pat_param| $schema:expr;)*) => {$(
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )*};
}

/// Implements [`JsonSchema`] with a component of the given name, which other schemas refer to.
macro_rules! named_schema {
    ($($type:ident $name:literal: $schema:expr;)*) => {$(
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )*};
}

inline_schema! {
    UserId: |_| id();
    GroupId: |_| id();
    MembershipId: |_| id();
    Email: |_| json_schema!({
        "type": "string", "format": "idn-email", "maxLength": Email::MAX_CHARS,
    });
    PersonName: |generator| name(generator);
    GroupName: |generator| name(generator);
    ApiKeyName: |generator| name(generator);
    SiteName: |generator| name(generator);
    SsoSource: |generator| name(generator);
    Locale: |generator| locale(generator);
    Timestamp: |generator| timestamp(generator);
    Action: |_| json_schema!({ "type": "string", "enum": Action::NAMES });
    AuthMethod: |_| json_schema!({
        "type": "string",
        "enum": ["session", "api-key", "setup", "reset-token", "email-token", "operator", "self"],
    });
    AuditEventId: |_| pattern("^[0-9]{1,16}-[A-Za-z0-9_-]{0,12}$");
    AuditTarget: |_| pattern("^((user|group|api-key):)?[1-9][0-9]{0,17}$");
    ApiKeyToken: |_| pattern("^mb_[A-Za-z0-9_-]{64}$");
    SessionId: |_| pattern("^[A-Za-z0-9_-]{22}$");
    SessionToken: |_| pattern("^[A-Za-z0-9_-]{59}$");
    NamePrefix: |_| {
        let mut schema = pattern(&format!("^[^{CONTROL}]*$"));
        schema.insert("maxLength".to_owned(), 254.into());
        schema
    };
    SearchTerm: |_| pattern(&format!("^[^{CONTROL}]*$"));
    Cursor: |_| pattern("^[A-Za-z0-9_-]*$");
    UserSort: |_| json_schema!({ "type": "string", "enum": sort_orders() });
    PageLimit: |_| json_schema!({ "type": "integer", "minimum": 1, "maximum": PageLimit::MAX });
    AuditLimit: |_| json_schema!({ "type": "integer", "minimum": 1, "maximum": AuditLimit::MAX });
    PageOffset: |_| json_schema!({
        "type": "integer", "minimum": 0, "maximum": PageOffset::MAX,
    });
}

named_schema! {
    SingleLine "SingleLine": json_schema!({
        "description": "One line of text, not blank. Leading and trailing blanks are removed.",
        "type": "string", "minLength": 1, "maxLength": PersonName::MAX_CHARS,
        "pattern": single_line(),
    });
    NonBlank "NonBlank": json_schema!({
        "description": "Text, not blank.",
        "type": "string", "minLength": 1,
        "pattern": format!(r"^[^\u0000]*[^{BLANK}\u0000][^\u0000]*$"),
    });
    NewPassword "NewPassword": json_schema!({
        "description": "A password accepted by the default policy: at least six characters with a \
            digit, no common password, at most 1,024 bytes. `GET /api/session/properties` \
            returns the policy of this instance.",
        "type": "string",
        "minLength": PasswordPolicy::default().minimum().total,
        "maxLength": NewPassword::MAX_BYTES,
        "pattern": r"^[^\u0000]*[0-9][^\u0000]*$",
    });
    AnyLocale "Locale": json_schema!({
        "description": "An existing language, alone or with a country: `es`, `es_MX`, `es-mx`.",
        "type": "string", "pattern": locales(), "examples": ["es_MX"],
    });
    LoginAttributes "LoginAttributes": json_schema!({
        "type": "object",
        "description": "Attributes for use by other systems. Values of other types become strings.",
        "propertyNames": { "pattern": r"^[^@\u0000][^\u0000]*$" },
        "additionalProperties": { "pattern": r"^[^\u0000]*$" },
    });
}

/// The component for every name in a request.
struct SingleLine;
/// The component for every locale in a request, in each accepted form.
struct AnyLocale;

fn id() -> Schema {
    json_schema!({ "type": "integer", "format": "int64", "minimum": 1, "maximum": i64::MAX })
}

fn pattern(pattern: &str) -> Schema {
    json_schema!({ "type": "string", "pattern": pattern })
}

/// A name: trimmed in a response, with blanks around it in a request.
fn name(generator: &mut SchemaGenerator) -> Schema {
    if generator.contract().is_deserialize() {
        return generator.subschema_for::<SingleLine>();
    }
    json_schema!({ "type": "string", "minLength": 1, "maxLength": PersonName::MAX_CHARS })
}

/// A locale: `xx` or `xx_YY` in a response, also in other forms in a request.
fn locale(generator: &mut SchemaGenerator) -> Schema {
    if generator.contract().is_deserialize() {
        return generator.subschema_for::<AnyLocale>();
    }
    pattern("^[a-z]{2}(_[A-Z]{2})?$")
}

/// A time: a timestamp in a response, also a date in a request.
fn timestamp(generator: &mut SchemaGenerator) -> Schema {
    if generator.contract().is_deserialize() {
        return json_schema!({
            "anyOf": [
                { "type": "string", "format": "date-time" },
                { "type": "string", "format": "date" },
            ],
            "examples": ["2026-01-31", "2026-01-31T12:00:00Z"],
        });
    }
    json_schema!({ "type": "string", "format": "date-time" })
}

fn sort_orders() -> Vec<String> {
    let fields = ["name", "email", "last_login", "date_joined", "id"];
    let reversed = fields.map(|field| format!("-{field}"));
    fields.map(str::to_owned).into_iter().chain(reversed).collect()
}

fn single_line() -> String {
    let (end, within) =
        (format!("[^{BLANK}{CONTROL}{INVISIBLE}]"), format!("[^{CONTROL}{INVISIBLE}]"));
    format!("^[{BLANK}]*{end}({within}*{end})?[{BLANK}]*$")
}

/// The existing languages and countries, ignoring case.
fn locales() -> String {
    let (languages, countries) = (codes(Locale::languages()), codes(Locale::countries()));
    format!("^({languages})([-_]({countries}))?$")
}

/// Codes of two characters, grouped by the first one.
fn codes(codes: impl Iterator<Item = &'static str>) -> String {
    let mut by_first: BTreeMap<String, String> = BTreeMap::new();
    for code in codes {
        let (first, second) = code.split_at(1);
        by_first.entry(any_case(first)).or_default().push_str(&any_case(second));
    }
    let groups = by_first.iter().map(|(first, seconds)| format!("[{first}][{seconds}]"));
    groups.collect::<Vec<_>>().join("|")
}

fn any_case(character: &str) -> String {
    character.to_ascii_lowercase() + &character.to_ascii_uppercase()
}
