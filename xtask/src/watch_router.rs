//! The router of `cargo lambda watch` in `Cargo.toml`.

use std::{fmt::Write, fs, path::Path};

use functions::routes::Route;

use crate::{Error, GeneratedFile, catalog::Catalog, section};

const PATH: &str = "Cargo.toml";

pub(crate) fn file(workspace: &Path, catalog: &Catalog) -> Result<GeneratedFile, Error> {
    let text = fs::read_to_string(workspace.join(PATH))?;
    Ok(GeneratedFile::new(PATH, section::replace(&text, "watch router", &router(catalog)?)?))
}

fn router(catalog: &Catalog) -> Result<String, Error> {
    let mut lines = String::new();
    for routes in catalog.paths().into_values() {
        let paths = routes.first().map(|route| route.paths()).unwrap_or_default();
        let entries: Vec<String> = routes.into_iter().flat_map(entries).collect();
        let value = match entries.as_slice() {
            [entry] => format!("[{entry}]"),
            entries => format!("[\n    {},\n]", entries.join(",\n    ")),
        };
        for path in paths {
            // The router has another notation for a greedy parameter.
            let path = path.replace("{proxy+}", "{*proxy}");
            writeln!(lines, "\"{path}\" = {value}")?;
        }
    }
    Ok(lines)
}

fn entries(route: &Route) -> impl Iterator<Item = String> {
    let methods = route.methods().iter();
    methods.map(|method| format!(r#"{{ method = "{method}", function = "{}" }}"#, route.function))
}
