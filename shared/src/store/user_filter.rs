//! Filters of lists of users, as conditions of DynamoDB.

use super::expression::Expression;
use crate::domain::{GroupId, SearchTerm, SearchWord, User, UserFilter};

/// The conditions for one word of a search, with the names of their values.
struct WordCondition {
    folded: &'static str,
    /// Also matches the search text of earlier versions, which kept accents.
    folded_or_earlier: &'static str,
    names: [&'static str; 2],
}

macro_rules! word_conditions {
    ($($number:literal)*) => {
        [$(WordCondition {
            folded: concat!("contains(#search, :word", $number, ")"),
            folded_or_earlier: concat!(
                "contains(#search, :word", $number, ") OR contains(#search, :earlier", $number, ")",
            ),
            names: [concat!("word", $number), concat!("earlier", $number)],
        }),*]
    };
}

/// The conditions for the first words of a search. The length of an expression is limited.
const WORDS: [WordCondition; 8] = word_conditions!(1 2 3 4 5 6 7 8);

impl WordCondition {
    fn expression(&self, word: &SearchWord) -> Expression {
        let [folded, earlier] = self.names;
        if word.folded == word.earlier {
            return Expression::new(self.folded).string(folded, word.folded.as_str());
        }
        Expression::new(self.folded_or_earlier)
            .string(folded, word.folded.as_str())
            .string(earlier, word.earlier.as_str())
    }
}

/// The conditions of a filter that DynamoDB evaluates.
///
/// They exclude the last login. As texts, a second with a fraction sorts before the whole second,
/// so DynamoDB cannot compare times.
pub(super) fn filter_expression(filter: &UserFilter) -> Option<Expression> {
    let words = filter.search.iter().flat_map(SearchTerm::words).zip(&WORDS);
    let words = words.map(|(word, condition)| condition.expression(word));
    let groups = filter.groups.iter().enumerate().map(|(index, group)| {
        let text = format!("contains(#groups, :group{index})");
        Expression::new(text).number(&format!("group{index}"), group)
    });
    let groups = groups.reduce(Expression::or);
    let admins = filter.is_admin.map(|is_admin| {
        let condition =
            if is_admin { "contains(#groups, :admins)" } else { "NOT contains(#groups, :admins)" };
        Expression::new(condition).number("admins", GroupId::ADMINISTRATORS)
    });
    words.chain(groups).chain(admins).reduce(Expression::and)
}

/// Whether a filter has conditions that DynamoDB does not evaluate.
pub(super) fn has_other_conditions(filter: &UserFilter) -> bool {
    !filter.last_login.is_unbounded() || has_more_words(filter)
}

/// Whether a user meets the conditions that DynamoDB does not evaluate.
pub(super) fn meets_other_conditions(user: &User, filter: &UserFilter) -> bool {
    filter.last_login.contains(user.last_login)
        && (!has_more_words(filter) || filter.matches_search(user))
}

fn has_more_words(filter: &UserFilter) -> bool {
    filter.search.as_ref().is_some_and(|term| term.words().len() > WORDS.len())
}
