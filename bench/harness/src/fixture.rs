//! A test instance with users, and a successful event for each function.

use std::net::SocketAddr;

use functions::routes::{ROUTES, Route};
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp};

use crate::BoxError;

/// The instance under the started functions.
pub(crate) struct Fixture {
    app: TestApp,
    /// The number of created events. Unique names are derived from it.
    created: u32,
}

impl Fixture {
    /// Creates an instance after setup.
    pub(crate) async fn new() -> Result<Self, BoxError> {
        let mut app = TestApp::new().await;
        app.clock.set_to_system_time();
        app.admin.session = app.log_in(ADMIN_EMAIL, PASSWORD).await;
        Ok(Self { app, created: 0 })
    }

    /// The address of the database.
    pub(crate) fn database(&self) -> Result<SocketAddr, BoxError> {
        Ok(self.app.endpoint().trim_start_matches("http://").parse()?)
    }

    /// An endpoint and a new event for it. The function does its full work for each of them.
    ///
    /// `setup` gets a new instance each time.
    pub(crate) async fn event(&mut self, route: &Route) -> Result<(String, String), BoxError> {
        self.created += 1;
        if route.function == "setup" {
            let app = TestApp::without_setup().await;
            let event = app.event(route, self.created).await.to_string();
            return Ok((app.endpoint().to_owned(), event));
        }
        let event = self.app.event(route, self.created).await.to_string();
        Ok((self.app.endpoint().to_owned(), event))
    }
}

/// The routes of the named functions, or all routes if `names` is empty.
pub(crate) fn routes<'r>(names: &'r [&str]) -> impl Iterator<Item = &'static Route> + 'r {
    ROUTES.iter().filter(move |route| names.is_empty() || names.contains(&route.function))
}
