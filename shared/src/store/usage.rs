//! The DynamoDB usage of one request to the service.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextRef,
    },
    error::BoxError,
    types::ConsumedCapacity,
};

/// Requests to DynamoDB, and the capacity units that they consumed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// The requests sent, including retries.
    pub requests: u32,
    /// The read units. DynamoDB does not report the units of rejected requests.
    pub read_units: f64,
    /// The write units, including those of condition checks in transactions.
    pub write_units: f64,
    /// The new administrators.
    pub promotions: u32,
}

/// Sums up a [`Usage`]. As an interceptor it counts the requests of the SDK. The store adds the
/// units that DynamoDB reports.
#[derive(Debug, Clone, Default)]
pub(super) struct CapacityMeter(Arc<Mutex<Usage>>);

impl CapacityMeter {
    /// Returns the current sum.
    pub(super) fn usage(&self) -> Usage {
        *self.lock()
    }

    /// Adds the units of a read.
    pub(super) fn read<'a>(&self, capacity: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        self.lock().read_units += units(capacity);
    }

    /// Adds the units of a write.
    pub(super) fn wrote<'a>(&self, capacity: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        self.lock().write_units += units(capacity);
    }

    /// Counts a new administrator, if there is one.
    pub(super) fn promoted(&self, is_promotion: bool) {
        let mut usage = self.lock();
        usage.promotions = usage.promotions.saturating_add(is_promotion.into());
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
        "CapacityMeter"
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
