//! Changed fields of a user, by their names on the wire.

use std::{borrow::Cow, collections::BTreeMap};

use super::{GroupSet, User};

/// The field of the memberships. The ID of a joined or left group is appended.
const MEMBERSHIPS: &str = "user_group_memberships";

/// A field and its value; `None` for the default value of a new user.
type AuditedField<'a> = (&'static str, Option<Cow<'a, str>>);

impl User {
    /// The names of the fields that differ from an earlier state. Without one, as for a new user,
    /// the names of the fields with a value.
    #[must_use]
    pub fn changed_fields(&self, before: Option<&Self>) -> Vec<Cow<'static, str>> {
        let old: BTreeMap<_, _> = before.into_iter().flat_map(Self::audited_fields).collect();
        let is_changed = |(name, value): &AuditedField<'_>| {
            old.get(name).and_then(Option::as_deref) != value.as_deref()
        };
        let fields = self.audited_fields().into_iter().filter(is_changed);
        let none = GroupSet::default();
        let memberships = self.groups.difference(before.map_or(&none, |user| &user.groups));
        let memberships = memberships.map(|group| format!("{MEMBERSHIPS}.{group}").into());
        fields.map(|(name, _)| name.into()).chain(memberships).collect()
    }

    /// Names every field: a new field does not compile until it is in the audit log or excluded.
    #[expect(clippy::too_many_lines, reason = "a line for each field")]
    fn audited_fields(&self) -> [AuditedField<'_>; 12] {
        let Self {
            id: _,
            kind: _,
            email,
            pending_email,
            email_settled_at: _,
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
            has_imported_password: _,
            creation_record: _,
            has_earlier_position: _,
            lacks_password: _,
        } = self;
        [
            ("email", Some(email.as_str().into())),
            ("pending_email", pending_email.as_ref().map(|email| email.as_str().into())),
            ("first_name", first_name.as_ref().map(|name| name.as_str().into())),
            ("last_name", last_name.as_ref().map(|name| name.as_str().into())),
            ("is_superuser", groups.has_admin().then_some("true".into())),
            ("is_active", (!is_active).then_some("false".into())),
            ("must_change_password", must_change_password.then_some("true".into())),
            ("is_qbnewb", (!is_qbnewb).then_some("false".into())),
            ("is_datasetnewb", (!is_datasetnewb).then_some("false".into())),
            ("locale", locale.as_ref().map(|locale| locale.as_str().into())),
            (
                "login_attributes",
                login_attributes.as_ref().map(|all| join_attributes(all.as_map())),
            ),
            ("sso_source", sso_source.as_ref().map(|source| source.as_str().into())),
        ]
    }
}

/// Joins all attributes to one text. The separator is NUL, which attributes cannot contain.
fn join_attributes(attributes: &BTreeMap<String, String>) -> Cow<'_, str> {
    let pairs = attributes.iter().map(|(name, value)| format!("{name}\0{value}\0"));
    pairs.collect::<String>().into()
}
