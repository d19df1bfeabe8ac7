//! Emails in a directory: mail on a laptop.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use shared::{
    mail::{EmailMessage, EmailTransport, MailError, Mailer, Sending},
    random,
};
use tokio::task;

/// The mode of the files. Emails contain tokens, which no other user of the machine may read.
const OWNER_ONLY: u32 = 0o600;

/// A transport that writes each email into a file of its own.
#[derive(Debug, Clone)]
pub struct MailDirectory(PathBuf);

impl MailDirectory {
    /// Creates a mailer that writes into a directory. The first email creates the directory.
    #[must_use]
    pub fn mailer(directory: impl Into<PathBuf>) -> Mailer {
        Mailer::Custom(Arc::new(Self(directory.into())))
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
        [format!(".{name}"), format!("{name}.eml")].map(|file| directory.join(file));
    fs::create_dir_all(directory)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(&draft)?;
    let EmailMessage { subject, text, .. } = message;
    writeln!(file, "To: {to}\nSubject: {subject}")?;
    write!(file, "Content-Type: text/plain; charset=utf-8\n\n{text}")?;
    fs::rename(draft, &path)?;
    Ok(path)
}
