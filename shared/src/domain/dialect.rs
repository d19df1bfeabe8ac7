//! The two dialects of the API.

/// The dialect of the API: which responses a client gets where the two specifications differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dialect {
    /// The API as documented on Metabase's published page.
    #[default]
    Documented,
    /// The API as Metabase itself implements it.
    Metabase,
}

impl Dialect {
    /// Parses a name; `None` for an unknown one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "documented" => Some(Self::Documented),
            "metabase" => Some(Self::Metabase),
            _ => None,
        }
    }
}
