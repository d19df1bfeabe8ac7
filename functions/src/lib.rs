//! One handler for each route; [`routes::ROUTES`] is the list of them.
//!
//! A handler reads guard, extract, act, response. Its Lambda is the binary of the same name in `bin/`.

pub mod api_keys;
pub mod documentation;
pub mod groups;
pub mod instance;
pub mod memberships;
pub mod passwords;
pub mod routes;
pub mod sessions;
pub mod users;
