//! `cargo run`: the user API on this machine.

mod database;
mod first_admin;
mod options;
mod samples;
mod start_error;
mod startup_banner;

use std::{
    fmt::Display,
    io::{self, Write},
    net::SocketAddr,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use axum::{Router, extract::connect_info::IntoMakeServiceWithConnectInfo, serve::ListenerExt};
use clap::Parser;
use local::{
    gateway::{self, Access},
    hosts::AllowedHosts,
};
use mimalloc::MiMalloc;
use secrecy::ExposeSecret;
use shared::{
    clock::{Clock, SystemClock},
    config::Settings,
    domain::{Email, HostName, SiteUrl},
    http::{ApiError, AppState},
    operator::{self, ResetError},
    store::Store,
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

use crate::{
    database::Database, options::Options, start_error::StartError, startup_banner::StartupBanner,
};

/// The time for requests in progress after a stop signal.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Half of the work of a request is small allocations. The C library takes twice as long for them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    log_to_stderr();
    match Options::try_parse() {
        Ok(options) => match run(options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(format_args!("error: {error}\n")),
        },
        Err(error) if error.use_stderr() => fail(error),
        Err(help) => help.print().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS),
    }
}

/// Prints why the program does not start. Standard error may be closed, so its errors are ignored.
fn fail(message: impl Display) -> ExitCode {
    drop(write!(io::stderr(), "{message}"));
    ExitCode::FAILURE
}

fn log_to_stderr() {
    let levels = Targets::new().with_default(LevelFilter::INFO);
    let levels = levels.with_target("dynoxide", LevelFilter::ERROR);
    tracing_subscriber::registry().with(fmt::layer().with_writer(io::stderr)).with(levels).init();
}

async fn run(options: Options) -> Result<(), StartError> {
    // The port may be in use. Credentials are printed only once, so bind before creating any.
    if let Some(email) = &options.reset_password {
        return reset_password(&options, email).await;
    }
    let port = options.port();
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    let listener = listener.map_err(|error| StartError::port(port, &error))?;
    let address = listener.local_addr()?;
    let stop = stop_signal()?;

    let database = Database::open(&options).await?;
    let settings = Settings::from_env()?;
    let hosts = allowed_hosts(&options, settings.site_url.as_ref());
    let (app, banner) = start_service(&database, &options, settings, address).await?;
    if let Some(engine) = database.engine.as_ref().filter(|_| options.db_only) {
        engine.serve_hosts(listener, hosts)?;
        banner.print_database(address, &options.table)?;
        stop.await;
        return Ok(());
    }
    let access = if database.is_read_only() { Access::ReadOnly } else { Access::ReadWrite };
    let router = gateway::router(app, access).map_err(io::Error::other)?;
    let service = hosts.protect(router).into_make_service_with_connect_info::<SocketAddr>();
    banner.print_service(address, &options.table)?;
    Ok(serve(listener, service, stop).await?)
}

/// Prints a link to choose a new password.
async fn reset_password(options: &Options, email: &Email) -> Result<(), StartError> {
    let database = Database::open(options).await?;
    if database.is_read_only() {
        return Err(StartError::new("a new link changes the table", "Add --write."));
    }
    let settings = Settings::from_env()?;
    let own_url = || SiteUrl::parse(&format!("http://127.0.0.1:{}", options.port()));
    let site_url = settings.site_url.clone().or_else(own_url);
    let store = Store::new(database.client.clone(), &options.table);
    match operator::reset_token(&store, email, SystemClock.now()).await {
        Ok(token) => Ok(writeln!(
            io::stdout(),
            "Open this link within two days to choose a new password. It works once:\n  {}",
            token.reset_url(&site_url.unwrap_or_default())
        )?),
        Err(ResetError::NoSuchUser) => Err(StartError::new(
            format!("no active user with a password has the address {}", email.as_str()),
            "Check the address and --data, or reactivate the user.",
        )),
        Err(ResetError::Failed(error)) => Err(StartError::first_requests(options, &error.into())),
    }
}

/// The hosts of the options, and the host of the site, which the links in emails lead to.
fn allowed_hosts(options: &Options, site: Option<&SiteUrl>) -> AllowedHosts {
    let site = site.and_then(|url| HostName::parse(url.authority()));
    options.allowed_hosts.iter().flatten().cloned().chain(site).collect()
}

/// Creates the state of the service. Creates the first administrator, unless an option excludes it.
async fn start_service(
    database: &Database,
    options: &Options,
    settings: Settings,
    address: SocketAddr,
) -> Result<(AppState, StartupBanner), StartError> {
    let unreadable = |error: &ApiError| StartError::first_requests(options, error);
    let setup_token = match &options.setup_token {
        Some(token) if !token.expose_secret().trim().is_empty() => token.clone(),
        _ => first_admin::setup_token().map_err(|error| unreadable(&error))?,
    };
    let own_url = || SiteUrl::parse(&format!("http://{address}"));
    let settings = Settings {
        setup_token: Some(setup_token.clone()),
        site_url: settings.site_url.clone().or_else(own_url),
        mail: options.mail()?,
        ..settings
    };
    let store = Store::new(database.client.clone(), &options.table);
    let app = AppState::new(store, settings, SystemClock);
    let admin = match &database.account {
        None if !options.no_admin => first_admin::create(&app, &setup_token).await,
        _ => Ok(None),
    };
    let admin = admin.map_err(|error| unreadable(&error))?;
    samples::create(&app, options.sample).await.map_err(|error| unreadable(&error))?;
    let instance = app.store().instance().await;
    let is_set_up = instance.map_err(|error| unreadable(&error.into()))?.is_some();
    let setup_token = (!is_set_up && !database.is_read_only()).then_some(setup_token);
    Ok((app, StartupBanner { admin, setup_token, account: database.account.clone() }))
}

/// Serves until a stop signal. Requests in progress may then finish within [`SHUTDOWN_GRACE`].
async fn serve(
    listener: TcpListener,
    service: IntoMakeServiceWithConnectInfo<Router, SocketAddr>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
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
        served = serving.into_future() => served,
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
