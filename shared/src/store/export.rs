//! Reads of an export: all users, page by page, from the index and then strongly consistent.

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use serde::Deserialize;

use super::{
    INDEX, ImportedUser, Store, StoreError,
    expression::{Expression, ExpressionParts},
    items::{self, Item},
    keys,
    pager::Pager,
};
use crate::{
    authorization::Admin,
    domain::{Sharding, UserCounts, UserId},
};

/// The number of users in a page, as many as one batch read returns.
const PAGE: usize = 100;

/// The number of pages that are read at a time.
const CONCURRENT_PAGES: usize = 8;

/// The attribute that an export reads from the index.
const PROJECTION: &str = "#id";

/// Whether an export reads the credentials of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportedCredentials {
    /// It reads password hashes, and the times at which passwords were set.
    WithHashes,
    /// It reads profiles only.
    None,
}

#[derive(Deserialize)]
struct IdItem {
    id: u64,
}

impl Store {
    /// Reads all people in pages: active ones by name, then deactivated ones. Memory does not grow
    /// with their number.
    ///
    /// It reads the partitions of every number of list shards, so it needs no setting of the
    /// service. A user who is renamed during the export can appear twice or be missing.
    pub fn all_people<'a>(
        &'a self,
        admin: &'a Admin,
        credentials: ExportedCredentials,
    ) -> impl Stream<Item = Result<Vec<ImportedUser>, StoreError>> + 'a {
        let partitions = [true, false].into_iter().flat_map(|is_active| {
            (0..Sharding::MAX_LIST_SHARDS).map(move |shard| keys::index_partition(is_active, shard))
        });
        let pages = stream::iter(partitions).flat_map(|partition| self.listed_ids(partition));
        pages
            .map_ok(move |ids| async move { self.people(admin, &ids, credentials).await })
            .try_buffered(CONCURRENT_PAGES)
    }

    /// Counts all people, active and deactivated.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn count_people(&self, _: &Admin) -> Result<UserCounts, StoreError> {
        let sharding = Sharding::default().with_list_shards(Sharding::MAX_LIST_SHARDS);
        let keys = sharding.unwrap_or_default().user_count_keys().collect();
        self.read(keys).await?.take_user_counts()
    }

    /// The IDs of the users of an index partition, in pages.
    fn listed_ids(
        &self,
        partition: String,
    ) -> impl Stream<Item = Result<Vec<UserId>, StoreError>> + Unpin + '_ {
        let keys = Expression::new("#list_pk = :partition").string("partition", partition);
        let parts = ExpressionParts::with_filter(Some(keys), None).with_projection(PROJECTION);
        let query = self.query(parts).index_name(INDEX).projection_expression(PROJECTION);
        let pages = stream::try_unfold(Pager::new(query), move |mut pager| async move {
            let items = self.next_page(&mut pager, Some(PAGE)).await?;
            Ok(items.map(ids).transpose()?.map(|ids| (ids, pager)))
        });
        Box::pin(pages.try_filter(|ids| std::future::ready(!ids.is_empty())))
    }

    async fn people(
        &self,
        admin: &Admin,
        ids: &[UserId],
        credentials: ExportedCredentials,
    ) -> Result<Vec<ImportedUser>, StoreError> {
        let users = self.users_by_id(ids).await?;
        if credentials == ExportedCredentials::WithHashes {
            return self.with_credentials(admin, users).await;
        }
        let without = |user| ImportedUser { user, password: None, password_set_at: None };
        Ok(users.into_iter().map(without).collect())
    }
}

fn ids(items: Vec<Item>) -> Result<Vec<UserId>, StoreError> {
    let id = |item| {
        let IdItem { id } = items::from_item("user", item)?;
        UserId::try_from(id).map_err(|error| StoreError::Malformed("user", error.into()))
    };
    items.into_iter().map(id).collect()
}
