//! Facts about the instance and its users, loaded in the read that authenticates the caller.

use super::{Call, Load};
use crate::{
    domain::{Email, Instance, User, UserId},
    http::ApiError,
    store::{Key, LoadedItems},
};

/// The owner of an email address, if one is given.
#[derive(Debug, Clone)]
pub struct EmailOwner(pub Option<Email>);

impl Load for EmailOwner {
    type Output = Option<UserId>;

    fn keys(&self, _: &Call) -> Vec<Key> {
        self.0.iter().flat_map(Key::possible_credentials).collect()
    }

    fn take(self, _: &Call, _: &User, items: &mut LoadedItems) -> Result<Self::Output, ApiError> {
        Ok(self.0.map(|email| items.take_owner(&email)).transpose()?.flatten())
    }
}

/// The public attributes of the instance.
#[derive(Debug, Clone, Copy)]
pub struct InstanceAttributes;

impl Load for InstanceAttributes {
    type Output = Option<Instance>;

    fn keys(&self, _: &Call) -> Vec<Key> {
        vec![Key::instance()]
    }

    fn take(self, _: &Call, _: &User, items: &mut LoadedItems) -> Result<Self::Output, ApiError> {
        Ok(items.take_instance()?)
    }
}
