//! Emails in a directory: mail on a laptop.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use mail_builder::{MessageBuilder, headers::raw::Raw, mime::MimePart};
use shared::{
    mail::{EmailMessage, EmailTransport, MailError, Mailer, Sending},
    random,
};
use tokio::task;

use crate::owner_only;

/// The extension of files with emails.
const EXTENSION: &str = "eml";
/// The sender of emails that go nowhere.
const SENDER: &str = "no-reply@localhost";
/// The length of a line of Base64 in an email.
const BASE64_LINE: usize = 76;

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
    file.write_all(&internet_message(to, message)?)?;
    fs::rename(draft, &path)?;
    Ok(path)
}

/// The email in the format of RFC 5322, with plain text and HTML.
///
/// The plain text comes first and is not encoded, so a search of the file finds the link on a line
/// of its own. The HTML is encoded, so the search finds the link once.
fn internet_message(to: String, message: &EmailMessage) -> io::Result<Vec<u8>> {
    let text = MimePart::new("text/plain", with_crlf(&message.text)).transfer_encoding("8bit");
    let html = MimePart::new("text/html", in_base64(&message.html)).transfer_encoding("base64");
    MessageBuilder::new()
        .header("To", Raw::new(to))
        .subject(message.subject.as_str())
        .header("From", Raw::new(SENDER))
        .body(MimePart::new("multipart/alternative", vec![text, html]))
        .write_to_vec()
}

/// The text with the line ends of an email.
fn with_crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

fn in_base64(text: &str) -> String {
    let encoded = BASE64_STANDARD.encode(with_crlf(text));
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / BASE64_LINE * 2 + 2);
    for (index, c) in encoded.chars().enumerate() {
        if index > 0 && index % BASE64_LINE == 0 {
            lines.push_str("\r\n");
        }
        lines.push(c);
    }
    lines + "\r\n"
}

#[cfg(test)]
mod tests;
