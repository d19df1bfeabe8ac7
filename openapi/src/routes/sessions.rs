//! Sessions.

use serde_json::json;
use shared::{
    domain::{RateLimitedAction, RetryAfter},
    http::{ApiError, Dialect, FieldErrors, dialect::properties, response, view::SessionView},
};

use super::DescribeFn;
use crate::{
    errors::invalid, fields::NonBlankText, operation::Operation, requests::Login, schemas::Schemas,
};

pub(crate) const TAG: &str = "Sessions";

/// What is said of each.
pub(super) const ROUTES: &[(&str, DescribeFn)] =
    &[("login", log_in), ("logout", log_out), ("session-properties", instance_properties)];

fn log_in(schemas: &mut Schemas) -> Operation<'_> {
    let session = response::ok(&SessionView::from(&schemas.examples.session));
    let body = Login {
        username: NonBlankText("newuser@example.com"),
        password: NonBlankText("SecurePassword123!"),
        remember: Some(true),
    };
    let dialect = schemas.dialect();
    Operation::new(schemas, TAG, "Log in")
        .paragraph("Exchanges a password for a session. An unknown address and a wrong password are told alike, and cost the \
            same. Ten failures for an address, or fifty from a source, within an hour make the next attempt wait.")
        .dialects("documented tells a deactivated account like a wrong password, and too many attempts with 429; \
            metabase with 401 and words of their own.")
        .request_body(&[("login", body)])
        .response::<SessionView>("The session.", &[("session", session)])
        .sets_cookie()
        .errors([invalid("username", "value must be a non-blank string.")])
        .error("refused", ApiError::InvalidCredentials)
        .error_if(dialect == Dialect::Metabase, "deactivated", ApiError::UserDeactivated)
        .error("too-many", RetryAfter::minimum(RateLimitedAction::Login).into())
}

fn log_out(schemas: &mut Schemas) -> Operation<'_> {
    Operation::new(schemas, TAG, "Log out")
        .paragraph("Ends the session that it comes with, and clears the cookie. Without a session that counts it is 404.")
        .optional_session()
        .no_content("The session has ended.")
        .sets_cookie()
}

fn instance_properties(schemas: &mut Schemas) -> Operation<'_> {
    let example = json!({
        "has-user-setup": true,
        "site-name": "Example",
        "site-locale": "en",
        "password-complexity": { "total": 6, "digit": 1 },
        "enable-password-login": true,
        "version": { "tag": concat!("v", env!("CARGO_PKG_VERSION")) },
    });
    let dialect = schemas.dialect();
    let operation = Operation::new(schemas, TAG, "Tell what a client must know before a login")
        .paragraph("For anybody.")
        .dialects("metabase tells more of what Metabase's own clients look for, and the setup token until the instance is set up.");
    let what = "The instance.";
    match dialect {
        Dialect::Documented => operation
            .response::<properties::Documented<'_>>(what, &[("set-up", response::ok(&example))]),
        Dialect::Metabase => operation.response::<properties::Metabase<'_>>(what, &[]),
    }
}

/// The setup token was another.
pub(super) fn wrong_token() -> ApiError {
    ApiError::RuleViolation(FieldErrors::single("token", "Token does not match the setup token."))
}
