//! The address of a database in a URL.

use std::{net::IpAddr, path::PathBuf};

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::Url;

use crate::{error::Problem, input::Options};

/// The parts of a URL.
pub(crate) struct Address {
    pub(super) is_mysql: bool,
    /// A name, an IP address, or the directory or path of a socket.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(crate) password: Option<SecretString>,
    pub(super) database: String,
    /// Whether the connection is encrypted, and the certificate verified.
    pub(super) has_tls: bool,
    pub(super) ca_file: Option<PathBuf>,
}

impl Address {
    /// Parses a URL. No error contains any part of it.
    pub(super) fn parse(url: &SecretString, options: &Options) -> Result<Self, Problem> {
        use secrecy::ExposeSecret;

        let url = Url::parse(url.expose_secret()).map_err(|error| invalid(&error.to_string()))?;
        let is_mysql = matches!(url.scheme(), "mysql" | "mariadb");
        let mut address = Self {
            is_mysql,
            host: decode(url.host_str().unwrap_or_default().trim_matches(['[', ']']))?,
            port: url.port().unwrap_or(if is_mysql { 3306 } else { 5432 }),
            user: decode(url.username())?,
            password: url.password().map(decode).transpose()?.map(SecretString::from),
            database: decode(url.path().trim_start_matches('/'))?,
            has_tls: false,
            ca_file: options.ca_file.clone(),
        };
        let mut mode = None;
        for (key, value) in url.query_pairs() {
            address.parameter(&key, &value, &mut mode)?;
        }
        address.password = address.password.or_else(|| options.password.clone());
        address.complete(mode.as_deref())
    }

    /// Reads a parameter. Others have no meaning here.
    fn parameter(
        &mut self,
        key: &str,
        value: &str,
        mode: &mut Option<String>,
    ) -> Result<(), Problem> {
        match key {
            "sslmode" | "ssl-mode" | "ssl" | "useSSL" => *mode = Some(value.to_ascii_lowercase()),
            "sslrootcert" | "ssl-ca" => self.ca_file = Some(value.into()),
            "host" | "socket" => value.clone_into(&mut self.host),
            "user" => value.clone_into(&mut self.user),
            "password" => self.password = Some(value.into()),
            "dbname" => value.clone_into(&mut self.database),
            "port" => {
                self.port = value.parse().map_err(|_| invalid("the port is no number"))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn complete(mut self, mode: Option<&str>) -> Result<Self, Problem> {
        if self.database.is_empty() {
            return Err(invalid("the name of the database is missing after the host"));
        }
        if self.host.is_empty() {
            "localhost".clone_into(&mut self.host);
        }
        self.has_tls = match mode {
            Some("disable" | "disabled" | "false") => false,
            Some(
                "allow" | "prefer" | "preferred" | "require" | "required" | "true" | "verify-ca"
                | "verify_ca" | "verify-full" | "verify_identity",
            ) => true,
            Some(_) => return Err(invalid("sslmode is neither disable nor require")),
            None => !self.is_local(),
        };
        Ok(self)
    }

    /// Whether the host is the path of a socket.
    pub(super) fn is_socket(&self) -> bool {
        self.host.starts_with('/')
    }

    fn is_local(&self) -> bool {
        let is_loopback = self.host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        self.is_socket() || is_loopback || self.host == "localhost"
    }
}

fn invalid(reason: &str) -> Problem {
    Problem::Url { reason: reason.to_owned() }
}

fn decode(text: &str) -> Result<String, Problem> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).map_err(|_| invalid("it is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn parse(url: &str) -> Result<Address, Problem> {
        Address::parse(&url.into(), &Options::default())
    }

    #[test]
    fn tls_is_the_default_for_other_machines_only() {
        for (url, has_tls) in [
            ("postgres://a:b@db.example.com/metabase", true),
            ("postgres://a:b@db.example.com/metabase?sslmode=disable", false),
            ("postgres://a:b@127.0.0.1/metabase", false),
            ("postgres://a:b@[::1]/metabase", false),
            ("postgres:///metabase?host=/tmp", false),
            ("mysql://a:b@localhost/metabase", false),
            ("mysql://a:b@localhost/metabase?ssl-mode=REQUIRED", true),
            ("mysql://10.0.0.1/metabase?user=a&password=b", true),
        ] {
            assert_eq!(parse(url).unwrap().has_tls, has_tls, "{url}");
        }
    }

    #[test]
    fn parts_are_decoded() {
        let address = parse("postgresql://us%40er:p%3Aw@%2Ftmp%2Fpg:5555/me%20ta").unwrap();
        assert_eq!(address.user, "us@er");
        assert_eq!(address.password.unwrap().expose_secret(), "p:w");
        assert_eq!((address.host.as_str(), address.port), ("/tmp/pg", 5555));
        assert_eq!(address.database, "me ta");
    }

    #[test]
    fn an_invalid_url_is_not_in_the_error() {
        for url in [
            "postgres://user:hunter2@host:99999/db",
            "postgres://user:hunter2@host/",
            "mysql://user:hunter2@host/db?sslmode=hunter2",
            "mysql://user:hunter2@host/db?port=hunter2",
            "mysql://user:hunter2%FF@host/db",
        ] {
            let error = parse(url).err().unwrap();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{url}");
        }
    }
}
