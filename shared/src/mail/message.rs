//! Emails as plain text and as HTML.

use super::{
    MailSite, Recipient, html,
    texts::{EmailText, Texts},
};
use crate::{
    auth::{
        reset_token::ResetToken,
        token::{ConfirmationToken, ReversalToken},
    },
    domain::Email,
};

/// An email. It may contain a token and therefore has no `Debug`.
pub struct EmailMessage {
    /// The recipient.
    pub to: Email,
    /// The subject.
    pub subject: String,
    /// The plain text. A link has a line of its own.
    pub text: String,
    /// The same as an HTML document.
    pub html: String,
}

/// The parts of an email, before they become text and HTML.
pub(super) struct Content<'a> {
    pub(super) texts: &'static Texts,
    /// The name for the greeting.
    pub(super) name: Option<&'a str>,
    pub(super) before: Vec<String>,
    pub(super) link: Option<String>,
    /// The label of the link.
    pub(super) button: &'static str,
    pub(super) after: Vec<String>,
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
    pub fn password_reset(to: &Recipient<'_>, site: &MailSite, token: &ResetToken) -> Self {
        Self::new(to, site, |texts| &texts.password_reset, Some(token.reset_url(&site.url)))
    }

    /// An email that explains why the user cannot choose a new password.
    #[must_use]
    pub fn password_reset_unavailable(to: &Recipient<'_>, site: &MailSite) -> Self {
        Self::new(to, site, |texts| &texts.password_reset_unavailable, None)
    }

    /// An email with a link to choose the first password.
    #[must_use]
    pub fn invitation(to: &Recipient<'_>, site: &MailSite, token: &ResetToken) -> Self {
        Self::new(to, site, |texts| &texts.invitation, Some(token.invitation_url(&site.url)))
    }

    /// An email with a link that confirms a new email address.
    #[must_use]
    pub fn email_confirmation(
        to: &Recipient<'_>,
        site: &MailSite,
        token: &ConfirmationToken,
    ) -> Self {
        Self::new(to, site, |texts| &texts.email_confirmation, Some(token.url(&site.url)))
    }

    /// An email to the old address of an account, with a link back to it.
    #[must_use]
    pub fn email_change(to: &Recipient<'_>, site: &MailSite, token: &ReversalToken) -> Self {
        Self::new(to, site, |texts| &texts.email_change, Some(token.url(&site.url)))
    }

    /// An email about a password that its user changed.
    #[must_use]
    pub fn password_changed(to: &Recipient<'_>, site: &MailSite) -> Self {
        Self::new(to, site, |texts| &texts.password_changed, Some(forgot_password_url(site)))
    }

    /// An email about a password that an administrator changed.
    #[must_use]
    pub fn password_set(to: &Recipient<'_>, site: &MailSite) -> Self {
        Self::new(to, site, |texts| &texts.password_set, Some(forgot_password_url(site)))
    }

    /// An email about new administrator permissions of the recipient.
    #[must_use]
    pub fn new_administrator(to: &Recipient<'_>, site: &MailSite) -> Self {
        Self::new(to, site, |texts| &texts.new_administrator, None)
    }

    /// An email about a new API key of the recipient.
    #[must_use]
    pub fn api_key_created(to: &Recipient<'_>, site: &MailSite) -> Self {
        Self::new(to, site, |texts| &texts.api_key_created, Some(forgot_password_url(site)))
    }

    /// An email about a sign-in with the password from an unknown device.
    #[must_use]
    pub fn new_device(to: &Recipient<'_>, site: &MailSite) -> Self {
        Self::new(to, site, |texts| &texts.new_device, Some(forgot_password_url(site)))
    }

    /// An email without any purpose except to arrive.
    #[must_use]
    pub fn test(to: &Recipient<'_>, site: &MailSite) -> Self {
        Self::new(to, site, |texts| &texts.test, None)
    }

    fn new(
        to: &Recipient<'_>,
        site: &MailSite,
        select: fn(&Texts) -> &EmailText,
        link: Option<String>,
    ) -> Self {
        let texts = Texts::of(to.locale.or(site.locale.as_ref()));
        let text = select(texts);
        let in_text = site.in_text();
        let fill = |text: &str| text.replace("{site}", &in_text);
        let fill_all = |texts: &[&str]| texts.iter().map(|text| fill(text)).collect();
        let content = Content {
            texts,
            name: to.name.as_deref(),
            before: fill_all(text.before),
            link,
            button: text.button,
            after: fill_all(text.after),
        };
        let subject = text.subject.replace("{site}", &site.in_subject());
        let html = html::render(&content, &subject);
        Self { to: to.email.clone(), subject, text: content.plain_text(), html }
    }
}

/// The page to request a link for a new password.
fn forgot_password_url(site: &MailSite) -> String {
    format!("{}/auth/forgot_password", site.url)
}

impl Content<'_> {
    /// The plain text: paragraphs without line breaks, and the link on a line of its own.
    fn plain_text(&self) -> String {
        let greeting = self.name.map_or_else(
            || self.texts.greeting_without_name.to_owned(),
            |name| self.texts.greeting.replace("{name}", name),
        );
        let mut text = greeting;
        for paragraph in &self.before {
            text = text + "\n\n" + paragraph;
        }
        if let Some(link) = &self.link {
            text = text + "\n" + link;
        }
        for paragraph in &self.after {
            text = text + "\n\n" + paragraph;
        }
        text + "\n"
    }
}

#[cfg(test)]
mod tests;
