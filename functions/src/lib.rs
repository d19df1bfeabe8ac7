//! One file for each route: request, declaration, description, handler.
//!
//! [`route::Route`] is the declaration, and [`routes::ROUTES`] the list of all of them. The binary
//! of the Lambda has the same name in `bin/`.

pub mod api_keys;
pub mod documentation;
pub mod groups;
pub mod instance;
pub mod memberships;
pub mod passwords;
pub mod route;
pub mod routes;
pub mod sessions;
pub mod users;
