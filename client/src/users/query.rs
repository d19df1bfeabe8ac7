//! Lists of users: `GET /api/user` and `GET /api/user/recipients`.

use futures_util::Stream;

use crate::{
    Client, Error, GroupId, Page, Recipient, UserId, UserListItem,
    operations::{self as op, Operation},
    pages::{self, Position, offset_after},
    request::Request,
    same_address,
};

/// The default number of users in a page.
const PAGE: usize = 500;

/// Status of listed users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserStatus {
    /// Active users.
    #[default]
    Active,
    /// Deactivated users.
    Deactivated,
    /// All users.
    All,
}

impl UserStatus {
    const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deactivated => "deactivated",
            Self::All => "all",
        }
    }
}

/// Filters and order of a list of users.
#[derive(Debug, Clone, Default)]
pub struct UserQuery {
    /// Words in the name or the email address.
    pub query: Option<String>,
    /// Status.
    pub status: UserStatus,
    /// Members of one of these groups.
    pub group_ids: Vec<GroupId>,
    /// Order, `name` by default. A leading `-` reverses it.
    pub sort: Option<String>,
    /// Last login at this time or later: a date or an RFC 3339 timestamp.
    pub last_login_after: Option<String>,
    /// Last login before this time.
    pub last_login_before: Option<String>,
    /// Users in a page, 500 by default.
    pub page_size: Option<usize>,
}

impl UserQuery {
    fn page_size(&self) -> usize {
        self.page_size.unwrap_or(PAGE)
    }

    /// The first page. A cursor has the order of names only.
    fn first(&self) -> Position {
        match self.sort.as_deref() {
            None | Some("name") => Position::Cursor(String::new()),
            Some(_) => Position::Offset(0),
        }
    }
}

/// Adds a position to a request.
fn at<'c, T>(request: Request<'c, Page<T>>, position: &Position) -> Request<'c, Page<T>>
where
    T: for<'de> serde::Deserialize<'de>,
{
    match position {
        Position::Cursor(cursor) => request.query("cursor", cursor),
        Position::Offset(offset) => request.query("offset", offset),
    }
}

/// The position after a page.
fn after<T>(page: &Page<T>, position: &Position, limit: usize) -> Option<Position> {
    match position {
        Position::Cursor(_) => page.next_cursor.clone().map(Position::Cursor),
        Position::Offset(offset) => offset_after(*offset, page.data.len(), limit),
    }
}

/// # Lists of users
///
/// Every method returns an error if the service rejects the request or does not respond.
#[expect(clippy::missing_errors_doc, reason = "the same for all methods, see above")]
impl Client {
    /// Returns all users that match. `GET /api/user`
    pub fn users(&self, query: UserQuery) -> impl Stream<Item = Result<UserListItem, Error>> {
        let client = self.clone();
        pages::all(query.first(), move |position| {
            let (client, query) = (client.clone(), query.clone());
            async move {
                let page = client.users_at(&query, &position).await?;
                let next = after(&page, &position, query.page_size());
                Ok((page.data, next))
            }
        })
    }

    /// Returns one page of the users. An empty cursor selects the first page. `GET /api/user`
    pub async fn user_page(
        &self,
        query: &UserQuery,
        cursor: &str,
    ) -> Result<Page<UserListItem>, Error> {
        self.users_at(query, &Position::Cursor(cursor.to_owned())).await
    }

    /// Returns the user with an email address, active or not. `GET /api/user`
    pub async fn user_by_email(&self, email: &str) -> Result<Option<UserListItem>, Error> {
        let query = Some(email.trim().to_owned());
        let query = UserQuery { query, status: UserStatus::All, ..UserQuery::default() };
        let page = self.user_page(&query, "").await?;
        Ok(page.data.into_iter().find(|user| same_address(&user.email, email)))
    }

    /// Returns the users with these IDs, active or not, at most 100. `GET /api/user`
    pub async fn users_by_id(&self, ids: &[UserId]) -> Result<Vec<UserListItem>, Error> {
        let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let request = self.request(op::LIST_USERS, &[]).query("ids", &ids.join(","));
        Ok(request.query("status", UserStatus::All.name()).send().await?.data)
    }

    /// Returns all active users as recipients. `GET /api/user/recipients`
    pub fn recipients(&self) -> impl Stream<Item = Result<Recipient, Error>> {
        let client = self.clone();
        pages::all(Position::Cursor(String::new()), move |position| {
            let client = client.clone();
            async move {
                let request = client.paged(op::LIST_RECIPIENTS, PAGE);
                let page = at(request, &position).send().await?;
                let next = after(&page, &position, PAGE);
                Ok((page.data, next))
            }
        })
    }

    fn paged<T>(&self, operation: Operation<Page<T>>, limit: usize) -> Request<'_, Page<T>>
    where
        T: for<'de> serde::Deserialize<'de>,
    {
        self.request(operation, &[]).query("limit", &limit)
    }

    async fn users_at(
        &self,
        query: &UserQuery,
        position: &Position,
    ) -> Result<Page<UserListItem>, Error> {
        let mut request = self
            .paged(op::LIST_USERS, query.page_size())
            .query("status", query.status.name())
            .optional_query("query", query.query.as_ref())
            .optional_query("sort", query.sort.as_ref())
            .optional_query("last_login_after", query.last_login_after.as_ref())
            .optional_query("last_login_before", query.last_login_before.as_ref());
        for group in &query.group_ids {
            request = request.query("group_id", group);
        }
        at(request, position).send().await
    }
}
