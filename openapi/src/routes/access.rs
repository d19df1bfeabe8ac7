//! Who may sign in with an account.

use functions::list_sessions::Output as SessionOfUser;
use serde_json::json;
use shared::{
    auth::token::SessionId,
    domain::{Purpose, Wait},
    http::{
        ApiError, Dialect, reply,
        view::{Profile, ReplacedView, UserView},
    },
};

use super::{Describe, accounts::TAG};
use crate::{
    fields::{CurrentPasswordText, NewPasswordText},
    operation::Operation,
    refusals::{common_password, invalid, rule},
    requests::UpdatePassword,
    schemas::Schemas,
};

/// What is said of each.
pub(super) const ROUTES: &[(&str, Describe)] = &[
    ("deactivate-user", deactivate),
    ("update-password", update_password),
    ("reactivate-user", reactivate),
    ("dismiss-modal", dismiss_modal),
    ("anonymize-user", anonymize),
    ("list-sessions", sessions),
    ("end-sessions", end_sessions),
    ("end-session", end_session),
];

fn operation<'s>(schemas: &'s mut Schemas, summary: &'static str) -> Operation<'s> {
    Operation::new(schemas, TAG, summary).guarded_write().of_account()
}

fn update_password(schemas: &mut Schemas) -> Operation<'_> {
    let documented = UpdatePassword::Documented {
        password: Some(CurrentPasswordText("SecurePassword123!")),
        new_password: NewPasswordText("An0therPassword!"),
    };
    let metabase = UpdatePassword::Metabase {
        password: NewPasswordText("An0therPassword!"),
        old_password: Some(CurrentPasswordText("SecurePassword123!")),
    };
    let own = ReplacedView::from(&schemas.examples.session);
    operation(schemas, "Replace a password")
        .says("For the account's owner, who must know the current one, and for administrators. It ends every \
            session of the account; its owner gets a new one. The forms of Metabase's page and of Metabase itself \
            are both taken: with `new_password` the current one is `password`, without it `old_password`.")
        .dialects("An administrator's own password needs the current one in documented only.")
        .takes(&[("page", documented), ("metabase", metabase)])
        .answers::<ReplacedView>("One's own password was replaced.", &[(
            "own",
            reply::ok(&own),
        )])
        .sets_cookie()
        .answers_nothing("Another's password was replaced.")
        .conditional_write()
        .refuses_all([
            invalid("new_password", "value must be a non-blank string."),
            common_password("new_password"),
            ("common-password-in-metabases-form", common_password("password").1),
            rule("same-password", "new_password", "password must not be the current one."),
            rule("same-password-in-metabases-form", "password", "password must not be the current one."),
            rule("wrong-password", "password", "Invalid password"),
            rule("wrong-password-in-metabases-form", "old_password", "Invalid password"),
        ])
        .refuses("too-many", Wait::first(Purpose::Password).into())
        .refuses("conflict", ApiError::Conflict)
}

fn deactivate(schemas: &mut Schemas) -> Operation<'_> {
    operation(schemas, "Take an account's access away")
        .says("For administrators. Nothing is deleted, and an account that is deactivated already stays so. \
            Its sessions end before the answer is sent.")
        .answers::<reply::Success>("The account has no access.", &[("done", Ok(reply::success()))])
        .leads_to(&[("reactivate-user", "$request.path.id")])
        .conditional_write()
        .refuses("last-admin", ApiError::LastAdmin)
        .refuses("conflict", ApiError::Conflict)
}

fn reactivate(schemas: &mut Schemas) -> Operation<'_> {
    let dialect = schemas.dialect();
    let example = ("reactivated", dialect.reactivated(&schemas.examples.jane));
    let what = "The account has its access back.";
    let operation = operation(schemas, "Give an account its access back")
        .says("For administrators. The account is no administrator afterwards, whatever it was, and its sessions stay ended.")
        .dialects("metabase leaves the memberships out.")
        .refuses("already-active", ApiError::AlreadyActive)
        .refuses("anonymized", ApiError::Anonymized)
        .refuses("conflict", ApiError::Conflict);
    let operation = match dialect {
        Dialect::Documented => operation.answers::<UserView<'_>>(what, &[example]),
        Dialect::Metabase => operation.answers::<Profile<'_>>(what, &[example]),
    };
    operation.tagged().conditional_write()
}

fn anonymize(schemas: &mut Schemas) -> Operation<'_> {
    let dialect = schemas.dialect();
    let example = dialect.user(&schemas.examples.jane.clone().anonymized(schemas.examples.now));
    operation(schemas, "Take an account's access away, and all that tells whose it was")
        .says("For administrators. There is no way back: names, address, attributes, groups and credentials go, the number stays. \
            The address is free for another account.")
        .dialects("Metabase does not have it; both answer alike.")
        .answers::<UserView<'_>>("The account as it is now.", &[("anonymized", example)])
        .tagged()
        .conditional_write()
        .refuses("last-admin", ApiError::LastAdmin)
        .refuses("conflict", ApiError::Conflict)
}

fn sessions(schemas: &mut Schemas) -> Operation<'_> {
    let sessions = json!([{
        "id": "AAAAAAAAAAAAAAAAAAAAAA",
        "created_at": "2026-01-01T00:00:00Z",
        "expires_at": "2026-01-15T00:00:00Z",
        "user_agent": "curl/8.5.0",
        "ip_address": "192.0.2.1",
        "is_current": true,
    }]);
    Operation::new(schemas, TAG, "List where an account is logged in")
        .says("For the account's owner and administrators. Sessions that count.")
        .dialects("Metabase does not have it; both answer alike.")
        .guarded()
        .of_account()
        .answers::<Vec<SessionOfUser<'_>>>("The sessions.", &[("sessions", reply::ok(&sessions))])
        .leads_to(&[("end-sessions", "$request.path.id")])
}

fn end_sessions(schemas: &mut Schemas) -> Operation<'_> {
    operation(schemas, "End all sessions of an account")
        .says("For the account's owner and administrators. Owners end the session that the request comes with, too, \
            and the cookie is cleared.")
        .dialects("Metabase does not have it; both answer alike.")
        .answers_nothing("No session of the account counts.")
        .may_clear_cookie()
        .conditional_write()
        .refuses("conflict", ApiError::Conflict)
}

fn end_session(schemas: &mut Schemas) -> Operation<'_> {
    operation(schemas, "End one session of an account")
        .says("For the account's owner and administrators. It may be the session that the request comes with; the cookie is cleared then.")
        .dialects("Metabase does not have it; both answer alike.")
        .path_text::<SessionId>("session", "What the list of sessions calls it.", "AAAAAAAAAAAAAAAAAAAAAA")
        .answers_nothing("The session has ended.")
        .may_clear_cookie()
        .refuses("conflict", ApiError::Conflict)
}

fn dismiss_modal(schemas: &mut Schemas) -> Operation<'_> {
    operation(schemas, "Note that a dialogue was seen")
        .says("For the account's owner and administrators. A deactivated account is 404.")
        .path_word("modal", "The dialogue of Metabase's first steps.", &["qbnewb", "datasetnewb"])
        .answers::<reply::Success>("It will not be shown again.", &[("done", Ok(reply::success()))])
        .conditional_write()
        .refuses_all([(
            "unknown-modal",
            invalid("modal", "value must be either qbnewb or datasetnewb.").1,
        )])
        .refuses("conflict", ApiError::Conflict)
}
