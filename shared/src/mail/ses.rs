//! Emails through Amazon SES.

use std::{sync::OnceLock, time::Duration};

use aws_sdk_sesv2::{
    Client, Config,
    config::{BehaviorVersion, Region, retry::RetryConfig, timeout::TimeoutConfig},
    error::{BuildError, ProvideErrorMetadata},
    operation::send_email::builders::SendEmailFluentBuilder,
    types::{Body, Content, Destination, EmailContent, Message},
};

use super::{EmailMessage, MailError};
use crate::{
    aws::{self, AwsCredentials},
    domain::Email,
};

/// The time limit of all attempts for one email.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(4);
/// The number of attempts.
const ATTEMPTS: u32 = 2;

/// The sender, and the credentials for SES.
#[derive(Debug, Clone)]
pub struct Ses {
    /// `MAIL_FROM`: a verified email address, or one of a verified domain.
    pub sender: Email,
    /// `AWS_ENDPOINT_URL_SESV2`, or `AWS_ENDPOINT_URL`; without either the endpoint of the region.
    pub endpoint: Option<String>,
    /// The credentials.
    pub credentials: AwsCredentials,
}

impl Ses {
    /// Sends an email.
    pub(super) async fn send(&self, message: EmailMessage) -> Result<(), MailError> {
        let request = self.request(message).map_err(|error| MailError::Ses(error.to_string()))?;
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(MailError::Ses(error.code().unwrap_or("no response").to_owned())),
        }
    }

    fn request(&self, message: EmailMessage) -> Result<SendEmailFluentBuilder, BuildError> {
        let text = |text: String| Content::builder().data(text).charset("UTF-8").build();
        let body = Body::builder().text(text(message.text)?).build();
        let content = Message::builder().subject(text(message.subject)?).body(body).build();
        Ok(self
            .client()
            .send_email()
            .from_email_address(self.sender.as_str())
            .destination(Destination::builder().to_addresses(message.to.as_str()).build())
            .content(EmailContent::builder().simple(content).build()))
    }

    /// The client of the process. It is created for the first email, so that the linker drops it
    /// from functions without emails.
    fn client(&self) -> &'static Client {
        static CLIENT: OnceLock<Client> = OnceLock::new();
        CLIENT.get_or_init(|| {
            let timeouts = TimeoutConfig::builder().operation_timeout(OPERATION_TIMEOUT).build();
            let mut config = Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new(self.credentials.region.clone()))
                .credentials_provider(aws::credentials(&self.credentials))
                .http_client(aws::http_client(&self.credentials, self.endpoint.as_deref()))
                .timeout_config(timeouts)
                .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
            config.set_endpoint_url(self.endpoint.clone());
            Client::from_conf(config.build())
        })
    }
}
