//! The instance as a whole.

use functions::health::Health;
use serde_json::json;
use shared::{
    domain::{Purpose, Wait},
    http::{ApiError, Dialect, FieldErrors, reply, view::SessionView},
};

use super::{Describe, sessions::wrong_token};
use crate::{
    fields::{AddressText, LineText, LocaleText, NewPasswordText, NonBlankText},
    operation::Operation,
    refusals::invalid,
    requests::{FirstUser, NamedPrefs, Prefs, SetUp, SetUpNamed},
    schemas::Schemas,
};

pub(crate) const TAG: &str = "Instance";

/// What is said of each.
pub(super) const ROUTES: &[(&str, Describe)] = &[("setup", set_up), ("health", health)];

fn set_up(schemas: &mut Schemas) -> Operation<'_> {
    let dialect = schemas.dialect();
    let session = reply::ok(&SessionView::from(&schemas.examples.session));
    let token = NonBlankText("the operator's setup token");
    let operation = Operation::new(schemas, TAG, "Set the instance up")
        .says(
            "Makes the first administrator and logs them in, once. All of it happens, or nothing.",
        )
        .dialects(
            "metabase needs `prefs.site_name`, and has a sentence of its own once it was done.",
        )
        .answers::<SessionView>("The session of the administrator.", &[("session", session)])
        .sets_cookie()
        .refuses_all([invalid("user", "value must be a map.")])
        .refuses("common-password", common_password())
        .refuses("wrong-token", wrong_token())
        .refuses("done-before", ApiError::AlreadySetUp)
        .refuses("too-many", Wait::first(Purpose::Setup).into())
        .refuses("conflict", ApiError::Conflict);
    let (name, locale) = (LineText("Example"), Some(LocaleText("en")));
    match dialect {
        Dialect::Documented => {
            let prefs = Some(Prefs { site_name: Some(name), site_locale: locale });
            operation.takes(&[("set-up", SetUp { token, user: first_user(), prefs })])
        }
        Dialect::Metabase => {
            let prefs = NamedPrefs { site_name: name, site_locale: locale };
            operation.takes(&[("set-up", SetUpNamed { token, user: first_user(), prefs })])
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
        .says("For anybody.")
        .answers::<Health>("It does.", &[("well", reply::ok(&json!({ "status": "ok" })))])
}

/// A password that many people have, of an administrator to be.
fn common_password() -> ApiError {
    let mut errors = FieldErrors::default();
    errors.nest("user", FieldErrors::one("password", "password is too common."));
    errors.into()
}
