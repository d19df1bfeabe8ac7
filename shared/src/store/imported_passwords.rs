//! The number of passwords that are hashed as in Metabase. While there are any, every login does
//! the work of such a hash.

use super::{
    Key, LoadedItems, StoreError, expression::Expression, items::ImportedPasswordsItem,
    write::Write,
};
use crate::{auth::metabase_hash::BcryptCost, domain::User};

impl LoadedItems {
    /// Takes the highest cost of bcrypt among the passwords of Metabase, if there are any left.
    pub(super) fn take_imported_cost(&mut self) -> Result<Option<BcryptCost>, StoreError> {
        let key = Key::imported_passwords();
        let item: Option<ImportedPasswordsItem> = self.take("imported passwords", &key)?;
        let remaining = item.filter(|item| item.remaining > 0);
        Ok(remaining.and_then(|item| BcryptCost::new(item.cost)))
    }
}

/// Counts a password that is no longer hashed as in Metabase.
pub(super) fn replacement_count() -> Write {
    let update = Expression::new("ADD #remaining :less").number("less", -1);
    Write::update(&Key::imported_passwords(), update)
}

/// Counts the replacement of the password of a user, if it was hashed as in Metabase.
pub(super) fn replacement_write(before: &User, after: &User) -> Option<Write> {
    let is_replaced = before.has_imported_password && !after.has_imported_password;
    is_replaced.then(replacement_count)
}
