//! Lists of accounts, from the index that orders them by name.

use super::{
    INDEX, Store, StoreError, Tally,
    expression::{Expression, Parts},
    items::{self, Item, UserItem},
    keys,
};
use crate::{
    domain::{Filter, Listed, Page, Selection, Status, User},
    permissions::{Admin, Caller},
};

impl Store {
    /// The accounts of a selection, or one page of them.
    ///
    /// A page of accounts as they are kept has its total from the tally, and only it and what comes
    /// before it are read; for anything else all accounts in the state are.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn list_users(
        &self,
        _: &Admin,
        selection: &Selection,
        page: Option<(Page, Tally)>,
    ) -> Result<Listed, StoreError> {
        let Selection { filter, order } = selection;
        if let Some((page, tally)) = page
            && selection.is_as_kept()
        {
            let total = tally.of(filter.status);
            let users = self.users(filter, Some(page.end().min(total))).await?;
            return Ok(Listed { total, users: page.of(users) });
        }
        let mut users = self.users(filter, None).await?;
        users.retain(|user| filter.last_login.has(user.last_login));
        order.arrange(&mut users);
        Ok(Listed::new(users, page.map(|(page, _)| page)))
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
    pub(super) async fn users(
        &self,
        filter: &Filter,
        limit: Option<usize>,
    ) -> Result<Vec<User>, StoreError> {
        let partition = |is_active| self.in_state(is_active, filter, limit);
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

    /// At most `limit` accounts in one state.
    async fn in_state(
        &self,
        is_active: bool,
        filter: &Filter,
        limit: Option<usize>,
    ) -> Result<Vec<Item>, StoreError> {
        let partition = keys::list_partition(is_active);
        let keys = Expression::new("#list_pk = :partition").text("partition", partition);
        let parts = Parts::filtered(Some(keys), selection(filter));
        self.items(self.query(parts).index_name(INDEX), limit).await
    }
}

/// What DynamoDB looks for before it answers. Times are no such thing: as texts, a fraction of a second
/// sorts before the second that it is a part of.
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
