//! Checks `docs/security.md` against the requirements of ASVS and the existing tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Sections of ASVS 5.0.0 with the number of their requirements of levels 1 and 2.
const REQUIREMENTS: [(&str, u8); 59] = [
    ("1.1", 2),
    ("1.2", 9),
    ("1.3", 11),
    ("1.4", 3),
    ("1.5", 2),
    ("2.1", 3),
    ("2.2", 3),
    ("2.3", 4),
    ("2.4", 1),
    ("3.2", 2),
    ("3.3", 4),
    ("3.4", 6),
    ("3.5", 5),
    ("3.7", 2),
    ("4.1", 3),
    ("4.2", 1),
    ("4.3", 2),
    ("4.4", 4),
    ("6.1", 3),
    ("6.2", 12),
    ("6.3", 4),
    ("6.4", 4),
    ("6.5", 5),
    ("6.6", 3),
    ("6.8", 4),
    ("7.1", 3),
    ("7.2", 4),
    ("7.3", 2),
    ("7.4", 5),
    ("7.5", 2),
    ("7.6", 2),
    ("8.1", 2),
    ("8.2", 3),
    ("8.3", 1),
    ("8.4", 1),
    ("11.1", 2),
    ("11.2", 3),
    ("11.3", 3),
    ("11.4", 4),
    ("11.5", 1),
    ("11.6", 1),
    ("12.1", 3),
    ("12.2", 2),
    ("12.3", 4),
    ("13.1", 1),
    ("13.2", 5),
    ("13.3", 2),
    ("13.4", 5),
    ("14.1", 2),
    ("14.2", 4),
    ("14.3", 3),
    ("15.1", 3),
    ("15.2", 3),
    ("15.3", 7),
    ("16.1", 1),
    ("16.2", 5),
    ("16.3", 4),
    ("16.4", 3),
    ("16.5", 3),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Names of test functions by file stem.
fn tests() -> BTreeMap<String, BTreeSet<String>> {
    let mut tests = BTreeMap::new();
    for directory in ["functions/tests/it", "shared/src", "shared/tests/store", "local/tests/it"] {
        collect(&root().join(directory), &mut tests);
    }
    tests
}

fn collect(directory: &Path, tests: &mut BTreeMap<String, BTreeSet<String>>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, tests);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            // A module may have its tests in a file of its own, such as `fields/tests.rs`.
            let file = path.file_stem().unwrap().to_str().unwrap();
            let parent = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
            let name = if file == "tests" { parent } else { file };
            tests.entry(name.to_owned()).or_default().extend(in_text(&text));
        }
    }
}

fn in_text(text: &str) -> impl Iterator<Item = String> {
    let after = text.split("test]").chain(text.split("test(")).skip(1);
    let names = after.filter_map(|rest| rest.split_once("fn ")?.1.split('(').next());
    names.map(str::to_owned)
}

/// The texts between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn the_page_on_security_is_complete_and_names_tests_that_exist() {
    let page = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let tests = tests();
    let named: Vec<_> = quoted(&page).filter_map(|text| text.split_once("::")).collect();
    let named: Vec<_> =
        named.into_iter().filter(|(file, _)| !file.contains(char::is_uppercase)).collect();
    assert!(named.len() > 100);
    for (file, test) in named {
        assert!(tests.get(file).is_some_and(|tests| tests.contains(test)), "{file}::{test}");
    }
    let rows: Vec<_> =
        page.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()).collect();
    for (section, count) in REQUIREMENTS {
        for number in 1..=count {
            let requirement = format!("{section}.{number}");
            let count_of_rows = rows.iter().filter(|row| **row == requirement).count();
            assert_eq!(count_of_rows, 1, "{requirement}");
        }
    }
}
