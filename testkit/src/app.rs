//! The service over an engine of its own.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client,
    config::{
        Builder,
        retry::{RetryConfig, RetryPartition, TokenBucket},
        timeout::TimeoutConfig,
    },
};
use axum::Router;
use local::{
    engine::{Engine, bind_ephemeral},
    gateway, table,
};
use shared::{
    aws::DynamoDbConfig,
    config::Settings,
    http::{AppState, Call, Event},
    store::{Store, client_config},
};
use tokio::runtime::Handle;

use crate::{
    Faults, IamEnforcer, Request, SETUP_TOKEN, SdkRecorder, SentEmails, TestClock, TestUser,
    fault_client::FaultClient, secret_leaks::SecretLeakDetector,
};

/// The name of the table.
pub(crate) const TABLE: &str = "users";

/// The service, everything behind it, and its first administrator.
#[derive(Debug)]
pub struct TestApp {
    /// The first administrator; nobody, with a session that never was, in [`TestApp::empty`].
    pub admin: TestUser,
    /// The clock of the service.
    pub clock: TestClock,
    /// What the SDK sends for the service.
    pub meter: SdkRecorder,
    /// What goes wrong between the SDK and the engine.
    pub faults: Faults,
    /// What the functions may do, and have done.
    pub roles: IamEnforcer,
    /// What was written to people, in [`TestApp::with_mail`].
    pub letters: SentEmails,
    /// The table without meter and faults.
    pub(crate) client: Client,
    app: AppState,
    router: Router,
    endpoint: String,
    pub(crate) watch: SecretLeakDetector,
}

impl Drop for TestApp {
    /// Stops the test if a secret of it was logged.
    fn drop(&mut self) {
        // A letter that nobody has taken may be told of, too.
        drop(self.letters.drain());
        if !std::thread::panicking() {
            assert_eq!(self.watch.leaks(), [""; 0], "in the log: {}", self.log());
        }
    }
}

/// Starts an engine, and says where it listens.
async fn engine() -> String {
    let listener = bind_ephemeral().await.expect("a port");
    Engine::in_memory().expect("an engine").serve(listener).expect("a listener")
}

/// How long a test that is not about time may take, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(11);

fn patient(config: Builder) -> Builder {
    config.timeout_config(TimeoutConfig::builder().operation_timeout(PATIENCE).build())
}

/// As in production, but with faults on the way, without the waiting between retries, and without the
/// budget of them that all clients of a process share.
fn faulty(config: Builder, faults: &Faults, watch: &SecretLeakDetector) -> Builder {
    let config = config.build();
    let client = config.http_client().expect("an HTTP client");
    let wire = FaultClient::new(client, faults.clone(), watch.clone());
    let retries =
        RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(1));
    let budget = RetryPartition::custom("test").token_bucket(TokenBucket::unlimited()).build();
    config.to_builder().http_client(wire).retry_config(retries).retry_partition(budget)
}

impl TestApp {
    /// A service that is set up, with the settings of a new instance.
    pub async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    /// A service that is set up.
    pub async fn with(settings: Settings) -> Self {
        let mut app = Self::without_setup_with(settings).await;
        app.admin = app.set_up_admin().await;
        app.meter.take();
        app
    }

    /// A service that nobody has set up.
    pub async fn without_setup() -> Self {
        Self::without_setup_with(Settings::default()).await
    }

    /// A service that nobody has set up.
    pub async fn without_setup_with(settings: Settings) -> Self {
        Self::build(engine().await, settings, patient).await
    }

    /// A service that is set up, and waits for DynamoDB no longer than in production.
    pub async fn with_production_timeouts() -> Self {
        let mut app = Self::build(engine().await, Settings::default(), |config| config).await;
        app.admin = app.set_up_admin().await;
        app
    }

    /// A service that nobody has set up, whose engine is on another runtime: what the thread of this one
    /// does is the service's work alone.
    pub async fn on_runtime(engines: &Handle) -> Self {
        let engine = engines.spawn(engine()).await.expect("an engine that starts");
        Self::build(engine, Settings::default(), patient).await
    }

    /// Another service over the same table, with the same administrator.
    pub async fn second_instance(&self, settings: Settings) -> Self {
        let mut app = Self::build(self.endpoint.clone(), settings, patient).await;
        app.admin = self.admin.clone();
        app
    }

    /// A service that nobody has set up, on a DynamoDB that is running already.
    pub async fn connect(endpoint: &str) -> Self {
        Self::build(endpoint.to_owned(), Settings::default(), patient).await
    }

    async fn build(endpoint: String, settings: Settings, timeouts: fn(Builder) -> Builder) -> Self {
        let connection = || DynamoDbConfig::local(endpoint.clone(), TABLE);
        let client = Client::from_conf(patient(client_config(connection())).build());
        table::ensure(&client, TABLE).await.expect("a table");

        let (clock, meter) = (TestClock::default(), SdkRecorder::default());
        let (faults, roles) = (Faults::default(), IamEnforcer::default());
        let watch = SecretLeakDetector::new();
        watch.record(SETUP_TOKEN);
        let config = faulty(timeouts(client_config(connection())), &faults, &watch)
            .interceptor(meter.clone())
            .interceptor(roles.clone());
        let store = Store::new(Client::from_conf(config.build()), TABLE);
        let settings = Settings { setup_token: Some(SETUP_TOKEN.into()), ..settings };
        let app = AppState::new(store, settings, clock.clone());
        let router = gateway::router(app.clone()).expect("routes that can be told apart");
        let admin = TestUser { id: 0, email: String::new(), session: String::new() };
        let letters = SentEmails::default();
        Self { admin, clock, meter, faults, roles, letters, client, app, router, endpoint, watch }
    }

    /// Where the engine listens.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The service itself.
    #[must_use]
    pub const fn service(&self) -> &AppState {
        &self.app
    }

    /// The store of the service.
    #[must_use]
    pub const fn store(&self) -> &Store {
        self.app.store()
    }

    /// A request of somebody as a handler sees it, to get a proof from.
    #[must_use]
    pub fn call(&self, session: &str, id: u64) -> Call {
        self.call_with(session, id, &[])
    }

    /// The same request with more headers.
    #[must_use]
    pub fn call_with(&self, session: &str, id: u64, headers: &[(&str, &str)]) -> Call {
        let session = [("x-metabase-session", session)];
        let headers = session.iter().chain(headers);
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let event = Event {
            headers: headers.map(owned).collect(),
            path_parameters: Some([("id".to_owned(), id.to_string())].into()),
            ..Event::default()
        };
        Call::new(self.app.clone(), event)
    }

    /// What was logged for the requests so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.watch.log()
    }

    /// The secrets of this test that are in a log.
    #[must_use]
    pub fn leaks_in(&self, log: &str) -> Vec<String> {
        self.watch.leaks_in(log)
    }

    /// A request with any method.
    pub fn request(&self, method: &str, path: &str) -> Request {
        let dialect = self.app.settings().dialect;
        Request::new(self.router.clone(), self.watch.clone(), dialect, (method, path))
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
