//! Emails through Amazon SES.

use std::{sync::OnceLock, time::Duration};

use aws_config::SdkConfig;
use aws_sdk_sesv2::{
    Client,
    config::{Builder, retry::RetryConfig, timeout::TimeoutConfig},
    error::{BuildError, ProvideErrorMetadata},
    operation::send_email::builders::SendEmailFluentBuilder,
    types::{Body, Content, Destination, EmailContent, Message},
};

use super::{EmailMessage, MailError};
use crate::domain::Email;

/// The time limit of all attempts for one email.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(4);
/// The number of attempts.
const ATTEMPTS: u32 = 2;

/// The sender of emails, and the configuration of the client.
#[derive(Debug, Clone)]
pub struct Ses {
    /// A verified email address, or one of a verified domain.
    sender: Email,
    config: SdkConfig,
}

impl Ses {
    /// Creates a mailer with a sender from `MAIL_FROM`. It sends no request yet.
    #[must_use]
    pub fn new(sender: Email, config: &SdkConfig) -> Self {
        Self { sender, config: config.clone() }
    }

    /// Sends an email.
    pub(super) async fn send(&self, message: EmailMessage) -> Result<(), MailError> {
        let recipient = message.recipient().ok_or(MailError::Undeliverable)?;
        let request = self.request(message, recipient);
        let request = request.map_err(|error| MailError::Ses(error.to_string()))?;
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(MailError::Ses(error.code().unwrap_or("no response").to_owned())),
        }
    }

    fn request(
        &self,
        message: EmailMessage,
        recipient: String,
    ) -> Result<SendEmailFluentBuilder, BuildError> {
        let text = |text: String| Content::builder().data(text).charset("UTF-8").build();
        let [plain, html] = [text(message.text)?, text(message.html)?];
        let body = Body::builder().text(plain).html(html).build();
        let content = Message::builder().subject(text(message.subject)?).body(body).build();
        Ok(self
            .client()
            .send_email()
            .from_email_address(self.sender.as_str())
            .destination(Destination::builder().to_addresses(recipient).build())
            .content(EmailContent::builder().simple(content).build()))
    }

    /// The client of the process. It is created for the first email, so that the linker drops it
    /// from functions without emails.
    fn client(&self) -> &'static Client {
        static CLIENT: OnceLock<Client> = OnceLock::new();
        CLIENT.get_or_init(|| {
            let timeouts = TimeoutConfig::builder().operation_timeout(OPERATION_TIMEOUT).build();
            let config = Builder::from(&self.config)
                .timeout_config(timeouts)
                .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
            Client::from_conf(config.build())
        })
    }
}
