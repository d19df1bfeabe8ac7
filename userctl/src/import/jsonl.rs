//! Lines of a backup in the terms of this service.

use std::{
    collections::{HashSet, VecDeque},
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use shared::domain::{Instance, Locale, SiteName};

use super::{
    Kind,
    backup_rows::{api_key, group, user},
    incoming::{Incoming, IncomingRows, PeopleSource, Refused, Row},
};
use crate::{
    Failure,
    jsonl::{EndLine, FORMAT, Header, Line, UserLine},
    output::printable,
};

/// The maximum length of a line in bytes. The attributes of a user have at most a tenth of it.
const MAX_LINE: u64 = 1_048_576;

/// The highest ID that an import can take.
const MAX_ID: u64 = u32::MAX as u64;

/// A backup.
pub(super) struct JsonlSource {
    path: PathBuf,
    size: u64,
    header: Header,
}

impl JsonlSource {
    /// Opens a file and reads its first line.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let unreadable = |error| Failure::usage(format!("cannot read {}: {error}", path.display()));
        let metadata = fs::metadata(path).map_err(unreadable)?;
        if !metadata.is_file() {
            let path = path.display();
            return Err(Failure::usage(format!(
                "{path} is no regular file, and an import reads its file several times"
            )));
        }
        let header = Lines::open(path)?.header()?;
        Ok(Self { path: path.to_owned(), size: metadata.len(), header })
    }
}

impl PeopleSource for JsonlSource {
    fn rows(&self) -> Result<Box<dyn IncomingRows + '_>, Failure> {
        let mut lines = Lines::open(&self.path)?;
        lines.header()?;
        Ok(Box::new(JsonlRows {
            lines,
            queue: VecDeque::new(),
            groups: HashSet::new(),
            found: EndLine::default(),
            is_complete: false,
            with_hashes: self.header.with_hashes,
        }))
    }

    fn size(&self) -> Option<u64> {
        Some(self.size)
    }

    fn instance(&self) -> Instance {
        let Header { site_name, site_locale, .. } = &self.header;
        Instance {
            site_name: site_name.as_deref().and_then(SiteName::parse),
            site_locale: site_locale.as_deref().and_then(Locale::parse),
        }
    }
}

/// The lines of a file, with their numbers.
struct Lines {
    name: String,
    reader: BufReader<File>,
    buffer: Vec<u8>,
    number: u64,
    position: u64,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let file = File::open(path);
        let file = file.map_err(|error| Failure::usage(format!("cannot read {name}: {error}")))?;
        let reader = BufReader::new(file);
        Ok(Self { name, reader, buffer: Vec::new(), number: 0, position: 0 })
    }

    /// Reads the first line.
    fn header(&mut self) -> Result<Header, Failure> {
        match self.next()? {
            Some(Line::Export(header)) if header.format == FORMAT => Ok(header),
            Some(Line::Export(header)) => Err(self.wrong(&format!(
                "the format is {}, and this version reads format {FORMAT}",
                header.format
            ))),
            Some(_) => Err(self.wrong("the first line of an export must have the type export")),
            None => Err(self.wrong("the file is empty")),
        }
    }

    fn next(&mut self) -> Result<Option<Line>, Failure> {
        self.buffer.clear();
        self.number += 1;
        let mut limited = self.reader.by_ref().take(MAX_LINE + 1);
        let read = limited.read_until(b'\n', &mut self.buffer);
        let read = read.map_err(|error| self.wrong(&format!("cannot read: {error}")))?;
        if read == 0 {
            return Ok(None);
        }
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        if read > MAX_LINE {
            return Err(self.wrong(&format!("the line has more than {MAX_LINE} bytes")));
        }
        self.position += read;
        let line = serde_json::from_slice(&self.buffer);
        line.map(Some).map_err(|error| self.wrong(&reason(&error)))
    }

    fn place(&self) -> String {
        format!("{}:{}", self.name, self.number)
    }

    fn wrong(&self, reason: &str) -> Failure {
        Failure::usage(format!("{}: {reason}", self.place()))
    }
}

/// The reason why a line cannot be read. It contains no value of the line, which may be a hash.
fn reason(error: &serde_json::Error) -> String {
    if !error.is_data() {
        return format!("the line is not JSON (column {})", error.column());
    }
    let text = printable(&error.to_string());
    let is_plain = ["missing field", "unknown field", "unknown variant", "duplicate field"]
        .iter()
        .any(|start| text.starts_with(start));
    let expected = text.rsplit_once(", expected ").map(|(_, expected)| expected);
    match (is_plain, expected) {
        (true, _) => text,
        (false, Some(expected)) => format!("a value is not of its type: expected {expected}"),
        (false, None) => "a value is not of its type".to_owned(),
    }
}

