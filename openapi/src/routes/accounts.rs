//! Accounts.

use std::collections::BTreeMap;

use functions::users::list_users::CONFLICTING_TENANCY;
use schemars::JsonSchema;
use shared::{
    domain::{Cursor, OffsetPage, PageRequest, PersonName, User, UserPage},
    http::{
        ApiError, ApiResult, Dialect,
        dialect::{documented, metabase},
        response,
        view::{Envelope, Profile, Recipient, UserListItem, UserView},
    },
};

use super::DescribeFn;
use crate::{
    errors::{common_password, different_groups, invalid, rule, unknown_group},
    examples::Examples,
    fields::{AddressText, LineText, LocaleText, LoginAttributesSchema, NewPasswordText},
    operation::Operation,
    requests::{CreateUser, InviteUser, ListUsers, NewAccount, TellAgain, UpdateUser},
    schemas::Schemas,
};

pub(crate) const TAG: &str = "Accounts";

const CURSOR: &str = "value must be the next_cursor of the previous response, or empty.";

/// What is said of each.
pub(super) const ROUTES: &[(&str, DescribeFn)] = &[
    ("list-users", list),
    ("create-user", create),
    ("current-user", current),
    ("list-recipients", recipients),
    ("get-user", get),
    ("update-user", update),
];

/// One of two forms.
#[derive(JsonSchema)]
#[schemars(inline, untagged)]
#[expect(dead_code, reason = "it is described, not made")]
enum Either<A, B> {
    One(A),
    Other(B),
}

fn operation<'s>(schemas: &'s mut Schemas, summary: &'static str) -> Operation<'s> {
    Operation::new(schemas, TAG, summary)
}

fn list(schemas: &mut Schemas) -> Operation<'_> {
    let dialect = schemas.dialect();
    let examples = listed(schemas);
    let operation = operation(schemas, "List accounts")
        .paragraph("Active accounts by first name, last name and number, unless the query asks for others. \
            An administrator sees all accounts, anybody else their own.")
        .paragraph("With `limit` or `offset` the answer is a page. With `cursor`, empty for the first page and `next_cursor` of the page \
            before for each other, every page costs the same, however many accounts there are.")
        .dialects("documented answers with an array when no page is asked for, metabase always with an envelope. \
            documented refuses a `limit`, `offset`, `sort` or moment that makes no sense, metabase takes it for absent. \
            In metabase nobody lists but administrators.")
        .query::<ListUsers>()
        .authenticated()
        .error("both-tenancies", ApiError::BadRequest(CONFLICTING_TENANCY))
        .error("too-long", ApiError::BadRequest(response::RESPONSE_TOO_LARGE))
        .errors([
            ("no-cursor", invalid("cursor", CURSOR).1),
            ("cursor-with-offset", invalid("cursor", "a cursor cannot be combined with offset or sort.").1),
        ]);
    let what = "The accounts.";
    match dialect {
        Dialect::Documented => operation
            .response::<Either<Vec<UserListItem<'_>>, Envelope<UserListItem<'_>>>>(what, &examples)
            .errors([invalid("limit", "value must be an integer from 1 to 1000.")]),
        Dialect::Metabase => operation
            .response::<Envelope<UserListItem<'_>>>(what, &examples)
            .errors([invalid("group_id", "value must be an integer greater than zero.")])
            .error("forbidden", ApiError::Forbidden),
    }
}

