//! New passwords without the current one.

use functions::{
    password_check::Output as Checked, password_reset_url::Output as PasswordResetUrl,
    reset_token_valid::Output as TokenValidity,
};
use serde_json::json;
use shared::{
    domain::{Purpose, Wait},
    http::{ApiError, reply, view::ReplacedView},
};

use super::{Describe, accounts, sessions::TAG};
use crate::{
    fields::{AddressText, NewPasswordText, NonBlankText},
    operation::Operation,
    refusals::{common_password, invalid},
    requests::{CheckPassword, ForgotPassword, ResetPassword, ResetToken},
    schemas::Schemas,
};

/// What is said of each.
pub(super) const ROUTES: &[(&str, Describe)] = &[
    ("password-check", check),
    ("reset-token-valid", token_valid),
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
    let valid = reply::ok(&json!({ "valid": true }));
    Operation::new(schemas, TAG, "Tell whether a password is good enough")
        .says("For anybody. The password is compared with what the instance asks of passwords, and nothing is kept of it.")
        .takes(&[("password", body)])
        .answers::<Checked>("It is.", &[("valid", valid)])
        .refuses_all([common_password("password")])
}

fn token_valid(schemas: &mut Schemas) -> Operation<'_> {
    let answers = [true, false].map(|valid| reply::ok(&json!({ "valid": valid })));
    let [valid, invalid_token] = answers;
    Operation::new(schemas, TAG, "Tell whether a reset token counts")
        .says("For whoever has the token. It counts once, for two days, and until the password or the address changes.")
        .query::<ResetToken>()
        .answers::<TokenValidity>("Whether it counts.", &[("counts", valid), ("counts-not", invalid_token)])
        .refuses_all([invalid("token", "value must be a non-blank string.")])
}

fn forgot(schemas: &mut Schemas) -> Operation<'_> {
    let body = ForgotPassword { email: AddressText("newuser@example.com") };
    Operation::new(schemas, TAG, "Send a link for a new password")
        .says("For anybody. Neither the answer nor the time it takes tells whether somebody has the address. Three requests for an \
            address, or fifty from a source, within an hour make the next one wait.")
        .dialects("documented tells too many requests with 429, metabase with 400.")
        .takes(&[("address", body)])
        .answers_nothing("If somebody has the address, a letter is on its way.")
        .refuses_all([invalid("email", "value must be a valid email address.")])
        .refuses("too-many", Wait::first(Purpose::Forgot).into())
}

fn reset(schemas: &mut Schemas) -> Operation<'_> {
    let body =
        ResetPassword { token: NonBlankText(TOKEN), password: NewPasswordText("An0therPassword!") };
    let session = reply::ok(&ReplacedView::from(&schemas.examples.session));
    Operation::new(schemas, TAG, "Choose a new password with a reset token")
        .says("For whoever has the token. Every session of the account ends, and a new one begins. Ten worthless tokens from a \
            source within an hour make the next attempt wait.")
        .dialects("documented tells too many attempts with 429, metabase with 400.")
        .takes(&[("reset", body)])
        .answers::<ReplacedView>("The password was replaced.", &[("session", session)])
        .sets_cookie()
        .refuses_all([invalid("token", "value must be a non-blank string."), common_password("password")])
        .refuses("worthless", ApiError::reset_refused())
        .refuses("conflict", ApiError::Conflict)
        .refuses("too-many", Wait::first(Purpose::Reset).into())
}

fn url(schemas: &mut Schemas) -> Operation<'_> {
    let url = json!({ "password_reset_url": format!("https://users.example.com/auth/reset_password/{TOKEN}") });
    Operation::new(schemas, accounts::TAG, "Make a link for a new password")
        .says("For administrators, who hand the link on. It is good once, for two days; the one before it is no longer. A \
            deactivated account is 404.")
        .guarded_write()
        .of_account()
        .answers::<PasswordResetUrl>("The link.", &[("link", reply::ok(&url))])
        .conditional_write()
        .once_and_never_again()
        .refuses("conflict", ApiError::Conflict)
}

fn invite(schemas: &mut Schemas) -> Operation<'_> {
    invitation(schemas).once()
}

/// Only a POST takes a key.
fn invite_with_put(schemas: &mut Schemas) -> Operation<'_> {
    invitation(schemas)
}

fn invitation(schemas: &mut Schemas) -> Operation<'_> {
    Operation::new(schemas, accounts::TAG, "Send a link for a first password")
        .says("For administrators. Without mail nothing is sent. A deactivated account is 404. POST and PUT are the same, but PUT takes no key.")
        .dialects("metabase answers 200 for an account that is deactivated or not there, and sends nothing.")
        .guarded_write()
        .of_account()
        .answers::<reply::Success>("The letter was handed over, or there is no mail.", &[("done", Ok(reply::success()))])
        .conditional_write()
        .refuses("conflict", ApiError::Conflict)
}
