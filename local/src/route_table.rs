//! Which route a request is for.

use std::collections::HashMap;

use functions::routes::{ROUTES, Route};

/// The routes of one path by method.
type RoutesByMethod = HashMap<&'static str, &'static Route>;

/// Every route of [`ROUTES`], to be found by method and path.
#[derive(Debug)]
pub struct RouteTable(matchit::Router<RoutesByMethod>);

/// Two routes of [`ROUTES`] cannot be told apart.
#[derive(Debug, thiserror::Error)]
#[error("the routes conflict: {0}")]
pub struct RouteConflict(#[from] matchit::InsertError);

impl RouteTable {
    /// Each path, and its twin with a trailing slash, which is the same route.
    ///
    /// # Errors
    ///
    /// When two routes conflict.
    pub fn new() -> Result<Self, RouteConflict> {
        let mut by_path: HashMap<&str, RoutesByMethod> = HashMap::new();
        for route in ROUTES {
            by_path.entry(route.path).or_default().insert(route.method, route);
        }
        let mut paths = matchit::Router::new();
        for (path, methods) in by_path {
            paths.insert(format!("{path}/"), methods.clone())?;
            paths.insert(path, methods)?;
        }
        Ok(Self(paths))
    }

    /// The route, and what the parts of its path in braces matched, as they were sent.
    #[must_use]
    pub fn find(
        &self,
        method: &str,
        path: &str,
    ) -> Option<(&'static Route, HashMap<String, String>)> {
        let found = self.0.at(path).ok()?;
        let route = found.value.get(method)?;
        let parameters =
            found.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some((route, parameters.collect()))
    }
}