/// The same accounts as a whole, as a page, and on a walk.
fn listed(schemas: &Schemas) -> [(&'static str, ApiResult); 3] {
    let Examples { ada, jane, .. } = schemas.examples.clone();
    let listed = UserPage { users: vec![ada, jane], total: Some(2), next: None };
    let users = |window: &PageRequest| schemas.dialect().users(&listed, window);
    [
        ("all", users(&PageRequest::All)),
        ("page", users(&PageRequest::Offset(OffsetPage { limit: 10, offset: 0 }))),
        ("walk", users(&PageRequest::Cursor { from: Cursor::after(String::new()), limit: 10 })),
    ]
}

fn create(schemas: &mut Schemas) -> Operation<'_> {
    let dialect = schemas.dialect();
    let analysts = schemas.examples.analysts.id;
    let created = dialect.user(&schemas.examples.jane);
    let operation = operation(schemas, "Create an account")
        .paragraph("For administrators. Members of group 2 become administrators at once. An address is unique \
            among all accounts, active or not, whatever its case.")
        .dialects("documented needs both names, and a password or an `sso_source`; metabase needs the address only, \
            but `user_group_memberships` must name group 1. An address that is taken is 409 in documented, 400 in metabase.")
        .authenticated_write()
        .response::<UserView<'_>>("The new account.", &[("created", created)])
        .with_etag()
        .idempotent()
        .link(&[
            ("get-user", "$response.body#/id"),
            ("update-user", "$response.body#/id"),
            ("update-password", "$response.body#/id"),
            ("dismiss-modal", "$response.body#/id"),
            ("deactivate-user", "$response.body#/id"),
        ])
        .errors([invalid("email", "value must be a valid email address."), unknown_group(analysts), different_groups(), common_password("password")])
        .error("too-many-groups", ApiError::TooManyGroups)
        .error("email-taken", ApiError::EmailTaken);
    match dialect {
        Dialect::Documented => {
            operation.request_body(&[("with-password", with_password()), ("sso", sso())])
        }
        Dialect::Metabase => operation
            .request_body(&[("with-password", invited())])
            .error("without-all-users", ApiError::AllUsersIsImplicit),
    }
}

fn with_password() -> CreateUser {
    CreateUser {
        email: AddressText("newuser@example.com"),
        first_name: LineText("Jane"),
        last_name: LineText("Smith"),
        rest: NewAccount {
            password: Some(NewPasswordText("SecurePassword123!")),
            group_ids: Some(vec![1]),
            ..NewAccount::default()
        },
    }
}

fn sso() -> CreateUser {
    CreateUser {
        email: AddressText("sam@example.com"),
        first_name: LineText("Sam"),
        last_name: LineText("Jones"),
        rest: NewAccount {
            sso_source: Some(LineText("saml")),
            locale: Some(LocaleText("es-MX")),
            login_attributes: Some(LoginAttributesSchema(BTreeMap::from([("region", "north")]))),
            ..NewAccount::default()
        },
    }
}

fn invited() -> InviteUser {
    let CreateUser { email, first_name, last_name, rest } = with_password();
    InviteUser {
        email,
        first_name: Some(first_name),
        last_name: Some(last_name),
        source: Some("admin"),
        invite_target: None,
        tenant_id: None,
        rest,
    }
}

fn current(schemas: &mut Schemas) -> Operation<'_> {
    let dialect = schemas.dialect();
    let Examples { ada, now, .. } = &schemas.examples;
    let example = ("administrator", dialect.current_user(ada, true, *now));
    let operation = operation(schemas, "Tell who calls")
        .paragraph("The caller's own account, and what it may do.")
        .dialects("documented has the memberships too, and the rights in this API.")
        .authenticated()
        .allow_pending_password_change();
    let what = "The caller's account.";
    let operation = match dialect {
        Dialect::Documented => operation.response::<documented::CurrentUser<'_>>(what, &[example]),
        Dialect::Metabase => operation.response::<metabase::CurrentUser<'_>>(what, &[example]),
    };
    operation.conditional_read()
}

