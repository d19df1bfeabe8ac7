//! Mail: letters, and where they go.

mod directory;
mod message;
mod ses;

use std::{io, path::PathBuf};

pub use message::EmailMessage;
pub use ses::Ses;

/// Where letters go.
#[derive(Debug, Clone, Default)]
pub enum Mailer {
    /// Nowhere: the operator has not set mail up.
    #[default]
    Disabled,
    /// Into a folder, as a file each.
    Directory(PathBuf),
    /// To whom they are for, through Amazon SES.
    Ses(Ses),
}

/// A letter was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The folder does not take it.
    #[error("the folder does not take the letter: {0}")]
    Folder(#[from] io::Error),
    /// SES does not take it. What SES says beside the code may name the recipient.
    #[error("SES does not take the letter: {0}")]
    Ses(String),
}

impl Mailer {
    /// Whether letters go anywhere.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        !matches!(self, Self::Disabled)
    }

    /// Sends a letter.
    ///
    /// # Errors
    ///
    /// When it is not taken.
    pub async fn send(&self, letter: EmailMessage) -> Result<(), MailError> {
        match self {
            Self::Disabled => Ok(()),
            Self::Directory(folder) => directory::put(folder.clone(), letter).await,
            // Boxed, or the SDK's futures nest deeper in ours than the compiler follows.
            Self::Ses(ses) => Box::pin(ses.send(letter)).await,
        }
    }

    /// Sends a letter on which nothing depends: that it was not taken is logged.
    pub async fn send_or_log(&self, letter: EmailMessage) {
        if let Err(error) = self.send(letter).await {
            tracing::error!(%error, "a letter was not sent");
        }
    }
}
