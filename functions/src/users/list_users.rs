//! `GET /api/user`: the accounts, filtered and in pages.

use shared::{
    domain::{
        GroupId, PageRequest, SearchTerm, StatusFilter, TimeRange, User, UserFilter, UserKind,
        UserPage, UserQuery,
    },
    http::{
        ApiError, ApiResult, Call, Fields, FromFields, QueryBool, QueryParam, TenancyFilter,
        UserCountsIf,
    },
};

/// What whoever asks for both is told.
pub const CONFLICTING_TENANCY: &str = "You cannot specify both `tenancy` and `tenant_id`";

struct Query {
    user_query: UserQuery,
    page: PageRequest,
    /// What is asked for is of another organisation, or of analysts: there is nobody.
    matches_nothing: bool,
    has_conflicting_tenancy: bool,
}

impl FromFields for Query {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        let filter = filter(form);
        let order = form.lenient_query("sort").map(|QueryParam(order)| order).unwrap_or_default();
        let window = form.page_request(order)?;
        let analysts = form.query("is_data_analyst").is_some_and(|QueryBool(flag)| flag);
        let tenant = form.query::<QueryParam<GroupId>>("tenant_id");
        let tenancy = form.query("tenancy");
        let of_us = tenancy.is_none_or(|TenancyFilter(of_us)| of_us);
        Some(Self {
            user_query: UserQuery { filter, order },
            page: window,
            matches_nothing: analysts || tenant.is_some() || !of_us,
            has_conflicting_tenancy: tenant.is_some() && tenancy.is_some(),
        })
    }
}

impl Query {
    /// A part of a list as it is kept has its total from the tally.
    fn needs_counts(&self) -> bool {
        self.page != PageRequest::All && self.user_query.is_index_order()
    }
}

fn filter(form: &mut Fields<'_>) -> UserFilter {
    let everyone = form.query("include_deactivated").is_some_and(|QueryBool(flag)| flag);
    let status = form.query("status").map(|QueryParam(status)| status);
    let search = form.query("query").map(|QueryParam::<SearchTerm>(search)| search);
    let search = search.filter(|search| !search.is_empty());
    let group = form.query("group_id").map(|QueryParam::<GroupId>(group)| group);
    let from = form.lenient_query("last_login_after").map(|QueryParam(moment)| moment);
    let until = form.lenient_query("last_login_before").map(|QueryParam(moment)| moment);
    let status = if everyone { StatusFilter::All } else { status.unwrap_or_default() };
    UserFilter { status, search, group, last_login: TimeRange { from, until } }
}

/// An administrator sees all accounts; for anybody else the only account is their own, where the
/// dialect lets them ask at all.
///
/// # Errors
///
/// 400 naming fields of the query, 401, 403.
pub async fn handler(call: Call) -> ApiResult {
    let query = call.query_and(|query: &Query| UserCountsIf(query.needs_counts()));
    let (caller, (query, counts)) = call.authenticate_active(query).await?;
    let Query { user_query, page, matches_nothing, has_conflicting_tenancy } = query;
    if has_conflicting_tenancy {
        return Err(ApiError::BadRequest(CONFLICTING_TENANCY));
    }

    let users = match call.dialect().list_access(&caller)? {
        _ if matches_nothing => UserPage::new(Vec::new(), &page),
        Some(admin) => call.store().list_users(&admin, &user_query, &page, counts).await?,
        None => own_page(caller.user(), &user_query.filter, &page),
    };

    call.dialect().users(&users, &page)
}

/// The caller's own user as a single page without a next cursor.
fn own_page(user: &User, filter: &UserFilter, page: &PageRequest) -> UserPage {
    let is_person = user.kind == UserKind::Person;
    let is_listed = is_person && filter.matches(user) && !page.is_continuation();
    UserPage::new(is_listed.then(|| user.clone()).into_iter().collect(), page)
}
