//! The service on its own embedded engine.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    config::{
        Builder,
        retry::{RetryConfig, RetryPartition, TokenBucket},
        timeout::TimeoutConfig,
    },
};
use axum::Router;
use lambda_http::{RequestExt, http};
use local::{
    engine::{Engine, bind_ephemeral},
    gateway::{self, Access},
    table,
};
use shared::{
    aws,
    config::Settings,
    http::{AppState, Call, RouteKey},
    store::{Store, client_config},
};
use tokio::runtime::Handle;

use crate::{
    Faults, IamEnforcer, Request, SETUP_TOKEN, SdkRecorder, SentEmails, TestClock, TestUser,
    fault_client::FaultClient, secret_leaks::SecretLeakDetector,
};

/// Table name.
pub(crate) const TABLE: &str = "users";

/// The service with its engine, clock, faults and first administrator.
#[derive(Debug)]
pub struct TestApp {
    /// The first administrator. ID, email and session are empty after [`TestApp::without_setup`].
    pub admin: TestUser,
    /// The clock of the service.
    pub clock: TestClock,
    /// Requests of the SDK.
    pub meter: SdkRecorder,
    /// Faults between the SDK and the engine.
    pub faults: Faults,
    /// IAM policies of the functions, and the permissions they have used.
    pub iam: IamEnforcer,
    /// Sent emails, recorded after [`TestApp::with_mail`].
    pub emails: SentEmails,
    /// A client without recorder and faults.
    pub(crate) client: Client,
    app: AppState,
    router: Router,
    endpoint: String,
    pub(crate) leak_detector: SecretLeakDetector,
}

impl Drop for TestApp {
    /// Fails the test if one of its secrets was logged.
    fn drop(&mut self) {
        // Registers the tokens of emails that the test has not read.
        drop(self.emails.drain());
        if !std::thread::panicking() {
            assert_eq!(self.leak_detector.leaks(), [""; 0], "in the log: {}", self.log());
        }
    }
}

/// Starts an engine and returns its endpoint.
async fn start_engine() -> String {
    let listener = bind_ephemeral().await.expect("a port");
    Engine::in_memory().expect("an engine").serve(listener).expect("a listener")
}

/// Timeout of an operation in tests that do not measure time, generous for a loaded machine.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(11);

fn with_test_timeouts(config: Builder) -> Builder {
    config.timeout_config(TimeoutConfig::builder().operation_timeout(OPERATION_TIMEOUT).build())
}

/// Adds faults to the production configuration.
///
/// Retries start after 1 ms, and each client has an unlimited retry quota instead of the quota
/// shared by a process.
fn with_faults(config: Builder, faults: &Faults, detector: &SecretLeakDetector) -> Builder {
    let config = config.build();
    let client = config.http_client().expect("an HTTP client");
    let client = FaultClient::new(client, faults.clone(), detector.clone());
    let retries =
        RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(1));
    let quota = RetryPartition::custom("test").token_bucket(TokenBucket::unlimited()).build();
    config.to_builder().http_client(client).retry_config(retries).retry_partition(quota)
}

impl TestApp {
    /// A service with default settings, after setup.
    pub async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    /// A service with these settings, after setup.
    pub async fn with(settings: Settings) -> Self {
        let mut app = Self::without_setup_with(settings).await;
        app.admin = app.set_up_admin().await;
        app.meter.take();
        app
    }

    /// A service with default settings, before setup.
    pub async fn without_setup() -> Self {
        Self::without_setup_with(Settings::default()).await
    }

    /// A service with these settings, before setup.
    pub async fn without_setup_with(settings: Settings) -> Self {
        Self::build(start_engine().await, settings, with_test_timeouts).await
    }

    /// A service after setup, with the DynamoDB timeouts of production.
    pub async fn with_production_timeouts() -> Self {
        let mut app = Self::build(start_engine().await, Settings::default(), |config| config).await;
        app.admin = app.set_up_admin().await;
        app
    }

