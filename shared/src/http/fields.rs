//! Fields of a body or a query, read all together so that all mistakes are told at once.

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

/// A page of Metabase's when only `offset` is given.
const DEFAULT_LIMIT: PageLimit = PageLimit(50);

/// Something that is read from fields.
pub trait FromFields: Sized {
    /// Reads every field before giving up on any; the form remembers what was wrong.
    fn from_fields(form: &mut Fields<'_>) -> Option<Self>;
}

/// The fields of one object.
pub struct Fields<'s> {
    object: Map<String, Value>,
    errors: FieldErrors,
    settings: &'s Settings,
}

impl<'s> Fields<'s> {
    /// Reads `T` from the fields of `object`.
    pub(super) fn read<T: FromFields>(
        object: Map<String, Value>,
        settings: &'s Settings,
    ) -> Result<T, ApiError> {
        let mut form = Self::new(object, settings);
        let value = T::from_fields(&mut form);
        value.filter(|_| form.errors.is_empty()).ok_or(ApiError::InvalidFields(form.errors))
    }

    fn new(object: Map<String, Value>, settings: &'s Settings) -> Self {
        Self { object, errors: FieldErrors::default(), settings }
    }

    /// A field that must be there.
    pub fn required<T: FieldValue>(&mut self, name: &str) -> Option<T> {
        let value = self.object.get(name).unwrap_or(&Value::Null);
        T::decode(value).map_err(|message| self.errors.add(name, message)).ok()
    }

    /// A field that may be absent or null, which mean the same.
    pub fn optional<T: FieldValue>(&mut self, name: &str) -> Option<T> {
        match self.patch(name) {
            Change::Set(value) => Some(value),
            Change::Keep | Change::Clear => None,
        }
    }

    /// A field of a query, which may be absent and is never null.
    pub fn query<T: FieldValue>(&mut self, name: &str) -> Option<T> {
        if self.is_set(name) { self.required(name) } else { None }
    }

    /// A field that may be absent, or null, which do not mean the same.
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

    /// Whether a field is there, be it null.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// Whether a field is there and not null.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    /// A password that is only compared; a blank one, which no login takes, is as if it were absent.
    pub fn current_password(&mut self, name: &str) -> Option<SecretString> {
        let text = self.object.get(name).and_then(Value::as_str);
        if text.is_some_and(|text| text.trim().is_empty()) { None } else { self.optional(name) }
    }

    /// A password that satisfies the policy.
    pub fn new_password(&mut self, name: &str) -> Option<NewPassword> {
        let text = self.object.get(name).and_then(Value::as_str);
        let complexity = self.settings.password_policy;
        text.map_or(Err(TOO_COMMON), |text| NewPassword::parse(text, complexity))
            .map_err(|message| self.errors.add(name, message))
            .ok()
    }

    /// A boolean that must be there.
    pub fn required_bool(&mut self, name: &str) -> Option<bool> {
        let flag = self.object.get(name).and_then(|value| self.settings.dialect.flag(value));
        if flag.is_none() {
            self.errors.add(name, "value must be a boolean.");
        }
        flag
    }

    /// A boolean that may be absent or null, which mean the same.
    pub fn bool(&mut self, name: &str) -> Option<bool> {
        let value = self.object.get(name).filter(|value| !value.is_null())?;
        let flag = self.settings.dialect.flag(value);
        if flag.is_none() {
            self.errors.add(name, "nullable value must be a boolean.");
        }
        flag
    }

    /// The number of something else that a body names.
    pub fn id<T: TryFrom<u64>>(&mut self, name: &str) -> Option<T> {
        let number = self.object.get(name).and_then(|value| self.settings.dialect.integer(value));
        let id = number.and_then(|number| T::try_from(number).ok());
        if id.is_none() {
            self.errors.add(name, POSITIVE_INTEGER);
        }
        id
    }

