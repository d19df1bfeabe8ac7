//! `cargo run -p openapi`: writes the documents.

use std::{fs, path::Path};

use openapi::{Error, FILES};

fn main() -> Result<(), Error> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (dialect, name) in FILES {
        fs::write(workspace.join(name), openapi::text(dialect)?)?;
    }
    Ok(())
}
