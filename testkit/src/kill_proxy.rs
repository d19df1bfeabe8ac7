//! A proxy between a function's process and DynamoDB that blocks one request and kills the process.

use std::{path::Path, sync::Arc};

use serde_json::Value;
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::{Mutex, mpsc},
};

use crate::TestApp;

/// The moment of a kill, relative to a request to DynamoDB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KillPoint {
    /// The request is sent but not delivered.
    BeforeRequest,
    /// The request is carried out, but its response is not delivered.
    AfterRequest,
}

/// The proxy with the request that it blocks.
#[derive(Debug, Clone)]
struct KillProxy {
    engine: String,
    /// Number of requests so far. Locked during a request.
    request_count: Arc<Mutex<usize>>,
    kill_at: (usize, KillPoint),
    on_block: mpsc::UnboundedSender<()>,
}

impl TestApp {
    /// Starts the binary of a function with one event and kills it at one of its requests to
    /// DynamoDB.
    ///
    /// Request 0 opens the connection. Returns the response if the function sends fewer requests.
    pub async fn kill(
        &self,
        (binary, event): (&Path, &Value),
        variables: &[(&str, &str)],
        kill_at: (usize, KillPoint),
    ) -> Option<Value> {
        let (endpoint, mut blocked) = self.blocking_proxy(kill_at).await;
        let variables = [variables, &[("AWS_ENDPOINT_URL_DYNAMODB", &endpoint)]].concat();
        let (mut responses, process) = self.start(&variables, binary, event).await;
        let response = tokio::select! {
            response = responses.recv() => response,
            Some(()) = blocked.recv() => None,
        };
        self.kill_process(process);
        response
    }

    /// Starts a proxy to the engine that blocks at one request. Returns its endpoint, and a channel
    /// that receives a message when the request is blocked.
    pub async fn blocking_proxy(
        &self,
        kill_at: (usize, KillPoint),
    ) -> (String, mpsc::UnboundedReceiver<()>) {
        let (on_block, blocked) = mpsc::unbounded_channel();
        let engine = self.endpoint().trim_start_matches("http://").to_owned();
        let proxy = KillProxy { engine, request_count: Arc::default(), kill_at, on_block };
        (start(proxy).await, blocked)
    }
}

async fn start(proxy: KillProxy) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(proxy.clone().relay(client));
        }
    });
    format!("http://{address}")
}

impl KillProxy {
    /// Relays requests and responses up to the blocked request.
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
        let mut request_count = self.request_count.lock().await;
        let kill_point = (*request_count == self.kill_at.0).then_some(self.kill_at.1);
        *request_count += 1;
        if kill_point == Some(KillPoint::BeforeRequest) {
            self.block().await;
        }
        engine.write_all(request).await.expect("an engine");
        let response = message(engine).await.expect("a response");
        if kill_point == Some(KillPoint::AfterRequest) {
            self.block().await;
        }
        // The process may have ended already.
        drop(client.write_all(&response).await);
    }

    /// Reports the blocked request and relays nothing further.
    async fn block(&self) {
        self.on_block.send(()).expect("the test waits for it");
        std::future::pending::<()>().await;
    }
}

/// One HTTP/1.1 message with a `Content-Length`, or `None` at the end of the connection.
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
