//! The service behind a socket, and the program in a process with its own configuration.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    extract::Request,
    middleware::{self, Next},
};
use local::gateway::{self, Access};
use serde_json::Value;
use tempfile::TempDir;
use testkit::TestApp;
use tokio::{
    io::AsyncWriteExt,
    net::TcpListener,
    process::Command,
    sync::{Notify, Semaphore},
};

/// A gate for the creations of users.
pub(crate) struct Gate {
    /// Permits for creations.
    pub(crate) permits: Semaphore,
    /// Notified when a creation waits.
    pub(crate) waiting: Notify,
    /// Creations before the gate so far.
    pub(crate) arrivals: AtomicUsize,
}

/// The service and a directory for the configuration and the files of the program.
pub(crate) struct World {
    pub(crate) app: TestApp,
    pub(crate) url: String,
    pub(crate) gate: Arc<Gate>,
    directory: TempDir,
    credentials: Mutex<Vec<(&'static str, String)>>,
}

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn new(output: Output) -> Self {
        let code = output.status.code().unwrap_or(-1);
        let stdout = String::from_utf8(output.stdout).unwrap();
        Self { code, stdout, stderr: String::from_utf8(output.stderr).unwrap() }
    }

    /// Fails unless the exit code is this one.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Standard output as lines of JSON.
    #[track_caller]
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Standard error as JSON.
    #[track_caller]
    pub(crate) fn json_error(&self) -> Value {
        serde_json::from_str(&self.stderr).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

async fn pass(gate: Arc<Gate>, request: Request, next: Next) -> axum::response::Response {
    if request.method() == "POST" && request.uri().path() == "/api/user" {
        gate.arrivals.fetch_add(1, Ordering::SeqCst);
        gate.waiting.notify_one();
        gate.permits.acquire().await.unwrap().forget();
    }
    next.run(request).await
}

impl World {
    /// A service after setup. The program has the session of its administrator.
    pub(crate) async fn new() -> Self {
        let world = Self::with(TestApp::new().await).await;
        let session = world.app.admin.session.clone();
        world.credentials.lock().unwrap().push(("USERCTL_SESSION", session));
        world
    }

    /// A service, and a program without credentials.
    pub(crate) async fn with(app: TestApp) -> Self {
        let permits = Semaphore::new(Semaphore::MAX_PERMITS);
        let (waiting, arrivals) = (Notify::new(), AtomicUsize::new(0));
        let gate = Arc::new(Gate { permits, waiting, arrivals });
        let passed = Arc::clone(&gate);
        let layer =
            middleware::from_fn(move |request, next| pass(Arc::clone(&passed), request, next));
        let router = gateway::router(app.service().clone(), Access::ReadWrite).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = router.layer(layer).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async { axum::serve(listener, service).await });
        let directory = TempDir::new().unwrap();
        Self { app, url, gate, directory, credentials: Mutex::default() }
    }

    /// Replaces the credentials of the program.
    pub(crate) fn set_credentials(&self, credentials: &[(&'static str, &str)]) {
        let credentials = credentials.iter().map(|(name, value)| (*name, (*value).to_owned()));
        *self.credentials.lock().unwrap() = credentials.collect();
    }

    /// A command of the program with these arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_userctl"));
        command.args(arguments).env_clear().env("USERCTL_URL", &self.url);
        command.env("XDG_CONFIG_HOME", self.directory.path()).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (name, value) in &*self.credentials.lock().unwrap() {
            command.env(name, value);
        }
        command
    }

    /// Runs the program.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Run {
        Run::new(self.command(arguments).output().await.unwrap())
    }

    /// Runs the program with standard input.
    pub(crate) async fn run_with(&self, arguments: &[&str], input: &str) -> Run {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).await.unwrap();
        drop(stdin);
        Run::new(child.wait_with_output().await.unwrap())
    }

    /// Writes a file and returns its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// A path in the directory of the program.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        Path::join(self.directory.path(), name)
    }

    /// The email addresses of all active users, in order.
    pub(crate) async fn active(&self) -> Vec<String> {
        let run = self.run(&["user", "list", "--json", "--sort", "email"]).await.expect(0);
        let users = run.json_lines();
        users.iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect()
    }
}
