//! Dumps of MySQL and MariaDB, and their bits.

use crate::shown::{column, error, read, rows};

fn users(values: &str) -> String {
    format!(
        "CREATE TABLE `core_user` (\n  `id` int NOT NULL AUTO_INCREMENT,\n  `email` varchar(254) \
         DEFAULT 'it\\'s, (',\n  `is_active` bit(1) DEFAULT b'1',\n  PRIMARY KEY (`id`),\n  \
         UNIQUE KEY `a` (`email`)\n) ENGINE=InnoDB;\nINSERT INTO `core_user` VALUES {values};\n"
    )
}

#[test]
fn all_bits_are_understood() {
    let dump = users(
        "(1,'a','\\0'),(2,'a',_binary '\\0'),(3,'a',_binary '\u{1}'),(4,'a','\u{1}'),(5,'a',0x01),\
         (6,'a',0x00),(7,'a',b'1'),(8,'a',b'0'),(9,'a',1),(10,'a',0),(11,'a',X'01'),(12,'a','\0'),\
         (13,'a',_binary 0x01),(14,'a',_binary x'00'),(15,'a',_binary b'1'),(16,'a',true),\
         (17,'a',NULL),(18,'a',0x1),(19,'a',_binary \"\\0\")",
    );
    let rows = rows("dump.sql", dump);
    let expected = [
        "false", "false", "true", "true", "true", "false", "true", "false", "true", "false",
        "true", "false", "true", "false", "true", "true", "true", "true", "false",
    ];
    assert_eq!(column(&rows, "is_active"), expected);
}

#[test]
fn empty_bits_are_refused() {
    let message = error("dump.sql", users("(1,'a','\\0'),\n(2,'a','')"));
    assert_eq!(
        message,
        "dump.sql:9: the column is_active is an empty text, so true and false look the same; dump \
         with mysqldump --hex-blob --complete-insert"
    );
}

#[test]
fn escapes_are_understood() {
    let dump = users(
        r#"(1,'a\'b''c\"d\\e\nf\rg\th\Zi\%j\_k\l',0x01),(2,"x""y\"z'",0x01),(3,'); -- /* ',0x01)"#,
    );
    assert_eq!(
        column(&rows("dump.sql", dump), "email"),
        ["a'b'c\"d\\e\nf\rg\th\u{1A}i\\%j\\_kl", "x\"y\"z'", "); -- /* "]
    );
}

#[test]
fn texts_can_be_bytes() {
    let dump = users("(1,0x616263,1),(2,X'C3A9',1),(3,_utf8mb4 x'41',1),(4,0x414,1),(5,'x',1)");
    let (rows, errors) = read("dump.sql", dump);
    assert_eq!(column(&rows, "email"), ["abc", "é", "A", "x"]);
    assert_eq!(errors.len(), 1, "{errors:?}");
}

#[test]
fn the_first_mark_decides_on_the_database() {
    let dump = "INSERT INTO `core_user` (`id`, `email`) VALUES (1,'a\\'b public.');\n";
    assert_eq!(column(&rows("dump.sql", dump), "email"), ["a'b public."]);
    let dump = "INSERT INTO public.core_user (id, email) VALUES (1, '\\'), (2, 'INTO `x` \\');\n";
    assert_eq!(column(&rows("dump.sql", dump), "email"), ["\\", "INTO `x` \\"]);
}

#[test]
fn names_of_columns_win_over_the_table() {
    let dump = users("(1,'a',1)")
        .replace("` VALUES", "` (`is_active`, `email`, `id`) VALUES")
        .replace("(1,'a',1)", "(0,'b',7)");
    let rows = rows("dump.sql", dump);
    assert_eq!(column(&rows, "id"), ["7"]);
    assert_eq!(column(&rows, "is_active"), ["false"]);
}

#[test]
fn rows_without_names_need_the_table() {
    let message = error("dump.sql", "INSERT INTO `core_user` VALUES (1,'a');\n");
    assert!(message.contains("--complete-insert"), "{message}");
}

#[test]
fn other_statements_for_rows_are_understood() {
    for start in ["REPLACE INTO", "INSERT IGNORE INTO", "INSERT  INTO", "insert into"] {
        let dump = users("(1,'a',1)").replace("INSERT INTO", start);
        assert_eq!(column(&rows("dump.sql", dump), "id"), ["1"], "{start}");
    }
}

#[test]
fn warnings_before_the_dump_are_skipped() {
    let warning = "mysqldump: [Warning] Using a password on the command line can be insecure.";
    let dump = format!(
        "{warning}\n-- MySQL dump 10.13\n/*!40101 SET NAMES utf8 */;\n{}",
        users("(1,'a\\'',1)")
    );
    let dump = format!("{dump}-- Dump completed\n");
    assert_eq!(column(&rows("dump.sql", dump), "email"), ["a'"]);
}

#[test]
fn routines_are_skipped() {
    let dump = format!(
        "DELIMITER ;;\nCREATE PROCEDURE p() BEGIN INSERT INTO core_user VALUES (9); SELECT 'x; \
         END ;;\n\
         DELIMITER ;\n{}",
        users("(1,'a',1)")
    );
    let dump = format!("/*!40101 SET NAMES utf8 */;\n{dump}DELIMITER ;\n");
    assert_eq!(column(&rows("dump.sql", dump.clone()), "id"), ["1"]);
    assert_eq!(column(&rows("dump.sql", dump.replace('\n', "\r\n")), "id"), ["1"]);
}

#[test]
fn other_encodings_are_named() {
    let dump = format!("/*!40101 SET NAMES latin1 */;\n{}", users("(1,'a',1)"));
    let message = error("dump.sql", dump);
    assert!(message.contains("--default-character-set=utf8mb4"), "{message}");
}

#[test]
fn two_databases_are_not_mixed() {
    let dump = users("(1,'a',1)");
    let message = read("dump.sql", format!("USE `one`;\n{dump}USE `two`;\n{dump}")).1;
    assert!(message[0].contains("two databases or schemas"), "{message:?}");
}

#[test]
fn a_truncated_dump_is_an_error() {
    let whole = users("(1,'a',1),(2,'b',1)");
    for end in [";\n", ")", "1),(2,'b',1);\n", "'b',1);\n"] {
        let cut = whole.strip_suffix(end).or(whole.strip_suffix(&format!("{end};\n"))).unwrap();
        let errors = read("dump.sql", cut).1;
        assert!(errors[0].contains("the rows of INSERT"), "{errors:?}");
    }
    let dump = format!("-- MySQL dump 10.13\n{whole}");
    assert!(error("dump.sql", dump).contains("before its last comment"));
}
