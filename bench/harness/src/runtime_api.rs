//! A stand-in for the Lambda Runtime API. It records the times of requests and responses.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    time::{Duration, Instant},
};

/// Maximum number of concurrent connections. A function has one, rarely two.
const CONNECTIONS: usize = 4;
/// The timeout of a request. A billion instructions under valgrind take less.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);

/// The headers of an event.
const HEADERS: &str = "lambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
     lambda-runtime-deadline-ms: 4102444800000\r\n\
     lambda-runtime-invoked-function-arn: arn:aws:lambda:local:0:function:bench\r\n\
     content-type: application/json\r\n";

/// The Runtime API of one function.
pub(crate) struct RuntimeApi {
    address: SocketAddr,
    requests: Receiver<Request>,
}

/// A request of the function, waiting for its response.
struct Request {
    at: Instant,
    path: String,
    body: Vec<u8>,
    responder: Sender<String>,
}

/// A pending poll of the function for an event.
pub(crate) struct Poll {
    /// The start of the poll.
    pub(crate) at: Instant,
    responder: Sender<String>,
}

/// A response of the function.
pub(crate) struct Invoked {
    /// The time from event to response.
    pub(crate) took: Duration,
    /// The response body for the gateway.
    pub(crate) body: Vec<u8>,
}

impl RuntimeApi {
    /// Listens on a free port. The threads start before the function.
    pub(crate) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (sender, requests) = channel();
        for _ in 0..CONNECTIONS {
            let (listener, sender) = (listener.try_clone()?, sender.clone());
            std::thread::spawn(move || {
                while let Ok((stream, _)) = listener.accept() {
                    // A connection ends if the function exits or the harness drops it.
                    drop(serve(stream, &sender));
                }
            });
        }
        Ok(Self { address, requests })
    }

    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Waits until the function polls for an event.
    pub(crate) fn poll(&self) -> io::Result<Poll> {
        let Request { at, path, responder, .. } = self.next()?;
        if !path.ends_with("/invocation/next") {
            return Err(io::Error::other(format!("requested {path} instead of an event")));
        }
        Ok(Poll { at, responder })
    }

    /// Passes an event to the function and waits for its response.
    pub(crate) fn invoke(&self, poll: Poll, event: &str) -> io::Result<Invoked> {
        let length = event.len();
        let response =
            format!("HTTP/1.1 200 OK\r\n{HEADERS}content-length: {length}\r\n\r\n{event}");
        let sent = Instant::now();
        poll.responder.send(response).map_err(io::Error::other)?;
        let Request { at, path, body, responder } = self.next()?;
        let accepted = "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned();
        responder.send(accepted).map_err(io::Error::other)?;
        if !path.ends_with("/response") {
            return Err(io::Error::other(format!("{path}: {}", String::from_utf8_lossy(&body))));
        }
        Ok(Invoked { took: at - sent, body })
    }

    fn next(&self) -> io::Result<Request> {
        self.requests.recv_timeout(REQUEST_TIMEOUT).map_err(|error| match error {
            RecvTimeoutError::Timeout => io::Error::other("the function timed out"),
            RecvTimeoutError::Disconnected => io::Error::other("the listener stopped"),
        })
    }
}

/// Reads requests in sequence. The time of a request is the arrival of its first byte.
fn serve(stream: TcpStream, requests: &Sender<Request>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        if reader.fill_buf()?.is_empty() {
            return Ok(());
        }
        let at = Instant::now();
        let (path, body) = read_request(&mut reader)?;
        let (responder, response) = channel();
        requests.send(Request { at, path, body, responder }).map_err(io::Error::other)?;
        let response = response.recv().map_err(io::Error::other)?;
        reader.get_mut().write_all(response.as_bytes())?;
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> io::Result<(String, Vec<u8>)> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        if header.starts_with("transfer-encoding:") {
            return Err(io::Error::other("a request of unknown length"));
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((path, body))
}
