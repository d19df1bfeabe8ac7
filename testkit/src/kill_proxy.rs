//! A gate on the way from a function's process to DynamoDB, at which the process is killed.

use std::{path::Path, sync::Arc};

use serde_json::Value;
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::{Mutex, mpsc},
};

use crate::TestApp;

/// When, around a request to DynamoDB, a process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KillPoint {
    /// The request was sent and has not arrived.
    BeforeRequest,
    /// The request was carried out and its answer has not arrived.
    AfterRequest,
}

/// Which request is held, and when.
#[derive(Debug, Clone)]
struct KillProxy {
    engine: String,
    /// How many requests came so far; locked while one is on its way.
    passed: Arc<Mutex<usize>>,
    at: (usize, KillPoint),
    held: mpsc::UnboundedSender<()>,
}

impl TestApp {
    /// Starts the binary of a function, hands it one event, and kills it around one of its requests to
    /// DynamoDB; the first, 0, is that which opens the connection. Gives back the answer if there are
    /// not so many requests.
    pub async fn kill(
        &self,
        (binary, event): (&Path, &Value),
        variables: &[(&str, &str)],
        at: (usize, KillPoint),
    ) -> Option<Value> {
        let (held, mut reached) = mpsc::unbounded_channel();
        let engine = self.endpoint().trim_start_matches("http://").to_owned();
        let endpoint = start(KillProxy { engine, passed: Arc::default(), at, held }).await;
        let variables = [variables, &[("AWS_ENDPOINT_URL_DYNAMODB", &endpoint)]].concat();
        let (mut answered, running) = self.start(&variables, binary, event).await;
        let answer = tokio::select! {
            answer = answered.recv() => answer,
            Some(()) = reached.recv() => None,
        };
        self.end(running);
        answer
    }
}

async fn start(gate: KillProxy) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(gate.clone().relay(client));
        }
    });
    format!("http://{address}")
}

impl KillProxy {
    /// Hands requests on, and answers back, until the one that is held.
    async fn relay(self, client: TcpStream) {
        let engine = TcpStream::connect(&self.engine).await.expect("an engine");
        let (mut client, mut engine) = (BufReader::new(client), BufReader::new(engine));
        while let Some(request) = message(&mut client).await {
            self.exchange(&request, &mut client, &mut engine).await;
        }
    }

    async fn exchange(
        &self,
        request: &[u8],
        client: &mut BufReader<TcpStream>,
        engine: &mut BufReader<TcpStream>,
    ) {
        let mut passed = self.passed.lock().await;
        let held = (*passed == self.at.0).then_some(self.at.1);
        *passed += 1;
        if held == Some(KillPoint::BeforeRequest) {
            self.block().await;
        }
        engine.write_all(request).await.expect("an engine");
        let answer = message(engine).await.expect("an answer");
        if held == Some(KillPoint::AfterRequest) {
            self.block().await;
        }
        // Should it be gone, it sends nothing more.
        drop(client.write_all(&answer).await);
    }

    /// Lets nothing through any more.
    async fn block(&self) {
        self.held.send(()).expect("the test waits for it");
        std::future::pending::<()>().await;
    }
}

/// One message of HTTP/1.1 that says how long it is; `None` at the end of the connection.
async fn message(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut length = 0;
    loop {
        let start = bytes.len();
        if stream.read_until(b'\n', &mut bytes).await.ok()? == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&bytes[start..]).to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some([bytes, body].concat())
}
