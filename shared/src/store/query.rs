//! All items of one partition, in as many requests as they have megabytes.

use aws_sdk_dynamodb::{
    operation::query::builders::QueryFluentBuilder, types::ReturnConsumedCapacity,
};

use super::{
    Store, StoreError,
    expression::{Expression, Parts},
    items::Item,
};

impl Store {
    /// The items whose sort key begins with `prefix`, strongly consistent and in its order. DynamoDB takes
    /// no empty prefix.
    pub(super) async fn partition(
        &self,
        partition: &str,
        prefix: &str,
    ) -> Result<Vec<Item>, StoreError> {
        let keys = Expression::new("#pk = :partition AND begins_with(#sk, :prefix)")
            .text("partition", partition)
            .text("prefix", prefix);
        let query = self.query(Parts::filtered(Some(keys), None)).consistent_read(true);
        self.items(query, None).await
    }

    /// A query of the table.
    pub(super) fn query(&self, parts: Parts) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(self.table.as_ref())
            .set_key_condition_expression(parts.action)
            .set_filter_expression(parts.condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// What a query finds, at most `limit` items if there is one.
    pub(super) async fn items(
        &self,
        query: QueryFluentBuilder,
        limit: Option<usize>,
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let left = limit.map(|limit| limit.saturating_sub(items.len()));
            if left == Some(0) {
                return Ok(items);
            }
            let left = left.map(|left| i32::try_from(left).unwrap_or(i32::MAX));
            let query = query.clone().set_exclusive_start_key(start).set_limit(left);
            let output = query.customize().interceptor(self.meter.clone()).send().await?;
            self.meter.read(output.consumed_capacity());
            items.extend(output.items.unwrap_or_default());
            start = output.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    }
}
