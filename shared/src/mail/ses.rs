//! Letters through Amazon SES.

use std::{sync::OnceLock, time::Duration};

use aws_sdk_sesv2::{
    Client, Config,
    config::{BehaviorVersion, Region, retry::RetryConfig, timeout::TimeoutConfig},
    error::{BuildError, ProvideErrorMetadata},
    operation::send_email::builders::SendEmailFluentBuilder,
    types::{Body, Content, Destination, EmailContent, Message},
};

use super::{EmailMessage, MailError};
use crate::{aws, config::AwsCredentials, domain::Email};

/// All tries of one letter.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(4);
/// A try that failed is made once more.
const ATTEMPTS: u32 = 2;

/// Who sends, and as whom.
#[derive(Debug, Clone)]
pub struct Ses {
    /// `MAIL_FROM`: an address that SES has verified, or of a domain that it has.
    pub sender: Email,
    /// `AWS_ENDPOINT_URL_SESV2`, or `AWS_ENDPOINT_URL`; the region's own without either.
    pub endpoint: Option<String>,
    /// Who asks.
    pub account: AwsCredentials,
}

impl Ses {
    /// Hands a letter over.
    pub(super) async fn send(&self, letter: EmailMessage) -> Result<(), MailError> {
        let request = self.request(letter).map_err(|error| MailError::Ses(error.to_string()))?;
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(MailError::Ses(error.code().unwrap_or("no answer").to_owned())),
        }
    }

    fn request(&self, letter: EmailMessage) -> Result<SendEmailFluentBuilder, BuildError> {
        let text = |text: String| Content::builder().data(text).charset("UTF-8").build();
        let body = Body::builder().text(text(letter.text)?).build();
        let message = Message::builder().subject(text(letter.subject)?).body(body).build();
        Ok(self
            .client()
            .send_email()
            .from_email_address(self.sender.as_str())
            .destination(Destination::builder().to_addresses(letter.to.as_str()).build())
            .content(EmailContent::builder().simple(message).build()))
    }

    /// The client of the process. It is made for the first letter, so that functions that send none do
    /// not carry it.
    fn client(&self) -> &'static Client {
        static CLIENT: OnceLock<Client> = OnceLock::new();
        CLIENT.get_or_init(|| {
            let timeouts = TimeoutConfig::builder().operation_timeout(OPERATION_TIMEOUT).build();
            let mut config = Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new(self.account.region.clone()))
                .credentials_provider(aws::credentials(&self.account))
                .http_client(aws::http_client(&self.account, self.endpoint.as_deref()))
                .timeout_config(timeouts)
                .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
            config.set_endpoint_url(self.endpoint.clone());
            Client::from_conf(config.build())
        })
    }
}
