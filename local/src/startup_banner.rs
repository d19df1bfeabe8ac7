//! The output of the program when it accepts requests.

use std::{
    io::{self, Write},
    net::SocketAddr,
};

use secrecy::{ExposeSecret, SecretString};

use crate::{
    database::Account,
    first_admin::{self, FirstAdmin},
};

/// The address of `cargo lambda watch`.
const WATCH: &str = "127.0.0.1:9000";

/// The credentials and tokens of a start.
pub(crate) struct StartupBanner {
    /// The first administrator, if this start created it.
    pub(crate) admin: Option<FirstAdmin>,
    /// The setup token, if the instance is not set up.
    pub(crate) setup_token: Option<SecretString>,
    /// The AWS account of the table, if it is in one.
    pub(crate) account: Option<Account>,
}

impl StartupBanner {
    /// Prints the URL of the service.
    pub(crate) fn print_service(self, address: SocketAddr, table: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "listening on http://{address}\n")?;
        writeln!(out, "  pages     http://{address}/")?;
        writeln!(out, "  API       http://{address}/api/docs")?;
        if let Some(Account { id, region, is_writable }) = &self.account {
            let access = if *is_writable { "with changes" } else { "read-only" };
            writeln!(
                out,
                "\nUses the table {table} of the AWS account {id} in {region}, {access}."
            )?;
        }
        self.print_admin(&mut out, &address.to_string())?;
        if let Some(token) = self.setup_token {
            let token = token.expose_secret();
            writeln!(out, "\nThe instance is not set up. POST /api/setup with the token {token}")?;
        }
        out.flush()
    }

    /// Prints the URL of the database. `Cargo.toml` passes it to the functions, for the default
    /// port and table.
    pub(crate) fn print_database(self, address: SocketAddr, table: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "listening on http://{address}")?;
        writeln!(out, "\nThe DynamoDB engine serves the table {table}. In another shell:")?;
        writeln!(out, "  cargo lambda watch --invoke-address 127.0.0.1 --disable-cors")?;
        self.print_admin(&mut out, WATCH)?;
        out.flush()
    }

    fn print_admin(&self, out: &mut impl Write, service: &str) -> io::Result<()> {
        let Some(FirstAdmin { password, token, link }) = &self.admin else { return Ok(()) };
        writeln!(out, "\nCreated the first administrator. These credentials are shown once:")?;
        writeln!(out, "  email     {}", first_admin::EMAIL)?;
        writeln!(out, "  password  {password}")?;
        writeln!(out, "  session   {token}")?;
        writeln!(out, "\nOpen this link once to sign in with a password of your own:")?;
        writeln!(out, "  {link}")?;
        writeln!(out, "\nTry it:")?;
        writeln!(out, "  curl -H 'X-Metabase-Session: {token}' http://{service}/api/user/current")
    }
}
