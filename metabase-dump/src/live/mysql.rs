//! MySQL and MariaDB.

use std::time::Duration;

use mysql::{Conn, OptsBuilder, SslOpts, Value, prelude::Queryable};
use rustls::crypto::ring;
use secrecy::ExposeSecret;

use super::{Answer, Database, address::Address};
use crate::{error::Problem, table::Table};

/// Settings of the session, and the start of the transaction.
const START: [&str; 4] = [
    "SET SESSION time_zone = '+00:00'",
    "SET SESSION wait_timeout = 28800",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
];

/// A connection to MySQL.
pub(super) struct MySql(Conn);

impl MySql {
    /// Connects, and starts the transaction.
    pub(super) fn connect(address: &Address) -> Result<Self, Problem> {
        let password = address.password.as_ref().map(ExposeSecret::expose_secret);
        let mut options = OptsBuilder::new()
            .user(Some(&address.user).filter(|user| !user.is_empty()))
            .pass(password)
            .db_name(Some(&address.database))
            .prefer_socket(false)
            .tcp_connect_timeout(Some(Duration::from_secs(10)));
        options = if address.is_socket() {
            options.socket(Some(&address.host))
        } else {
            options.ip_or_hostname(Some(&address.host)).tcp_port(address.port)
        };
        if address.has_tls {
            // The client takes the provider of the process. An earlier one stays.
            let _ = ring::default_provider().install_default();
            options =
                options.ssl_opts(SslOpts::default().with_root_cert_path(address.ca_file.clone()));
        }
        let mut connection = Conn::new(options).map_err(|error| problem(&error))?;
        for statement in START {
            connection.query_drop(statement).map_err(|error| problem(&error))?;
        }
        Ok(Self(connection))
    }
}

impl Database for MySql {
    fn query(&mut self, sql: &str) -> Result<Answer, Problem> {
        let rows: Vec<mysql::Row> = self.0.query(sql).map_err(|error| problem(&error))?;
        Ok(rows.into_iter().map(|row| row.unwrap().into_iter().map(bytes).collect()).collect())
    }

    fn columns(&self, table: Table) -> String {
        format!(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() \
             AND table_name = '{table}' ORDER BY ordinal_position"
        )
    }

    fn quote(&self, name: &str) -> String {
        format!("`{name}`")
    }
}

/// The text of a value. A query without parameters has no other values.
fn bytes(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::NULL => None,
        Value::Bytes(bytes) => Some(bytes),
        other => Some(other.as_sql(true).into_bytes()),
    }
}

fn problem(error: &mysql::Error) -> Problem {
    Problem::Database(match error {
        mysql::Error::MySqlError(error) => error.message.clone(),
        other => other.to_string(),
    })
}
