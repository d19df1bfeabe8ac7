//! What letters say.

use crate::{
    auth::reset_token::ResetToken,
    domain::{Email, SiteUrl},
};

/// A letter. It may have a token in it, so there is no `Debug` to show it.
pub struct EmailMessage {
    /// Whom it is for.
    pub(super) to: Email,
    /// What it is about.
    pub(super) subject: String,
    /// What it says.
    pub(super) text: String,
}

impl EmailMessage {
    /// Tells the way to a new password.
    #[must_use]
    pub fn password_reset(to: &Email, site: &SiteUrl, token: &ResetToken) -> Self {
        let link = token.reset_url(site);
        Self::password_message(
            to,
            site,
            &format!(
                "Choose it here within two days. The link works once:\n{link}\n\n\
                 If it was not you, do nothing: your password stays as it is."
            ),
        )
    }

    /// Tells that there is no way to a new password.
    #[must_use]
    pub fn password_reset_unavailable(to: &Email, site: &SiteUrl) -> Self {
        Self::password_message(
            to,
            site,
            "The account is deactivated, or signs in elsewhere, and has no password to choose. \
             An administrator can help.",
        )
    }

    /// Tells the way to a first password.
    #[must_use]
    pub fn invitation(to: &Email, site: &SiteUrl, token: &ResetToken) -> Self {
        let link = token.invitation_url(site);
        Self {
            to: to.clone(),
            subject: format!("Your account at {site}"),
            text: format!(
                "You have an account at {site}.\n\n\
                 Choose its password here within two days. The link works once:\n{link}\n"
            ),
        }
    }

    fn password_message(to: &Email, site: &SiteUrl, answer: &str) -> Self {
        Self {
            to: to.clone(),
            subject: format!("Your password at {site}"),
            text: format!(
                "Somebody asked for a new password of your account at {site}.\n\n{answer}\n"
            ),
        }
    }
}
