//! Which fields of an account differ, by their names on the wire.

use std::{borrow::Cow, collections::BTreeMap};

use super::{GroupSet, User};

/// The field that lists the groups; one that was joined or left is named by its number.
const MEMBERSHIPS: &str = "user_group_memberships";

/// A field, and what it is if it is not what every new account has.
type AuditedField<'a> = (&'static str, Option<Cow<'a, str>>);

impl User {
    /// The names of the fields that are not what they were; of a new account those that are set.
    #[must_use]
    pub fn changed_fields(&self, before: Option<&Self>) -> Vec<Cow<'static, str>> {
        let were: BTreeMap<_, _> = before.into_iter().flat_map(Self::audited_fields).collect();
        let is_new = |(name, fact): &AuditedField<'_>| {
            were.get(name).and_then(Option::as_deref) != fact.as_deref()
        };
        let fields = self.audited_fields().into_iter().filter(is_new);
        let none = GroupSet::default();
        let memberships = self.groups.difference(before.map_or(&none, |user| &user.groups));
        let memberships = memberships.map(|group| format!("{MEMBERSHIPS}.{group}").into());
        fields.map(|(name, _)| name.into()).chain(memberships).collect()
    }

    /// Every field is named here, so that a new one does not compile until it is decided whether the
    /// audit trail tells of it.
    fn audited_fields(&self) -> [AuditedField<'_>; 11] {
        let Self {
            id: _,
            kind: _,
            email,
            first_name,
            last_name,
            groups,
            is_active,
            is_anonymized: _,
            must_change_password,
            is_qbnewb,
            is_datasetnewb,
            locale,
            login_attributes,
            sso_source,
            date_joined: _,
            updated_at: _,
            first_login: _,
            last_login: _,
            generation: _,
            version: _,
        } = self;
        [
            ("email", Some(email.as_str().into())),
            ("first_name", first_name.as_ref().map(|name| name.as_str().into())),
            ("last_name", last_name.as_ref().map(|name| name.as_str().into())),
            ("is_superuser", groups.has_admin().then_some("true".into())),
            ("is_active", (!is_active).then_some("false".into())),
            ("must_change_password", must_change_password.then_some("true".into())),
            ("is_qbnewb", (!is_qbnewb).then_some("false".into())),
            ("is_datasetnewb", (!is_datasetnewb).then_some("false".into())),
            ("locale", locale.as_ref().map(|locale| locale.as_str().into())),
            ("login_attributes", login_attributes.as_ref().map(|all| joined(all.as_map()))),
            ("sso_source", sso_source.as_ref().map(|source| source.as_str().into())),
        ]
    }
}

/// One text for all attributes, in which NUL never is.
fn joined(attributes: &BTreeMap<String, String>) -> Cow<'_, str> {
    let pairs = attributes.iter().map(|(name, value)| format!("{name}\0{value}\0"));
    pairs.collect::<String>().into()
}
