//! Formats that another program makes readable, and files that are no dump.

use std::{fs, path::PathBuf};

use metabase_dump::{Input, Options, Source};

use crate::shown::{error, rows};

#[test]
fn archives_name_their_command() {
    for (file, start, command) in [
        ("db.dump", &b"PGDMP\x01\x0e"[..], "pg_restore --file=dump.sql --table=core_user"),
        ("/m/metabase.db.mv.db", b"H:2,block:3,", "jdbc:h2:file:/m/metabase.db;ACCESS_MODE_DATA=r"),
        ("metabase.db.mv.db", b"H:2,block:3,", "jdbc:h2:file:./metabase.db;ACCESS_MODE_DATA=r"),
        ("d.sql.gz", b"\x1F\x8B\x08\0", "gunzip --keep d.sql.gz"),
        ("d.zip", b"PK\x03\x04\x14\0", "unzip d.zip"),
        ("d.zst", b"\x28\xB5\x2F\xFD\0\0", "zstd --decompress d.zst"),
        ("d.xz", b"\xFD7zXZ\0\0", "xz --decompress --keep d.xz"),
        ("it's.bz2", b"BZh91AY", r"bzip2 --decompress --keep 'it'\''s.bz2'"),
        ("d.sql", b"\xFF\xFEC\0O\0", "iconv --from-code=UTF-16LE --to-code=UTF-8 d.sql"),
        ("d.sql", b"\xFE\xFF\0C\0O", "iconv --from-code=UTF-16BE"),
        ("d.sql", b"C\0O\0P\0", "iconv --from-code=UTF-16LE"),
    ] {
        let message = error(file, start);
        assert!(message.starts_with(file) && message.contains(command), "{message}");
    }
}

#[test]
fn tar_archives_name_their_command() {
    let mut tar = vec![0_u8; 512];
    tar[..7].copy_from_slice(b"toc.dat");
    tar[257..262].copy_from_slice(b"ustar");
    assert!(error("d.tar", tar.clone()).contains("pg_restore"));
    tar[0] = b'x';
    assert!(error("d.tar", tar).contains("tar --extract --file=d.tar"));
}

#[test]
fn other_files_are_no_dump() {
    for text in ["{\"a\": 1}", "<html>", "hello world", "1,a@b.c,x\n", "\0\0\0\0", "id\n1\n"] {
        assert!(error("x", text).contains("no dump of Metabase"), "{text}");
    }
    for text in ["", " \n\n", "\u{FEFF}"] {
        assert!(error("x", text).contains("the file is empty"), "{text}");
    }
}

#[test]
fn other_sql_is_no_dump_of_metabase() {
    let message = error("x.sql", "CREATE TABLE a (b int);\nINSERT INTO a VALUES (1);\n");
    assert!(message.contains("use the application database of Metabase"), "{message}");
    assert_eq!(rows("x.sql", "CREATE TABLE core_user (id int, email text);\n"), []);
}

#[test]
fn the_users_of_other_programs_are_refused() {
    let message = error(
        "x.sql",
        "COPY public.core_user (id, password, last_login, is_superuser, email, name) FROM stdin;\n\
         1\tpbkdf2_sha256$1$a$b\t\\N\tt\ta@b\t\n\\.\n",
    );
    assert!(message.contains("another program than Metabase"), "{message}");
}

#[test]
fn directories_and_missing_files_are_told() {
    let open = |path: PathBuf| {
        let source = Source::open(&[Input::file(path)], &Options::default());
        source.err().unwrap().to_string()
    };
    let directory = std::env::temp_dir().join(format!("metabase-dump-d-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    let message = open(directory.clone());
    fs::remove_dir(&directory).unwrap();
    assert!(message.contains("pg_restore"), "{message}");
    assert!(open(directory).contains("the file cannot be read"));
    assert!(open("/dev/null".into()).contains("no regular file"));
}

#[test]
fn urls_are_in_no_message() {
    let url = "postgres://user:hunter2@127.0.0.1:1/metabase";
    let input: Input = url.parse().unwrap();
    assert!(!format!("{input:?}").contains("hunter2"));
    let error = Source::open(&[input], &Options::default()).err().unwrap();
    let text = format!("{error} {error:?}");
    assert!(
        text.starts_with("postgres: the database reports:") && !text.contains("hunter2"),
        "{text}"
    );
    let input: Input = url.replace("postgres", "jdbc:mysql").parse().unwrap();
    let error = Source::open(&[input], &Options::default()).err().unwrap().to_string();
    assert!(error.starts_with("mysql:") && !error.contains("hunter2"), "{error}");
}

#[test]
fn databases_open_within_an_asynchronous_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for url in ["postgres://user@127.0.0.1:1/metabase", "mysql://user@127.0.0.1:1/metabase"] {
        let inputs: [Input; 1] = [url.parse().unwrap()];
        let open = async { Source::open(&inputs, &Options::default()).err().unwrap() };
        assert!(runtime.block_on(open).to_string().contains("the database reports"), "{url}");
    }
}
