//! JSON Schemas of the values in responses, for the OpenAPI document (`openapi/`).
//!
//! Handlers do not use them, so no function contains them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{
    auth::{api_key::ApiKeyToken, token::SessionToken},
    domain::{
        Action, ApiKeyName, AuditEventId, AuthMethod, Email, GroupId, GroupName, Locale,
        MembershipId, PersonName, SessionId, SsoSource, Timestamp, UserId,
    },
};

/// Implements inline schemas, which have no component name.
macro_rules! inline_schema {
    ($($type:ident $schema:tt)*) => {$(
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

inline_schema! {
    UserId { "type": "integer", "format": "int64", "minimum": 1, "maximum": i64::MAX }
    GroupId { "type": "integer", "format": "int64", "minimum": 1, "maximum": i64::MAX }
    MembershipId { "type": "integer", "format": "int64", "minimum": 1, "maximum": i64::MAX }
    GroupName { "type": "string", "minLength": 1, "maxLength": GroupName::MAX_CHARS }
    ApiKeyName { "type": "string", "minLength": 1, "maxLength": ApiKeyName::MAX_CHARS }
    Email { "type": "string", "format": "idn-email", "maxLength": Email::MAX_CHARS }
    PersonName { "type": "string", "minLength": 1, "maxLength": PersonName::MAX_CHARS }
    SsoSource { "type": "string", "minLength": 1, "maxLength": SsoSource::MAX_CHARS }
    Locale { "type": "string", "pattern": "^[a-z]{2}(_[A-Z]{2})?$" }
    Action { "type": "string", "enum": Action::NAMES }
    AuditEventId { "type": "string", "pattern": "^[0-9]{1,16}-[A-Za-z0-9_-]{0,12}$" }
    AuthMethod { "type": "string", "enum": ["session", "api-key", "setup", "reset-token", "self"] }
    Timestamp { "type": "string", "format": "date-time" }
    ApiKeyToken { "type": "string", "pattern": "^mb_[A-Za-z0-9_-]{64}$" }
    SessionId { "type": "string", "pattern": "^[A-Za-z0-9_-]{22}$" }
    SessionToken { "type": "string", "pattern": "^[A-Za-z0-9_-]{59}$" }
}
