//! Lists of accounts, from the index that orders them by name.

use aws_sdk_dynamodb::{
    operation::query::builders::QueryFluentBuilder, types::ReturnConsumedCapacity,
};

use super::{
    INDEX, Store, StoreError, Tally,
    expression::{Expression, Parts},
    items::{self, Item, UserItem},
    keys,
};
use crate::{
    domain::{Filter, Listed, Page, Status, User},
    permissions::{Admin, Caller},
};

impl Store {
    /// The accounts that pass a filter, or one page of them.
    ///
    /// Without a search or a group the total is `tally`'s, and only the page and what comes before it
    /// are read; otherwise all accounts in the state are.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn list_users(
        &self,
        _: &Admin,
        filter: &Filter,
        page: Option<(Page, Tally)>,
    ) -> Result<Listed, StoreError> {
        let Some((page, tally)) = page else {
            let users = self.users(filter, None).await?;
            return Ok(Listed { total: users.len(), users });
        };
        if !filter.is_status_only() {
            let users = self.users(filter, None).await?;
            return Ok(Listed { total: users.len(), users: page.of(users) });
        }
        let total = tally.of(filter.status);
        let users = self.users(filter, Some(page.end().min(total))).await?;
        Ok(Listed { total, users: page.of(users) })
    }

    /// All active accounts, by last name, first name and number.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn recipients(&self, _: &Caller) -> Result<Vec<User>, StoreError> {
        let mut users = self.users(&Filter::default(), None).await?;
        users.sort_by_cached_key(|user| {
            let [first, last] = user.folded_names();
            (last, first, user.id)
        });
        Ok(users)
    }

    /// Accounts by first name, last name and number; at most `limit` in each state.
    async fn users(&self, filter: &Filter, limit: Option<usize>) -> Result<Vec<User>, StoreError> {
        let partition = |is_active| self.partition(is_active, filter, limit);
        let items = match filter.status {
            Status::Active => partition(true).await?,
            Status::Deactivated => partition(false).await?,
            Status::All => {
                let (active, inactive) = tokio::try_join!(partition(true), partition(false))?;
                let mut all = [active, inactive].concat();
                all.sort_by(|one, other| position(one).cmp(&position(other)));
                all
            }
        };
        items
            .into_iter()
            .map(|item| items::from_item::<UserItem>("user", item)?.try_into())
            .collect()
    }

    /// At most `limit` items of one partition, in as many requests as they have megabytes.
    async fn partition(
        &self,
        is_active: bool,
        filter: &Filter,
        limit: Option<usize>,
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let left = limit.map(|limit| limit.saturating_sub(items.len()));
            if left == Some(0) {
                return Ok(items);
            }
            let query = self.query(is_active, filter, left).set_exclusive_start_key(start);
            let output = query.customize().interceptor(self.meter.clone()).send().await?;
            self.meter.read(output.consumed_capacity());
            items.extend(output.items.unwrap_or_default());
            start = output.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    }

    fn query(&self, is_active: bool, filter: &Filter, limit: Option<usize>) -> QueryFluentBuilder {
        let partition = keys::list_partition(is_active);
        let keys = Expression::new("#list_pk = :partition").text("partition", partition);
        let parts = Parts::filtered(Some(keys), selection(filter));
        self.client
            .query()
            .table_name(self.table.as_ref())
            .index_name(INDEX)
            .set_key_condition_expression(parts.action)
            .set_filter_expression(parts.condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .set_limit(limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
    }
}

/// What DynamoDB looks for before it answers.
fn selection(filter: &Filter) -> Option<Expression> {
    let search = filter
        .search
        .as_ref()
        .map(|part| Expression::new("contains(#search, :part)").text("part", part.as_str()));
    let group = filter
        .group
        .map(|group| Expression::new("contains(#groups, :group)").number("group", group));
    search.into_iter().chain(group).reduce(Expression::and)
}

fn position(item: &Item) -> Option<&String> {
    item.get("list_sk")?.as_s().ok()
}
