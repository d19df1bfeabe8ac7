//! One write of a transaction, as a value.

use aws_sdk_dynamodb::{
    error::BuildError,
    types::{ConditionCheck, Delete, Put, TransactWriteItem, Update},
};
use serde::Serialize;

use super::{
    Conflict, Key, StoreError,
    expression::{Condition, Expression, ExpressionParts},
    items::{self, Item},
};

/// One write: its key, its operation, and the condition that it names a conflict for.
///
/// Functions that turn a change of the domain into writes are pure. [`Store::commit`](super::Store)
/// sends their writes in one transaction.
pub(super) struct Write {
    operation: Operation,
    condition: Option<Condition>,
}

enum Operation {
    Put(Item),
    Update(Item, Expression),
    Delete(Item),
    Check(Item),
}

impl Write {
    /// Creates an item, or fails with a conflict if one with the key exists.
    pub(super) fn create(
        key: &Key,
        value: &impl Serialize,
        conflict: Conflict,
    ) -> Result<Self, StoreError> {
        let condition = Expression::not_exists().or_conflict(conflict);
        Ok(Self { condition: Some(condition), ..Self::put(key, value)? })
    }

    /// Creates or replaces an item.
    pub(super) fn put(key: &Key, value: &impl Serialize) -> Result<Self, StoreError> {
        Ok(Self { operation: Operation::Put(items::to_item(key, value)?), condition: None })
    }

    /// Updates attributes of an item.
    pub(super) fn update(key: &Key, update: Expression) -> Self {
        Self { operation: Operation::Update(key.attributes(), update), condition: None }
    }

    /// Deletes an item.
    pub(super) fn delete(key: &Key) -> Self {
        Self { operation: Operation::Delete(key.attributes()), condition: None }
    }

    /// Checks a condition without writing.
    pub(super) fn check(key: &Key, condition: Condition) -> Self {
        Self { operation: Operation::Check(key.attributes()), condition: Some(condition) }
    }

    /// Makes the write, and with it the transaction, depend on a condition.
    pub(super) fn only_if(self, condition: Condition) -> Self {
        Self { condition: Some(condition), ..self }
    }

    /// The conflict that a failed condition means.
    pub(super) fn conflict(&self) -> Option<Conflict> {
        self.condition.as_ref().map(Condition::conflict)
    }

    /// Builds the transaction item for a table.
    pub(super) fn build(self, table: &str) -> Result<TransactWriteItem, StoreError> {
        let (item, condition) = (TransactWriteItem::builder(), self.condition);
        Ok(match self.operation {
            Operation::Put(attributes) => {
                item.put(put(table, attributes, ExpressionParts::new(None, condition))?)
            }
            Operation::Update(key, expression) => {
                let parts = ExpressionParts::new(Some(expression), condition);
                item.update(update(table, key, parts)?)
            }
            Operation::Delete(key) => {
                item.delete(delete(table, key, ExpressionParts::new(None, condition))?)
            }
            Operation::Check(key) => {
                item.condition_check(check(table, key, ExpressionParts::new(None, condition))?)
            }
        }
        .build())
    }
}

fn put(table: &str, item: Item, parts: ExpressionParts) -> Result<Put, BuildError> {
    Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .set_condition_expression(parts.condition)
        .set_expression_attribute_names(parts.names)
        .set_expression_attribute_values(parts.values)
        .build()
}

fn update(table: &str, key: Item, parts: ExpressionParts) -> Result<Update, BuildError> {
    Update::builder()
        .table_name(table)
        .set_key(Some(key))
        .set_update_expression(parts.action)
        .set_condition_expression(parts.condition)
        .set_expression_attribute_names(parts.names)
        .set_expression_attribute_values(parts.values)
        .build()
}

fn delete(table: &str, key: Item, parts: ExpressionParts) -> Result<Delete, BuildError> {
    Delete::builder()
        .table_name(table)
        .set_key(Some(key))
        .set_condition_expression(parts.condition)
        .set_expression_attribute_names(parts.names)
        .set_expression_attribute_values(parts.values)
        .build()
}

fn check(table: &str, key: Item, parts: ExpressionParts) -> Result<ConditionCheck, BuildError> {
    ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(key))
        .set_condition_expression(parts.condition)
        .set_expression_attribute_names(parts.names)
        .set_expression_attribute_values(parts.values)
        .build()
}
