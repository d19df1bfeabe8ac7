//! What one request to the service costs in the table.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextRef,
    },
    error::BoxError,
    types::ConsumedCapacity,
};

/// Requests to DynamoDB and the capacity that they took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// Requests that were sent, every try of each.
    pub requests: u32,
    /// Read units. What DynamoDB refuses it does not tell the price of.
    pub read_units: f64,
    /// Write units, of transactions those of their checks too.
    pub write_units: f64,
}

/// Adds up a [`Usage`]: an interceptor counts what the SDK sends, and the store what it is told back.
#[derive(Debug, Clone, Default)]
pub(super) struct CapacityMeter(Arc<Mutex<Usage>>);

impl CapacityMeter {
    /// The sum so far.
    pub(super) fn usage(&self) -> Usage {
        *self.lock()
    }

    /// Adds the price of a read.
    pub(super) fn read<'a>(&self, capacity: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        self.lock().read_units += units(capacity);
    }

    /// Adds the price of a write.
    pub(super) fn wrote<'a>(&self, capacity: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        self.lock().write_units += units(capacity);
    }

    fn lock(&self) -> MutexGuard<'_, Usage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn units<'a>(capacity: impl IntoIterator<Item = &'a ConsumedCapacity>) -> f64 {
    capacity.into_iter().filter_map(ConsumedCapacity::capacity_units).sum()
}

impl Intercept for CapacityMeter {
    fn name(&self) -> &'static str {
        "Meter"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.lock().requests += 1;
        Ok(())
    }
}
