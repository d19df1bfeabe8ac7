//! Decoding of the fields of a body or a query. All invalid fields are reported together.

mod groups;

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::{
    ApiError, Dialect, FieldErrors, FieldValue, PageLimit, PageOffset, QueryParam, WholeNumber,
    field_value::POSITIVE_INTEGER, query,
};
use crate::{
    auth::password_policy::{NewPassword, TOO_COMMON},
    config::Settings,
    domain::{Change, Cursor, OffsetPage, PageRequest, UserSort},
};

/// The default page size. It is Metabase's for a request with `offset` only.
const DEFAULT_LIMIT: usize = 50;

/// The maximum number of values of one query parameter. They fit into an expression of DynamoDB.
const MAX_REPEATED: usize = 100;

/// A type decoded from fields.
pub trait FromFields: Sized {
    /// Decodes all fields, even after an error. `fields` collects the errors.
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self>;
}

/// The fields of one object.
pub struct Fields<'s> {
    object: Map<String, Value>,
    /// The encoded query; empty for a body.
    query: &'s str,
    errors: FieldErrors,
    settings: &'s Settings,
}

impl<'s> Fields<'s> {
    /// Decodes `T` from the fields of `object`.
    pub(super) fn read<T: FromFields>(
        object: Map<String, Value>,
        settings: &'s Settings,
    ) -> Result<T, ApiError> {
        Self::new(object, settings).decode()
    }

    /// Decodes `T` from the parameters of an encoded query.
    pub(super) fn read_query<T: FromFields>(
        query: &'s str,
        settings: &'s Settings,
    ) -> Result<T, ApiError> {
        Self { query, ..Self::new(query::object(query), settings) }.decode()
    }

    fn decode<T: FromFields>(mut self) -> Result<T, ApiError> {
        let value = T::from_fields(&mut self);
        value.filter(|_| self.errors.is_empty()).ok_or(ApiError::InvalidFields(self.errors))
    }

    fn new(object: Map<String, Value>, settings: &'s Settings) -> Self {
        Self { object, query: "", errors: FieldErrors::default(), settings }
    }

    /// A required field.
    pub fn required<T: FieldValue>(&mut self, name: &str) -> Option<T> {
        let value = self.object.get(name).unwrap_or(&Value::Null);
        T::decode(value).map_err(|message| self.errors.add(name, message)).ok()
    }

    /// A field that may be absent or null. Both mean the same.
    pub fn optional<T: FieldValue>(&mut self, name: &str) -> Option<T> {
        match self.patch(name) {
            Change::Set(value) => Some(value),
            Change::Keep | Change::Clear => None,
        }
    }

    /// A query parameter. It may be absent and is never null.
    pub fn query<T: FieldValue>(&mut self, name: &str) -> Option<T> {
        if self.is_set(name) { self.required(name) } else { None }
    }

    /// A query parameter that may be repeated. In the metabase dialect, the first one applies.
    pub fn repeated_query<T: FieldValue>(&mut self, name: &str) -> Vec<T> {
        if !self.settings.dialect.reads_repeated_parameters() {
            return self.query(name).into_iter().collect();
        }
        let values = query::values(self.query, name);
        let decoded: Result<Vec<T>, _> = values.iter().map(T::decode).collect();
        match decoded {
            Ok(values) if values.len() <= MAX_REPEATED => values,
            Ok(_) => {
                self.errors.add(name, format!("at most {MAX_REPEATED} values are allowed."));
                Vec::new()
            }
            Err(message) => {
                self.errors.add(name, message);
                Vec::new()
            }
        }
    }

    /// A field that may be absent or null. The two mean different things.
    pub fn patch<T: FieldValue>(&mut self, name: &str) -> Change<T> {
        let value = match self.object.get(name) {
            None => return Change::Keep,
            Some(Value::Null) => return Change::Clear,
            Some(value) => value,
        };
        let message = match T::decode(value) {
            Ok(decoded) => return Change::Set(decoded),
            Err(message) => message,
        };
        let members = self.settings.dialect.member_errors::<T>(value);
        if members.is_empty() {
            let nullable = if message == T::MESSAGE { "nullable " } else { "" };
            self.errors.add(name, format!("{nullable}{message}"));
        }
        self.errors.nest(name, members);
        Change::Keep
    }

