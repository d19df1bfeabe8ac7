//! The texts of emails.

use crate::{
    auth::{
        reset_token::ResetToken,
        token::{ConfirmationToken, ReversalToken},
    },
    domain::{Email, SiteUrl},
};

/// An email. It may contain a token and therefore has no `Debug`.
pub struct EmailMessage {
    /// The recipient.
    pub to: Email,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
}

/// The error message for an address to which no email can be sent.
pub const UNDELIVERABLE: &str =
    "Emails can only be sent to an address with an ASCII local part, before the `@`.";

impl EmailMessage {
    /// The address of the recipient for a mail server, with the domain in Punycode. Returns `None`
    /// if no email can be sent to it.
    #[must_use]
    pub fn recipient(&self) -> Option<String> {
        self.to.deliverable()
    }

    /// An email with a link to choose a new password.
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

    /// An email that explains why the user cannot choose a new password.
    #[must_use]
    pub fn password_reset_unavailable(to: &Email, site: &SiteUrl) -> Self {
        Self::password_message(
            to,
            site,
            "The account is deactivated, or signs in elsewhere, and has no password to choose. \
             An administrator can help.",
        )
    }

    /// An email with a link to choose the first password.
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

    /// An email with a link that confirms a new email address.
    #[must_use]
    pub fn email_confirmation(to: &Email, site: &SiteUrl, token: &ConfirmationToken) -> Self {
        let link = token.url(site);
        Self {
            to: to.clone(),
            subject: format!("Confirm your email address at {site}"),
            text: format!(
                "This address was entered as the new email address of an account at {site}.\n\n\
                 Confirm it here within two days:\n{link}\n\n\
                 If it was not you, do nothing: the account keeps its present address.\n"
            ),
        }
    }

    /// An email to the old address of an account, with a link back to it.
    #[must_use]
    pub fn email_change(to: &Email, site: &SiteUrl, token: &ReversalToken) -> Self {
        let link = token.url(site);
        Self {
            to: to.clone(),
            subject: format!("Your email address at {site} changes"),
            text: format!(
                "Your account at {site} gets another email address.\n\n\
                 If it was you, do nothing. If it was not you, keep this address here within a \
                 week. The link also ends all sessions, and you choose a new password:\n{link}\n"
            ),
        }
    }

    /// An email without any purpose except to arrive.
    #[must_use]
    pub fn test(to: &Email, site: &SiteUrl) -> Self {
        Self {
            to: to.clone(),
            subject: format!("Test email from {site}"),
            text: format!("If you read this, emails from {site} arrive.\n"),
        }
    }

    fn password_message(to: &Email, site: &SiteUrl, text: &str) -> Self {
        Self {
            to: to.clone(),
            subject: format!("Your password at {site}"),
            text: format!("A new password was requested for your account at {site}.\n\n{text}\n"),
        }
    }
}
