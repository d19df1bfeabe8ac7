//! The generated files are up to date.

#[test]
fn every_generated_file_is_up_to_date() {
    let workspace = xtask::workspace();
    let mut files = xtask::list(&workspace).unwrap();
    files.extend(xtask::derived(&workspace).unwrap());
    // 49 binaries, an event of each of four front doors for each of them, and seven other files.
    assert!(files.len() > 245);
    let outdated = xtask::outdated(&workspace, &files);
    let paths: Vec<&str> = outdated.iter().map(|file| file.path.as_str()).collect();
    assert!(paths.is_empty(), "run `cargo xtask generate`, outdated: {paths:#?}");
}
