//! Files and directories that no other user of the machine may read: they contain tokens, password
//! hashes and emails.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

const DIRECTORY: u32 = 0o700;
const FILE: u32 = 0o600;
/// The bits of a mode that are permissions.
const PERMISSIONS: u32 = 0o7777;
/// The sticky bit: the mark of a directory that everybody uses, such as `/tmp`.
const STICKY: u32 = 0o1000;

/// Creates a directory for the owner alone, or restricts an existing one.
///
/// # Errors
///
/// Returns an error if the directory cannot be created or restricted, or if all users share it.
pub fn create_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(DIRECTORY).create(path)?;
    if mode(path)? & STICKY != 0 {
        return Err(io::Error::other("all users of this machine share it"));
    }
    restrict(path, DIRECTORY)
}

/// Opens a file for writing, creates it for the owner alone if it is missing, and restricts it if
/// it exists. Keeps its content.
///
/// # Errors
///
/// Returns an error if the file cannot be created, opened or restricted.
pub fn open_file(path: &Path) -> io::Result<File> {
    restrict_file(path)?;
    OpenOptions::new().create(true).truncate(false).write(true).mode(FILE).open(path)
}

/// Restricts a file if it exists.
///
/// # Errors
///
/// Returns an error if the file cannot be restricted.
pub fn restrict_file(path: &Path) -> io::Result<()> {
    if path.is_file() { restrict(path, FILE) } else { Ok(()) }
}

fn restrict(path: &Path, permissions: u32) -> io::Result<()> {
    if mode(path)? == permissions {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(permissions))
}

fn mode(path: &Path) -> io::Result<u32> {
    Ok(fs::metadata(path)?.permissions().mode() & PERMISSIONS)
}