    /// A field of a query that Metabase ignores when it makes no sense.
    pub fn lenient_query<T: FieldValue>(&mut self, name: &str) -> Option<T> {
        if self.settings.dialect.ignores_invalid_query() {
            return T::decode(self.object.get(name)?).ok();
        }
        self.query(name)
    }

    /// The page that `limit` and `offset` ask for, if either does.
    pub fn offset_page(&mut self) -> Option<OffsetPage> {
        let (limit, offset) = (self.lenient_query("limit"), self.lenient_query("offset"));
        if limit.is_none() && offset.is_none() {
            return None;
        }
        let PageLimit(limit) = limit.unwrap_or(DEFAULT_LIMIT);
        let PageOffset(offset) = offset.unwrap_or(PageOffset(0));
        Some(OffsetPage { limit, offset })
    }

    /// The part of the list of accounts that `limit`, `offset` and `cursor` ask for.
    ///
    /// A walk follows the accounts as they are kept, so it takes no other order. An empty cursor begins one.
    pub fn page_request(&mut self, order: UserSort) -> Option<PageRequest> {
        let from = self.query("cursor").map(|QueryParam::<Cursor>(cursor)| cursor);
        let has_offset = self.is_set("offset");
        if from.is_some() && (has_offset || !order.is_by_name()) {
            self.errors.add("cursor", "a cursor goes with neither offset nor sort.");
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

    /// The name of a new instance.
    pub fn site_name(&mut self, name: &str) -> Option<SiteName> {
        if self.settings.dialect.needs_site_name() {
            self.required(name)
        } else {
            self.optional(name)
        }
    }

    /// A secret that is compared; what is none is told of as if it did not match.
    pub fn secret(&mut self, name: &str, mismatch: &str) -> Option<SecretString> {
        let secret = self.object.get(name).and_then(|value| SecretString::decode(value).ok());
        if secret.is_none() {
            self.errors.add(name, mismatch);
        }
        secret
    }

    /// A name of a new account.
    pub fn new_name<T: FieldValue>(&mut self, name: &str) -> Option<T> {
        if self.settings.dialect.password_is_optional() {
            self.optional(name)
        } else {
            self.required(name)
        }
    }

    /// The password of a new account, which one that `signs_in_elsewhere` need not have.
    pub fn first_password(&mut self, name: &str, signs_in_elsewhere: bool) -> Option<NewPassword> {
        let may_lack = signs_in_elsewhere || self.settings.dialect.password_is_optional();
        let asked = self.is_set(name) || !may_lack;
        asked.then(|| self.new_password(name)).flatten()
    }

    /// An object within the object; an absent one counts as empty.
    pub fn nested<T: FromFields>(&mut self, name: &str) -> Option<T> {
        let object = match self.object.remove(name) {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(object)) => object,
            Some(_) => {
                self.errors.add(name, "value must be a map.");
                return None;
            }
        };
        let mut form = Fields::new(object, self.settings);
        let value = T::from_fields(&mut form);
        self.errors.nest(name, form.errors);
        value
    }

    /// Whether somebody is invited while an instance is being set up, and becomes an administrator.
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

    /// What an invitation leads to must be well formed, and there are no organisations to invite to.
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

    /// The groups that `group_ids` or `user_group_memberships` list; All Users goes without saying.
    pub fn groups(&mut self) -> Option<GroupSet> {
        let dialect = self.settings.dialect;
        let ids = self.group_list("group_ids", |item| dialect.integer(item));
        let memberships = self.group_list("user_group_memberships", |item| {
            let manager = item.get("is_group_manager").unwrap_or(&Value::Null);
            let is_sound = manager.is_null() || dialect.flag(manager).is_some();
            dialect.integer(item.get("id")?).filter(|_| is_sound)
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

    /// Whether the list of memberships should have named All Users and does not.
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
                    .add(name, format!("an account can be in {} groups at most.", GroupSet::MAX));
            }
            Some(groups) => return Some(groups),
            None => self.errors.add(name, POSITIVE_INTEGER),
        }
        None
    }
}

#[cfg(test)]
mod tests;
