//! `cargo run`: the user API on this machine.

mod database;
mod first_admin;
mod options;
mod startup_banner;

use std::{error::Error, io, net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use axum::{Router, extract::connect_info::IntoMakeServiceWithConnectInfo, serve::ListenerExt};
use clap::Parser;
use local::gateway::{self, Access};
use mimalloc::MiMalloc;
use secrecy::ExposeSecret;
use shared::{clock::SystemClock, config::Settings, domain::SiteUrl, http::AppState, store::Store};
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

use crate::{database::Database, options::Options, startup_banner::StartupBanner};

type BoxError = Box<dyn Error + Send + Sync>;

/// The time for requests in progress after a stop signal.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Half of the work of a request is small allocations. The C library takes twice as long for them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

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

    let database = Database::open(&options).await?;
    let (app, banner) = start_service(&database, &options, address).await?;
    if let Some(engine) = database.engine.as_ref().filter(|_| options.db_only) {
        engine.serve(listener)?;
        banner.print_database(address, &options.table)?;
        stop.await;
        return Ok(());
    }
    let access = if database.is_read_only() { Access::ReadOnly } else { Access::ReadWrite };
    let service = gateway::router(app, access)?.into_make_service_with_connect_info::<SocketAddr>();
    banner.print_service(address, &options.table)?;
    serve(listener, service, stop).await
}

/// Creates the state of the service. Creates the first administrator, unless an option excludes it.
async fn start_service(
    database: &Database,
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
    let store = Store::new(database.client.clone(), &options.table);
    let app = AppState::new(store, settings, SystemClock);
    let admin = match &database.account {
        None if !options.no_admin => first_admin::create(&app, &setup_token).await?,
        _ => None,
    };
    let is_set_up = app.store().instance().await?.is_some();
    let setup_token = (!is_set_up && !database.is_read_only()).then_some(setup_token);
    Ok((app, StartupBanner { admin, setup_token, account: database.account.clone() }))
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