fn recipients(schemas: &mut Schemas) -> Operation<'_> {
    let dialect = schemas.dialect();
    let Examples { ada, jane, .. } = schemas.examples.clone();
    let users = [ada, jane];
    let operation = operation(schemas, "List whom a message can be sent to")
        .paragraph("Active accounts by last name, first name and number.")
        .dialects("documented answers with an array, metabase with an envelope, in which an administrator finds whole accounts.")
        .authenticated()
        .error("too-long", ApiError::BadRequest(response::RESPONSE_TOO_LARGE));
    let what = "The accounts.";
    match dialect {
        Dialect::Documented => {
            let all: Vec<_> = users.iter().map(Recipient::from).collect();
            operation.response::<Vec<Recipient<'_>>>(what, &[("all", response::ok(&all))])
        }
        Dialect::Metabase => {
            let anybody = response::ok(&envelope::<Recipient<'_>>(&users));
            let administrator = response::ok(&envelope::<Profile<'_>>(&users));
            operation
                .query::<TellAgain>()
                .response::<Either<Envelope<Recipient<'_>>, Envelope<Profile<'_>>>>(
                    what,
                    &[("anybody", anybody), ("administrator", administrator)],
                )
        }
    }
}

fn envelope<'a, T: From<&'a User>>(users: &'a [User]) -> Envelope<T> {
    let data: Vec<T> = users.iter().map(T::from).collect();
    Envelope { total: Some(data.len()), data, limit: None, offset: None, next: None }
}

fn get(schemas: &mut Schemas) -> Operation<'_> {
    let dialect = schemas.dialect();
    let example = ("account", dialect.found_user(&schemas.examples.jane));
    let operation = operation(schemas, "Tell an account")
        .paragraph(
            "For its owner and administrators; who is neither gets 403 whether it exists or not.",
        )
        .dialects("metabase has `structured_attributes` besides.")
        .authenticated()
        .path_user_id();
    let operation = match dialect {
        Dialect::Documented => operation.response::<UserView<'_>>("The account.", &[example]),
        Dialect::Metabase => {
            operation.response::<metabase::FoundUser<'_>>("The account.", &[example])
        }
    };
    operation.conditional_read()
}

fn update(schemas: &mut Schemas) -> Operation<'_> {
    let dialect = schemas.dialect();
    let renamed = UpdateUser {
        first_name: Some(LineText("Updated")),
        last_name: Some(LineText("Name")),
        ..UpdateUser::default()
    };
    let promoted = UpdateUser { is_superuser: Some(true), ..UpdateUser::default() };
    let analysts = schemas.examples.analysts.id;
    let mut changed = schemas.examples.jane.clone();
    changed.first_name = PersonName::parse("Updated");
    changed.last_name = PersonName::parse("Name");
    operation(schemas, "Change an account")
        .paragraph("For its owner and administrators. `is_superuser` and `login_attributes` from an owner who is no \
            administrator change nothing; other groups from them are refused. A deactivated account is 404.")
        .dialects("An address that is taken is 409 in documented, 400 in metabase, with another sentence. \
            In metabase `user_group_memberships` must name group 1.")
        .authenticated_write()
        .path_user_id()
        .request_body(&[("rename", renamed), ("promote", promoted)])
        .response::<UserView<'_>>("The account as it is now.", &[("renamed", dialect.user(&changed))])
        .with_etag()
        .conditional_write()
        .errors([
            invalid("email", "nullable value must be a valid email address."),
            rule(
                "contradiction",
                "is_superuser",
                "Value of is_superuser must correspond to presence of Admin group ID in group_ids.",
            ),
            rule("first-name-of-sso", "first_name", "Editing first name is not allowed for SSO users."),
            rule("last-name-of-sso", "last_name", "Editing last name is not allowed for SSO users."),
            different_groups(),
            unknown_group(analysts),
        ])
        .error("too-many-groups", ApiError::TooManyGroups)
        .error("last-admin", ApiError::LastAdmin)
        .error("email-taken", ApiError::EmailTakenOnUpdate)
        .error("conflict", ApiError::Contention)
        .error_if(dialect == Dialect::Metabase, "without-all-users", ApiError::AllUsersIsImplicit)
}
