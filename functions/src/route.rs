//! The declaration of a route. `cargo xtask generate` derives other files from it.
//!
//! Each route file contains a `pub const ROUTE: Route`. Its binary calls only the handler, so the
//! linker drops the declaration and the OpenAPI text. `docs/development.md` lists the other files.

use std::{future::Future, pin::Pin};

use openapi::{Access, Operation, Tag};
use shared::{
    http::{ApiResult, Call},
    lambda::RoutePattern,
};

/// The permissions of each function that accepts sessions and API keys.
const AUTHENTICATED: &[Permission] = &[
    Permission::BatchGetItem(&[
        "APIKEYUSE#*",
        "IMPORTEDKEY#*",
        "KEYHASH#*",
        "SESSION#*",
        "SESSIONUSE#*",
    ]),
    Permission::PutItem(&["AUDIT#*"]),
    Permission::UpdateItem(&["APIKEYUSE#*", "IMPORTEDKEY#*", "SESSIONUSE#*"]),
];

/// The boxed future of a handler. It gives all handlers the same type.
pub type HandlerFuture = Pin<Box<dyn Future<Output = ApiResult> + Send>>;

/// A method and a path, and the Lambda function for them.
///
/// The gateway also serves each path with a trailing slash, and HEAD for each GET.
///
/// A function with several routes has a constant of this type for each, in the same file. The first
/// one determines resources, permissions and the event file. The others override method, path or
/// text, for example `Route { path: "/api/docs/{asset}", ..ROUTE }`.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The HTTP method in upper case.
    pub method: &'static str,
    /// The path, with parameters in braces, for example `/api/user/{id}`. A greedy parameter at
    /// its end has the rest of the path: `/admin/{proxy+}`.
    pub path: &'static str,
    /// The name of the Lambda function and its binary: the name of the file, with hyphens.
    pub function: &'static str,
    /// The summary in the OpenAPI document, and the description in `template.yaml`. It has no final
    /// period.
    pub summary: &'static str,
    /// The section of the OpenAPI document.
    pub tag: Tag,
    /// The allowed callers, for the OpenAPI document and `docs/api.md`. The handler enforces them.
    pub access: Access,
    /// The resources of the function in `template.yaml`.
    pub lambda: Lambda,
    /// The IAM permissions of the function on the table. [`Route::all_permissions`] adds to them.
    pub permissions: &'static [Permission],
    /// An example request, for the event file of the function.
    pub event: Event,
    /// Describes the operation in the OpenAPI document.
    ///
    /// It receives an operation with summary, tag, access and the errors of the access. It adds
    /// texts, parameters, body, responses and all other errors.
    pub doc: fn(Operation<'_>) -> Operation<'_>,
    /// The handler, for the local server and the tests.
    pub handler: fn(Call) -> HandlerFuture,
}

impl Route {
    /// Method and path, for the binary of the function.
    #[must_use]
    pub const fn pattern(&self) -> RoutePattern {
        RoutePattern { method: self.method, path: self.path }
    }

    /// The IAM permissions of the function on the table, with those that every function with the
    /// same callers has.
    ///
    /// A function that accepts API keys records their use. A function that rejects callers records
    /// the rejection.
    #[must_use]
    pub fn all_permissions(&self) -> Vec<Permission> {
        let common = if self.access.is_authenticated() { AUTHENTICATED } else { &[] };
        [self.permissions, common].concat()
    }

    /// The methods of the route: HEAD in addition to GET.
    #[must_use]
    pub const fn methods(&self) -> &'static [&'static str] {
        self.pattern().methods()
    }

    /// The paths at a gateway: without and with a trailing slash. The root has one form only, and a
    /// greedy parameter contains the slash.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let plain = self.path.to_owned();
        if self.path.ends_with('/') || self.path.ends_with("+}") {
            vec![plain]
        } else {
            vec![plain, format!("{}/", self.path)]
        }
    }

    /// Whether the function may change users, groups or other data of the table.
    #[must_use]
    pub fn writes(&self) -> bool {
        use Permission::{DeleteItem, PutItem, UpdateItem};
        let is_write = |permission: &Permission| {
            matches!(permission, DeleteItem(_) | PutItem(_) | UpdateItem(_))
        };
        self.permissions.iter().any(is_write)
    }
}

/// The resources of a function: its memory and its options.
///
/// A declaration starts from [`Lambda::READ`], [`Lambda::LIST`] or [`Lambda::HASH`], and adds
/// options: `Lambda::READ.with_email()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lambda {
    /// The memory in MB. Lambda assigns CPU time in proportion.
    pub memory: u16,
    /// Whether the function has reserved concurrency and a low rate limit at the gateway.
    pub is_rate_limited: bool,
    /// Whether the function may send email through Amazon SES.
    pub sends_email: bool,
    /// Whether the function receives the sender of emails, as an environment variable.
    pub has_sender: bool,
    /// The dialects in which the function receives the setup token.
    pub setup_token: SetupToken,
    /// The condition in `template.yaml` on which the function exists.
    pub condition: Option<&'static str>,
}

