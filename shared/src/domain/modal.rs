//! The onboarding dialogues that an account can dismiss.

/// A dialogue of Metabase's first steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modal {
    /// The welcome to asking questions; its flag is on the wire as `is_qbnewb`.
    Questions,
    /// The welcome to data sets; its flag is stored and never shown, as in Metabase.
    Datasets,
}

impl Modal {
    /// Knows `qbnewb` and `datasetnewb`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "qbnewb" => Some(Self::Questions),
            "datasetnewb" => Some(Self::Datasets),
            _ => None,
        }
    }
}
