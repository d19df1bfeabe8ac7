//! `GET /api/user`: lists users, with filters and pages.

use openapi::{
    Access, Examples, OneOf, Operation, Tag,
    errors::{invalid, invalid_value},
};
use schemars::JsonSchema;
use shared::{
    authorization::Admin,
    domain::{
        Cursor, Email, GroupId, NamePrefix, OffsetPage, PageRequest, SearchTerm, StatusFilter,
        TimeRange, Timestamp, User, UserFilter, UserId, UserKind, UserPage, UserQuery, UserSort,
    },
    http::{
        ApiError, ApiResult, CURSOR_WITH_OFFSET, Call, Dialect, EmailOwner, Fields, FromFields,
        PageLimit, PageOffset, QueryBool, QueryParam, TenancyFilter, UserCountsIf, UserIds,
        response,
        view::{Envelope, UserListItem},
    },
};

use crate::route::{Event, Lambda, Permission, Route};

/// Error message for a query with `tenancy` and `tenant_id`.
const CONFLICTING_TENANCY: &str = "You cannot specify both `tenancy` and `tenant_id`";
const CURSOR_WITH_IDS: &str = "a cursor cannot be combined with ids.";

/// Filters, order and page. Absent parameters have no effect.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, never constructed")]
struct ListUsers {
    /// Status of the users, `active` by default.
    #[schemars(example = &"all", extend("enum" = ["active", "deactivated", "all"]))]
    status: Option<String>,
    /// Includes deactivated users. Wins over `status`.
    include_deactivated: Option<bool>,
    /// Words, each of which is a part of a name or of the email address, ignoring case and accents.
    /// A registered email address selects its user only.
    #[schemars(example = &"jane")]
    query: Option<SearchTerm>,
    /// The beginning of the first name, or the first name, a space and the beginning of the last
    /// name, ignoring case and accents. Reads only these users, unlike `query`.
    #[schemars(example = &"jane sm")]
    name_prefix: Option<NamePrefix>,
    /// At most 100 user IDs, separated by commas. Not allowed together with `cursor`.
    #[schemars(
        with = "Option<String>",
        example = &"1,2",
        extend("pattern" = "^[1-9][0-9]{0,17}(,[1-9][0-9]{0,17}){0,99}$"),
    )]
    ids: Option<UserIds>,
    /// Members of this group. Several parameters select the members of any of their groups.
    group_id: Option<Vec<GroupId>>,
    /// Only data analysts. No user is one.
    is_data_analyst: Option<bool>,
    /// Only administrators, or only other users: Metabase's Data Studio is open to administrators.
    can_access_data_studio: Option<bool>,
    /// Internal or external users. All users are internal. Not allowed together with `tenant_id`.
    #[schemars(extend("enum" = ["all", "external", "internal"]))]
    tenancy: Option<String>,
    /// Users of this tenant. No user has one.
    tenant_id: Option<GroupId>,
    /// Order of the users. A leading `-` reverses it. With `cursor` only `name` and `-name`: other
    /// orders read all users.
    sort: Option<UserSort>,
    /// Users with their last login at this time or later.
    last_login_after: Option<Timestamp>,
    /// Users with their last login before this time.
    last_login_before: Option<Timestamp>,
    /// Empty for the first page, then the `next_cursor` of the previous response.
    cursor: Option<Cursor>,
    /// Users in a page, 50 by default with `offset`.
    #[schemars(example = 10)]
    limit: Option<PageLimit>,
    /// Users before the page, 0 by default with `limit`.
    #[schemars(example = 0)]
    offset: Option<PageOffset>,
}

struct Query {
    selection: UserQuery,
    page: PageRequest,
    /// Whether the query selects data analysts, external users or users of a tenant. None exist.
    matches_nothing: bool,
    /// Whether the query has both `tenancy` and `tenant_id`.
    has_conflicting_tenancy: bool,
}

impl FromFields for Query {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let filter = filter(fields);
        let order = fields.query("sort").map(|QueryParam(order)| order).unwrap_or_default();
        let page = fields.page_request(order)?;
        if !filter.ids.is_empty() && matches!(page, PageRequest::Cursor { .. }) {
            fields.add_error("cursor", CURSOR_WITH_IDS);
        }
        let only_analysts = fields.query("is_data_analyst").is_some_and(|QueryBool(flag)| flag);
        let tenant = fields.query::<QueryParam<GroupId>>("tenant_id");
        let tenancy = fields.query("tenancy");
        let includes_internal = tenancy.is_none_or(|TenancyFilter(internal)| internal);
        Some(Self {
            selection: UserQuery { filter, order },
            page,
            matches_nothing: only_analysts || tenant.is_some() || !includes_internal,
            has_conflicting_tenancy: tenant.is_some() && tenancy.is_some(),
        })
    }
}

impl Query {
    /// Whether the total of the page comes from the user counts. Other queries count the users that
    /// they read.
    fn needs_counts(&self) -> bool {
        self.page != PageRequest::All && self.selection.is_index_order(&self.page)
    }

    /// The email address that the query searches for. Its credentials name the user, so the list
    /// is not read.
    fn email(&self) -> Option<Email> {
        let search = self.selection.filter.search.as_ref().filter(|_| !self.page.is_continuation());
        search.and_then(SearchTerm::email).cloned()
    }
}

