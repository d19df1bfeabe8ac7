//! Lists of many pages as streams.

use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};

use crate::Error;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "List<T>")]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub struct Page<T> {
    /// The items of the page.
    pub data: Vec<T>,
    /// Number of items on all pages, if the service has counted them.
    pub total: Option<u64>,
    /// Cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// A response with a whole list, or with a page of it.
#[derive(Deserialize)]
#[serde(untagged)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
enum List<T> {
    All(Vec<T>),
    Page { data: Vec<T>, total: Option<u64>, next_cursor: Option<String> },
}

impl<T> From<List<T>> for Page<T> {
    fn from(list: List<T>) -> Self {
        match list {
            List::All(data) => Self { data, total: None, next_cursor: None },
            List::Page { data, total, next_cursor } => Self { data, total, next_cursor },
        }
    }
}

/// The position of the next page.
#[derive(Debug, Clone)]
pub(crate) enum Position {
    Cursor(String),
    Offset(usize),
}

/// The items of all pages. `load` returns a page and the position of the next one.
pub(crate) fn all<T, F, R>(first: Position, load: F) -> impl Stream<Item = Result<T, Error>>
where
    F: Fn(Position) -> R,
    R: Future<Output = Result<(Vec<T>, Option<Position>), Error>>,
{
    let state = (Vec::new().into_iter(), Some(first), load);
    stream::try_unfold(state, async |(mut items, mut next, load)| {
        loop {
            if let Some(item) = items.next() {
                return Ok(Some((item, (items, next, load))));
            }
            let Some(position) = next else { return Ok(None) };
            let (page, following) = load(position).await?;
            (items, next) = (page.into_iter(), following);
        }
    })
}

/// The position after a page of at most `limit` items, of which it has `length`.
pub(crate) fn offset_after(offset: usize, length: usize, limit: usize) -> Option<Position> {
    (length >= limit).then(|| Position::Offset(offset.saturating_add(length)))
}
