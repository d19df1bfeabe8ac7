//! All routes, grouped by function and by path.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use functions::routes::{ROUTES, Route};

use crate::{Error, scan};

/// The methods in the order of generated files.
const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];

/// A function with its routes.
pub(crate) struct Function {
    /// The first route. It declares the resources, permissions and event of the function.
    pub(crate) route: &'static Route,
    /// All routes.
    pub(crate) routes: Vec<&'static Route>,
    /// The path of the route file in the workspace.
    pub(crate) source: String,
}

/// All routes.
pub(crate) struct Catalog {
    /// The functions, sorted by their first path and method.
    pub(crate) functions: Vec<Function>,
}

impl Catalog {
    /// Groups the compiled routes.
    pub(crate) fn new(workspace: &Path) -> Result<Self, Error> {
        let sources = scan::route_files(workspace)?;
        check(&sources.iter().map(scan::RouteFile::function).collect())?;
        let mut functions = Vec::new();
        for source in &sources {
            let name = source.function();
            let routes: Vec<_> = ROUTES.iter().filter(|route| route.function == name).collect();
            let Some(route) = routes.first().copied() else { continue };
            functions.push(Function { route, routes, source: source.path() });
        }
        functions.sort_by_key(|function| key(function.route));
        Ok(Self { functions })
    }

    /// The routes by path, each sorted by method.
    pub(crate) fn paths(&self) -> BTreeMap<&'static str, Vec<&'static Route>> {
        let mut paths: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for route in self.functions.iter().flat_map(|function| &function.routes) {
            paths.entry(route.path).or_default().push(*route);
        }
        for routes in paths.values_mut() {
            routes.sort_by_key(|route| key(route));
        }
        paths
    }
}

/// Rejects unknown methods, and functions with another name than their file.
fn check(files: &BTreeSet<String>) -> Result<(), Error> {
    for Route { method, path, function, .. } in ROUTES {
        if !METHODS.contains(method) {
            return Err(format!("{method} {path}: unknown method").into());
        }
        if !files.contains(*function) {
            return Err(
                format!("{method} {path}: no route file for the function {function}").into()
            );
        }
    }
    Ok(())
}

fn key(route: &Route) -> (&'static str, Option<usize>) {
    (route.path, METHODS.iter().position(|method| *method == route.method))
}

/// The ID of an operation.
///
/// It is the name of the function. A second path adds its last parameter, and a second method of a
/// path is the prefix: `docs`, `head-docs`, `docs-asset`, `head-docs-asset`.
pub(crate) fn operation_id(route: &Route, method: &str) -> String {
    let of_function = || ROUTES.iter().filter(|other| other.function == route.function);
    let mut id = route.function.to_owned();
    if of_function().next().is_some_and(|first| first.path != route.path) {
        let last = route.path.rsplit('/').next().unwrap_or_default();
        id = format!("{id}-{}", last.trim_matches(['{', '}']));
    }
    match of_function().find(|other| other.path == route.path) {
        Some(first) if first.method != method => format!("{}-{id}", method.to_ascii_lowercase()),
        _ => id,
    }
}
