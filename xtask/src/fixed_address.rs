//! The functions that `functions/build.rs` links at a fixed address.

use std::{fmt::Write, fs, path::Path};

use functions::{route::Lambda, routes::Route};
use openapi::Access;

use crate::{Error, GeneratedFile, catalog::Catalog, section};

const PATH: &str = "functions/build.rs";

pub(crate) fn file(workspace: &Path, catalog: &Catalog) -> Result<GeneratedFile, Error> {
    let text = fs::read_to_string(workspace.join(PATH))?;
    let mut lines = String::new();
    for function in &catalog.functions {
        if is_at_a_fixed_address(function.route) {
            writeln!(lines, "    \"{}\",", function.route.function)?;
        }
    }
    Ok(GeneratedFile::new(PATH, section::replace(&text, "fixed address", &lines)?))
}

/// Whether a function handles no passwords, and requests with a session or an API key only.
fn is_at_a_fixed_address(route: &Route) -> bool {
    let is_protected =
        matches!(route.access, Access::User | Access::SelfOrAdministrator | Access::Administrator);
    is_protected && route.lambda.memory != Lambda::HASH.memory
}
