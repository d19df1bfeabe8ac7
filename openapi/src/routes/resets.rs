//! New passwords without the current one.

use functions::passwords::{
    check_reset_token::Output as TokenValidity, password_check::Output as Checked,
    password_reset_url::Output as PasswordResetUrl,
};
use serde_json::json;
use shared::{
    domain::{RateLimitedAction, RetryAfter},
    http::{ApiError, response, view::PasswordChanged},
};

use super::{DescribeFn, accounts, sessions::TAG};
use crate::{
    errors::{common_password, invalid},
    fields::{AddressText, NewPasswordText, NonBlankText},
    operation::Operation,
    requests::{CheckPassword, ForgotPassword, ResetPassword, ResetToken},
    schemas::Schemas,
};

/// What is said of each.
pub(super) const ROUTES: &[(&str, DescribeFn)] = &[
    ("password-check", check),
    ("check-reset-token", token_valid),
    ("forgot-password", forgot),
    ("reset-password", reset),
    ("password-reset-url", url),
    ("send-invite", invite),
    ("put-send-invite", invite_with_put),
];

/// A token that never was.
const TOKEN: &str = "2_bm90IGEgdG9rZW4gYnV0IGl0IGxvb2tzIGxpa2Ugb25lISE";

fn check(schemas: &mut Schemas) -> Operation<'_> {
    let body = CheckPassword { password: NewPasswordText("SecurePassword123!") };
    let valid = response::ok(&json!({ "valid": true }));
    Operation::new(schemas, TAG, "Tell whether a password is good enough")
        .paragraph("For anybody. The password is compared with what the instance asks of passwords, and nothing is kept of it.")
        .request_body(&[("password", body)])
        .response::<Checked>("It is.", &[("valid", valid)])
        .errors([common_password("password")])
}

fn token_valid(schemas: &mut Schemas) -> Operation<'_> {
    let answers = [true, false].map(|valid| response::ok(&json!({ "valid": valid })));
    let [valid, invalid_token] = answers;
    Operation::new(schemas, TAG, "Tell whether a reset token counts")
        .paragraph("For whoever has the token. It counts once, for two days, and until the password or the address changes.")
        .query::<ResetToken>()
        .response::<TokenValidity>("Whether it counts.", &[("counts", valid), ("counts-not", invalid_token)])
        .errors([invalid("token", "value must be a non-blank string.")])
}

fn forgot(schemas: &mut Schemas) -> Operation<'_> {
    let body = ForgotPassword { email: AddressText("newuser@example.com") };
    Operation::new(schemas, TAG, "Send a link for a new password")
        .paragraph("For anybody. Neither the answer nor the time it takes tells whether somebody has the address. Three requests for an \
            address, or fifty from a source, within an hour make the next one wait.")
        .dialects("documented tells too many requests with 429, metabase with 400.")
        .request_body(&[("address", body)])
        .no_content("If somebody has the address, a letter is on its way.")
        .errors([invalid("email", "value must be a valid email address.")])
        .error("too-many", RetryAfter::minimum(RateLimitedAction::ForgotPassword).into())
}

fn reset(schemas: &mut Schemas) -> Operation<'_> {
    let body =
        ResetPassword { token: NonBlankText(TOKEN), password: NewPasswordText("An0therPassword!") };
    let session = response::ok(&PasswordChanged::from(&schemas.examples.session));
    Operation::new(schemas, TAG, "Choose a new password with a reset token")
        .paragraph("For whoever has the token. Every session of the account ends, and a new one begins. Ten worthless tokens from a \
            source within an hour make the next attempt wait.")
        .dialects("documented tells too many attempts with 429, metabase with 400.")
        .request_body(&[("reset", body)])
        .response::<PasswordChanged>("The password was replaced.", &[("session", session)])
        .sets_cookie()
        .errors([invalid("token", "value must be a non-blank string."), common_password("password")])
        .error("worthless", ApiError::invalid_reset_token())
        .error("conflict", ApiError::Contention)
        .error("too-many", RetryAfter::minimum(RateLimitedAction::ResetPassword).into())
}

fn url(schemas: &mut Schemas) -> Operation<'_> {
    let url = json!({ "password_reset_url": format!("https://users.example.com/auth/reset_password/{TOKEN}") });
    Operation::new(schemas, accounts::TAG, "Make a link for a new password")
        .paragraph("For administrators, who hand the link on. It is good once, for two days; the one before it is no longer. A \
            deactivated account is 404.")
        .authenticated_write()
        .path_user_id()
        .response::<PasswordResetUrl>("The link.", &[("link", response::ok(&url))])
        .conditional_write()
        .idempotent_without_replay()
        .error("conflict", ApiError::Contention)
}

fn invite(schemas: &mut Schemas) -> Operation<'_> {
    invitation(schemas).idempotent()
}

/// Only a POST takes a key.
fn invite_with_put(schemas: &mut Schemas) -> Operation<'_> {
    invitation(schemas)
}

fn invitation(schemas: &mut Schemas) -> Operation<'_> {
    Operation::new(schemas, accounts::TAG, "Send a link for a first password")
        .paragraph("For administrators. Without mail nothing is sent. A deactivated account is 404. POST and PUT are the same, but PUT takes no key.")
        .dialects("metabase answers 200 for an account that is deactivated or not there, and sends nothing.")
        .authenticated_write()
        .path_user_id()
        .response::<response::Success>("The letter was handed over, or there is no mail.", &[("done", Ok(response::success()))])
        .conditional_write()
        .error("conflict", ApiError::Contention)
}
