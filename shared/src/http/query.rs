//! Values of query parameters, which are all text.

use std::collections::BTreeSet;

use form_urlencoded::parse;
use serde_json::{Map, Value};

use super::{
    FieldValue,
    field_value::{POSITIVE_INTEGER, parsed_field},
};
use crate::domain::{
    Action, AuditEventId, AuditTarget, Cursor, GroupId, NamePrefix, SearchTerm, StatusFilter,
    Timestamp, UserId, UserSort,
};

/// Decodes a query. The first of several parameters with the same name applies.
pub(super) fn object(query: &str) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, value) in parse(query.as_bytes()) {
        object.entry(name).or_insert_with(|| value.into());
    }
    object
}

/// All values of a parameter.
pub(super) fn values(query: &str, name: &str) -> Vec<Value> {
    let parameters = parse(query.as_bytes()).filter(|(known, _)| known == name);
    parameters.map(|(_, value)| value.into()).collect()
}

/// A boolean in upper or lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryBool(pub bool);

/// The maximum number of users on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimit(pub usize);

impl PageLimit {
    /// The highest valid limit.
    pub const MAX: usize = 1_000;
}

/// The maximum number of audit events on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditLimit(pub usize);

impl AuditLimit {
    /// The highest valid limit.
    pub const MAX: usize = 100;
}

/// The number of users before the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageOffset(pub usize);

impl PageOffset {
    /// The highest valid offset.
    pub const MAX: usize = usize::MAX;
}

/// Any whole number. A number above `i64::MAX` becomes this maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WholeNumber(pub usize);

/// User IDs, separated by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserIds(pub BTreeSet<UserId>);

impl UserIds {
    /// The maximum number of IDs, which one read of the table returns.
    pub const MAX: usize = 100;

    fn parse(text: &str) -> Option<Self> {
        let ids = text.split(',').map(|id| id.parse().ok()).collect::<Option<BTreeSet<_>>>()?;
        (ids.len() <= Self::MAX).then_some(Self(ids))
    }
}

/// Whether a list includes internal users. All users are internal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenancyFilter(pub bool);

/// The groups in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tenancy {
    /// Groups of tenants. There are none.
    External,
    /// All other groups.
    Internal,
}

/// A parsed value of a query parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryParam<T>(pub T);

parsed_field! {
    QueryBool: "value must be a valid boolean string ('true' or 'false').", query_bool;
    PageLimit: "value must be an integer from 1 to 1000.",
        |text| integer(text).filter(|limit| (1..=PageLimit::MAX).contains(limit)).map(PageLimit);
    PageOffset: "value must be an integer of zero or more.", |text| integer(text).map(PageOffset);
    WholeNumber: "value must be an integer of zero or more.", whole_number;
    TenancyFilter: "value must be all, external or internal.", tenancy_filter;
    Tenancy: "value must be either external or internal.", tenancy;
    AuditLimit: "value must be an integer from 1 to 100.",
        |text| integer(text).filter(|limit| (1..=AuditLimit::MAX).contains(limit)).map(AuditLimit);
    UserIds: "value must be 1 to 100 integers greater than zero, separated by commas.",
        UserIds::parse;
    QueryParam<UserId>: POSITIVE_INTEGER, |text: &str| text.parse().ok().map(QueryParam);
    QueryParam<AuditTarget>: "value must be a user ID, or a type and an ID, e.g. 'group:3'.",
        |text| AuditTarget::parse(text).map(QueryParam);
    QueryParam<Action>: "value must be the name of an action.",
        |text| Action::parse(text).map(QueryParam);
    QueryParam<AuditEventId>: "value must be the next_cursor of an earlier response.",
        |text| AuditEventId::parse(text).map(QueryParam);
    QueryParam<Cursor>: "value must be the next_cursor of the previous response, or empty.",
        |text| Cursor::parse(text).map(QueryParam);
    QueryParam<GroupId>: POSITIVE_INTEGER, |text: &str| text.parse().ok().map(QueryParam);
    QueryParam<UserSort>:
        "value must be name, email, last_login, date_joined or id, optionally with a leading -.",
        |text| UserSort::parse(text).map(QueryParam);
    QueryParam<NamePrefix>: "value must be at most 254 characters without control characters.",
        |text| NamePrefix::parse(text).map(QueryParam);
    QueryParam<SearchTerm>: "value must not contain control characters.",
        |text| SearchTerm::parse(text).map(QueryParam);
    QueryParam<StatusFilter>: "value must be active, deactivated or all.",
        |text| StatusFilter::parse(text).map(QueryParam);
    QueryParam<Timestamp>: Timestamp::MESSAGE, |text| Timestamp::parse(text).map(QueryParam);
}

fn query_bool(text: &str) -> Option<QueryBool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(QueryBool(true)),
        "false" => Some(QueryBool(false)),
        _ => None,
    }
}

fn tenancy_filter(text: &str) -> Option<TenancyFilter> {
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

/// Parses digits. The parser of the standard library would also accept a plus sign.
fn integer(text: &str) -> Option<usize> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Parses digits of any number.
fn whole_number(text: &str) -> Option<WholeNumber> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let max = usize::try_from(i64::MAX).unwrap_or(usize::MAX);
    is_number.then(|| WholeNumber(integer(text).map_or(max, |number| number.min(max))))
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
    fn integers_have_bounds() {
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
    fn user_ids_are_distinct_and_at_most_a_hundred() {
        let ids = |numbers: &[u64]| {
            let ids = numbers.iter().map(|number| UserId::try_from(*number).unwrap());
            Some(UserIds(ids.collect()))
        };
        assert_eq!(read("3,1,3"), ids(&[1, 3]));
        let hundred: Vec<u64> = (1..=100).collect();
        let text =
            |numbers: &[u64]| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
        assert_eq!(read(&text(&hundred)), ids(&hundred));
        let more: Vec<u64> = (1..=101).collect();
        for text in [&*text(&more), "", ",", "1,", "0", "-1", "1, 2", "x"] {
            assert_eq!(read::<UserIds>(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_whole_number_has_no_bound() {
        let max = usize::try_from(i64::MAX).unwrap();
        for (text, number) in
            [("0", 0), ("007", 7), ("5000", 5_000), ("26743289259018175612190720", max)]
        {
            assert_eq!(read(text), Some(WholeNumber(number)), "{text}");
        }
        for text in ["", "-1", "+1", "1.0", "1e3", "x"] {
            assert_eq!(read::<WholeNumber>(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_first_of_two_parameters_applies() {
        let fields = object("a=1&a=2&b=%41+c&%zz=%ff");
        assert_eq!(fields.get("a"), Some(&"1".into()));
        assert_eq!(fields.get("b"), Some(&"A c".into()));
    }
}
