//! The instance as a whole.

use functions::instance::health::Health;
use serde_json::json;
use shared::{
    domain::{RateLimitedAction, RetryAfter},
    http::{ApiError, Dialect, FieldErrors, response, view::SessionView},
};

use super::{DescribeFn, sessions::wrong_token};
use crate::{
    errors::invalid,
    fields::{AddressText, LineText, LocaleText, NewPasswordText, NonBlankText},
    operation::Operation,
    requests::{FirstUser, NamedPrefs, Prefs, SetUp, SetUpNamed},
    schemas::Schemas,
};

pub(crate) const TAG: &str = "Instance";

/// What is said of each.
pub(super) const ROUTES: &[(&str, DescribeFn)] = &[("setup", set_up), ("health", health)];

fn set_up(schemas: &mut Schemas) -> Operation<'_> {
    let dialect = schemas.dialect();
    let session = response::ok(&SessionView::from(&schemas.examples.session));
    let token = NonBlankText("the operator's setup token");
    let operation = Operation::new(schemas, TAG, "Set the instance up")
        .paragraph(
            "Makes the first administrator and logs them in, once. All of it happens, or nothing.",
        )
        .dialects(
            "metabase needs `prefs.site_name`, and has a sentence of its own once it was done.",
        )
        .response::<SessionView>("The session of the administrator.", &[("session", session)])
        .sets_cookie()
        .errors([invalid("user", "value must be a map.")])
        .error("common-password", common_password())
        .error("wrong-token", wrong_token())
        .error("done-before", ApiError::AlreadySetUp)
        .error("too-many", RetryAfter::minimum(RateLimitedAction::Setup).into())
        .error("conflict", ApiError::Contention);
    let (name, locale) = (LineText("Example"), Some(LocaleText("en")));
    match dialect {
        Dialect::Documented => {
            let prefs = Some(Prefs { site_name: Some(name), site_locale: locale });
            operation.request_body(&[("set-up", SetUp { token, user: first_user(), prefs })])
        }
        Dialect::Metabase => {
            let prefs = NamedPrefs { site_name: name, site_locale: locale };
            operation.request_body(&[("set-up", SetUpNamed { token, user: first_user(), prefs })])
        }
    }
}

fn first_user() -> FirstUser {
    FirstUser {
        email: AddressText("ada@example.com"),
        first_name: Some(LineText("Ada")),
        last_name: Some(LineText("Lovelace")),
        password: NewPasswordText("SecurePassword123!"),
    }
}

fn health(schemas: &mut Schemas) -> Operation<'_> {
    Operation::new(schemas, TAG, "Tell whether the table answers")
        .paragraph("For anybody.")
        .response::<Health>("It does.", &[("well", response::ok(&json!({ "status": "ok" })))])
}

/// A password that many people have, of an administrator to be.
fn common_password() -> ApiError {
    let mut errors = FieldErrors::default();
    errors.nest("user", FieldErrors::single("password", "password is too common."));
    errors.into()
}
