//! Decoding of the fields of a body or a query. All invalid fields are reported together.

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::{
    ApiError, FieldErrors, FieldValue, PageLimit, PageOffset, QueryParam,
    field_value::POSITIVE_INTEGER,
};
use crate::{
    auth::password_policy::{NewPassword, TOO_COMMON},
    config::Settings,
    domain::{Change, Cursor, GroupId, GroupSet, OffsetPage, PageRequest, SiteName, UserSort},
};

/// The default page size. It is Metabase's for a request with `offset` only.
const DEFAULT_LIMIT: PageLimit = PageLimit(50);

/// A type decoded from fields.
pub trait FromFields: Sized {
    /// Decodes all fields, even after an error. `fields` collects the errors.
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self>;
}

/// The fields of one object.
pub struct Fields<'s> {
    object: Map<String, Value>,
    errors: FieldErrors,
    settings: &'s Settings,
}

impl<'s> Fields<'s> {
    /// Decodes `T` from the fields of `object`.
    pub(super) fn read<T: FromFields>(
        object: Map<String, Value>,
        settings: &'s Settings,
    ) -> Result<T, ApiError> {
        let mut fields = Self::new(object, settings);
        let value = T::from_fields(&mut fields);
        value.filter(|_| fields.errors.is_empty()).ok_or(ApiError::InvalidFields(fields.errors))
    }

    fn new(object: Map<String, Value>, settings: &'s Settings) -> Self {
        Self { object, errors: FieldErrors::default(), settings }
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

    /// A field that may be absent or null. The two mean different things.
    pub fn patch<T: FieldValue>(&mut self, name: &str) -> Change<T> {
        let decoded = match self.object.get(name) {
            None => return Change::Keep,
            Some(Value::Null) => return Change::Clear,
            Some(value) => T::decode(value),
        };
        decoded.map_or_else(
            |message| {
                let nullable = if message == T::MESSAGE { "nullable " } else { "" };
                self.errors.add(name, format!("{nullable}{message}"));
                Change::Keep
            },
            Change::Set,
        )
    }

    /// Whether a field is present. It may be null.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// Whether a field is present and not null.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
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
        let value = self.object.get(name).filter(|value| !value.is_null())?;
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
        let (limit, offset) = (self.lenient_query("limit"), self.lenient_query("offset"));
        if limit.is_none() && offset.is_none() {
            return None;
        }
        let PageLimit(limit) = limit.unwrap_or(DEFAULT_LIMIT);
        let PageOffset(offset) = offset.unwrap_or(PageOffset(0));
        Some(OffsetPage { limit, offset })
    }

    /// The part of the list of users selected by `limit`, `offset` and `cursor`.
    ///
    /// Cursor pagination reads users in index order, so it supports no other sort order. An empty
    /// cursor selects the first page.
    pub fn page_request(&mut self, order: UserSort) -> Option<PageRequest> {
        let from = self.query("cursor").map(|QueryParam::<Cursor>(cursor)| cursor);
        let has_offset = self.is_set("offset");
        if from.is_some() && (has_offset || !order.is_by_name()) {
            self.errors.add("cursor", "a cursor cannot be combined with offset or sort.");
            return None;
        }
        let page = self.offset_page();
        Some(match (from, page) {
            (None, None) => PageRequest::All,
            (None, Some(page)) => PageRequest::Offset(page),
            (Some(from), page) => {
                let PageLimit(limit) = page.map_or(DEFAULT_LIMIT, |page| PageLimit(page.limit));
                PageRequest::Cursor { from, limit }
            }
        })
    }

    /// The name of a new instance. The dialect decides whether it is required.
    pub fn site_name(&mut self, name: &str) -> Option<SiteName> {
        if self.settings.dialect.needs_site_name() {
            self.required(name)
        } else {
            self.optional(name)
        }
    }

    /// A secret for comparison. A missing or malformed one has the error message `mismatch`.
    pub fn secret(&mut self, name: &str, mismatch: &str) -> Option<SecretString> {
        let secret = self.object.get(name).and_then(|value| SecretString::decode(value).ok());
        if secret.is_none() {
            self.errors.add(name, mismatch);
        }
        secret
    }