/// The dialects in which a function receives the setup token, as an environment variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetupToken {
    /// Never.
    Never,
    /// In the metabase dialect.
    InMetabase,
    /// In both dialects.
    Always,
}

impl Lambda {
    /// For functions that read or write a few items. They use some 10 MB of memory, but the TLS
    /// handshake of a cold start needs the CPU time of 256 MB.
    pub const READ: Self = Self {
        memory: 256,
        is_rate_limited: false,
        sends_email: false,
        has_sender: false,
        setup_token: SetupToken::Never,
        condition: None,
    };

    /// For functions that return a list. They read megabytes from each partition, and return up to
    /// 6 MB of JSON.
    pub const LIST: Self = Self { memory: 512, ..Self::READ };

    /// For functions that hash a password. Lambda assigns a whole vCPU at 1,769 MB. A hash takes
    /// 14 ms of it and 19 MB of memory. With less memory it takes longer for the same price.
    pub const HASH: Self = Self { memory: 1_769, ..Self::READ };

    /// Limits rate and concurrency, because clients may guess secrets or cause expensive work.
    #[must_use]
    pub const fn rate_limited(self) -> Self {
        Self { is_rate_limited: true, ..self }
    }

    /// Permits email through Amazon SES.
    #[must_use]
    pub const fn with_email(self) -> Self {
        Self { sends_email: true, has_sender: true, ..self }
    }

    /// Passes the sender of emails to the function, which tells whether there are emails.
    #[must_use]
    pub const fn with_sender(self) -> Self {
        Self { has_sender: true, ..self }
    }

    /// Passes the setup token to the function.
    #[must_use]
    pub const fn with_setup_token(self, setup_token: SetupToken) -> Self {
        Self { setup_token, ..self }
    }

    /// Deploys the function only on a condition of `template.yaml`.
    #[must_use]
    pub const fn on_condition(self, condition: &'static str) -> Self {
        Self { condition: Some(condition), ..self }
    }
}

/// A DynamoDB action on the table, and the permitted partition keys as IAM patterns.
///
/// For example, `PutItem(&["AUDIT#*"])` permits new items in the partitions of the audit log. The
/// keys become the condition `dynamodb:LeadingKeys` of the function's policy.
///
/// [`Route::all_permissions`] adds those for API keys and rejections. Every function may also read
/// `INSTANCE`. It opens its connection with this read before the first
/// request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Reads items by key.
    BatchGetItem(&'static [&'static str]),
    /// Checks conditions on items that a transaction does not change.
    ConditionCheckItem(&'static [&'static str]),
    /// Deletes items.
    DeleteItem(&'static [&'static str]),
    /// Creates or replaces items.
    PutItem(&'static [&'static str]),
    /// Queries partitions of the table.
    Query(&'static [&'static str]),
    /// Queries partitions of the index `users-by-name`.
    QueryIndex(&'static [&'static str]),
    /// Updates attributes of items.
    UpdateItem(&'static [&'static str]),
}

/// An example request to the function, for its files in `events/`.
///
/// `PASSWORD` and `SETUP_TOKEN` are placeholders, to be replaced before an invocation. The
/// generator adds the headers, with the placeholder `SESSION` for the session token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Event {
    /// The names and values of the path parameters. They are also the examples in the OpenAPI
    /// document.
    pub path: &'static [(&'static str, &'static str)],
    /// The names and values of the query parameters.
    pub query: &'static [(&'static str, &'static str)],
    /// The JSON body.
    pub body: Option<&'static str>,
}

impl Event {
    /// A request with neither parameters nor body.
    pub const EMPTY: Self = Self { path: &[], query: &[], body: None };

    /// A request with path parameters.
    #[must_use]
    pub const fn path(path: &'static [(&'static str, &'static str)]) -> Self {
        Self { path, ..Self::EMPTY }
    }

    /// A request with query parameters.
    #[must_use]
    pub const fn query(query: &'static [(&'static str, &'static str)]) -> Self {
        Self { query, ..Self::EMPTY }
    }

    /// A request with a JSON body.
    #[must_use]
    pub const fn body(body: &'static str) -> Self {
        Self { body: Some(body), ..Self::EMPTY }
    }

    /// Adds a JSON body.
    #[must_use]
    pub const fn with_body(self, body: &'static str) -> Self {
        Self { body: Some(body), ..self }
    }
}
