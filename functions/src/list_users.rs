//! `GET /api/user`: the accounts, filtered and in pages.

use shared::{
    domain::{Filter, GroupId, Listed, Page, Search, Status, User},
    http::{ApiResult, Call, Flag, Form, FromForm, QueryText},
};

struct Query {
    filter: Filter,
    page: Option<Page>,
}

impl FromForm for Query {
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
        let everyone = form.given("include_deactivated").is_some_and(|Flag(flag)| flag);
        let status = form.given("status").map(|QueryText(status)| status);
        let search = form.given("query").map(|QueryText::<Search>(search)| search);
        let search = search.filter(|search| !search.is_empty());
        let group = form.given("group_id").map(|QueryText::<GroupId>(group)| group);
        let page = form.window();
        let status = if everyone { Status::All } else { status.unwrap_or_default() };
        Some(Self { filter: Filter { status, search, group }, page })
    }
}

impl Query {
    /// A page of a list that nothing but the state narrows has its total from the tally.
    const fn wants_tally(&self) -> bool {
        self.page.is_some() && self.filter.is_status_only()
    }
}

/// An administrator sees all accounts; for anybody else the only account is their own, where the
/// dialect lets them ask at all.
///
/// # Errors
///
/// 400 naming fields of the query, 401, 403.
pub async fn handler(call: Call) -> ApiResult {
    let query = call.query::<Query>();
    let (caller, tally) =
        call.caller_and_tally(query.as_ref().is_ok_and(Query::wants_tally)).await?;
    let Query { filter, page } = query?;

    let listed = match call.dialect().lister(&caller)? {
        Some(admin) => {
            let page = page.map(|page| (page, tally));
            call.store().list_users(&admin, &filter, page).await?
        }
        None => oneself(caller.user(), &filter, page),
    };

    call.dialect().users(&listed, page)
}

fn oneself(user: &User, filter: &Filter, page: Option<Page>) -> Listed {
    let all: Vec<User> = filter.matches(user).then(|| user.clone()).into_iter().collect();
    let total = all.len();
    let users = match page {
        Some(page) => page.of(all),
        None => all,
    };
    Listed { users, total }
}
