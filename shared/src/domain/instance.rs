//! The instance as a whole.

use super::{Locale, SiteName};

/// The public attributes of the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// The name of the site.
    pub site_name: Option<SiteName>,
    /// The default locale.
    pub site_locale: Option<Locale>,
}

/// A setting of the instance that administrators change. `None` restores the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstanceSetting {
    /// The name of the site.
    SiteName(Option<SiteName>),
    /// The default locale.
    SiteLocale(Option<Locale>),
}
