//! Filters of lists of users, as conditions of DynamoDB.

use super::expression::Expression;
use crate::domain::{GroupId, SearchTerm, SearchWord, User, UserFilter};

/// The maximum number of words in an expression. The length of an expression is limited.
const MAX_WORDS: usize = 8;

/// The condition for a word of a search. It also matches the search text of earlier versions, which
/// kept accents.
fn word_condition((index, word): (usize, &SearchWord)) -> Expression {
    let contains = |name: &str, text: &str| {
        Expression::new(format!("contains(#search, :{name}{index})"))
            .string(&format!("{name}{index}"), text)
    };
    let folded = contains("word", &word.folded);
    if word.folded == word.earlier {
        return folded;
    }
    folded.or(contains("earlier", &word.earlier))
}

/// The conditions of a filter that DynamoDB evaluates.
///
/// They exclude the last login. As texts, a second with a fraction sorts before the whole second,
/// so DynamoDB cannot compare times.
pub(super) fn filter_expression(filter: &UserFilter) -> Option<Expression> {
    let words = filter.search.iter().flat_map(SearchTerm::words).take(MAX_WORDS);
    let words = words.enumerate().map(word_condition);
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
    filter.search.as_ref().is_some_and(|term| term.words().len() > MAX_WORDS)
}
