//! Updates of a single item outside a transaction, mostly of counters.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    types::{ReturnConsumedCapacity, ReturnValue},
};

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    backoff::Backoff,
    expression::{Condition, Expression, ExpressionParts},
    items::{self, CounterItem, Item},
};
use crate::{
    authorization::Admin,
    domain::{GroupId, InvalidId, UserId},
};

impl Store {
    /// Reserves the ID of a new user. An unused ID leaves a gap.
    ///
    /// The counter is outside the transaction of the creation, so that concurrent creations do not
    /// cancel each other. A process may reserve several IDs at once, see
    /// [`Sharding`](crate::domain::Sharding).
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn next_user_id(&self, _: &Admin) -> Result<UserId, WriteError> {
        let next = match self.id_pool.take() {
            Some(id) => id,
            None => self.reserve_ids().await?,
        };
        Ok(id(next)?)
    }

    /// Reserves the ID of a new group. An unused ID leaves a gap.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn next_group_id(&self, _: &Admin) -> Result<GroupId, WriteError> {
        Ok(id(self.increment(&Key::group_counter(), 1).await?)?)
    }

    /// Reserves a block of user IDs, adds all except the first to the pool, and returns the first.
    async fn reserve_ids(&self) -> Result<u64, WriteError> {
        let last = self.increment(&Key::user_counter(), self.sharding.id_block()).await?;
        let first = last.saturating_sub(self.sharding.id_block()).saturating_add(1);
        self.id_pool.refill(first.saturating_add(1)..=last);
        Ok(first)
    }

    /// Increments a counter, and returns its new value.
    async fn increment(&self, key: &Key, by: u64) -> Result<u64, WriteError> {
        let next = Expression::new("ADD #last :by").number("by", by);
        let counter = self.update(key, next, None).await?;
        let CounterItem { last } = items::from_item("counter", counter)?;
        Ok(last)
    }

    /// Updates an item, and returns the updated attributes. If a concurrent transaction locks the
    /// item, the update is retried.
    pub(super) async fn update(
        &self,
        key: &Key,
        update: Expression,
        condition: Option<Condition>,
    ) -> Result<Item, WriteError> {
        let parts = ExpressionParts::new(Some(update), condition);
        let mut backoff = Backoff::default();
        loop {
            let request = self.request(key, parts.clone());
            match request.customize().interceptor(self.meter.clone()).send().await {
                Ok(output) => {
                    self.meter.wrote(output.consumed_capacity());
                    return Ok(output.attributes.unwrap_or_default());
                }
                Err(error) if is_transaction_conflict(&error) && backoff.pause().await => {}
                Err(error) => return Err(classify(error, parts.conflict)),
            }
        }
    }

    fn request(&self, key: &Key, parts: ExpressionParts) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(self.table.as_ref())
            .set_key(Some(key.attributes()))
            .set_update_expression(parts.action)
            .set_condition_expression(parts.condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .return_values(ReturnValue::UpdatedNew)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }
}

fn id<T: TryFrom<u64, Error = InvalidId>>(number: u64) -> Result<T, StoreError> {
    T::try_from(number).map_err(|error| StoreError::Malformed("counter", Box::new(error)))
}

fn is_transaction_conflict(error: &SdkError<UpdateItemError>) -> bool {
    error.as_service_error().is_some_and(UpdateItemError::is_transaction_conflict_exception)
}

fn classify(error: SdkError<UpdateItemError>, conflict: Option<Conflict>) -> WriteError {
    let failed = error
        .as_service_error()
        .is_some_and(UpdateItemError::is_conditional_check_failed_exception);
    match conflict {
        Some(conflict) if failed => conflict.into(),
        _ => StoreError::from(error).into(),
    }
}
