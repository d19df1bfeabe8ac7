//! Letters in a folder: mail on a laptop.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use tokio::task;

use super::{EmailMessage, MailError};
use crate::random;

/// Letters have tokens in them: nobody else on the machine is to read them.
const OWNER_ONLY: u32 = 0o600;

/// Writes a letter to a file of its own.
pub(super) async fn put(folder: PathBuf, letter: EmailMessage) -> Result<(), MailError> {
    let written = task::spawn_blocking(move || write(&folder, &letter)).await;
    let path = written.map_err(io::Error::other)??;
    tracing::info!(file = %path.display(), "a letter was written");
    Ok(())
}

/// Under its name the file is there only once it is whole.
fn write(folder: &Path, letter: &EmailMessage) -> io::Result<PathBuf> {
    let number = random::bytes::<12>().map_err(io::Error::other)?;
    let name = BASE64_URL_SAFE_NO_PAD.encode(number);
    let (draft, path) = (folder.join(format!(".{name}")), folder.join(format!("{name}.eml")));
    fs::create_dir_all(folder)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(&draft)?;
    let EmailMessage { to, subject, text } = letter;
    write!(
        file,
        "To: {}\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}",
        to.as_str()
    )?;
    fs::rename(draft, &path)?;
    Ok(path)
}
