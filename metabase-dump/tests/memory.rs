//! Memory that does not grow with a file.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::io::{self, Read};

use allocation_counter::AllocationInfo;
use metabase_dump::{Input, Options, Rows, Source};

/// The memory of any file: a buffer, and the values of a row.
const MEGABYTE: u64 = 1 << 20;

/// A start, a part many times, and an end.
fn repeated(start: &'static str, part: &'static str, times: u64, end: &'static str) -> Input {
    Input::reader("dump.sql", move || {
        let part = move |number| if number < times { part } else { end };
        Ok(Parts { rest: start.as_bytes(), next: 0, last: times, part: Box::new(part) })
    })
}

struct Parts {
    rest: &'static [u8],
    next: u64,
    last: u64,
    part: Box<dyn Fn(u64) -> &'static str + Send>,
}

impl Read for Parts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() && self.next <= self.last {
            self.rest = (self.part)(self.next).as_bytes();
            self.next += 1;
        }
        self.rest.read(buffer)
    }
}

/// Reads a source. Returns the number of rows, of errors, and the allocations.
fn measure(input: Input) -> (usize, usize, AllocationInfo) {
    let (mut rows, mut errors) = (0, 0);
    let info = allocation_counter::measure(|| {
        let source = Source::open(&[input], &Options::default()).unwrap();
        for located in source.rows().unwrap() {
            match located.unwrap().row {
                Ok(_) => rows += 1,
                Err(_) => errors += 1,
            }
        }
    });
    (rows, errors, info)
}

#[test]
fn many_rows_need_no_memory() {
    for (start, row, end) in [
        ("COPY core_user (id, email) FROM stdin;\n", "1\tana@example.com\n", "\\.\n"),
        ("INSERT INTO `core_user` (id, email) VALUES (1,'a')", ",(1,'ana@example.com')", ";\n"),
        ("id,email,date_joined\n", "1,ana@example.com,\n", ""),
        ("id\temail\tdate_joined\n", "1\tana@example.com\tNULL\n", ""),
    ] {
        let (rows, errors, info) = measure(repeated(start, row, 200_000, end));
        assert!(rows >= 200_000 && errors == 0, "{start} {rows} {errors}");
        assert!(info.bytes_max < MEGABYTE, "{start} {info:?}");
    }
}

#[test]
fn a_long_value_needs_the_memory_of_the_longest() {
    let start = "COPY core_user (id, email) FROM stdin;\n1\t";
    let (rows, errors, info) = measure(repeated(start, "0123456789", 2_000_000, "\n\\.\n"));
    assert_eq!((rows, errors), (0, 1));
    assert!(info.bytes_max < 4 * MEGABYTE, "{info:?}");
}

#[test]
fn rows_can_be_read_by_another_thread() {
    fn is_send<T: Send>() {}
    fn is_shared<T: Send + Sync>() {}
    is_send::<Rows>();
    is_shared::<Source>();
}
