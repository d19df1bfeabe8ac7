//! What is said of each route.

mod access;
mod accounts;
mod api_keys;
mod audit;
mod documentation;
mod groups;
mod instance;
mod resets;
mod sessions;

use functions::routes::{ROUTES, Route};

use crate::{Error, operation::Operation, schemas::Schemas};

/// The groups of operations.
pub(crate) const TAGS: [(&str, &str); 6] = [
    (accounts::TAG, "Who can sign in, and what is known of them."),
    (groups::TAG, "What accounts belong to. Group 1 is everybody, group 2 the administrators."),
    (api_keys::TAG, "How programs come in."),
    (sessions::TAG, "Signing in and out."),
    (instance::TAG, "The instance as a whole."),
    (documentation::TAG, "What explains the API."),
];

/// What is said of several routes of one function, if it says it of them alike.
fn name(route: &Route) -> String {
    let part = if route.path.ends_with("{asset}") { "-asset" } else { "" };
    format!("{}{part}", route.function)
}

/// The name of an operation: that of its function, with the method for another one on the same path.
pub(crate) fn id(route: &Route) -> String {
    let alike = |other: &&Route| other.path == route.path && other.function == route.function;
    match ROUTES.iter().find(alike) {
        Some(first) if first.method != route.method => {
            format!("{}-{}", route.method.to_ascii_lowercase(), name(route))
        }
        _ => name(route),
    }
}

/// What is said of an operation.
type DescribeFn = fn(&mut Schemas) -> Operation<'_>;

/// All that is said.
const ALL: [&[(&str, DescribeFn)]; 9] = [
    access::ROUTES,
    accounts::ROUTES,
    api_keys::ROUTES,
    audit::ROUTES,
    documentation::ROUTES,
    groups::ROUTES,
    instance::ROUTES,
    resets::ROUTES,
    sessions::ROUTES,
];

/// What is said of a route. With a route of which nothing is said there is no document.
pub(crate) fn describe<'s>(
    route: &Route,
    schemas: &'s mut Schemas,
) -> Result<Operation<'s>, Error> {
    let [id, name] = [id(route), name(route)];
    let said = |name: &str| ALL.into_iter().flatten().find(|(known, _)| *known == name);
    match said(&id).or_else(|| said(&name)) {
        Some((_, describe)) => Ok(describe(schemas)),
        None => Err(format!("openapi/src/routes does not describe {name}").into()),
    }
}
