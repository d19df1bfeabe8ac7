//! Emails, and the ways to send them.

mod html;
mod message;
mod recipient;
mod ses;
mod site;
mod texts;

use std::{error::Error, fmt, pin::Pin, sync::Arc};

pub use message::{EmailMessage, UNDELIVERABLE};
pub use recipient::Recipient;
pub use ses::Ses;
pub use site::MailSite;

/// The way in which the service sends emails.
#[derive(Debug, Clone, Default)]
pub enum Mailer {
    /// Emails are disabled.
    #[default]
    Disabled,
    /// Amazon SES.
    Ses(Box<Ses>),
    /// A transport of the program, such as a directory on a laptop.
    Custom(Arc<dyn EmailTransport>),
}

/// The future of one email.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>>;

/// A transport for emails that a program brings.
pub trait EmailTransport: fmt::Debug + Send + Sync {
    /// Sends an email.
    fn send(&self, message: EmailMessage) -> Sending<'_>;
}

/// An email that could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// SES rejected the email. Only the error code is kept: the message may contain the recipient.
    #[error("SES rejected the email: {0}")]
    Ses(String),
    /// The address has a local part outside ASCII.
    #[error("the email address cannot be sent to")]
    Undeliverable,
    /// The program's own transport failed.
    #[error("the email transport failed")]
    Custom(#[source] Box<dyn Error + Send + Sync>),
}

impl Mailer {
    /// Whether the service sends emails.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        !matches!(self, Self::Disabled)
    }

    /// Sends an email.
    ///
    /// # Errors
    ///
    /// Returns an error if the transport rejects the email.
    pub async fn send(&self, message: EmailMessage) -> Result<(), MailError> {
        match self {
            Self::Disabled => Ok(()),
            // Boxed: otherwise the SDK's futures nest deeper than the compiler follows.
            Self::Ses(ses) => Box::pin(ses.send(message)).await,
            Self::Custom(transport) => transport.send(message).await,
        }
    }

    /// Sends an email on which the response does not depend. A failure is logged. Returns whether
    /// the transport has taken the email.
    pub async fn send_or_log(&self, message: EmailMessage) -> bool {
        let sent = self.send(message).await;
        if let Err(error) = &sent {
            tracing::error!(%error, "failed to send email");
        }
        sent.is_ok()
    }
}
