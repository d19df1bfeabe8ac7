//! The routes of the API. Each file in the directories of this crate is one Lambda function.
//!
//! A route file starts with its method and path, and contains, in this order:
//!
//! 1. the types of its body and its query, with [`FromFields`](shared::http::FromFields),
//! 2. `ROUTE`, the declaration of the route, see [`Route`](route::Route),
//! 3. `doc`, the text of the route in the OpenAPI document,
//! 4. `handler`, the code of the Lambda function.
//!
//! `cargo xtask generate` derives [`routes::ROUTES`], the binaries in `bin/`, `template.yaml` and
//! other files from these. Each binary calls only its `handler`.
//!
//! # Checks of a handler
//!
//! Handlers check a request in this order: authentication (401), format of path, query and body
//! (400), permission (403), existence of the target (404), all other rules.
//!
//! # Errors of a handler
//!
//! The `# Errors` sections name statuses of the documented dialect.
//! [`metabase`](shared::http::dialect::metabase) changes some of them. The sections omit these
//! errors:
//!
//! - 500 after an unexpected failure, and 503 if the table is unavailable.
//! - 413 for a large body, 415 for a body of another content type, and 400 for malformed JSON.
//! - 403 for a caller with a pending password change, and for a cross-site write with the session
//!   cookie alone.
//! - 400 for a malformed `Idempotency-Key`.
//!
//! A well-formed `Idempotency-Key` is rejected with 422 if it belongs to another request. It is
//! rejected with 409 if its request succeeded and the response is not stored.

pub mod api_keys;
mod current_password;
pub mod documentation;
pub mod groups;
pub mod instance;
pub mod memberships;
mod new_user;
mod own_email;
pub mod page;
pub mod pages;
pub mod passwords;
pub mod route;
pub mod routes;
mod security_email;
pub mod sessions;
pub mod users;
