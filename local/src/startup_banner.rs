//! What is printed once the program accepts requests.

use std::{
    io::{self, Write},
    net::SocketAddr,
};

use secrecy::{ExposeSecret, SecretString};

use crate::first_admin::{self, FirstAdmin};

/// Where `cargo lambda watch` serves the functions.
const WATCH: &str = "127.0.0.1:9000";

/// What is said only once.
pub(crate) struct StartupBanner {
    /// The administrator that was just made.
    pub(crate) admin: Option<FirstAdmin>,
    /// What sets the instance up, while it is not.
    pub(crate) setup_token: Option<SecretString>,
}

impl StartupBanner {
    /// Prints where the service is.
    pub(crate) fn print_service(self, address: SocketAddr) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "listening on http://{address}")?;
        self.print_admin(&mut out, &address.to_string())?;
        if let Some(token) = self.setup_token {
            let token = token.expose_secret();
            writeln!(out, "\nThe instance is not set up. POST /api/setup with the token {token}")?;
        }
        out.flush()
    }

    /// Prints where the database is. Functions are told in `Cargo.toml`, for the port and the table
    /// that are the default.
    pub(crate) fn print_database(self, address: SocketAddr, table: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "listening on http://{address}")?;
        writeln!(out, "\nThis is DynamoDB with the table {table}. In another shell:")?;
        writeln!(out, "  cargo lambda watch --invoke-address 127.0.0.1 --disable-cors")?;
        self.print_admin(&mut out, WATCH)?;
        out.flush()
    }

    fn print_admin(&self, out: &mut impl Write, service: &str) -> io::Result<()> {
        let Some(FirstAdmin { password, token }) = &self.admin else { return Ok(()) };
        writeln!(out, "\nA first administrator was made. This is shown once:")?;
        writeln!(out, "  e-mail    {}", first_admin::EMAIL)?;
        writeln!(out, "  password  {password}")?;
        writeln!(out, "  session   {token}")?;
        writeln!(out, "\nTry it:")?;
        writeln!(out, "  curl -H 'X-Metabase-Session: {token}' http://{service}/api/user/current")
    }
}
