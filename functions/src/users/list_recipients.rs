//! `GET /api/user/recipients`: lists the recipients of a message.

use openapi::{Access, Examples, OneOf, Operation, Tag};
use schemars::JsonSchema;
use shared::{
    domain::{OffsetPage, User},
    http::{
        ApiError, ApiResult, Call, Dialect, Fields, FromFields, PageLimit, PageOffset, response,
        view::{Envelope, Profile, Recipient},
    },
};

use crate::route::{Event, Lambda, Permission, Route};

/// A page. The response repeats it and contains all users.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, never constructed")]
struct ListRecipients {
    /// Repeated in the response, without effect.
    limit: Option<PageLimit>,
    /// Repeated in the response, without effect.
    offset: Option<PageOffset>,
}

struct Query(Option<OffsetPage>);

impl FromFields for Query {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self(fields.offset_page()))
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
    let users = [ada, jane];
    let operation = operation
        .text("Lists all active users by last name, first name and ID.")
        .dialects(
            "documented returns an array, metabase an envelope. In metabase, administrators get \
            whole profiles.",
        )
        .error("response-too-large", ApiError::BadRequest(response::RESPONSE_TOO_LARGE));
    let description = "The users.";
    match dialect {
        Dialect::Documented => {
            let all: Vec<_> = users.iter().map(Recipient::from).collect();
            operation.response::<Vec<Recipient<'_>>>(description, &[("all", response::ok(&all))])
        }
        Dialect::Metabase => {
            let user = response::ok(&envelope::<Recipient<'_>>(&users));
            let administrator = response::ok(&envelope::<Profile<'_>>(&users));
            operation
                .query::<ListRecipients>()
                .response::<OneOf<Envelope<Recipient<'_>>, Envelope<Profile<'_>>>>(
                    description,
                    &[("user", user), ("administrator", administrator)],
                )
        }
    }
}

fn envelope<'a, T: From<&'a User>>(users: &'a [User]) -> Envelope<T> {
    let data: Vec<T> = users.iter().map(T::from).collect();
    Envelope { total: Some(data.len()), data, limit: None, offset: None, next: None }
}

/// Lists all active users. Allowed for every user.
///
/// The list is never cut to a page. The metabase dialect only repeats `limit` and `offset`, as
/// Metabase does.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 400 if the response would be too large.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;

    let users = call.store().recipients(&caller).await?;

    let page = call.query().ok().and_then(|Query(page)| page);
    call.dialect().recipients(&caller, &users, page)
}
