//! `cargo xtask generate`: derives files from the routes in `functions/src`.
//!
//! A route file declares everything about its route. This crate derives the list of routes, the
//! binaries, the watch router of `Cargo.toml`, the functions of `template.yaml`, the routes of
//! `rest-api.yaml`, the events, the table in `docs/api.md` and the OpenAPI documents. A test fails
//! while one of them is outdated.
//!
//! The list of routes and the binaries need only the names of files and constants. They are
//! generated first, because nothing else compiles without them.

mod files;
mod scan;
mod section;

#[cfg(feature = "routes")]
mod api_page;
#[cfg(feature = "routes")]
mod catalog;
#[cfg(feature = "routes")]
mod document;
#[cfg(feature = "routes")]
mod events;
#[cfg(feature = "routes")]
mod fixed_address;
#[cfg(feature = "routes")]
mod integrations;
#[cfg(feature = "routes")]
mod rest_api;
#[cfg(feature = "routes")]
mod template;
#[cfg(feature = "routes")]
mod watch_router;

use std::path::{Path, PathBuf};

pub use files::{GeneratedFile, outdated, write};

#[cfg(feature = "routes")]
pub use document::{DOCUMENTS, document};

/// An error of a command.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The directory of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The list of routes and the binaries, derived from the text of the route files.
///
/// # Errors
///
/// Fails if a file cannot be read.
pub fn list(workspace: &Path) -> Result<Vec<GeneratedFile>, Error> {
    scan::files(workspace)
}

/// All other files, derived from the compiled routes.
///
/// # Errors
///
/// Fails if a file cannot be read, or if the declaration of a route is invalid.
#[cfg(feature = "routes")]
pub fn derived(workspace: &Path) -> Result<Vec<GeneratedFile>, Error> {
    let catalog = catalog::Catalog::new(workspace)?;
    let documents = document::files()?;
    let document = document(shared::http::Dialect::Documented)?;
    let mut files = events::files(workspace, &catalog, &document)?;
    files.push(watch_router::file(workspace, &catalog)?);
    files.push(fixed_address::file(workspace, &catalog)?);
    files.push(template::file(workspace, &catalog)?);
    files.push(rest_api::file(workspace, &catalog)?);
    files.push(api_page::file(&catalog, &document));
    files.extend(documents);
    Ok(files)
}
