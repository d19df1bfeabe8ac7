//! Who may sign in with an account.

use functions::sessions::list_sessions::Output as SessionOfUser;
use serde_json::json;
use shared::{
    domain::{RateLimitedAction, RetryAfter, SessionId},
    http::{
        ApiError, Dialect, response,
        view::{PasswordChanged, Profile, UserView},
    },
};

use super::{DescribeFn, accounts::TAG};
use crate::{
    errors::{common_password, invalid, rule},
    fields::{CurrentPasswordText, NewPasswordText},
    operation::Operation,
    requests::UpdatePassword,
    schemas::Schemas,
};

/// What is said of each.
pub(super) const ROUTES: &[(&str, DescribeFn)] = &[
    ("deactivate-user", deactivate),
    ("update-password", update_password),
    ("reactivate-user", reactivate),
    ("dismiss-modal", dismiss_modal),
    ("anonymize-user", anonymize),
    ("list-sessions", sessions),
    ("revoke-sessions", revoke_sessions),
    ("revoke-session", revoke_session),
];

fn operation<'s>(schemas: &'s mut Schemas, summary: &'static str) -> Operation<'s> {
    Operation::new(schemas, TAG, summary).authenticated_write().path_user_id()
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
    let own = PasswordChanged::from(&schemas.examples.session);
    operation(schemas, "Replace a password")
        .paragraph("For the account's owner, who must know the current one, and for administrators. It ends every \
            session of the account; its owner gets a new one. The forms of Metabase's page and of Metabase itself \
            are both taken: with `new_password` the current one is `password`, without it `old_password`.")
        .dialects("An administrator's own password needs the current one in documented only.")
        .request_body(&[("page", documented), ("metabase", metabase)])
        .response::<PasswordChanged>("One's own password was replaced.", &[(
            "own",
            response::ok(&own),
        )])
        .sets_cookie()
        .no_content("Another's password was replaced.")
        .conditional_write()
        .errors([
            invalid("new_password", "value must be a non-blank string."),
            common_password("new_password"),
            ("common-password-in-metabases-form", common_password("password").1),
            rule("same-password", "new_password", "password must not be the current one."),
            rule("same-password-in-metabases-form", "password", "password must not be the current one."),
            rule("wrong-password", "password", "Invalid password"),
            rule("wrong-password-in-metabases-form", "old_password", "Invalid password"),
        ])
        .error("too-many", RetryAfter::minimum(RateLimitedAction::ChangePassword).into())
        .error("conflict", ApiError::Contention)
}

fn deactivate(schemas: &mut Schemas) -> Operation<'_> {
    operation(schemas, "Take an account's access away")
        .paragraph("For administrators. Nothing is deleted, and an account that is deactivated already stays so. \
            Its sessions end before the answer is sent.")
        .response::<response::Success>("The account has no access.", &[("done", Ok(response::success()))])
        .link(&[("reactivate-user", "$request.path.id")])
        .conditional_write()
        .error("last-admin", ApiError::LastAdmin)
        .error("conflict", ApiError::Contention)
}

fn reactivate(schemas: &mut Schemas) -> Operation<'_> {
    let dialect = schemas.dialect();
    let example = ("reactivated", dialect.reactivated(&schemas.examples.jane));
    let what = "The account has its access back.";
    let operation = operation(schemas, "Give an account its access back")
        .paragraph("For administrators. The account is no administrator afterwards, whatever it was, and its sessions stay ended.")
        .dialects("metabase leaves the memberships out.")
        .error("already-active", ApiError::AlreadyActive)
        .error("anonymized", ApiError::Anonymized)
        .error("conflict", ApiError::Contention);
    let operation = match dialect {
        Dialect::Documented => operation.response::<UserView<'_>>(what, &[example]),
        Dialect::Metabase => operation.response::<Profile<'_>>(what, &[example]),
    };
    operation.with_etag().conditional_write()
}

fn anonymize(schemas: &mut Schemas) -> Operation<'_> {
    let dialect = schemas.dialect();
    let example = dialect.user(&schemas.examples.jane.clone().anonymized(schemas.examples.now));
    operation(schemas, "Take an account's access away, and all that tells whose it was")
        .paragraph("For administrators. There is no way back: names, address, attributes, groups and credentials go, the number stays. \
            The address is free for another account.")
        .dialects("Metabase does not have it; both answer alike.")
        .response::<UserView<'_>>("The account as it is now.", &[("anonymized", example)])
        .with_etag()
        .conditional_write()
        .error("last-admin", ApiError::LastAdmin)
        .error("conflict", ApiError::Contention)
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
        .paragraph("For the account's owner and administrators. Sessions that count.")
        .dialects("Metabase does not have it; both answer alike.")
        .authenticated()
        .path_user_id()
        .response::<Vec<SessionOfUser<'_>>>(
            "The sessions.",
            &[("sessions", response::ok(&sessions))],
        )
        .link(&[("revoke-sessions", "$request.path.id")])
}

fn revoke_sessions(schemas: &mut Schemas) -> Operation<'_> {
    operation(schemas, "End all sessions of an account")
        .paragraph("For the account's owner and administrators. Owners end the session that the request comes with, too, \
            and the cookie is cleared.")
        .dialects("Metabase does not have it; both answer alike.")
        .no_content("No session of the account counts.")
        .may_clear_cookie()
        .conditional_write()
        .error("conflict", ApiError::Contention)
}

fn revoke_session(schemas: &mut Schemas) -> Operation<'_> {
    operation(schemas, "End one session of an account")
        .paragraph("For the account's owner and administrators. It may be the session that the request comes with; the cookie is cleared then.")
        .dialects("Metabase does not have it; both answer alike.")
        .path_text::<SessionId>("session", "What the list of sessions calls it.", "AAAAAAAAAAAAAAAAAAAAAA")
        .no_content("The session has ended.")
        .may_clear_cookie()
        .error("conflict", ApiError::Contention)
}

fn dismiss_modal(schemas: &mut Schemas) -> Operation<'_> {
    operation(schemas, "Note that a dialogue was seen")
        .paragraph("For the account's owner and administrators. A deactivated account is 404.")
        .path_enum("modal", "The dialogue of Metabase's first steps.", &["qbnewb", "datasetnewb"])
        .response::<response::Success>(
            "It will not be shown again.",
            &[("done", Ok(response::success()))],
        )
        .conditional_write()
        .errors([(
            "unknown-modal",
            invalid("modal", "value must be either qbnewb or datasetnewb.").1,
        )])
        .error("conflict", ApiError::Contention)
}
