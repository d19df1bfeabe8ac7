//! An instance with accounts, and the event that each function answers with a success.

use std::net::SocketAddr;

use functions::routes::{ROUTES, Route};
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp};

use crate::Failure;

/// What functions are started on.
pub(crate) struct Stages {
    app: TestApp,
    /// How many events were made: what must be new each time is named after it.
    made: u32,
}

impl Stages {
    /// An instance that is set up.
    pub(crate) async fn new() -> Result<Self, Failure> {
        let mut app = TestApp::new().await;
        app.clock.catch_up();
        app.admin.session = app.log_in(ADMIN_EMAIL, PASSWORD).await;
        Ok(Self { app, made: 0 })
    }

    /// Where the database listens.
    pub(crate) fn database(&self) -> Result<SocketAddr, Failure> {
        Ok(self.app.endpoint().trim_start_matches("http://").parse()?)
    }

    /// An endpoint, and an event that the function does its whole work for there, however many came
    /// before. What sets an instance up needs a new one each time.
    pub(crate) async fn event(&mut self, route: &Route) -> Result<(String, String), Failure> {
        self.made += 1;
        if route.function == "setup" {
            let app = TestApp::empty().await;
            let event = app.event(route, self.made).await.to_string();
            return Ok((app.endpoint().to_owned(), event));
        }
        let event = self.app.event(route, self.made).await.to_string();
        Ok((self.app.endpoint().to_owned(), event))
    }
}

/// The routes that were asked for by the names of their functions, or all.
pub(crate) fn routes<'r>(names: &'r [&str]) -> impl Iterator<Item = &'static Route> + 'r {
    ROUTES.iter().filter(move |route| names.is_empty() || names.contains(&route.function))
}
