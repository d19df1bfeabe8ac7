//! The end of all credentials of a time, after a restore.

use super::Timestamp;

/// The time before which issued credentials are invalid, if there is one.
///
/// A restored table contains credentials that were revoked after the restored second. The operator
/// ends all of them with a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CredentialCutoff(Option<Timestamp>);

impl CredentialCutoff {
    /// Ends credentials issued before a time.
    #[must_use]
    pub const fn at(time: Timestamp) -> Self {
        Self(Some(time))
    }

    /// The time, if there is one.
    #[must_use]
    pub const fn time(self) -> Option<Timestamp> {
        self.0
    }

    /// Whether a credential is valid that was issued at a time. Without a known time it is older
    /// than every cutoff.
    #[must_use]
    pub fn admits(self, issued_at: Option<Timestamp>) -> bool {
        self.0.is_none_or(|cutoff| issued_at.is_some_and(|issued_at| issued_at >= cutoff))
    }

    /// Whether a credential is valid that was issued in a second since 1970.
    #[must_use]
    pub fn admits_second(self, issued_at: i64) -> bool {
        self.admits(Some(Timestamp::from_epoch_seconds(issued_at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admits_credentials_from_its_time_on() {
        let time = |text| Timestamp::parse(text).unwrap();
        let cutoff = CredentialCutoff::at(time("2026-01-01T00:00:00.5Z"));
        assert!(cutoff.admits(Some(time("2026-01-01T00:00:00.5Z"))));
        assert!(!cutoff.admits(Some(time("2026-01-01T00:00:00.4Z"))));
        assert!(!cutoff.admits(None));
        assert!(!cutoff.admits_second(1_767_225_600) && cutoff.admits_second(1_767_225_601));
        assert!(CredentialCutoff::default().admits(None));
    }
}
