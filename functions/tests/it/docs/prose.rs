//! Plain words in doc comments and Markdown, and short lines of Rust.
//!
//! `docs/STYLE.md` has the rules.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// First words of doc lines that hide the subject of a sentence.
const HEADLESS: [&str; 10] =
    ["What", "Whatever", "Who", "Whoever", "Whom", "How", "Where", "When", "Why", "That"];
/// Maximum share of doc lines with such a first word, in percent.
const MAX_HEADLESS: f64 = 2.0;

/// Words of relative clauses.
const RELATIVE: [&str; 8] =
    ["who", "whom", "whose", "what", "whoever", "whatever", "which", "that"];
/// Maximum number of relative words in 100 words of Markdown.
const MAX_RELATIVE: f64 = 2.0;

/// Words with a standard term in `docs/glossary.md`.
const FORBIDDEN: [&str; 12] = [
    "somebody", "whoever", "nobody", "anew", "told", "beside", "letter", "letters", "tally",
    "twin", "twins", "deed",
];
/// Words before a character such as an upper-case one, in contrast to an email.
const CHARACTER_CASES: [&str; 3] = ["case", "lowercase", "uppercase"];
/// Maximum number of forbidden words.
const MAX_FORBIDDEN: usize = 20;

/// Maximum number of columns of a Rust line.
const MAX_COLUMNS: usize = 100;

/// Directories without source text of this project.
const SKIPPED: [&str; 6] =
    ["target", ".git", ".data", "node_modules", "bench/peers", "fuzz/corpus"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file with its path in the workspace.
struct File {
    name: String,
    text: String,
}

/// All files of the workspace with an extension.
fn files(extension: &str) -> Vec<File> {
    let mut files = Vec::new();
    collect(&root(), extension, &mut files);
    assert!(files.len() > 10, "{} files", files.len());
    files
}

fn collect(directory: &Path, extension: &str, files: &mut Vec<File>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let is_skipped = |skipped: &str| name == skipped || name.ends_with(&format!("/{skipped}"));
        if SKIPPED.into_iter().any(is_skipped) || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            collect(&path, extension, files);
        } else if path.extension().is_some_and(|found| found == extension) {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            files.push(File { name, text });
        }
    }
}

/// The text of a doc comment line.
fn doc_line(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let text = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))?;
    let text = text.strip_prefix(' ').unwrap_or(text);
    (!text.is_empty() && !text.starts_with(char::is_whitespace)).then_some(text)
}

/// Markdown without code, headings and tables.
fn markdown_prose(text: &str) -> String {
    let without_blocks: String = text.split("```").step_by(2).collect();
    let lines = without_blocks.lines().filter(|line| !line.starts_with(['#', '|']));
    let prose = lines.collect::<Vec<_>>().join("\n");
    prose.split('`').step_by(2).collect()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !c.is_ascii_alphabetic() && c != '\'');
    words.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase)
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn percentage(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole as f64
}

#[test]
fn doc_lines_start_with_their_subject() {
    let (mut count, mut headless) = (0, Vec::new());
    for File { name, text } in files("rs") {
        for line in text.lines().filter_map(doc_line) {
            count += 1;
            let first = line.split(|c: char| !c.is_alphanumeric() && c != '_').next();
            if first.is_some_and(|first| HEADLESS.contains(&first)) {
                headless.push(format!("{name}: {line}"));
            }
        }
    }
    let share = percentage(headless.len(), count);
    assert!(share < MAX_HEADLESS, "{share:.1}% of {count} doc lines:\n{}", headless.join("\n"));
}

#[test]
fn markdown_has_few_relative_clauses() {
    let (mut count, mut relative, mut shares) = (0, 0, Vec::new());
    for File { name, text } in files("md") {
        let words: Vec<_> = words(&markdown_prose(&text)).collect();
        let is_relative = |word: &&String| RELATIVE.contains(&word.as_str());
        let found = words.iter().filter(is_relative).count();
        shares.push(format!("{name}: {found} in {}", words.len()));
        count += words.len();
        relative += found;
    }
    let share = percentage(relative, count);
    assert!(share < MAX_RELATIVE, "{share:.1} in 100 words:\n{}", shares.join("\n"));
}

/// The forbidden words of a text.
fn forbidden(text: &str) -> Vec<String> {
    let words: Vec<_> = words(text).collect();
    let previous = std::iter::once("").chain(words.iter().map(String::as_str));
    let pairs = words.iter().zip(previous);
    let is_character = |(word, previous): &(&String, &str)| {
        word.starts_with("letter") && CHARACTER_CASES.contains(previous)
    };
    let found = pairs.filter(|pair| FORBIDDEN.contains(&pair.0.as_str()) && !is_character(pair));
    found.map(|(word, _)| word.clone()).collect()
}

#[test]
fn prose_uses_standard_terms() {
    let docs = files("rs").into_iter().map(|File { name, text }| {
        let lines: Vec<_> = text.lines().filter_map(doc_line).collect();
        (name, lines.join("\n"))
    });
    let pages = files("md").into_iter().map(|File { name, text }| (name, markdown_prose(&text)));
    let found: Vec<_> = docs
        .chain(pages)
        .flat_map(|(name, text)| {
            forbidden(&text).into_iter().map(move |word| format!("{name}: {word}"))
        })
        .collect();
    assert!(found.len() <= MAX_FORBIDDEN, "{} words:\n{}", found.len(), found.join("\n"));
}

/// A URL cannot be wrapped.
#[test]
fn rust_lines_without_url_are_short() {
    let mut long = Vec::new();
    for File { name, text } in files("rs") {
        for (number, line) in (1..).zip(text.lines()) {
            if line.chars().count() > MAX_COLUMNS && !line.contains("https://") {
                long.push(format!("{name}:{number}"));
            }
        }
    }
    assert!(
        long.is_empty(),
        "{} lines over {MAX_COLUMNS} columns:\n{}",
        long.len(),
        long.join("\n")
    );
}

#[test]
fn words_are_counted_as_documented() {
    assert_eq!(doc_line("    /// What it is."), Some("What it is."));
    assert_eq!(doc_line("    // What it is."), None);
    let page = "# Who\n\nThat `which` is\n\n```sh\nwhat\n```\n| whose |\n";
    assert_eq!(words(&markdown_prose(page)).collect::<Vec<_>>(), ["that", "is"]);
    let text = "A letter with upper-case letters, lowercase letters and a twin.";
    assert_eq!(forbidden(text), ["letter", "twin"]);
}
