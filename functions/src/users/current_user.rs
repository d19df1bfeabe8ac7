//! `GET /api/user/current`: returns the caller.

use openapi::{Access, Examples, Operation, Tag};
use shared::http::{
    ApiResult, Call, Dialect, HasInvitedUsers,
    dialect::{documented, metabase},
};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/user/current",
    function: "current-user",
    summary: "Get the current user",
    tag: Tag::Users,
    access: Access::User,
    lambda: Lambda::READ,
    permissions: &[Permission::BatchGetItem(&["TALLY#*", "USER#*"])],
    event: Event::EMPTY,
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let dialect = operation.dialect();
    let Examples { ada, now, .. } = operation.examples();
    let example = ("administrator", dialect.current_user(ada, true, *now));
    let operation = operation
        .text("Returns the caller and their permissions.")
        .dialects("documented includes the memberships and the permissions in this API.")
        .allow_pending_password_change();
    let description = "The caller.";
    let operation = match dialect {
        Dialect::Documented => {
            operation.response::<documented::CurrentUser<'_>>(description, &[example])
        }
        Dialect::Metabase => {
            operation.response::<metabase::CurrentUser<'_>>(description, &[example])
        }
    };
    operation.conditional_read()
}

/// Returns the caller and their permissions. Allowed for every user, also with a pending password
/// change.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 412 for a failed precondition.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, has_invited) = call.authenticate(HasInvitedUsers).await?;

    let response = call.dialect().current_user(caller.user(), has_invited, call.now())?;

    call.with_preconditions(response)
}
