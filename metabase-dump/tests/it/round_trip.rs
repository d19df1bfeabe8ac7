//! Random tables, written in every format and read back.

use fastrand::Rng;
use metabase_dump::{Input, Table};

use crate::{
    model::{Content, VERSIONS, expected, generate},
    shown::{Shown, read_input, rows},
    writers::{FORMATS, batch, csv, dump},
};

fn all_expected(contents: &[Content]) -> Vec<(Table, Shown)> {
    let row = |content: &Content| {
        let row = |row: &Vec<_>| (content.table, expected(content, row));
        content.rows.iter().map(row).collect::<Vec<_>>()
    };
    contents.iter().flat_map(row).collect()
}

#[test]
fn sql_gives_back_all_rows() {
    for seed in 0..20 {
        let mut rng = Rng::with_seed(seed);
        for version in VERSIONS {
            let contents = generate(&mut rng, version, 4);
            let expected = all_expected(&contents);
            for format in FORMATS {
                let text = dump(format, &contents);
                assert_eq!(rows("d", text.clone()), expected, "seed {seed} {format:?}\n{text}");
            }
        }
    }
}

#[test]
fn files_with_a_header_give_back_all_rows() {
    for seed in 0..40 {
        let mut rng = Rng::with_seed(seed);
        for version in VERSIONS {
            for content in generate(&mut rng, version, 4) {
                let files = [csv(&content, ',', "\n"), csv(&content, ';', "\r\n"), batch(&content)];
                let contents = [content];
                let expected = all_expected(&contents);
                for text in files {
                    let input = Input::text("f", text.clone()).with_table(contents[0].table);
                    let (rows, errors) = read_input(input);
                    assert_eq!(errors, Vec::<String>::new(), "seed {seed}\n{text}");
                    assert_eq!(rows, expected, "seed {seed}\n{text}");
                }
            }
        }
    }
}
