//! The direction of imports in `shared`, and the crates that a layer may not use.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The modules of `shared`. Each may import only the ones before it.
const ORDER: [&str; 15] = [
    "random",
    "timing",
    "domain",
    "clock",
    "auth",
    "authorization",
    "aws",
    "mail",
    "store",
    "operator",
    "config",
    "http",
    "telemetry",
    "app",
    "lambda",
];

/// A layer, and the beginnings of paths that it may not contain.
const FORBIDDEN: [(&str, &[&str]); 5] = [
    ("shared/src/domain", &["aws_sdk_", "tokio::", "schemars::", "serde_json::"]),
    ("shared/src/auth", &["aws_sdk_"]),
    ("shared/src/store", &["lambda_runtime::"]),
    ("shared/src/http", &["aws_sdk_"]),
    ("functions/src", &["aws_sdk_", "shared::store::Key::"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The Rust files of a directory, by path, without those of tests.
fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources.extend(self::sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
    sources.retain(|path| path.file_name().is_some_and(|name| name != "tests.rs"));
    sources.sort();
    sources
}

/// Code without comments and items for tests.
fn production_code(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code = lines.collect::<Vec<_>>().join("\n");
    let mut items = code.split("#[cfg(test)]");
    let first = items.next().unwrap_or_default().to_owned();
    items.fold(first, |code, rest| code + after_item(rest))
}

/// The code after its first item, which ends with a semicolon or a block.
fn after_item(code: &str) -> &str {
    let mut depth = 0_usize;
    for (index, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return &code[index + 1..],
            '}' => depth -= 1,
            ';' if depth == 0 => return &code[index + 1..],
            _ => {}
        }
    }
    ""
}

/// All paths in code such as `crate::store::Key::`, with expanded `use` trees.
fn paths(code: &str) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    let mut inline = code.to_owned();
    let mut rest = code;
    while let Some((before, tree)) = rest.split_once("use ") {
        let is_keyword = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let Some((tree, after)) = tree.split_once(';').filter(|_| is_keyword) else {
            rest = tree;
            continue;
        };
        expand("", tree, &mut paths);
        inline = inline.replacen(tree, "", 1);
        rest = after;
    }
    let is_of_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let found = inline.split(|c: char| !is_of_path(c)).filter(|path| path.contains("::"));
    paths.extend(found.map(|path| format!("{}::", path.trim_end_matches(':'))));
    paths
}

/// Expands a `use` tree to paths.
fn expand(prefix: &str, tree: &str, paths: &mut BTreeSet<String>) {
    match tree.split_once('{') {
        None => {
            let name = tree.split(" as ").next().unwrap_or_default().trim();
            paths.insert(format!("{prefix}{name}::"));
        }
        Some((head, group)) => {
            let prefix = format!("{prefix}{}", head.trim());
            let group = group.rsplit_once('}').map_or(group, |(group, _)| group);
            for part in top_level(group) {
                expand(&prefix, part, paths);
            }
        }
    }
}

/// Splits a group at its commas, except in nested groups.
fn top_level(group: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    let parts = group.split(|c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// The paths in each file of a directory, and in the file of the same name.
fn paths_of(layer: &str) -> Vec<(String, BTreeSet<String>)> {
    let directory = root().join(layer);
    let mut files = sources(&directory);
    files.extend(Some(directory.with_extension("rs")).filter(|file| file.is_file()));
    let name = |file: &Path| file.strip_prefix(root()).unwrap().display().to_string();
    let paths = |file: &PathBuf| paths(&production_code(&fs::read_to_string(file).unwrap()));
    files.iter().map(|file| (name(file), paths(file))).collect()
}

/// The top module of a file in `shared/src`.
fn module_of(file: &str) -> &str {
    let path = file.trim_start_matches("shared/src/");
    path.split(['/', '.']).next().unwrap_or_default()
}

#[test]
fn modules_import_only_modules_below_them() {
    let rank = |module: &str| ORDER.iter().position(|name| *name == module);
    let mut upward = Vec::new();
    let mut modules = BTreeSet::new();
    for (file, paths) in paths_of("shared/src") {
        let module = module_of(&file).to_owned();
        if module == "lib" {
            continue;
        }
        for path in paths.iter().filter_map(|path| path.strip_prefix("crate::")) {
            let imported = path.split(':').next().unwrap_or_default();
            if rank(imported) > rank(&module) {
                upward.push(format!("{file}: crate::{}", path.trim_end_matches(':')));
            }
        }
        modules.insert(module);
    }
    assert_eq!(modules, ORDER.map(str::to_owned).into(), "add each module to ORDER");
    assert!(
        upward.is_empty(),
        "{} imports of higher modules:\n{}",
        upward.len(),
        upward.join("\n")
    );
}

#[test]
fn layers_use_only_their_crates() {
    let mut found = Vec::new();
    for (layer, forbidden) in FORBIDDEN {
        for (file, paths) in paths_of(layer) {
            let is_forbidden =
                |path: &&String| forbidden.iter().any(|forbidden| path.starts_with(forbidden));
            let wrong = paths.iter().filter(is_forbidden);
            found.extend(wrong.map(|path| format!("{file}: {}", path.trim_end_matches(':'))));
        }
    }
    assert!(found.is_empty(), "{} forbidden paths:\n{}", found.len(), found.join("\n"));
}

#[test]
fn paths_of_code_are_found() {
    let code = production_code(
        "use crate::{a::{self, B as C}, d};\n// crate::comment\n\
         #[cfg(test)]\nmod tests { crate::t; }\n\
         fn f(x: crate::e::F) { tokio::spawn(g::<H>()); }\n",
    );
    let expected = ["crate::a::B::", "crate::a::self::", "crate::d::", "crate::e::F::"];
    let expected: BTreeSet<_> = expected.into_iter().chain(["tokio::spawn::", "g::"]).collect();
    let paths = paths(&code);
    assert_eq!(paths.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
}