fn filter(fields: &mut Fields<'_>) -> UserFilter {
    let include_deactivated =
        fields.query("include_deactivated").is_some_and(|QueryBool(flag)| flag);
    let status = fields.lenient_query("status").map(|QueryParam(status)| status);
    let search = fields.query("query").map(|QueryParam::<SearchTerm>(search)| search);
    let search = search.filter(|search| !search.is_empty());
    let name_prefix = fields.query("name_prefix").map(|QueryParam::<NamePrefix>(prefix)| prefix);
    let name_prefix = name_prefix.filter(|prefix| !prefix.is_empty());
    let ids = fields.query("ids").map(|UserIds(ids)| ids).unwrap_or_default();
    let groups = fields.repeated_query("group_id").into_iter();
    let groups = groups.map(|QueryParam::<GroupId>(group)| group).collect();
    let is_admin = fields.query("can_access_data_studio").map(|QueryBool(flag)| flag);
    let from = fields.query("last_login_after").map(|QueryParam(time)| time);
    let until = fields.query("last_login_before").map(|QueryParam(time)| time);
    let status = if include_deactivated { StatusFilter::All } else { status.unwrap_or_default() };
    let last_login = TimeRange { from, until };
    UserFilter { status, ids, search, name_prefix, groups, is_admin, last_login }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/user",
    function: "list-users",
    summary: "List users",
    tag: Tag::Users,
    access: Access::User,
    lambda: Lambda::LIST,
    permissions: &[
        Permission::BatchGetItem(&["LOGIN#*", "TALLY#*", "USER#*"]),
        Permission::QueryIndex(&["USERS#active*", "USERS#inactive*"]),
    ],
    event: Event::query(&[("status", "all"), ("limit", "10")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let dialect = operation.dialect();
    let examples = examples(&operation);
    let operation = operation
        .text(
            "Lists active users by first name, last name and ID, ignoring accents. The query \
            selects others. Administrators see all users. Other callers see only themselves.",
        )
        .paragraph(
            "With `limit` or `offset`, the response is a page. With `cursor`, each page has the \
            same cost, regardless of the number of users. Send an empty cursor for the first page, \
            then the `next_cursor` of the previous response.",
        )
        .dialects(
            "Without a page, documented returns an array and metabase an envelope. documented \
            rejects an invalid `status`, `limit` or `offset` with 400, metabase ignores it and \
            accepts any `limit` from 0. In metabase, only administrators list users.",
        )
        .query::<ListUsers>()
        .error("conflicting-tenancy", ApiError::BadRequest(CONFLICTING_TENANCY))
        .error("response-too-large", ApiError::BadRequest(response::RESPONSE_TOO_LARGE))
        .error("invalid-cursor", invalid_value::<QueryParam<Cursor>>("cursor"))
        .error("cursor-with-offset", invalid("cursor", CURSOR_WITH_OFFSET))
        .error("invalid-name-prefix", invalid_value::<QueryParam<NamePrefix>>("name_prefix"))
        .error("invalid-ids", invalid_value::<UserIds>("ids"))
        .error("cursor-with-ids", invalid("cursor", CURSOR_WITH_IDS));
    let description = "The users.";
    match dialect {
        Dialect::Documented => operation
            .response::<OneOf<Vec<UserListItem<'_>>, Envelope<UserListItem<'_>>>>(
                description,
                &examples,
            )
            .error("invalid", invalid_value::<PageLimit>("limit")),
        Dialect::Metabase => operation
            .response::<Envelope<UserListItem<'_>>>(description, &examples)
            .error("invalid", invalid_value::<QueryParam<GroupId>>("group_id"))
            .error("forbidden", ApiError::Forbidden),
    }
}

/// The same users as a list, as a page, and as a page with a cursor.
fn examples(operation: &Operation<'_>) -> [(&'static str, ApiResult); 3] {
    let Examples { ada, jane, .. } = operation.examples().clone();
    let page = UserPage { users: vec![ada, jane], total: Some(2), next: None };
    let users = |request: &PageRequest| operation.dialect().users(&page, request);
    [
        ("all", users(&PageRequest::All)),
        ("page", users(&PageRequest::Offset(OffsetPage { limit: 10, offset: 0 }))),
        ("cursor", users(&PageRequest::Cursor { from: Cursor::after(String::new()), limit: 10 })),
    ]
}

/// Lists users. Administrators see all users. Other callers see only themselves, or get 403 in the
/// metabase dialect.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers in the metabase
/// dialect. Returns 400 for invalid query parameters, or if the response would be too large.
pub async fn handler(call: Call) -> ApiResult {
    let query = call
        .query_and(|query: &Query| (UserCountsIf(query.needs_counts()), EmailOwner(query.email())));
    let (caller, (query, (counts, owner))) = call.authenticate_active(query).await?;
    let Query { selection, page, matches_nothing, has_conflicting_tenancy } = query;
    if has_conflicting_tenancy {
        return Err(ApiError::BadRequest(CONFLICTING_TENANCY));
    }

    let users = match call.dialect().list_access(&caller)? {
        _ if matches_nothing => UserPage::new(Vec::new(), &page),
        Some(admin) => match exact_match(&call, &admin, owner, &selection).await? {
            Some(user) => UserPage::new(vec![user], &page),
            None => call.store().list_users(&admin, &selection, &page, counts).await?,
        },
        None => own_page(caller.user(), &selection.filter, &page),
    };

    call.dialect().users(&users, &page)
}

/// The owner of the email address that the query searches for, if they meet its other conditions.
async fn exact_match(
    call: &Call,
    admin: &Admin,
    owner: Option<UserId>,
    selection: &UserQuery,
) -> Result<Option<User>, ApiError> {
    let Some(owner) = owner else { return Ok(None) };
    Ok(call.store().exact_match(admin, owner, &selection.filter).await?)
}

/// The page with only the caller, if they match the filter. Service accounts are never listed.
fn own_page(user: &User, filter: &UserFilter, page: &PageRequest) -> UserPage {
    let is_person = user.kind == UserKind::Person;
    let is_listed = is_person && filter.matches(user) && !page.is_continuation();
    UserPage::new(is_listed.then(|| user.clone()).into_iter().collect(), page)
}
