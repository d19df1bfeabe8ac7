//! The declaration of a route, from which `cargo xtask generate` derives everything else.
//!
//! Each route file contains a `pub const ROUTE: Route`. The binary of the function calls only the
//! handler, so the linker drops the declaration and the description from it.

use std::{future::Future, pin::Pin};

use openapi::{Access, Operation, Tag};
use shared::http::{ApiResult, Call};

/// The future of a handler.
pub type HandlerFuture = Pin<Box<dyn Future<Output = ApiResult> + Send>>;

/// A method and a path, and the Lambda function for them.
///
/// The gateway serves each path also with a trailing slash. A function with several routes has
/// several constants of this type, derived from the first one.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The method in upper case.
    pub method: &'static str,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// The name of the function: the name of the file with hyphens.
    pub function: &'static str,
    /// The summary of the operation, and the description of the function in `template.yaml`.
    pub summary: &'static str,
    /// The group of the operation in the OpenAPI document.
    pub tag: Tag,
    /// The allowed callers.
    pub access: Access,
    /// The resources of the function.
    pub lambda: Lambda,
    /// The permissions of the function on the table, except for the read of every function.
    pub permissions: &'static [Permission],
    /// The request in the event file of the function.
    pub event: Event,
    /// The description of the operation.
    pub doc: fn(Operation<'_>) -> Operation<'_>,
    /// The handler.
    pub handler: fn(Call) -> HandlerFuture,
}

/// The resources of a function: its memory class, and its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lambda {
    /// The memory in MB. Lambda assigns CPU time in proportion.
    pub memory: u16,
    /// Whether the function has reserved concurrency, and its routes have lower rate limits.
    pub is_rate_limited: bool,
    /// Whether the function sends email through Amazon SES.
    pub sends_email: bool,
    /// The dialects in which the function reads the setup token.
    pub setup_token: SetupToken,
}

/// The dialects in which a function reads the setup token.
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
    /// A function for a few items. It needs some 10 MB of memory, but a cold start needs the CPU
    /// time of 256 MB for TLS.
    pub const READ: Self = Self {
        memory: 256,
        is_rate_limited: false,
        sends_email: false,
        setup_token: SetupToken::Never,
    };

    /// A function for a list. It reads megabytes from each partition, and responds with up to 6 MB
    /// of JSON.
    pub const LIST: Self = Self { memory: 512, ..Self::READ };

    /// A function for a password hash. A hash takes 14 ms of a whole vCPU, which is 1,769 MB, and
    /// 19 MB of memory. With less memory it takes longer for the same price.
    pub const HASH: Self = Self { memory: 1_769, ..Self::READ };

    /// Limits the rate and the concurrency of expensive requests from anyone.
    #[must_use]
    pub const fn rate_limited(self) -> Self {
        Self { is_rate_limited: true, ..self }
    }

    /// Allows email through Amazon SES.
    #[must_use]
    pub const fn with_email(self) -> Self {
        Self { sends_email: true, ..self }
    }

    /// Passes the setup token to the function.
    #[must_use]
    pub const fn with_setup_token(self, setup_token: SetupToken) -> Self {
        Self { setup_token, ..self }
    }
}

/// An action on the table, and the partition keys for it, as patterns of IAM.
///
/// Every function may also read `INSTANCE`: it opens its connection with this read before the first
/// request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Reads items.
    BatchGetItem(&'static [&'static str]),
    /// Checks a condition on an item in a transaction.
    ConditionCheckItem(&'static [&'static str]),
    /// Deletes an item.
    DeleteItem(&'static [&'static str]),
    /// Creates or replaces an item.
    PutItem(&'static [&'static str]),
    /// Reads a partition.
    Query(&'static [&'static str]),
    /// Reads a partition of the index.
    QueryIndex(&'static [&'static str]),
    /// Updates attributes of an item.
    UpdateItem(&'static [&'static str]),
}

/// A request to the function, for its file in `events/`.
///
/// `SESSION`, `PASSWORD` and `SETUP_TOKEN` are placeholders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Event {
    /// The path parameters. They are also the examples in the OpenAPI document.
    pub path: &'static [(&'static str, &'static str)],
    /// The query parameters.
    pub query: &'static [(&'static str, &'static str)],
    /// The body.
    pub body: Option<&'static str>,
}

impl Event {
    /// A request without parameters and body.
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
