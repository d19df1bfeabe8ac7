//! A stand-in for Lambda's Runtime API, which notes when it is asked and answered.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    time::{Duration, Instant},
};

/// Connections at a time; a function has one, rarely two.
const CONNECTIONS: usize = 4;
/// What takes longer hangs. A thousand million instructions under valgrind take less.
const PATIENCE: Duration = Duration::from_secs(120);

/// What Lambda gives with an event.
const HEADERS: &str = "lambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
     lambda-runtime-deadline-ms: 4102444800000\r\n\
     lambda-runtime-invoked-function-arn: arn:aws:lambda:local:0:function:bench\r\n\
     content-type: application/json\r\n";

/// The Runtime API of one function.
pub(crate) struct RuntimeApi {
    address: SocketAddr,
    asked: Receiver<Asked>,
}

/// A request of the function, which waits for its reply.
struct Asked {
    at: Instant,
    path: String,
    body: Vec<u8>,
    reply: Sender<String>,
}

/// The function waits for an event.
pub(crate) struct Poll {
    /// Since when.
    pub(crate) at: Instant,
    reply: Sender<String>,
}

/// The function has answered.
pub(crate) struct Answered {
    /// From the event to the answer.
    pub(crate) took: Duration,
    /// The answer to the gateway.
    pub(crate) body: Vec<u8>,
}

impl RuntimeApi {
    /// Listens on a free port. The threads are there before the function is.
    pub(crate) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (sender, asked) = channel();
        for _ in 0..CONNECTIONS {
            let (listener, sender) = (listener.try_clone()?, sender.clone());
            std::thread::spawn(move || {
                while let Ok((stream, _)) = listener.accept() {
                    // A function that is gone, or a harness that is done with it, ends a connection.
                    drop(serve(stream, &sender));
                }
            });
        }
        Ok(Self { address, asked })
    }

    /// What `AWS_LAMBDA_RUNTIME_API` is to say.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Waits until the function asks for an event.
    pub(crate) fn poll(&self) -> io::Result<Poll> {
        let Asked { at, path, reply, .. } = self.next()?;
        if !path.ends_with("/invocation/next") {
            return Err(io::Error::other(format!("asked for {path} instead of an event")));
        }
        Ok(Poll { at, reply })
    }

    /// Hands out an event and waits for what becomes of it.
    pub(crate) fn give(&self, poll: Poll, event: &str) -> io::Result<Answered> {
        let length = event.len();
        let reply = format!("HTTP/1.1 200 OK\r\n{HEADERS}content-length: {length}\r\n\r\n{event}");
        let given = Instant::now();
        poll.reply.send(reply).map_err(io::Error::other)?;
        let Asked { at, path, body, reply } = self.next()?;
        let accepted = "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned();
        reply.send(accepted).map_err(io::Error::other)?;
        if !path.ends_with("/response") {
            return Err(io::Error::other(format!("{path}: {}", String::from_utf8_lossy(&body))));
        }
        Ok(Answered { took: at - given, body })
    }

    fn next(&self) -> io::Result<Asked> {
        self.asked.recv_timeout(PATIENCE).map_err(|error| match error {
            RecvTimeoutError::Timeout => io::Error::other("the function hangs"),
            RecvTimeoutError::Disconnected => io::Error::other("the port is gone"),
        })
    }
}

/// Reads request after request; the moment that counts is that of the first byte of each.
fn serve(stream: TcpStream, asked: &Sender<Asked>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        if reader.fill_buf()?.is_empty() {
            return Ok(());
        }
        let at = Instant::now();
        let (path, body) = read_request(&mut reader)?;
        let (reply, replied) = channel();
        asked.send(Asked { at, path, body, reply }).map_err(io::Error::other)?;
        let reply = replied.recv().map_err(io::Error::other)?;
        reader.get_mut().write_all(reply.as_bytes())?;
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
            return Err(io::Error::other("an answer of unknown length"));
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((path, body))
}
