//! `POST /api/user/confirm-email`: confirms a new email address.

use openapi::{Access, Operation, Tag};
use secrecy::ExposeSecret;
use shared::{
    auth::email_change::EmailLinkGrant,
    domain::AuthMethod,
    http::{ApiResult, Call, response},
};

use crate::{
    own_email::{self, LinkToken, reject},
    route::{Event, Lambda, Permission, Route},
};

/// The route.
pub const ROUTE: Route = Route {
    method: "POST",
    path: "/api/user/confirm-email",
    function: "confirm-email",
    summary: "Confirm a new email address",
    tag: Tag::Users,
    access: Access::EmailToken,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["EMAIL#*", "LOGIN#*", "THROTTLE#*", "USER#*"]),
        Permission::ConditionCheckItem(&["LOGIN#*"]),
        Permission::DeleteItem(&["LOGIN#*", "RESET#*"]),
        Permission::PutItem(&["AUDIT#*", "LOGIN#*", "USER#*"]),
        Permission::UpdateItem(&["THROTTLE#*"]),
    ],
    event: Event::body(
        r#"{"token": "AAAAAAAAAAIAAAAAbm90IGEgdG9rZW4gYnV0IGl0IGxvb2tzIGxpa2Ugb25l"}"#,
    ),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let operation = operation
        .text(
            "The token is the last part of the link in an email to the new address. It is valid \
            for two days, until the user sets another address or password, or ends all sessions.",
        )
        .no_content("The account has the new address.");
    own_email::link_doc(operation)
}

/// Confirms a new email address, which then replaces the old one. Allowed for everyone with the
/// token of the link.
///
/// # Errors
///
/// Returns 400 for a missing or invalid token, 409 for an address that another user has got in the
/// meantime or after contention, and 429 after ten invalid tokens from a client IP within an hour.
pub async fn handler(call: Call) -> ApiResult {
    let LinkToken { token } = call.body()?;
    let (attempt, rate_limits) =
        call.store().confirmation_attempt(token.expose_secret(), call.client_ip()).await?;
    let Some(grant) = EmailLinkGrant::check(&attempt, call.now()) else {
        return reject(&call, &rate_limits).await;
    };

    let context = call.write_context(Some(grant.user().id), AuthMethod::EmailToken);
    call.store().confirm_email(&grant, &context).await?;

    Ok(response::no_content())
}