    /// A service before setup, with its engine on another runtime.
    ///
    /// The current thread then does the work of the service only.
    pub async fn on_runtime(engines: &Handle) -> Self {
        let endpoint = engines.spawn(start_engine()).await.expect("a running engine");
        Self::build(endpoint, Settings::default(), with_test_timeouts).await
    }

    /// A second service on the same table, with the same administrator.
    pub async fn second_instance(&self, settings: Settings) -> Self {
        let mut app = Self::build(self.endpoint.clone(), settings, with_test_timeouts).await;
        app.admin = self.admin.clone();
        app
    }

    /// A service on a running DynamoDB. Does not run setup.
    pub async fn connect(endpoint: &str) -> Self {
        Self::build(endpoint.to_owned(), Settings::default(), with_test_timeouts).await
    }

    async fn build(endpoint: String, settings: Settings, timeouts: fn(Builder) -> Builder) -> Self {
        let aws = aws::local(&endpoint);
        let client = Client::from_conf(with_test_timeouts(client_config(&aws)).build());
        table::ensure(&client, TABLE).await.expect("a table");

        let (clock, meter) = (TestClock::default(), SdkRecorder::default());
        let (faults, iam) = (Faults::default(), IamEnforcer::default());
        let leak_detector = SecretLeakDetector::new();
        leak_detector.record(SETUP_TOKEN);
        let config = with_faults(timeouts(client_config(&aws)), &faults, &leak_detector)
            .interceptor(meter.clone())
            .interceptor(iam.clone());
        let store = Store::new(Client::from_conf(config.build()), TABLE);
        let settings = Settings { setup_token: Some(SETUP_TOKEN.into()), ..settings };
        let app = AppState::new(store, settings, clock.clone());
        let router = gateway::router(app.clone(), Access::ReadWrite).expect("unambiguous routes");
        let admin = TestUser { id: 0, email: String::new(), session: String::new() };
        let emails = SentEmails::default();
        Self {
            admin,
            clock,
            meter,
            faults,
            iam,
            emails,
            client,
            app,
            router,
            endpoint,
            leak_detector,
        }
    }

    /// The endpoint of the engine.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The application of the service.
    #[must_use]
    pub const fn service(&self) -> &AppState {
        &self.app
    }

    /// The store of the service.
    #[must_use]
    pub const fn store(&self) -> &Store {
        self.app.store()
    }

    /// A request with a session and an ID in its path, as a handler receives it.
    #[must_use]
    pub fn call(&self, session: &str, id: u64) -> Call {
        self.call_with(session, id, &[])
    }

    /// The same request with further headers.
    #[must_use]
    pub fn call_with(&self, session: &str, id: u64, headers: &[(&str, &str)]) -> Call {
        let route = RouteKey("GET /api/user/{id}".to_owned());
        let mut request = http::Request::builder().extension(route);
        request = request.header("x-metabase-session", session);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(lambda_http::Body::Empty).expect("valid headers");
        let parameters = HashMap::from([("id".to_owned(), id.to_string())]);
        Call::new(self.app.clone(), request.with_path_parameters(parameters))
    }

    /// The log of all requests so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.leak_detector.log()
    }

    /// The secrets of this test found in `log`.
    #[must_use]
    pub fn leaks_in(&self, log: &str) -> Vec<String> {
        self.leak_detector.leaks_in(log)
    }

    /// A request with the given method.
    pub fn request(&self, method: &str, path: &str) -> Request {
        let dialect = self.app.settings().dialect;
        Request::new(self.router.clone(), self.leak_detector.clone(), dialect, (method, path))
    }

    /// A GET request.
    pub fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    /// A POST request.
    pub fn post(&self, path: &str) -> Request {
        self.request("POST", path)
    }

    /// A PUT request.
    pub fn put(&self, path: &str) -> Request {
        self.request("PUT", path)
    }

    /// A DELETE request.
    pub fn delete(&self, path: &str) -> Request {
        self.request("DELETE", path)
    }
}
