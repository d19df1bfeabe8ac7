//! DynamoDB expressions with their names and values.

use std::{borrow::Cow, collections::HashMap, fmt::Display};

use aws_sdk_dynamodb::types::AttributeValue;

use super::Conflict;

/// An expression in which `#name` stands for the attribute `name` and `:name` for a bound value.
///
/// The `#` avoids collisions with DynamoDB's 573 reserved words.
#[derive(Clone, Default)]
pub(super) struct Expression {
    text: Cow<'static, str>,
    values: HashMap<String, AttributeValue>,
}

impl Expression {
    pub(super) fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), values: HashMap::new() }
    }

    /// Is true if no item with the key exists.
    pub(super) fn not_exists() -> Self {
        Self::new("attribute_not_exists(pk)")
    }

    pub(super) fn number(self, name: &str, value: impl Display) -> Self {
        self.value(name, AttributeValue::N(value.to_string()))
    }

    pub(super) fn string(self, name: &str, value: impl Into<String>) -> Self {
        self.value(name, AttributeValue::S(value.into()))
    }

    pub(super) fn bool(self, name: &str, value: bool) -> Self {
        self.value(name, AttributeValue::Bool(value))
    }

    pub(super) fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(format!(":{name}"), value);
        self
    }

    /// Is true if both expressions are true.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.text = format!("({}) AND ({})", self.text, other.text).into();
        self.values.extend(other.values);
        self
    }

    /// Is true if one of the expressions is true.
    pub(super) fn or(mut self, other: Self) -> Self {
        self.text = format!("{} OR {}", self.text, other.text).into();
        self.values.extend(other.values);
        self
    }

    /// Makes the expression a condition, with the conflict that a failure means.
    pub(super) const fn or_conflict(self, conflict: Conflict) -> Condition {
        Condition { expression: self, conflict }
    }
}

/// A condition and the conflict that its failure means.
#[derive(Clone)]
pub(super) struct Condition {
    expression: Expression,
    conflict: Conflict,
}

/// Expressions in the form that requests take.
#[derive(Clone, Default)]
pub(super) struct ExpressionParts {
    /// The condition.
    pub(super) condition: Option<String>,
    /// The update, or the key condition.
    pub(super) action: Option<String>,
    pub(super) names: Option<HashMap<String, String>>,
    pub(super) values: Option<HashMap<String, AttributeValue>>,
    pub(super) conflict: Option<Conflict>,
}

impl Condition {
    /// The conflict that a failure of the condition means.
    pub(super) const fn conflict(&self) -> Conflict {
        self.conflict
    }
}

impl ExpressionParts {
    /// Combines an update and its condition.
    pub(super) fn new(action: Option<Expression>, condition: Option<Condition>) -> Self {
        let conflict = condition.as_ref().map(|condition| condition.conflict);
        let condition = condition.map(|condition| condition.expression);
        Self { conflict, ..Self::with_filter(action, condition) }
    }

    /// Combines a key condition and a filter.
    pub(super) fn with_filter(action: Option<Expression>, condition: Option<Expression>) -> Self {
        let both = action.iter().chain(&condition);
        let names: HashMap<_, _> = both.flat_map(|part| names_in(&part.text)).collect();
        let mut values = HashMap::new();
        let mut text = |part: Expression| {
            values.extend(part.values);
            part.text.into_owned()
        };
        let (condition, action) = (condition.map(&mut text), action.map(&mut text));
        Self {
            condition,
            action,
            names: (!names.is_empty()).then_some(names),
            values: (!values.is_empty()).then_some(values),
            conflict: None,
        }
    }

    /// Adds the names in a projection.
    pub(super) fn with_projection(mut self, projection: &str) -> Self {
        self.names.get_or_insert_default().extend(names_in(projection));
        self
    }
}

fn names_in(text: &str) -> impl Iterator<Item = (String, String)> {
    let ends = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    let names = text.split('#').skip(1).filter_map(move |rest| rest.split(ends).next());
    names.map(|name| (format!("#{name}"), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_the_text() {
        let action = Expression::new("SET #a = if_not_exists(#a, :a)").number("a", 1);
        let condition =
            Expression::new("#b_c > :b").string("b", "x").or_conflict(Conflict::StaleUser);
        let parts = ExpressionParts::new(Some(action), Some(condition));
        let mut names: Vec<_> = parts.names.unwrap().into_iter().collect();
        names.sort();
        assert_eq!(names, [("#a".into(), "a".into()), ("#b_c".into(), "b_c".into())]);
        assert_eq!(parts.values.map(|values| values.len()), Some(2));
        assert_eq!(parts.conflict, Some(Conflict::StaleUser));
    }

    #[test]
    fn nothing_is_sent_for_nothing() {
        let parts = ExpressionParts::new(
            None,
            Some(Expression::not_exists().or_conflict(Conflict::UserIdTaken)),
        );
        assert_eq!((parts.names, parts.values, parts.action), (None, None, None));
    }
}