    /// The dialect of the API.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.settings.dialect
    }

    /// A field as JSON, if it is present and not null.
    #[must_use]
    pub fn json(&self, name: &str) -> Option<&Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Adds an error to a field.
    pub fn add_error(&mut self, name: &str, message: impl Into<String>) {
        self.errors.add(name, message);
    }

    /// A required field. A missing or malformed one has the given error message.
    pub fn required_or<T: FieldValue>(&mut self, name: &str, message: &str) -> Option<T> {
        let value = self.object.get(name).and_then(|value| T::decode(value).ok());
        if value.is_none() {
            self.errors.add(name, message);
        }
        value
    }

    /// Whether a field is present. It may be null.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// Whether a field is present and not null.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.json(name).is_some()
    }

    /// The current password, for comparison. A blank one is treated as absent, because no login
    /// accepts it.
    pub fn current_password(&mut self, name: &str) -> Option<SecretString> {
        let text = self.object.get(name).and_then(Value::as_str);
        if text.is_some_and(|text| text.trim().is_empty()) { None } else { self.optional(name) }
    }

    /// A new password. It must satisfy the policy.
    pub fn new_password(&mut self, name: &str) -> Option<NewPassword> {
        let text = self.object.get(name).and_then(Value::as_str);
        let policy = self.settings.password_policy;
        text.map_or(Err(TOO_COMMON), |text| NewPassword::parse(text, policy))
            .map_err(|message| self.errors.add(name, message))
            .ok()
    }

    /// A required boolean.
    pub fn required_bool(&mut self, name: &str) -> Option<bool> {
        let flag = self.object.get(name).and_then(|value| self.settings.dialect.flag(value));
        if flag.is_none() {
            self.errors.add(name, "value must be a boolean.");
        }
        flag
    }

    /// A boolean that may be absent or null. Both mean the same.
    pub fn bool(&mut self, name: &str) -> Option<bool> {
        let value = self.json(name)?;
        let flag = self.settings.dialect.flag(value);
        if flag.is_none() {
            self.errors.add(name, "nullable value must be a boolean.");
        }
        flag
    }

    /// The ID of another resource.
    pub fn id<T: TryFrom<u64>>(&mut self, name: &str) -> Option<T> {
        let number = self.object.get(name).and_then(|value| self.settings.dialect.integer(value));
        let id = number.and_then(|number| T::try_from(number).ok());
        if id.is_none() {
            self.errors.add(name, POSITIVE_INTEGER);
        }
        id
    }

    /// A query parameter. The metabase dialect ignores an invalid value.
    pub fn lenient_query<T: FieldValue>(&mut self, name: &str) -> Option<T> {
        if self.settings.dialect.ignores_invalid_query() {
            return T::decode(self.object.get(name)?).ok();
        }
        self.query(name)
    }

    /// The page selected by `limit` and `offset`, if either is present.
    pub fn offset_page(&mut self) -> Option<OffsetPage> {
        offset_page(self.page_bounds())
    }

    /// The values of `limit` and `offset`. The metabase dialect accepts any limit.
    fn page_bounds(&mut self) -> (Option<usize>, Option<usize>) {
        if self.settings.dialect.ignores_invalid_query() {
            let [limit, offset] = ["limit", "offset"].map(|name| self.lenient_query(name));
            let number = |number: Option<WholeNumber>| number.map(|WholeNumber(number)| number);
            return (number(limit), number(offset));
        }
        let limit = self.query("limit").map(|PageLimit(limit)| limit);
        (limit, self.query("offset").map(|PageOffset(offset)| offset))
    }

    /// The part of the list of users selected by `limit`, `offset` and `cursor`.
    ///
    /// Cursor pagination reads users in index order, so it supports no other sort order. An empty
    /// cursor selects the first page.
    pub fn page_request(&mut self, order: UserSort) -> Option<PageRequest> {
        let from = self.query("cursor").map(|QueryParam::<Cursor>(cursor)| cursor);
        let (limit, offset) = self.page_bounds();
        Some(match from {
            None => offset_page((limit, offset)).map_or(PageRequest::All, PageRequest::Offset),
            Some(_) if offset.is_some() || !(order.is_by_name() || order.is_by_name_reversed()) => {
                self.errors.add("cursor", CURSOR_WITH_OFFSET);
                return None;
            }
            Some(from) => PageRequest::Cursor { from, limit: limit.unwrap_or(DEFAULT_LIMIT) },
        })
    }

    /// A nested object. An absent or null one is treated as empty.
    pub fn nested<T: FromFields>(&mut self, name: &str) -> Option<T> {
        let object = match self.object.remove(name) {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(object)) => object,
            Some(_) => {
                self.errors.add(name, "value must be a map.");
                return None;
            }
        };
        let mut fields = Fields::new(object, self.settings);
        let value = T::from_fields(&mut fields);
        self.errors.nest(name, fields.errors);
        value
    }
}

/// Error message for a cursor with another kind of page, or with an order that no index has.
pub const CURSOR_WITH_OFFSET: &str =
    "a cursor cannot be combined with offset, or with a sort other than name.";

/// The page of a limit and an offset, if either is present.
fn offset_page((limit, offset): (Option<usize>, Option<usize>)) -> Option<OffsetPage> {
    limit.or(offset)?;
    Some(OffsetPage { limit: limit.unwrap_or(DEFAULT_LIMIT), offset: offset.unwrap_or_default() })
}

#[cfg(test)]
mod tests;
