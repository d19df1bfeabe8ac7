//! The service behind a socket.

use std::{
    net::{Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, extract::Request, middleware, response::Response};
use client::{Client, ClientBuilder, Clock};
use local::gateway::{self, Access};
use testkit::TestApp;
use tokio::net::TcpListener;

/// The method and path of each request.
pub(crate) type Log = Arc<Mutex<Vec<(String, String)>>>;

/// A clock that records waits and does not wait.
#[derive(Debug, Clone, Default)]
pub(crate) struct RecordingClock(Arc<Mutex<Vec<u64>>>);

impl RecordingClock {
    /// The waits so far, in seconds.
    pub(crate) fn waits(&self) -> Vec<u64> {
        self.0.lock().unwrap().clone()
    }
}

impl Clock for RecordingClock {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.lock().unwrap().push(duration.as_secs());
        Box::pin(std::future::ready(()))
    }
}

/// Serves a router on a free port and returns its URL.
pub(crate) async fn serve(router: Router) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async { axum::serve(listener, service).await });
    format!("http://{address}")
}

/// The service with its URL, a recording clock and the requests so far.
pub(crate) struct Service {
    pub(crate) app: TestApp,
    pub(crate) url: String,
    pub(crate) clock: RecordingClock,
    pub(crate) log: Log,
}

impl Service {
    pub(crate) async fn start(app: TestApp) -> Self {
        let log = Log::default();
        let recorded = Arc::clone(&log);
        let record = move |request: Request, next: middleware::Next| {
            let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
            recorded.lock().unwrap().push((method, path));
            async move { next.run(request).await as Response }
        };
        let router = gateway::router(app.service().clone(), Access::ReadWrite).unwrap();
        let url = serve(router.layer(middleware::from_fn(record))).await;
        Self { app, url, clock: RecordingClock::default(), log }
    }

    /// Settings of a client without credentials.
    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder(&self.url).clock(self.clock.clone())
    }

    /// A client of the first administrator.
    pub(crate) fn admin(&self) -> Client {
        let client = self.builder().build().unwrap();
        client.with_session(self.app.admin.session.clone().into())
    }
}
