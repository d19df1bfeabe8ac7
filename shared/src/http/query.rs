//! What a field of a query must look like. All of them are texts.

use form_urlencoded::parse;
use serde_json::{Map, Value};

use super::{
    FieldValue,
    field::{POSITIVE_INTEGER, text_field},
};
use crate::domain::{
    Action, Cursor, EntryId, GroupId, Order, Search, Status, Subject, Timestamp, UserId,
};

/// The fields of a query; of a name that is repeated, the first.
pub(super) fn object(query: &str) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, value) in parse(query.as_bytes()) {
        object.entry(name).or_insert_with(|| value.into());
    }
    object
}

/// A boolean in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag(pub bool);

/// How many accounts a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(pub usize);

impl Limit {
    /// The most accounts that one page shows.
    pub const MAX: usize = 1_000;
}

/// How many entries of the audit trail a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryLimit(pub usize);

impl EntryLimit {
    /// The most entries of the audit trail that one page shows.
    pub const MAX: usize = 100;
}

/// How many accounts a page passes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offset(pub usize);

impl Offset {
    /// The most accounts that a page passes over.
    pub const MAX: usize = usize::MAX;
}

/// Whether accounts of this organisation are asked for, the only one that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfUs(pub bool);

/// Which groups are asked for: those of other organisations, of which there are none, or the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tenancy {
    /// Groups of other organisations.
    External,
    /// All groups that there are.
    Internal,
}

/// A text of a query that stands for something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryText<T>(pub T);

text_field! {
    Flag: "value must be a valid boolean string ('true' or 'false').", flag;
    Limit: "value must be an integer from 1 to 1000.",
        |text| integer(text).filter(|limit| (1..=Limit::MAX).contains(limit)).map(Limit);
    Offset: "value must be an integer of zero or more.", |text| integer(text).map(Offset);
    OfUs: "value must be all, external or internal.", of_us;
    Tenancy: "value must be either external or internal.", tenancy;
    EntryLimit: "value must be an integer from 1 to 100.",
        |text| integer(text).filter(|limit| (1..=EntryLimit::MAX).contains(limit)).map(EntryLimit);
    QueryText<UserId>: POSITIVE_INTEGER, |text: &str| text.parse().ok().map(QueryText);
    QueryText<Subject>: "value must be the number of an account, or a kind and a number, e.g. 'group:3'.",
        |text| Subject::parse(text).map(QueryText);
    QueryText<Action>: "value must be the name of an action.",
        |text| Action::parse(text).map(QueryText);
    QueryText<EntryId>: "value must be a cursor of an earlier answer.",
        |text| EntryId::parse(text).map(QueryText);
    QueryText<Cursor>: "value must be the next_cursor of the answer before, or empty.",
        |text| Cursor::parse(text).map(QueryText);
    QueryText<GroupId>: POSITIVE_INTEGER, |text: &str| text.parse().ok().map(QueryText);
    QueryText<Order>: "value must be name, email, last_login, date_joined or id, or one of them after a -.",
        |text| Order::parse(text).map(QueryText);
    QueryText<Search>: "value must not contain control characters.",
        |text| Search::parse(text).map(QueryText);
    QueryText<Status>: "value must be a status.", |text| Some(QueryText(Status::parse(text)));
    QueryText<Timestamp>: "value must be a date or a timestamp, e.g. '2026-01-31' or '2026-01-31T12:00:00Z'.",
        |text| Timestamp::parse(text).map(QueryText);
}

fn flag(text: &str) -> Option<Flag> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(Flag(true)),
        "false" => Some(Flag(false)),
        _ => None,
    }
}

fn of_us(text: &str) -> Option<OfUs> {
    match text {
        "all" | "internal" => Some(OfUs(true)),
        "external" => Some(OfUs(false)),
        _ => None,
    }
}

fn tenancy(text: &str) -> Option<Tenancy> {
    match text {
        "external" => Some(Tenancy::External),
        "internal" => Some(Tenancy::Internal),
        _ => None,
    }
}

/// Digits only: the parser of numbers would also take a sign.
fn integer(text: &str) -> Option<usize> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: FieldValue>(text: &str) -> Option<T> {
        T::decode(&text.into()).ok()
    }

    #[test]
    fn booleans_come_in_any_case() {
        assert_eq!(read("True"), Some(Flag(true)));
        assert_eq!(read("FALSE"), Some(Flag(false)));
        assert_eq!(read::<Flag>("1"), None);
    }

    #[test]
    fn numbers_have_bounds() {
        assert_eq!(read("1000"), Some(Limit(1_000)));
        assert_eq!(read("0"), Some(Offset(0)));
        for text in ["0", "1001", "-1", "+1", "1.0", "x", "", "99999999999999999999999"] {
            assert_eq!(read::<Limit>(text), None, "{text:?}");
        }
        assert_eq!(read("18446744073709551615"), Some(Offset(Offset::MAX)));
        for text in ["-1", "18446744073709551616", "26743289259018175612190720"] {
            assert_eq!(read::<Offset>(text), None, "{text:?}");
        }
        assert_eq!(read::<QueryText<GroupId>>("0"), None);
    }

    #[test]
    fn the_first_of_two_counts() {
        let fields = object("a=1&a=2&b=%41+c&%zz=%ff");
        assert_eq!(fields.get("a"), Some(&"1".into()));
        assert_eq!(fields.get("b"), Some(&"A c".into()));
    }
}
