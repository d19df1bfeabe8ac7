//! Compresses the OpenAPI documents, makes the assets of the pages, and links some functions at a
//! fixed address when they are built to be deployed.
//!
//! The loader relocates a position-independent executable at each start. It rewrites 20,000
//! addresses and copies their pages. That is a sixth of a cold start, and half a megabyte
//! (`docs/adr/0014`). Functions that anyone may call, and functions with passwords, stay
//! position-independent: their addresses differ in every process.

#[path = "build/pages.rs"]
mod pages;

use std::{
    env,
    error::Error,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use flate2::{Compression, GzBuilder};

const DOCUMENTS: [&str; 2] = ["openapi.json", "openapi-metabase.json"];

const AT_A_FIXED_ADDRESS: &[&str] = &[
    // BEGIN GENERATED: fixed address (cargo xtask generate)
    "list-api-keys",
    "create-api-key",
    "count-api-keys",
    "update-api-key",
    "delete-api-key",
    "regenerate-api-key",
    "list-audit",
    "test-email",
    "list-login-history",
    "get-permissions-graph",
    "update-permissions-graph",
    "get-group-permissions",
    "list-groups",
    "create-group",
    "get-group",
    "update-group",
    "delete-group",
    "list-memberships",
    "create-membership",
    "update-membership",
    "delete-membership",
    "clear-group",
    "list-settings",
    "update-setting",
    "list-users",
    "current-user",
    "list-recipients",
    "get-user",
    "deactivate-user",
    "anonymize-user",
    "dismiss-modal",
    "password-reset-url",
    "release-rate-limits",
    "reactivate-user",
    "send-invite",
    "list-sessions",
    "revoke-sessions",
    "revoke-session",
    // END GENERATED: fixed address
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    for document in DOCUMENTS {
        println!("cargo:rerun-if-changed=../{document}");
        compress(document, &fs::read(format!("../{document}"))?)?;
    }
    pages::build()?;
    link();
    Ok(())
}

/// The path of a file made by this build.
fn output(name: &str) -> Result<PathBuf, Box<dyn Error>> {
    Ok(Path::new(&env::var_os("OUT_DIR").ok_or("no OUT_DIR")?).join(name))
}

/// Compresses a file. The result depends on the content only.
fn compress(name: &str, content: &[u8]) -> Result<(), Box<dyn Error>> {
    let file = File::create(output(&format!("{name}.gz"))?)?;
    let mut encoder = GzBuilder::new().write(file, Compression::best());
    encoder.write_all(content)?;
    encoder.finish()?;
    Ok(())
}

fn link() {
    if env::var_os("PROFILE").is_some_and(|profile| profile == "release") {
        // A panic aborts, so nothing searches the index of the unwind tables.
        println!("cargo:rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
        for function in AT_A_FIXED_ADDRESS {
            println!("cargo:rustc-link-arg-bin={function}=-no-pie");
        }
    }
}
