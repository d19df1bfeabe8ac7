//! `GET /api/user/recipients`: lists the recipients of a message.

use openapi::{
    Access, Examples, OneOf, Operation, Tag,
    errors::{invalid, invalid_value},
};
use schemars::JsonSchema;
use shared::{
    domain::{Cursor, PageRequest, User, UserPage, UserSort},
    http::{
        ApiError, ApiResult, CURSOR_WITH_OFFSET, Call, Dialect, Fields, FromFields, PageLimit,
        PageOffset, QueryParam, response,
        view::{Envelope, Profile, Recipient},
    },
};

use crate::route::{Event, Lambda, Permission, Route};

/// A page. Without parameters, the response contains all users.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, never constructed")]
struct ListRecipients {
    /// Empty for the first page, then the `next_cursor` of the previous response.
    cursor: Option<Cursor>,
    /// Users in a page, 50 by default with `offset` or `cursor`.
    limit: Option<PageLimit>,
    /// Users before the page, 0 by default with `limit`.
    offset: Option<PageOffset>,
}

/// A page of the metabase dialect. The response repeats it and contains all users.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, never constructed")]
struct RepeatedPage {
    /// Repeated in the response, without effect.
    limit: Option<PageLimit>,
    /// Repeated in the response, without effect.
    offset: Option<PageOffset>,
}

struct Query(PageRequest);

impl FromFields for Query {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let page = match fields.dialect() {
            Dialect::Documented => fields.page_request(UserSort::default())?,
            Dialect::Metabase => fields.offset_page().map_or(PageRequest::All, PageRequest::Offset),
        };
        Some(Self(page))
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/user/recipients",
    function: "list-recipients",
    summary: "List message recipients",
    tag: Tag::Users,
    access: Access::User,
    lambda: Lambda::LIST,
    permissions: &[
        Permission::BatchGetItem(&["TALLY#*", "USER#*"]),
        Permission::QueryIndex(&["USERS#active*"]),
    ],
    event: Event::EMPTY,
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let dialect = operation.dialect();
    let Examples { ada, jane, .. } = operation.examples().clone();
    let all = UserPage::new(vec![ada, jane], &PageRequest::All);
    let operation = operation
        .text("Lists all active users by last name, first name and ID, or a page of them.")
        .dialects(
            "Without a page, documented returns an array and metabase an envelope. metabase \
            repeats `limit` and `offset`, and returns all users. In metabase, administrators get \
            whole profiles.",
        )
        .error("response-too-large", ApiError::BadRequest(response::RESPONSE_TOO_LARGE));
    match dialect {
        Dialect::Documented => doc_documented(operation, &all),
        Dialect::Metabase => {
            let user = response::ok(&envelope::<Recipient<'_>>(&all));
            let administrator = response::ok(&envelope::<Profile<'_>>(&all));
            operation
                .query::<RepeatedPage>()
                .response::<OneOf<Envelope<Recipient<'_>>, Envelope<Profile<'_>>>>(
                    "The users.",
                    &[("user", user), ("administrator", administrator)],
                )
        }
    }
}

fn doc_documented<'o>(operation: Operation<'o>, all: &UserPage) -> Operation<'o> {
    let array: Vec<_> = all.users.iter().map(Recipient::from).collect();
    let page = Envelope { limit: Some(10), offset: Some(0), ..envelope::<Recipient<'_>>(all) };
    operation
        .query::<ListRecipients>()
        .response::<OneOf<Vec<Recipient<'_>>, Envelope<Recipient<'_>>>>(
            "The users.",
            &[("all", response::ok(&array)), ("page", response::ok(&page))],
        )
        .error("invalid", invalid_value::<PageLimit>("limit"))
        .error("invalid-cursor", invalid_value::<QueryParam<Cursor>>("cursor"))
        .error("cursor-with-offset", invalid("cursor", CURSOR_WITH_OFFSET))
}

fn envelope<'a, T: From<&'a User>>(page: &'a UserPage) -> Envelope<T> {
    let data: Vec<T> = page.users.iter().map(T::from).collect();
    Envelope { data, total: page.total, limit: None, offset: None, next: None }
}

/// Lists all active users, or a page of them. Allowed for every user.
///
/// The metabase dialect returns all users and only repeats `limit` and `offset`, as Metabase does.
///
/// # Errors
///
/// Returns 401 without a valid session or API key. Returns 400 for an invalid page, or if the
/// response would be too large.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;
    let Query(page) = call.query()?;

    let part = call.dialect().recipients_to_read(&page);
    let users = call.store().recipients(&caller, &part).await?;

    call.dialect().recipients(&caller, &users, &page)
}
