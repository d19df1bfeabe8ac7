//! Files that are no CSV, or that no spreadsheet writes.

use serde_json::json;

use crate::program::World;

#[tokio::test]
async fn files_with_a_mark_and_line_breaks_are_read() {
    let world = World::new().await;
    let people =
        "\u{feff}email,First_Name\r\ngrace@example.com,Grace\r\n\r\nalan@example.com,Álan\r\n";
    let file = world.file("people.csv", people);
    let run = world.run(&["apply", &file, "--json"]).await.expect(0);
    let lines: Vec<_> = run.json_lines().iter().filter_map(|row| row["line"].as_u64()).collect();
    assert_eq!(lines, [2, 4]);
}

#[tokio::test]
async fn a_line_break_in_a_name_is_reported_with_its_line() {
    let world = World::new().await;
    let people =
        "email,first_name\na@example.com,\"A\nB\"\nb@example.com,\"\u{1b}[2J\"\nc@example.com,C\n";
    let run = world.run(&["apply", &world.file("p.csv", people), "--json"]).await.expect(2);
    let lines = run.json_lines();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["line"], &lines[1]["line"]), (&json!(2), &json!(4)));
    let text = world.run(&["apply", &world.file("p.csv", people)]).await.expect(2);
    assert!(!text.stdout.contains('\u{1b}'), "{text:?}");
}

#[tokio::test]
async fn other_encodings_are_reported_with_the_line() {
    let world = World::new().await;
    let mut people = b"email,first_name\na@example.com,A\nb@example.com,J".to_vec();
    people.extend_from_slice(b"\xf6rg\n");
    let run = world.run(&["apply", &world.file("latin1.csv", people), "--json"]).await.expect(2);
    let row = &run.json_lines()[0];
    assert_eq!((&row["line"], &row["error"]), (&json!(3), &json!("first_name: it is not UTF-8")));
    let utf16: Vec<u8> = "\u{feff}email\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let run = world.run(&["apply", &world.file("utf16.csv", utf16)]).await.expect(2);
    assert!(run.stderr.contains("UTF-16"), "{run:?}");
}

#[tokio::test]
async fn files_without_the_columns_are_refused() {
    let world = World::new().await;
    let cases: [(&[u8], &str); 9] = [
        (b"", "the file is empty"),
        (b"name\nA\n", "unknown column \"name\""),
        (b"first_name\nA\n", "there is no column email"),
        (b"email,email\n", "the column email is repeated"),
        (b"email;first_name\n", "Columns are separated by commas"),
        (b"email,f\xffirst\n", "line 1 is not UTF-8"),
        (
            b"email,first_name\na@example.com,\"A\nb@example.com,B\n",
            "not closed, perhaps in the row at line 2",
        ),
        (b"PK\x03\x04\0\0", "unknown column"),
        (b"email,password\n", "unknown column \"password\""),
    ];
    for (content, reason) in cases {
        let run = world.run(&["apply", &world.file("p.csv", content)]).await.expect(2);
        assert!(run.stderr.contains(reason), "{reason}: {run:?}");
        assert!(!run.stderr.contains('\0'), "{run:?}");
    }
    world.run(&["apply", "no such file.csv"]).await.expect(2);
}

#[tokio::test]
async fn one_very_long_line_is_one_invalid_row() {
    let world = World::new().await;
    let long = format!("email,first_name\na@example.com,{}\n", "x".repeat(8 * 1024 * 1024));
    let run = world.run(&["apply", &world.file("long.csv", long), "--json"]).await.expect(2);
    assert_eq!(run.json_lines()[0]["error"], "first_name: it has more than 254 characters");
    assert!(run.stdout.len() < 1000);
}
