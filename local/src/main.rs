//! `cargo run`: the user API on this machine.

mod first_admin;
mod options;
mod startup_banner;

use std::{error::Error, io, net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use aws_sdk_dynamodb::{Client, config::Builder, error::DisplayErrorContext};
use axum::{Router, extract::connect_info::IntoMakeServiceWithConnectInfo, serve::ListenerExt};
use clap::Parser;
use local::{engine::Engine, gateway, table};
use mimalloc::MiMalloc;
use secrecy::ExposeSecret;
use shared::{
    aws::DynamoDbConfig,
    clock::SystemClock,
    config::Settings,
    domain::SiteUrl,
    http::AppState,
    store::{Store, client_config},
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::Notify,
};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{options::Options, startup_banner::StartupBanner};

type BoxError = Box<dyn Error + Send + Sync>;

/// The time for requests in progress after a stop signal.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Half of the work of a request is small allocations. The C library takes twice as long for them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The endpoint of the engine in this process, for the SDK.
const EMBEDDED: &str = "http://embedded";

#[tokio::main]
async fn main() -> ExitCode {
    log_to_stderr();
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn log_to_stderr() {
    let levels = Targets::new().with_default(LevelFilter::INFO);
    let levels = levels.with_target("dynoxide", LevelFilter::ERROR);
    tracing_subscriber::registry().with(fmt::layer().with_writer(io::stderr)).with(levels).init();
}

async fn run(options: Options) -> Result<(), BoxError> {
    // The port may be in use. Credentials are printed only once, so bind before creating any.
    let port = options.port();
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    let listener = listener.map_err(|error| format!("cannot listen on port {port}: {error}"))?;
    let address = listener.local_addr()?;
    let stop = stop_signal()?;

    let (engine, config) = database(&options)?;
    let client = Client::from_conf(config.build());
    let (app, banner) = start_service(client, &options, address).await?;
    if let Some(engine) = engine.filter(|_| options.db_only) {
        engine.serve(listener)?;
        banner.print_database(address, &options.table)?;
        stop.await;
        return Ok(());
    }
    let service = gateway::router(app)?.into_make_service_with_connect_info::<SocketAddr>();
    banner.print_service(address)?;
    serve(listener, service, stop).await
}

/// Returns the configuration of the SDK client, and the embedded engine unless another DynamoDB is
/// selected.
fn database(options: &Options) -> Result<(Option<Engine>, Builder), BoxError> {
    let config =
        |endpoint: &str| client_config(DynamoDbConfig::local(endpoint.to_owned(), &options.table));
    if let Some(endpoint) = options.endpoint() {
        return Ok((None, config(endpoint)));
    }
    let engine = start_engine(options)?;
    let config = engine.configure(config(EMBEDDED));
    Ok((Some(engine), config))
}

fn start_engine(options: &Options) -> Result<Engine, BoxError> {
    if options.in_memory {
        return Ok(Engine::in_memory()?);
    }
    let directory = options.data.display();
    let engine = Engine::in_directory(&options.data);
    Ok(engine.map_err(|error| format!("cannot open the data directory {directory}: {error}"))?)
}

/// Creates the state of the service, with its table. Creates the first administrator unless
/// `--no-admin` is set.
async fn start_service(
    client: Client,
    options: &Options,
    address: SocketAddr,
) -> Result<(AppState, StartupBanner), BoxError> {
    let setup_token = match &options.setup_token {
        Some(token) if !token.expose_secret().trim().is_empty() => token.clone(),
        _ => first_admin::setup_token()?,
    };
    let settings = Settings::from_env()?;
    let own_url = || SiteUrl::parse(&format!("http://{address}"));
    let settings = Settings {
        setup_token: Some(setup_token.clone()),
        site_url: settings.site_url.clone().or_else(own_url),
        mail: options.mail(),
        ..settings
    };
    let app = AppState::new(open_store(client, &options.table).await?, settings, SystemClock);
    let admin =
        if options.no_admin { None } else { first_admin::create(&app, &setup_token).await? };
    let is_set_up = app.store().instance().await?.is_some();
    Ok((app, StartupBanner { admin, setup_token: (!is_set_up).then_some(setup_token) }))
}

async fn open_store(client: Client, name: &str) -> Result<Store, BoxError> {
    let table = table::ensure(&client, name).await;
    table
        .map_err(|error| format!("cannot open the table {name}: {}", DisplayErrorContext(error)))?;
    Ok(Store::new(client, name))
}

/// Serves until a stop signal. Requests in progress may then finish within [`SHUTDOWN_GRACE`].
async fn serve(
    listener: TcpListener,
    service: IntoMakeServiceWithConnectInfo<Router, SocketAddr>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), BoxError> {
    let stopping = Arc::new(Notify::new());
    let stopped = Arc::clone(&stopping);
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "responses may be delayed");
        }
    });
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        stopping.notify_one();
    });
    tokio::select! {
        served = serving.into_future() => Ok(served?),
        () = async { stopped.notified().await; tokio::time::sleep(SHUTDOWN_GRACE).await } => Ok(()),
    }
}

/// Resolves on SIGINT and SIGTERM.
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
