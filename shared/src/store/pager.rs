//! All items of one partition, in as many requests as they have megabytes.

use aws_sdk_dynamodb::{
    operation::query::builders::QueryFluentBuilder, types::ReturnConsumedCapacity,
};

use super::{
    Store, StoreError,
    expression::{Expression, ExpressionParts},
    items::Item,
};

/// More items than there are in a megabyte, which is what DynamoDB looks at for one request. Without a
/// limit the embedded engine looks at all that there are, and keeps a megabyte of them.
const MAX_ITEMS_PER_PAGE: usize = 10_000;

impl Store {
    /// The items whose sort key begins with `prefix`, strongly consistent and in its order. DynamoDB takes
    /// no empty prefix.
    pub(super) async fn partition(
        &self,
        partition: &str,
        prefix: &str,
    ) -> Result<Vec<Item>, StoreError> {
        let keys = Expression::new("#pk = :partition AND begins_with(#sk, :prefix)")
            .string("partition", partition)
            .string("prefix", prefix);
        let query =
            self.query(ExpressionParts::with_filter(Some(keys), None)).consistent_read(true);
        self.items(query).await
    }

    /// A query of the table.
    pub(super) fn query(&self, parts: ExpressionParts) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(self.table.as_ref())
            .set_key_condition_expression(parts.action)
            .set_filter_expression(parts.condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// The next megabyte of what a query finds, or `None` after the last one; at most `left` items are
    /// looked at if that is a number.
    pub(super) async fn next_page(
        &self,
        reading: &mut Pager,
        left: Option<usize>,
    ) -> Result<Option<Vec<Item>>, StoreError> {
        let start = match std::mem::replace(&mut reading.position, Position::End) {
            Position::Start => None,
            Position::After(key) => Some(key),
            Position::End => return Ok(None),
        };
        let left = i32::try_from(left.unwrap_or(MAX_ITEMS_PER_PAGE)).unwrap_or(i32::MAX);
        let query = reading.query.clone().set_exclusive_start_key(start).limit(left);
        let output = query.customize().interceptor(self.meter.clone()).send().await?;
        self.meter.read(output.consumed_capacity());
        if let Some(key) = output.last_evaluated_key {
            reading.position = Position::After(key);
        }
        Ok(Some(output.items.unwrap_or_default()))
    }

    /// All that a query finds.
    async fn items(&self, query: QueryFluentBuilder) -> Result<Vec<Item>, StoreError> {
        let mut reading = Pager::new(query);
        let mut all = Vec::new();
        while let Some(items) = self.next_page(&mut reading, None).await? {
            all.extend(items);
        }
        Ok(all)
    }
}

/// A query, and how far it has been read.
pub(super) struct Pager {
    query: QueryFluentBuilder,
    position: Position,
}

enum Position {
    Start,
    After(Item),
    End,
}

impl Pager {
    pub(super) const fn new(query: QueryFluentBuilder) -> Self {
        Self { query, position: Position::Start }
    }

    /// The key of the item that was looked at last, unless all were.
    pub(super) const fn last_key(&self) -> Option<&Item> {
        match &self.position {
            Position::After(key) => Some(key),
            Position::Start | Position::End => None,
        }
    }
}