    /// A name of a new user. The dialect decides whether it is required.
    pub fn new_name<T: FieldValue>(&mut self, name: &str) -> Option<T> {
        if self.settings.dialect.password_is_optional() {
            self.optional(name)
        } else {
            self.required(name)
        }
    }

    /// The password of a new user. It is optional for a user with an identity provider (`has_sso`).
    pub fn first_password(&mut self, name: &str, has_sso: bool) -> Option<NewPassword> {
        let is_optional = has_sso || self.settings.dialect.password_is_optional();
        let is_expected = self.is_set(name) || !is_optional;
        is_expected.then(|| self.new_password(name)).flatten()
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

    /// Whether the user is invited during setup. Such a user becomes an administrator.
    pub fn is_by_installer(&mut self) -> bool {
        if !self.settings.dialect.accepts_invitation_fields() || !self.is_set("source") {
            return false;
        }
        let source = self.object.get("source").and_then(Value::as_str);
        if !matches!(source, Some("admin" | "setup")) {
            self.errors.add("source", "value must be either admin or setup.");
        }
        source == Some("setup")
    }

    /// Checks the other fields of an invitation. Its target must be well-formed, and there are no
    /// tenants.
    pub fn check_invitation(&mut self) {
        if !self.settings.dialect.accepts_invitation_fields() {
            return;
        }
        if self.is_set("tenant_id") {
            self.errors.add("tenant_id", "There are no tenants.");
        }
        let target = self.object.get("invite_target").filter(|target| !target.is_null());
        if target.is_some_and(|target| !self.is_invite_target(target)) {
            self.errors.add("invite_target", "nullable value must be a map of type, id and name.");
        }
    }

    fn is_invite_target(&self, target: &Value) -> bool {
        let text = |name: &str| target.get(name).and_then(Value::as_str);
        let id = target.get("id").and_then(|id| self.settings.dialect.integer(id));
        matches!(text("type"), Some("dashboard" | "question"))
            && id.is_some_and(|id| id > 0)
            && text("name").is_some_and(|name| !name.trim().is_empty())
    }

    /// The groups in `group_ids` or `user_group_memberships`. All Users is always included.
    pub fn groups(&mut self) -> Option<GroupSet> {
        let dialect = self.settings.dialect;
        let ids = self.group_list("group_ids", |item| dialect.integer(item));
        let memberships = self.group_list("user_group_memberships", |item| {
            let manager = item.get("is_group_manager").unwrap_or(&Value::Null);
            let is_valid = manager.is_null() || dialect.flag(manager).is_some();
            dialect.integer(item.get("id")?).filter(|_| is_valid)
        });
        if let (Some(ids), Some(memberships)) = (&ids, &memberships)
            && ids != memberships
        {
            let message = "group_ids and user_group_memberships must list the same groups.";
            self.errors.add("group_ids", message);
            self.errors.add("user_group_memberships", message);
        }
        ids.or(memberships)
    }

    /// Whether the list of memberships omits All Users, although the dialect requires it.
    pub fn leaves_all_users(&self) -> bool {
        let dialect = self.settings.dialect;
        let all_users = |item: &Value| {
            let id = item.get("id").and_then(|id| dialect.integer(id));
            id == Some(GroupId::ALL_USERS.get())
        };
        let list = self.object.get("user_group_memberships").and_then(Value::as_array);
        dialect.requires_all_users() && list.is_some_and(|list| !list.iter().any(all_users))
    }

    fn group_list(&mut self, name: &str, id: impl Fn(&Value) -> Option<u64>) -> Option<GroupSet> {
        let list = self.object.get(name).filter(|value| !value.is_null())?;
        let ids = list.as_array().and_then(|items| {
            items.iter().map(|item| GroupId::try_from(id(item)?).ok()).collect::<Option<GroupSet>>()
        });
        match ids {
            Some(groups) if groups.count() > GroupSet::MAX => {
                self.errors
                    .add(name, format!("a user can be in at most {} groups.", GroupSet::MAX));
            }
            Some(groups) => return Some(groups),
            None => self.errors.add(name, POSITIVE_INTEGER),
        }
        None
    }
}

#[cfg(test)]
mod tests;
