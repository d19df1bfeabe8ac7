//! The site in emails.

use crate::domain::{Instance, Locale, SiteName, SiteUrl};

/// The site: its address, its name, and the language of recipients without one.
#[derive(Debug, Clone, Default)]
pub struct MailSite {
    pub(super) url: SiteUrl,
    name: Option<SiteName>,
    pub(super) locale: Option<Locale>,
}

impl MailSite {
    /// The site at an address, with the settings of the instance.
    #[must_use]
    pub fn new(url: SiteUrl, instance: Option<Instance>) -> Self {
        let (name, locale) =
            instance.map_or((None, None), |found| (found.site_name, found.site_locale));
        Self { url, name, locale }
    }

    /// The site in a subject: its name, or its host without one.
    pub(super) fn in_subject(&self) -> String {
        let host = self.url.without_scheme();
        self.name.as_ref().map_or(host, SiteName::as_str).to_owned()
    }

    /// The site in a paragraph: its name and its host. Anyone can name a site, so the host stays.
    pub(super) fn in_text(&self) -> String {
        let host = self.url.without_scheme();
        self.name
            .as_ref()
            .map_or_else(|| host.to_owned(), |name| format!("{} ({host})", name.as_str()))
    }
}

impl From<SiteUrl> for MailSite {
    fn from(url: SiteUrl) -> Self {
        Self::new(url, None)
    }
}