struct JsonlRows {
    lines: Lines,
    /// Rows of the last line that are not returned yet: the memberships of a user or key.
    queue: VecDeque<Row>,
    groups: HashSet<u64>,
    found: EndLine,
    is_complete: bool,
    with_hashes: bool,
}

impl IncomingRows for JsonlRows {
    fn next(&mut self) -> Result<Option<Row>, Failure> {
        while self.queue.is_empty() && !self.is_complete {
            self.read()?;
        }
        Ok(self.queue.pop_front())
    }

    fn position(&self) -> u64 {
        self.lines.position
    }
}

impl JsonlRows {
    /// Reads a line.
    fn read(&mut self) -> Result<(), Failure> {
        match self.lines.next()? {
            None => {
                return Err(self
                    .lines
                    .wrong("the last line must have the type end, so the file is truncated"));
            }
            Some(Line::Export(_)) => {
                return Err(self.lines.wrong("only the first line has the type export"));
            }
            Some(Line::End(end)) => return self.end(end),
            Some(Line::Group(line)) => {
                self.found.groups += 1;
                self.groups.insert(line.id);
                let id = line.id;
                self.push((Kind::Group, id), checked_id(id).and_then(|()| group(&line)));
            }
            Some(Line::User(line)) => {
                self.found.users += 1;
                let (id, groups) = (line.id, line.groups.clone());
                let incoming = self.check_user(&line).and_then(|()| user(*line));
                self.push_with_groups((Kind::User, id), incoming, &groups);
            }
            Some(Line::ApiKey(line)) => {
                self.found.api_keys += 1;
                let (id, groups) = (line.id, [line.group_id]);
                let incoming = checked_id(id)
                    .and_then(|()| self.check_groups(&groups))
                    .and_then(|()| api_key(*line, self.with_hashes));
                self.push_with_groups((Kind::ApiKey, id), incoming, &groups);
            }
        }
        Ok(())
    }

    /// Checks the last line.
    fn end(&mut self, end: EndLine) -> Result<(), Failure> {
        if end != self.found {
            let EndLine { groups, users, api_keys } = self.found;
            return Err(self.lines.wrong(&format!(
                "the file is damaged: it has {groups} groups, {users} users and {api_keys} API \
                 keys, but its last line says {}, {} and {}",
                end.groups, end.users, end.api_keys
            )));
        }
        if self.lines.next()?.is_some() {
            return Err(self.lines.wrong("a line follows the one of the type end"));
        }
        self.is_complete = true;
        Ok(())
    }

    fn check_user(&self, line: &UserLine) -> Result<(), String> {
        checked_id(line.id)?;
        if line.is_superuser != line.groups.contains(&2) {
            return Err("is_superuser and group 2, Administrators, differ".to_owned());
        }
        self.check_groups(&line.groups)
    }

    fn check_groups(&self, groups: &[u64]) -> Result<(), String> {
        match groups.iter().find(|group| !self.groups.contains(group)) {
            None => Ok(()),
            Some(group) => Err(format!("the group {group} is not in the file before")),
        }
    }

    fn push(&mut self, (kind, id): (Kind, u64), incoming: Result<Incoming, String>) {
        let refused = |reason| Incoming::Refused(Refused { kind, id: Some(id), reason });
        let incoming = incoming.unwrap_or_else(refused);
        self.queue.push_back(Row { place: self.lines.place(), incoming });
    }

    /// Adds a row, and its memberships if it can be imported.
    fn push_with_groups(
        &mut self,
        (kind, id): (Kind, u64),
        incoming: Result<Incoming, String>,
        groups: &[u64],
    ) {
        let is_valid = incoming.is_ok();
        self.push((kind, id), incoming);
        for group in groups.iter().filter(|_| is_valid) {
            let membership = Incoming::Membership { user: id, group: *group, is_manager: false };
            self.push((Kind::Membership, id), Ok(membership));
        }
    }
}

fn checked_id(id: u64) -> Result<(), String> {
    if (1..=MAX_ID).contains(&id) {
        return Ok(());
    }
    Err(format!("the ID is not from 1 to {MAX_ID}"))
}
