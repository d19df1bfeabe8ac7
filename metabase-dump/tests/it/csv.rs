//! Files with a header of `\copy` and of `mysql --batch`.

use metabase_dump::{Input, Options, Source, Table};

use crate::shown::{column, error, read, read_input, rows};

const USERS: &str = "id,email,first_name,last_name,date_joined,is_active\n";

#[test]
fn quoted_empty_is_no_null() {
    let file = format!("{USERS}1,a@b,\"\",,2022-08-26 14:05:45.598953+00,t\n");
    let rows = rows("export.csv", file);
    assert_eq!(column(&rows, "first_name"), [""]);
    assert_eq!(column(&rows, "last_name"), ["-"]);
    assert_eq!(column(&rows, "date_joined"), ["2022-08-26T14:05:45.598953Z"]);
}

#[test]
fn quotes_and_line_breaks_are_part_of_values() {
    let file = format!(
        "{USERS}1,a@b,\"a \"\"b\"\", \
         c\",\"two\r\nlines\",,t\r\n2,c@d,x,y,,maybe\r\n\r\n3,e@f,,,,f\r\n"
    );
    let (rows, errors) = read("export.csv", file);
    assert_eq!(column(&rows, "first_name"), ["a \"b\", c", "-"]);
    assert_eq!(column(&rows, "last_name"), ["two\r\nlines", "-"]);
    assert_eq!(errors, ["export.csv:4: the column is_active is neither true nor false"]);
}

#[test]
fn other_delimiters_and_quoted_headers_are_understood() {
    for delimiter in [";", "|", "\t"] {
        let file = format!("{USERS}1,a@b,x,y,,t\n").replace(',', delimiter);
        let file = file.replacen("id", "\"id\"", 1);
        assert_eq!(column(&rows("export.csv", file), "email"), ["a@b"], "{delimiter}");
    }
}

#[test]
fn columns_or_the_name_decide_on_the_table() {
    for (name, file, table) in [
        ("a.csv", "id,name\n1,x\n", Table::Group),
        ("a.csv", "id,entity_id,name,magic_group_type\n1,,x,admin\n", Table::Group),
        ("a.csv", "id,user_id,group_id\n1,2,3\n", Table::Membership),
        ("a.csv", "id,user_id,key,key_prefix,name\n1,2,a,b,c\n", Table::ApiKey),
        ("permissions_group_membership.csv", "id,group_id,user_id\n1,2,3\n", Table::Membership),
        ("dir/permissions_group.csv", "id,name,other\n1,x,y\n", Table::Group),
        ("no_api_key.csv", "id,email,date_joined\n1,a,\n", Table::User),
        ("core_user.tsv", "id\temail\n1\tx\n", Table::User),
    ] {
        assert_eq!(rows(name, file)[0].0, table, "{name} {file}");
    }
    assert!(error("a.csv", "id,name,other\n1,x,y\n").contains("permissions_group=FILE"));
    let input = Input::text("a.csv", "id,name,other\n1,x,y\n").with_table(Table::Group);
    assert_eq!(read_input(input).0.len(), 1);
}

#[test]
fn a_table_can_be_part_of_an_argument() {
    let directory = std::env::temp_dir().join(format!("metabase-dump-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join("x.csv");
    std::fs::write(&path, "id,name,other\n1,x,y\n").unwrap();
    let input: Input = format!("permissions_group={}", path.display()).parse().unwrap();
    let (rows, errors) = read_input(input);
    std::fs::remove_dir_all(&directory).unwrap();
    assert_eq!((rows.len(), errors.len()), (1, 0), "{errors:?}");
}

#[test]
fn a_file_that_is_cut_off_is_an_error() {
    for file in ["id,email", "id,email\n1,a@b", "id,email\n1,\"a@b\n", "id\temail\n1\ta@b"] {
        let message = error("core_user.csv", file);
        assert!(message.contains("it is cut off"), "{file}: {message}");
    }
}

#[test]
fn batch_has_its_own_null_and_bits() {
    let file = "id\temail\tfirst_name\tis_active\tis_superuser\tdate_joined\tlast_login\n\
                1\ta\\tb\\n\\\\\tNULL\t\\0\t\u{1}\t2020-01-02 03:04:05.000000\t\
                0000-00-00 00:00:00\n\
                2\tb\t\\N\t\0\t\\0\tNULL\tNULL\n3\tc\tNull\t0x01\t1\tNULL\tNULL\n";
    let rows = rows("export.tsv", file);
    assert_eq!(column(&rows, "email"), ["a\tb\n\\", "b", "c"]);
    assert_eq!(column(&rows, "first_name"), ["-", "-", "Null"]);
    assert_eq!(column(&rows, "is_active"), ["false", "false", "true"]);
    assert_eq!(column(&rows, "is_superuser"), ["true", "false", "true"]);
    assert_eq!(column(&rows, "date_joined"), ["2020-01-02T03:04:05Z", "-", "-"]);
    assert_eq!(column(&rows, "last_login"), ["-", "-", "-"]);
}

#[test]
fn several_files_are_one_source_and_open_twice() {
    let inputs = [
        Input::text("u.csv", "id,email,date_joined\n1,a,\n"),
        Input::text("g.csv", "id,name\n1,x\n"),
        Input::text("m.csv", "id,user_id,group_id\n1,1,1\n"),
    ];
    let source = Source::open(&inputs, &Options::default()).unwrap();
    assert_eq!(source.size_hint(), Some(26 + 12 + 26));
    for _ in 0..2 {
        let mut rows = source.rows().unwrap();
        let places: Vec<_> =
            rows.by_ref().map(|located| located.unwrap().location.to_string()).collect();
        assert_eq!(places, ["u.csv:2", "g.csv:2", "m.csv:2"]);
        assert_eq!(Some(rows.bytes_read()), source.size_hint());
    }
}
