//! A relay between a function and the database, counting bytes.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// The traffic of a relay.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Traffic {
    /// Bytes to the database, including headers.
    pub(crate) sent: u64,
    /// Bytes from the database, including headers.
    pub(crate) received: u64,
    /// The number of connections.
    pub(crate) connections: u32,
}

/// A relay in front of the database.
#[derive(Clone)]
pub(crate) struct Relay {
    address: SocketAddr,
    traffic: Arc<Mutex<Traffic>>,
}

impl Relay {
    /// Listens on a free port and forwards to `database`.
    pub(crate) async fn before(database: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let relay = Self { address: listener.local_addr()?, traffic: Arc::default() };
        let accepting = relay.clone();
        tokio::spawn(async move {
            while let Ok((function, _)) = listener.accept().await {
                accepting.record(|traffic| traffic.connections += 1);
                // An error here means the function closed its connection.
                tokio::spawn(accepting.clone().connect(function, database));
            }
        });
        Ok(relay)
    }

    /// The endpoint URL for a function.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The traffic since the last call.
    pub(crate) fn take(&self) -> Traffic {
        std::mem::take(&mut *self.traffic.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn record(&self, change: impl FnOnce(&mut Traffic)) {
        change(&mut self.traffic.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn connect(self, function: TcpStream, database: SocketAddr) -> io::Result<()> {
        let database = TcpStream::connect(database).await?;
        function.set_nodelay(true)?;
        database.set_nodelay(true)?;
        let (from_function, to_function) = function.into_split();
        let (from_database, to_database) = database.into_split();
        let there =
            self.forward(from_function, to_database, |traffic, bytes| traffic.sent += bytes);
        let back =
            self.forward(from_database, to_function, |traffic, bytes| traffic.received += bytes);
        tokio::try_join!(there, back)?;
        Ok(())
    }

    async fn forward(
        &self,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        add: impl Fn(&mut Traffic, u64),
    ) -> io::Result<()> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let length = from.read(&mut buffer).await?;
            if length == 0 {
                return Ok(());
            }
            self.record(|traffic| add(traffic, length as u64));
            to.write_all(&buffer[..length]).await?;
        }
    }
}
