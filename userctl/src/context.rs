//! The options and the output of a run, and its client.

use client::{Client, Credentials};

use crate::{
    Failure, GlobalOptions, Output,
    credentials_file::SavedLogin,
    environment::{self, API_KEY, SESSION},
};

/// The name of the program in the list of sessions.
const USER_AGENT: &str = concat!("userctl/", env!("CARGO_PKG_VERSION"));

/// The options and the output of a run.
#[derive(Debug)]
pub struct Context {
    /// Global options.
    pub global: GlobalOptions,
    /// The output.
    pub output: Output,
}

impl Context {
    /// The context of a run with these options.
    #[must_use]
    pub fn new(global: GlobalOptions) -> Self {
        let output = Output::new(&global);
        Self { global, output }
    }

    /// A client of the selected service, without credentials.
    ///
    /// # Errors
    ///
    /// Returns a usage failure if there is no URL, or an invalid one.
    pub fn anonymous_client(&self) -> Result<Client, Failure> {
        let saved = SavedLogin::load()?;
        self.client_of(saved.as_ref())
    }

    /// A client of the selected service with the credentials of the environment, or of the last
    /// login there.
    ///
    /// # Errors
    ///
    /// Returns a failure if there is no URL, or if there are no credentials.
    pub fn client(&self) -> Result<Client, Failure> {
        let saved = SavedLogin::load()?;
        let client = self.client_of(saved.as_ref())?;
        let credentials = match (environment::secret(SESSION), environment::secret(API_KEY)) {
            (Some(_), Some(_)) => {
                return Err(Failure::usage(format!("set {SESSION} or {API_KEY}, not both")));
            }
            (Some(session), None) => Credentials::Session(session),
            (None, Some(key)) => Credentials::ApiKey(key),
            // A session goes to the service that issued it, and to no other.
            (None, None) => match saved.filter(|saved| saved.url == client.url()) {
                Some(saved) => Credentials::Session(saved.session),
                None => return Err(Failure::not_signed_in(&client.url())),
            },
        };
        Ok(client.with_credentials(credentials))
    }

    fn client_of(&self, saved: Option<&SavedLogin>) -> Result<Client, Failure> {
        if self.global.table.is_given() {
            return Err(Failure::usage(
                "this command uses the API: give --url, not --table or --data",
            ));
        }
        let url = self.global.url.clone().or_else(environment::url);
        let url = url.or_else(|| saved.map(|saved| saved.url.clone()));
        let url = url.ok_or_else(|| {
            Failure::usage("no service is selected: add --url URL, or set USERCTL_URL")
        })?;
        self.client_at(&url)
    }

    /// A client of the service at `url`, without credentials.
    pub(crate) fn client_at(&self, url: &str) -> Result<Client, Failure> {
        let client = Client::builder(url).user_agent(USER_AGENT);
        Ok(client.allow_plain_http(self.global.allow_http).build()?)
    }
}
