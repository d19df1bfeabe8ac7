//! Mail: letters, and where they go.

mod folder;
mod letter;
mod ses;

use std::{io, path::PathBuf};

pub use letter::Letter;
pub use ses::Ses;

/// Where letters go.
#[derive(Debug, Clone, Default)]
pub enum Mail {
    /// Nowhere: the operator has not set mail up.
    #[default]
    Off,
    /// Into a folder, as a file each.
    Folder(PathBuf),
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

impl Mail {
    /// Whether letters go anywhere.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        !matches!(self, Self::Off)
    }

    /// Sends a letter.
    ///
    /// # Errors
    ///
    /// When it is not taken.
    pub async fn send(&self, letter: Letter) -> Result<(), MailError> {
        match self {
            Self::Off => Ok(()),
            Self::Folder(folder) => folder::put(folder.clone(), letter).await,
            // Boxed, or the SDK's futures nest deeper in ours than the compiler follows.
            Self::Ses(ses) => Box::pin(ses.send(letter)).await,
        }
    }

    /// Sends a letter on which nothing depends: that it was not taken is logged.
    pub async fn try_send(&self, letter: Letter) {
        if let Err(error) = self.send(letter).await {
            tracing::error!(%error, "a letter was not sent");
        }
    }
}
