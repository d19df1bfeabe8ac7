//! The welcome dialogs of Metabase's user interface.

/// A dialog that a user sees until they dismiss it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modal {
    /// The introduction to questions. Its flag is `is_qbnewb` on the wire.
    Questions,
    /// The introduction to data sets. Its flag is stored and never returned, as in Metabase.
    Datasets,
}

impl Modal {
    /// Parses `qbnewb` and `datasetnewb`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "qbnewb" => Some(Self::Questions),
            "datasetnewb" => Some(Self::Datasets),
            _ => None,
        }
    }
}
