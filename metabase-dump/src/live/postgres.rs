//! PostgreSQL. The connection has a thread of its own: the client must not run within an
//! asynchronous runtime, and its user may.

use std::{
    error::Error,
    sync::{
        Arc,
        mpsc::{Sender, channel},
    },
    thread,
    time::Duration,
};

use postgres::{Client, Config, NoTls, SimpleQueryMessage, config::SslMode};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use secrecy::ExposeSecret;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Answer, Database, address::Address};
use crate::{error::Problem, table::Table};

/// Settings of the session, and the start of the transaction.
const START: &str = "SET TIME ZONE 'UTC'; SET DateStyle = 'ISO, YMD'; \
    SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; \
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

type Reply = Result<Answer, Problem>;

/// A connection to PostgreSQL.
pub(super) struct Postgres {
    queries: Sender<(String, Sender<Reply>)>,
}

impl Postgres {
    /// Connects, and starts the transaction.
    pub(super) fn connect(address: &Address) -> Result<Self, Problem> {
        let config = config(address);
        let tls = if address.has_tls { Some(tls(address)?) } else { None };
        let (queries, received) = channel::<(String, Sender<Reply>)>();
        thread::Builder::new().name("postgres".to_owned()).spawn(move || {
            let mut client = match tls {
                Some(tls) => config.connect(tls),
                None => config.connect(NoTls),
            };
            for (sql, reply) in received {
                let answer = match &mut client {
                    Ok(client) => query(client, &sql),
                    Err(error) => Err(problem(error)),
                };
                // The receiver is gone if the caller is.
                let _ = reply.send(answer);
            }
        })?;
        let mut database = Self { queries };
        database.query(START)?;
        Ok(database)
    }
}

impl Database for Postgres {
    fn query(&mut self, sql: &str) -> Result<Answer, Problem> {
        let (reply, answer) = channel();
        let ended = || Problem::Database("the connection has ended".to_owned());
        self.queries.send((sql.to_owned(), reply)).map_err(|_| ended())?;
        answer.recv().map_err(|_| ended())?
    }

    fn columns(&self, table: Table) -> String {
        format!(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('{table}') \
             AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        )
    }

    fn quote(&self, name: &str) -> String {
        format!("\"{name}\"")
    }
}

fn config(address: &Address) -> Config {
    let mut config = Config::new();
    config.host(&address.host).port(address.port).dbname(&address.database);
    config.connect_timeout(Duration::from_secs(10)).application_name("metabase-dump");
    config.ssl_mode(if address.has_tls { SslMode::Require } else { SslMode::Disable });
    if !address.user.is_empty() {
        config.user(&address.user);
    }
    if let Some(password) = &address.password {
        config.password(password.expose_secret());
    }
    config
}

/// The public authorities and those of the caller.
fn tls(address: &Address) -> Result<MakeRustlsConnect, Problem> {
    let invalid = || Problem::Url { reason: "the file of sslrootcert has no certificate".into() };
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = &address.ca_file {
        for certificate in CertificateDer::pem_file_iter(file).map_err(|_| invalid())? {
            roots.add(certificate.map_err(|_| invalid())?).map_err(|_| invalid())?;
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Problem::Database(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn query(client: &mut Client, sql: &str) -> Reply {
    let messages = client.simple_query(sql).map_err(|error| problem(&error))?;
    let row = |message| match message {
        SimpleQueryMessage::Row(row) => {
            let value = |index| row.get(index).map(|value: &str| value.as_bytes().to_vec());
            Some((0..row.len()).map(value).collect())
        }
        _ => None,
    };
    Ok(messages.into_iter().filter_map(row).collect())
}

/// The message of the server, or the whole chain of causes.
fn problem(error: &postgres::Error) -> Problem {
    if let Some(error) = error.as_db_error() {
        return Problem::Database(error.message().to_owned());
    }
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message = format!("{message}: {cause}");
        source = cause.source();
    }
    Problem::Database(message)
}
