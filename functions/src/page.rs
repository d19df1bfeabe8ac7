//! The page of a list that is read as a whole.

use shared::{
    domain::OffsetPage,
    http::{Fields, FromFields},
};

/// The requested page, or the whole list.
#[derive(Debug, Clone, Copy)]
pub struct Page(pub Option<OffsetPage>);

impl FromFields for Page {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self(fields.offset_page()))
    }
}

impl Page {
    /// Cuts the page out of a list.
    #[must_use]
    pub fn slice<T>(self, list: Vec<T>) -> Vec<T> {
        match self.0 {
            Some(page) => page.slice(list),
            None => list,
        }
    }
}
