//! Emails in a directory: mail on a laptop.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use shared::{
    mail::{EmailMessage, EmailTransport, MailError, Mailer, Sending},
    random,
};
use tokio::task;

use crate::owner_only;

/// The extension of files with emails.
const EXTENSION: &str = "eml";

/// A transport that writes each email into a file of its own.
#[derive(Debug, Clone)]
pub struct MailDirectory(PathBuf);

impl MailDirectory {
    /// Creates a mailer that writes into a directory. The first email creates the directory.
    #[must_use]
    pub fn mailer(directory: impl Into<PathBuf>) -> Mailer {
        Mailer::Custom(Arc::new(Self(directory.into())))
    }

    /// Creates the directory for the owner alone, or restricts an existing one and its emails.
    ///
    /// # Errors
    ///
    /// Returns an error if the directory cannot be created, read or restricted.
    pub fn prepare(directory: &Path) -> io::Result<()> {
        owner_only::create_directory(directory)?;
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == EXTENSION) {
                owner_only::restrict_file(&path)?;
            }
        }
        Ok(())
    }
}

impl EmailTransport for MailDirectory {
    fn send(&self, message: EmailMessage) -> Sending<'_> {
        let directory = self.0.clone();
        Box::pin(async move {
            let written = task::spawn_blocking(move || write(&directory, &message)).await;
            let path = written
                .map_err(io::Error::other)
                .flatten()
                .map_err(|error| MailError::Custom(error.into()))?;
            tracing::info!(file = %path.display(), "wrote an email");
            Ok(())
        })
    }
}

/// Writes the file under a hidden name and renames it, so that no reader sees half of it.
fn write(directory: &Path, message: &EmailMessage) -> io::Result<PathBuf> {
    // A file can have any recipient, also one that Amazon SES rejects.
    let to = message.recipient().unwrap_or_else(|| message.to.as_str().to_owned());
    let nonce = random::bytes::<12>().map_err(io::Error::other)?;
    let name = BASE64_URL_SAFE_NO_PAD.encode(nonce);
    let [draft, path] =
        [format!(".{name}"), format!("{name}.{EXTENSION}")].map(|file| directory.join(file));
    owner_only::create_directory(directory)?;
    let mut file = owner_only::open_file(&draft)?;
    let EmailMessage { subject, text, .. } = message;
    writeln!(file, "To: {to}\nSubject: {subject}")?;
    write!(file, "Content-Type: text/plain; charset=utf-8\n\n{text}")?;
    fs::rename(draft, &path)?;
    Ok(path)
}
