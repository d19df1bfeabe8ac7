//! Paged queries: one request for each megabyte.

use aws_sdk_dynamodb::{
    operation::query::builders::QueryFluentBuilder, types::ReturnConsumedCapacity,
};

use super::{
    Store, StoreError,
    expression::{Expression, ExpressionParts},
    items::Item,
};

/// The limit of a query without a limit of its own: more items than fit into a megabyte.
///
/// DynamoDB reads at most a megabyte per request. Without a limit, the embedded engine reads all
/// items and then returns a megabyte of them.
const MAX_ITEMS_PER_PAGE: usize = 10_000;

impl Store {
    /// Reads the items of a partition with a prefix of the sort key, strongly consistent and in
    /// order of the sort key. DynamoDB rejects an empty prefix.
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

    /// Builds a query of the table.
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

    /// Reads the next page of a query: at most a megabyte, and at most `limit` items before the
    /// filter. Returns `None` after the last page.
    pub(super) async fn next_page(
        &self,
        pager: &mut Pager,
        limit: Option<usize>,
    ) -> Result<Option<Vec<Item>>, StoreError> {
        let start = match std::mem::replace(&mut pager.position, Position::End) {
            Position::Start => None,
            Position::After(key) => Some(key),
            Position::End => return Ok(None),
        };
        let limit = limit.unwrap_or(MAX_ITEMS_PER_PAGE).min(MAX_ITEMS_PER_PAGE);
        let limit = i32::try_from(limit).unwrap_or(i32::MAX);
        let query = pager.query.clone().set_exclusive_start_key(start).limit(limit);
        let output = query.customize().interceptor(self.meter.clone()).send().await?;
        self.meter.read(output.consumed_capacity());
        if let Some(key) = output.last_evaluated_key {
            pager.position = Position::After(key);
        }
        Ok(Some(output.items.unwrap_or_default()))
    }

    /// Reads all pages of a query.
    async fn items(&self, query: QueryFluentBuilder) -> Result<Vec<Item>, StoreError> {
        let mut pager = Pager::new(query);
        let mut all = Vec::new();
        while let Some(items) = self.next_page(&mut pager, None).await? {
            all.extend(items);
        }
        Ok(all)
    }
}

/// A query, and the position of the next page.
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

    /// The key of the last item read; `None` before the first page and after the last.
    pub(super) const fn last_key(&self) -> Option<&Item> {
        match &self.position {
            Position::After(key) => Some(key),
            Position::Start | Position::End => None,
        }
    }
}
