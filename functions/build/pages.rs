//! The assets of the pages: one script and one style sheet, compressed, and the page.
//!
//! The modules in `assets/pages` import each other. The script is their concatenation without the
//! imports, the exports and the comments, so a browser loads one file. This needs some care in the
//! modules:
//!
//! - An import is a statement of its own at the start of a line, without `as`.
//! - An export is a declaration with `export` before it, at the start of a line.
//! - A comment has its lines for itself, unless it is a type between `/**` and `*/`.
//! - No text spans lines or contains a comment.
//! - No two modules declare the same name outside of functions.
//!
//! A browser rejects a script that breaks a rule. `scripts/test-pages` checks the script, too.

use std::{collections::BTreeSet, error::Error, fmt::Write, fs, io};

use sha2::{Digest, Sha256};

const SOURCE: &str = "assets/pages";
const FIRST: &str = "main.js";

/// Makes all files. The names of the assets are environment variables for the compiler.
pub(crate) fn build() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={SOURCE}");
    println!("cargo:rerun-if-changed=build/pages.rs");
    let mut page = read("index.html")?;
    let mut script = String::new();
    bundle(FIRST, &mut BTreeSet::new(), &mut script)?;
    let style = without_comments(&read("pages.css")?);
    for (stem, extension, content, variable) in
        [("pages", "js", script, "PAGES_SCRIPT"), ("pages", "css", style, "PAGES_STYLE")]
    {
        let name = format!("{stem}-{}.{extension}", hash(&content)?);
        page = page.replace(&format!("{stem}.{extension}"), &name);
        super::compress(&format!("{stem}.{extension}"), content.as_bytes())?;
        println!("cargo:rustc-env={variable}={name}");
    }
    fs::write(super::output("pages.html")?, page)?;
    Ok(())
}

fn read(name: &str) -> io::Result<String> {
    fs::read_to_string(format!("{SOURCE}/{name}"))
        .map_err(|error| io::Error::other(format!("{SOURCE}/{name}: {error}")))
}

/// Appends a module after the modules that it imports.
fn bundle(
    name: &str,
    known: &mut BTreeSet<String>,
    script: &mut String,
) -> Result<(), Box<dyn Error>> {
    if !known.insert(name.to_owned()) {
        return Ok(());
    }
    let text = without_comments(&read(name)?);
    let mut own = String::new();
    let mut import = String::new();
    for line in text.lines() {
        if import.is_empty() && !line.starts_with("import ") {
            own.push_str(&without_types(line.strip_prefix("export ").unwrap_or(line)));
            own.push('\n');
            continue;
        }
        import.push_str(line);
        if line.ends_with(';') {
            let module = import.split('"').nth(1).and_then(|path| path.strip_prefix("./"));
            bundle(module.ok_or("an import without a path")?, known, script)?;
            import.clear();
        }
    }
    script.push_str(&own);
    Ok(())
}

/// A line without the types in it, for example `/** @type {Row} */`.
fn without_types(line: &str) -> String {
    let mut parts = line.split("/** ");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, after) = part.split_once("*/").unwrap_or_default();
        kept.push_str(after.trim_start());
    }
    kept
}

/// The lines that are neither empty nor part of a comment.
fn without_comments(text: &str) -> String {
    let mut kept = String::new();
    let mut is_comment = false;
    for line in text.lines() {
        let trimmed = line.trim();
        let has_code = trimmed.contains("*/") && !trimmed.ends_with("*/");
        is_comment = is_comment || (trimmed.starts_with("/*") && !has_code);
        if !is_comment && !trimmed.is_empty() && !trimmed.starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
        is_comment = is_comment && !trimmed.ends_with("*/");
    }
    kept
}

/// The first 16 hexadecimal digits of the SHA-256.
fn hash(content: &str) -> Result<String, Box<dyn Error>> {
    let mut digits = String::new();
    for byte in Sha256::digest(content.as_bytes()).iter().take(8) {
        write!(digits, "{byte:02x}")?;
    }
    Ok(digits)
}
