//! What a field of a query must look like. All of them are texts.

use form_urlencoded::parse;
use serde_json::{Map, Value};

use super::{
    FieldValue,
    field_value::{POSITIVE_INTEGER, text_field},
};
use crate::domain::{
    Action, AuditEventId, AuditTarget, Cursor, GroupId, SearchTerm, StatusFilter, Timestamp,
    UserId, UserSort,
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
pub struct QueryBool(pub bool);

/// How many accounts a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimit(pub usize);

impl PageLimit {
    /// The most accounts that one page shows.
    pub const MAX: usize = 1_000;
}

/// How many entries of the audit trail a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditLimit(pub usize);

impl AuditLimit {
    /// The most entries of the audit trail that one page shows.
    pub const MAX: usize = 100;
}

/// How many accounts a page passes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageOffset(pub usize);

impl PageOffset {
    /// The most accounts that a page passes over.
    pub const MAX: usize = usize::MAX;
}

/// Whether accounts of this organisation are asked for, the only one that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenancyFilter(pub bool);

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
pub struct QueryParam<T>(pub T);

text_field! {
    QueryBool: "value must be a valid boolean string ('true' or 'false').", flag;
    PageLimit: "value must be an integer from 1 to 1000.",
        |text| integer(text).filter(|limit| (1..=PageLimit::MAX).contains(limit)).map(PageLimit);
    PageOffset: "value must be an integer of zero or more.", |text| integer(text).map(PageOffset);
    TenancyFilter: "value must be all, external or internal.", of_us;
    Tenancy: "value must be either external or internal.", tenancy;
    AuditLimit: "value must be an integer from 1 to 100.",
        |text| integer(text).filter(|limit| (1..=AuditLimit::MAX).contains(limit)).map(AuditLimit);
    QueryParam<UserId>: POSITIVE_INTEGER, |text: &str| text.parse().ok().map(QueryParam);
    QueryParam<AuditTarget>: "value must be the number of an account, or a kind and a number, e.g. 'group:3'.",
        |text| AuditTarget::parse(text).map(QueryParam);
    QueryParam<Action>: "value must be the name of an action.",
        |text| Action::parse(text).map(QueryParam);
    QueryParam<AuditEventId>: "value must be a cursor of an earlier answer.",
        |text| AuditEventId::parse(text).map(QueryParam);
    QueryParam<Cursor>: "value must be the next_cursor of the answer before, or empty.",
        |text| Cursor::parse(text).map(QueryParam);
    QueryParam<GroupId>: POSITIVE_INTEGER, |text: &str| text.parse().ok().map(QueryParam);
    QueryParam<UserSort>: "value must be name, email, last_login, date_joined or id, or one of them after a -.",
        |text| UserSort::parse(text).map(QueryParam);
    QueryParam<SearchTerm>: "value must not contain control characters.",
        |text| SearchTerm::parse(text).map(QueryParam);
    QueryParam<StatusFilter>: "value must be a status.", |text| Some(QueryParam(StatusFilter::parse(text)));
    QueryParam<Timestamp>: "value must be a date or a timestamp, e.g. '2026-01-31' or '2026-01-31T12:00:00Z'.",
        |text| Timestamp::parse(text).map(QueryParam);
}

fn flag(text: &str) -> Option<QueryBool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(QueryBool(true)),
        "false" => Some(QueryBool(false)),
        _ => None,
    }
}

fn of_us(text: &str) -> Option<TenancyFilter> {
    match text {
        "all" | "internal" => Some(TenancyFilter(true)),
        "external" => Some(TenancyFilter(false)),
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
        assert_eq!(read("True"), Some(QueryBool(true)));
        assert_eq!(read("FALSE"), Some(QueryBool(false)));
        assert_eq!(read::<QueryBool>("1"), None);
    }

    #[test]
    fn numbers_have_bounds() {
        assert_eq!(read("1000"), Some(PageLimit(1_000)));
        assert_eq!(read("0"), Some(PageOffset(0)));
        for text in ["0", "1001", "-1", "+1", "1.0", "x", "", "99999999999999999999999"] {
            assert_eq!(read::<PageLimit>(text), None, "{text:?}");
        }
        assert_eq!(read("18446744073709551615"), Some(PageOffset(PageOffset::MAX)));
        for text in ["-1", "18446744073709551616", "26743289259018175612190720"] {
            assert_eq!(read::<PageOffset>(text), None, "{text:?}");
        }
        assert_eq!(read::<QueryParam<GroupId>>("0"), None);
    }

    #[test]
    fn the_first_of_two_counts() {
        let fields = object("a=1&a=2&b=%41+c&%zz=%ff");
        assert_eq!(fields.get("a"), Some(&"1".into()));
        assert_eq!(fields.get("b"), Some(&"A c".into()));
    }
}
