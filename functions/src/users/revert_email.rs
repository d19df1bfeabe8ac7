//! `POST /api/user/revert-email`: goes back to an earlier email address.

use openapi::{Access, Operation, Tag};
use secrecy::ExposeSecret;
use shared::{
    auth::{email_change::EmailLinkGrant, password_hash},
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
    path: "/api/user/revert-email",
    function: "revert-email",
    summary: "Go back to an earlier email address",
    tag: Tag::Users,
    access: Access::EmailToken,
    lambda: Lambda::HASH.rate_limited(),
    permissions: &[
        Permission::BatchGetItem(&["EMAIL#*", "LOGIN#*", "THROTTLE#*", "USER#*"]),
        Permission::ConditionCheckItem(&["LOGIN#*"]),
        Permission::DeleteItem(&["LOGIN#*", "RESET#*"]),
        Permission::PutItem(&["AUDIT#*", "LOGIN#*", "USER#*"]),
        Permission::UpdateItem(&["LOGIN#*", "THROTTLE#*"]),
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
            "The token is the last part of the link in an email to the old address. It is valid \
            once, for a week, and until an administrator changes the address. Revokes all sessions \
            of the user and replaces the password by a random one, so the user must choose a new \
            one with `forgot_password`.",
        )
        .no_content("The account has the earlier address.");
    own_email::link_doc(operation)
}

/// Goes back to the email address before a change, revokes all sessions and makes the password
/// unusable. Allowed for everyone with the token of the link.
///
/// A thief of a session may have set a password since, so the user must choose a new one.
///
/// # Errors
///
/// Returns 400 for a missing or invalid token, 409 for an address that another user has got in the
/// meantime or after contention, and 429 after ten invalid tokens from a client IP within an hour.
pub async fn handler(call: Call) -> ApiResult {
    let LinkToken { token } = call.body()?;
    let (attempt, rate_limits) =
        call.store().reversal_attempt(token.expose_secret(), call.client_ip()).await?;
    let Some(grant) = EmailLinkGrant::check(&attempt, call.now()) else {
        return reject(&call, &rate_limits).await;
    };

    let has_password = grant.user().sso_source.is_none();
    let password = if has_password { Some(password_hash::of_random().await?) } else { None };
    let context = call.write_context(Some(grant.user().id), AuthMethod::EmailToken);
    call.store().revert_email(&grant, password.as_ref(), &context).await?;

    Ok(response::no_content())
}
