//! Generated files, compared with the workspace.

use std::{fs, path::Path};

use crate::Error;

/// A generated file.
#[derive(Debug)]
pub struct GeneratedFile {
    /// The path in the workspace.
    pub path: String,
    /// The content, or `None` if the file must not exist.
    pub content: Option<String>,
}

impl GeneratedFile {
    pub(crate) fn new(path: impl Into<String>, content: String) -> Self {
        Self { path: path.into(), content: Some(content) }
    }
}

/// The files with another content in the workspace.
#[must_use]
pub fn outdated<'f>(workspace: &Path, files: &'f [GeneratedFile]) -> Vec<&'f GeneratedFile> {
    let is_outdated = |file: &&GeneratedFile| {
        let found = fs::read_to_string(workspace.join(&file.path)).ok();
        found != file.content
    };
    files.iter().filter(is_outdated).collect()
}

/// Writes the files, and removes those without content.
///
/// # Errors
///
/// Fails if a file cannot be written.
pub fn write(workspace: &Path, files: &[&GeneratedFile]) -> Result<(), Error> {
    for GeneratedFile { path, content } in files {
        let path = workspace.join(path);
        match content {
            Some(content) => {
                path.parent().map_or(Ok(()), fs::create_dir_all)?;
                fs::write(path, content)?;
            }
            None => fs::remove_file(path)?,
        }
    }
    Ok(())
}

/// A directory with generated files only: the given ones, and every other one to be removed.
///
/// The directory may be missing, and it may have subdirectories.
pub(crate) fn directory(
    workspace: &Path,
    name: &str,
    files: Vec<GeneratedFile>,
) -> Result<Vec<GeneratedFile>, Error> {
    let mut all = files;
    let directory = workspace.join(name);
    if !directory.exists() {
        return Ok(all);
    }
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let path = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_file() && all.iter().all(|file| file.path != path) {
            all.push(GeneratedFile { path, content: None });
        }
    }
    Ok(all)
}
