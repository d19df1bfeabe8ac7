//! The file with the session of the last login. Only its owner may read it.

use std::{
    fs::{self, DirBuilder},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use crate::{Failure, environment};

/// The permission bits of everyone except the owner.
const OTHERS: u32 = 0o077;

/// The last login.
#[derive(Debug)]
pub(crate) struct SavedLogin {
    /// URL of the service.
    pub(crate) url: String,
    /// Email address of the user.
    pub(crate) email: String,
    /// Session token.
    pub(crate) session: SecretString,
}

#[derive(Deserialize)]
struct Content {
    url: String,
    email: String,
    session: String,
}

impl SavedLogin {
    /// Reads the file, if it exists.
    pub(crate) fn load() -> Result<Option<Self>, Failure> {
        let Some(path) = path() else { return Ok(None) };
        let content = match fs::read(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(&path, error)),
        };
        let mode = fs::metadata(&path).map_err(|error| unusable(&path, error))?;
        if mode.permissions().mode() & OTHERS != 0 {
            return Err(unusable(&path, "other users of this machine can read it: chmod 600 it"));
        }
        let content = serde_json::from_slice(&content);
        let Content { url, email, session } = content
            .map_err(|_| unusable(&path, "it has another format: delete it and log in again"))?;
        Ok(Some(Self { url, email, session: session.into() }))
    }

    /// Replaces the file.
    pub(crate) fn save(&self) -> Result<PathBuf, Failure> {
        let path = path().ok_or_else(|| {
            Failure::failed("there is no home directory: set XDG_CONFIG_HOME for the session")
        })?;
        let saved = self.write(&path);
        saved.map_err(|error| unusable(&path, error))?;
        Ok(path)
    }

    /// Writes a new file for the owner alone, then puts it in place.
    fn write(&self, path: &Path) -> io::Result<()> {
        let directory = path.parent().unwrap_or(path);
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        let Self { url, email, session } = self;
        let content = json!({ "url": url, "email": email, "session": session.expose_secret() });
        writeln!(file, "{content}")?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }

    /// Deletes the file, if it exists.
    pub(crate) fn delete() -> Result<(), Failure> {
        let Some(path) = path() else { return Ok(()) };
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(unusable(&path, error)),
            _ => Ok(()),
        }
    }
}

fn path() -> Option<PathBuf> {
    Some(environment::config_directory()?.join("session.json"))
}

fn unusable(path: &Path, reason: impl std::fmt::Display) -> Failure {
    Failure::failed(format!("cannot use {}: {reason}", path.display()))
}
