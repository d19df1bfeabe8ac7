//! Routing of requests by path and method.

use std::collections::HashMap;

use functions::routes::{ROUTES, Route};

/// The routes of one path by method.
type RoutesByMethod = HashMap<&'static str, &'static Route>;

/// All routes of [`ROUTES`].
#[derive(Debug)]
pub struct RouteTable(matchit::Router<RoutesByMethod>);

/// Two routes of [`ROUTES`] conflict.
#[derive(Debug, thiserror::Error)]
#[error("the routes conflict: {0}")]
pub struct RouteConflict(#[from] matchit::InsertError);

impl RouteTable {
    /// Creates the table. Each path with a trailing slash is the same route as without.
    ///
    /// matchit has another notation for a greedy parameter.
    ///
    /// # Errors
    ///
    /// Returns an error if two routes conflict.
    pub fn new() -> Result<Self, RouteConflict> {
        let mut by_path: HashMap<String, RoutesByMethod> = HashMap::new();
        for route in ROUTES {
            for path in route.paths() {
                let methods = by_path.entry(path.replace("{proxy+}", "{*proxy}")).or_default();
                methods.extend(route.methods().iter().map(|method| (*method, route)));
            }
        }
        let mut paths = matchit::Router::new();
        for (path, methods) in by_path {
            paths.insert(path, methods)?;
        }
        Ok(Self(paths))
    }

    /// Finds a route, and its path parameters as sent by the client.
    #[must_use]
    pub fn find(
        &self,
        method: &str,
        path: &str,
    ) -> Option<(&'static Route, HashMap<String, String>)> {
        let matched = self.0.at(path).ok()?;
        let route = matched.value.get(method)?;
        let parameters =
            matched.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some((route, parameters.collect()))
    }
}
