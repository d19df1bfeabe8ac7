//! Ranges of the index of users by name.

use super::{expression::Expression, keys};
use crate::domain::UserQuery;

/// A text above all sort keys with the same beginning.
const LAST: char = char::MAX;

/// The part of each index partition that a query reads: from a position, with a prefix, in a
/// direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IndexRange {
    prefix: String,
    position: String,
    pub(super) is_reversed: bool,
}

impl IndexRange {
    /// The range after a position, which is empty at the beginning.
    pub(super) fn after(position: &str, query: &UserQuery) -> Self {
        Self { position: position.to_owned(), ..Self::all(query) }
    }

    /// The complete range in the order of the index.
    pub(super) fn forward(query: &UserQuery) -> Self {
        Self { is_reversed: false, ..Self::all(query) }
    }

    fn all(query: &UserQuery) -> Self {
        let prefix = query.filter.name_prefix.as_ref().map(keys::index_prefix).unwrap_or_default();
        Self { prefix, position: String::new(), is_reversed: query.order.is_by_name_reversed() }
    }

    /// The condition on the sort key. `None` if no key can meet it: the position is behind all keys
    /// with the prefix.
    ///
    /// With a prefix, the range includes the position, because DynamoDB accepts one condition only.
    pub(super) fn condition(&self) -> Option<Expression> {
        let Self { prefix, position, is_reversed } = self;
        let on = |text: &str| Expression::new(format!("#list_pk = :partition{text}"));
        if self.includes_position() {
            let end = format!("{prefix}{LAST}");
            let (from, until) = if *is_reversed { (prefix, position) } else { (position, &end) };
            let between = on(" AND #list_sk BETWEEN :from AND :until");
            return Some(between.string("from", from).string("until", until));
        }
        match (prefix.is_empty(), position.is_empty()) {
            (true, true) => Some(on("")),
            (true, false) => {
                let after = if *is_reversed { "<" } else { ">" };
                Some(on(&format!(" AND #list_sk {after} :position")).string("position", position))
            }
            (false, _) if self.is_behind() => None,
            (false, _) => Some(on(" AND begins_with(#list_sk, :prefix)").string("prefix", prefix)),
        }
    }

    /// Whether the range includes the position, which must then be left out.
    pub(super) fn includes_position(&self) -> bool {
        !self.prefix.is_empty() && self.position.starts_with(&self.prefix)
    }

    /// Whether the position is behind all keys with the prefix. Otherwise it is before all of them,
    /// or among them.
    fn is_behind(&self) -> bool {
        let Self { prefix, position, is_reversed } = self;
        !position.is_empty() && ((position < prefix) == *is_reversed)
    }

    /// The position, to compare it with users.
    pub(super) fn position(&self) -> &str {
        &self.position
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(prefix: &str, position: &str, is_reversed: bool) -> IndexRange {
        IndexRange { prefix: prefix.to_owned(), position: position.to_owned(), is_reversed }
    }

    #[test]
    fn a_position_behind_the_prefix_leaves_nothing() {
        for (position, is_reversed) in [("b", false), ("ac", false), ("aa", true), ("a", true)] {
            assert!(range("ab", position, is_reversed).condition().is_none(), "{position}");
        }
        for (position, is_reversed) in [("a", false), ("aa", false), ("ac", true), ("b", true)] {
            let range = range("ab", position, is_reversed);
            assert!(range.condition().is_some() && !range.includes_position(), "{position}");
        }
    }

    #[test]
    fn a_position_with_the_prefix_is_part_of_the_range() {
        for is_reversed in [false, true] {
            assert!(range("ab", "abc", is_reversed).includes_position());
            assert!(range("ab", "ab", is_reversed).includes_position());
            assert!(!range("", "abc", is_reversed).includes_position());
            assert!(!range("ab", "", is_reversed).includes_position());
        }
    }
}
