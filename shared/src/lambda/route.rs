//! The route of an event.
//!
//! API Gateway selects a route and names it. A load balancer, a function URL and `cargo lambda
//! watch` send the path only.

use std::collections::HashMap;

/// The routes of a function.
pub type Routes = &'static [RoutePattern];

/// The method and the path of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoutePattern {
    /// The HTTP method in upper case.
    pub method: &'static str,
    /// The path, with parameters in braces, for example `/api/user/{id}`. A greedy parameter at
    /// its end has the rest of the path: `/admin/{proxy+}`.
    pub path: &'static str,
}

impl RoutePattern {
    /// The methods of the route. HEAD has the response of GET, without its body.
    #[must_use]
    pub const fn methods(&self) -> &'static [&'static str] {
        match self.method.as_bytes() {
            b"GET" => &["GET", "HEAD"],
            b"POST" => &["POST"],
            b"PUT" => &["PUT"],
            b"DELETE" => &["DELETE"],
            _ => &[],
        }
    }

    /// Whether the route has a method.
    fn accepts(&self, method: &str) -> bool {
        self.methods().contains(&method)
    }

    /// The route key of a request with a method.
    pub(super) fn key(&self, method: &str) -> String {
        let method = if self.accepts(method) { method } else { self.method };
        format!("{method} {}", self.path)
    }
}

/// A route, and the values of its path parameters as sent by the client.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Selected {
    /// The route.
    pub(super) route: RoutePattern,
    /// The values by the name of the parameter.
    pub(super) parameters: HashMap<String, String>,
}

/// Finds the route that a gateway names, for example `GET /api/user/{id}`, with or without a
/// trailing slash.
pub(super) fn by_key(routes: &[RoutePattern], key: &str) -> Option<RoutePattern> {
    let (method, path) = key.split_once(' ')?;
    let path = without_slash(path);
    routes.iter().copied().find(|route| route.accepts(method) && route.path == path)
}

/// Finds the route of a method and a path, with or without a trailing slash.
pub(super) fn by_path(routes: &[RoutePattern], method: &str, path: &str) -> Option<Selected> {
    let path = without_slash(path);
    let mut routes = routes.iter().filter(|route| route.accepts(method));
    routes.find_map(|route| {
        Some(Selected { route: *route, parameters: parameters(route.path, path)? })
    })
}

/// A path without its trailing slash. The root has no other form.
fn without_slash(path: &str) -> &str {
    path.strip_suffix('/').filter(|path| !["", "/"].contains(path)).unwrap_or(path)
}

/// Compares a path with a pattern. Returns `None` if they differ.
fn parameters(pattern: &str, path: &str) -> Option<HashMap<String, String>> {
    if let Some((before, name)) = greedy(pattern) {
        let rest = path.strip_prefix(before).filter(|rest| !rest.is_empty())?;
        return Some([(name.to_owned(), rest.to_owned())].into());
    }
    let mut parameters = HashMap::new();
    let mut values = path.split('/');
    for part in pattern.split('/') {
        let value = values.next()?;
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) if !value.is_empty() => {
                parameters.insert(name.to_owned(), value.to_owned());
            }
            _ if part == value => {}
            _ => return None,
        }
    }
    values.next().is_none().then_some(parameters)
}

/// The part before a greedy parameter, and the name of the parameter. No pattern has others with
/// it.
fn greedy(pattern: &str) -> Option<(&str, &str)> {
    pattern.strip_suffix("+}")?.split_once('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET_USER: RoutePattern = RoutePattern { method: "GET", path: "/api/user/{id}" };
    const SESSION: RoutePattern =
        RoutePattern { method: "GET", path: "/api/user/{id}/sessions/{session}" };
    const ROUTES: Routes = &[GET_USER, SESSION];

    #[test]
    fn a_gateways_route_is_found_with_a_trailing_slash_too() {
        assert_eq!(by_key(ROUTES, "GET /api/user/{id}"), Some(GET_USER));
        assert_eq!(by_key(ROUTES, "GET /api/user/{id}/"), Some(GET_USER));
        assert_eq!(by_key(ROUTES, "HEAD /api/user/{id}"), Some(GET_USER));
        for key in ["$default", "ANY /api/user/{id}", "DELETE /api/user/{id}", ""] {
            assert_eq!(by_key(ROUTES, key), None, "{key}");
        }
    }

    #[test]
    fn a_path_selects_a_route_and_its_parameters() {
        let found = by_path(ROUTES, "GET", "/api/user/7/sessions/a%2Fb/").unwrap();
        assert_eq!(found.route, SESSION);
        let expected = [("id", "7"), ("session", "a%2Fb")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(found.parameters, expected.into());
    }

    #[test]
    fn the_root_and_the_rest_of_a_path_are_found() {
        let root = RoutePattern { method: "GET", path: "/" };
        let page = RoutePattern { method: "GET", path: "/admin/{proxy+}" };
        let routes = [root, page];
        assert_eq!(by_key(&routes, "GET /"), Some(root));
        assert_eq!(by_key(&routes, "HEAD /admin/{proxy+}"), Some(page));
        assert_eq!(by_path(&routes, "GET", "/").unwrap().route, root);
        for (path, rest) in [("/admin/people", "people"), ("/admin/people/7/", "people/7")] {
            let found = by_path(&routes, "GET", path).unwrap();
            let expected = [("proxy".to_owned(), rest.to_owned())];
            assert_eq!((found.route, found.parameters), (page, expected.into()), "{path}");
        }
        for path in ["/admin", "/admin/", "/administration", "/x/admin/people", "//"] {
            assert_eq!(by_path(&routes, "GET", path), None, "{path}");
        }
    }

    #[test]
    fn a_key_has_the_method_of_the_request() {
        let post = RoutePattern { method: "POST", path: "/api/user" };
        assert_eq!(GET_USER.key("GET"), "GET /api/user/{id}");
        assert_eq!(GET_USER.key("HEAD"), "HEAD /api/user/{id}");
        assert_eq!(GET_USER.key("PATCH"), "GET /api/user/{id}");
        assert_eq!(post.key("HEAD"), "POST /api/user");
        assert_eq!(post.methods(), ["POST"]);
    }

    #[test]
    fn other_paths_and_methods_are_not_found() {
        let paths =
            ["", "/", "/api/user", "/api/user/", "/api/user//", "/api/user/7/x", "api/user/7"];
        for path in paths {
            assert_eq!(by_path(ROUTES, "GET", path), None, "{path}");
        }
        assert_eq!(by_path(ROUTES, "HEAD", "/api/user/7").unwrap().route, GET_USER);
        for method in ["DELETE", "get", "head", "GE", ""] {
            assert_eq!(by_path(ROUTES, method, "/api/user/7"), None, "{method}");
        }
    }
}
