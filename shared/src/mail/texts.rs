//! The texts of emails, one file for each language.
//!
//! `{site}` stands for the name and the host of the site, `{name}` for the name of the recipient.

mod de;
mod en;
mod es;
mod fr;

use crate::domain::Locale;

/// All texts in one language.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Texts {
    /// The language, as in a locale and in HTML.
    pub(super) language: &'static str,
    /// The first line for a known name, with `{name}`.
    pub(super) greeting: &'static str,
    /// The first line without a name.
    pub(super) greeting_without_name: &'static str,
    /// The line between the button and the link as text.
    pub(super) below_button: &'static str,
    /// A link to choose a new password.
    pub(super) password_reset: EmailText,
    /// No link, because there is no password to choose.
    pub(super) password_reset_unavailable: EmailText,
    /// A link to choose the first password.
    pub(super) invitation: EmailText,
    /// A link to confirm a new email address.
    pub(super) email_confirmation: EmailText,
    /// A link back to the old email address.
    pub(super) email_change: EmailText,
    /// A new password that its user chose.
    pub(super) password_changed: EmailText,
    /// A new password that an administrator set.
    pub(super) password_set: EmailText,
    /// New administrator permissions.
    pub(super) new_administrator: EmailText,
    /// A new API key.
    pub(super) api_key_created: EmailText,
    /// A sign-in from an unknown device.
    pub(super) new_device: EmailText,
    /// An email without any purpose except to arrive.
    pub(super) test: EmailText,
}

/// The texts of an email. Each is a paragraph, and may contain `{site}`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EmailText {
    /// The subject.
    pub(super) subject: &'static str,
    /// The paragraphs before the link.
    pub(super) before: &'static [&'static str],
    /// The label of the link. Empty in an email without a link.
    pub(super) button: &'static str,
    /// The paragraphs after the link.
    pub(super) after: &'static [&'static str],
}

/// The languages. The first one is for every other locale.
const LANGUAGES: [&Texts; 4] = [&en::TEXTS, &de::TEXTS, &es::TEXTS, &fr::TEXTS];

impl Texts {
    /// The texts for a locale, by its language alone. English for no locale, and for a language
    /// without texts.
    pub(super) fn of(locale: Option<&Locale>) -> &'static Self {
        let language = locale.and_then(|locale| locale.as_str().split('_').next());
        let known = LANGUAGES.into_iter().find(|texts| Some(texts.language) == language);
        known.unwrap_or(&en::TEXTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emails(texts: &Texts) -> [(&'static str, &EmailText); 11] {
        let Texts {
            language: _,
            greeting: _,
            greeting_without_name: _,
            below_button: _,
            password_reset,
            password_reset_unavailable,
            invitation,
            email_confirmation,
            email_change,
            password_changed,
            password_set,
            new_administrator,
            api_key_created,
            new_device,
            test,
        } = texts;
        [
            ("password_reset", password_reset),
            ("password_reset_unavailable", password_reset_unavailable),
            ("invitation", invitation),
            ("email_confirmation", email_confirmation),
            ("email_change", email_change),
            ("password_changed", password_changed),
            ("password_set", password_set),
            ("new_administrator", new_administrator),
            ("api_key_created", api_key_created),
            ("new_device", new_device),
            ("test", test),
        ]
    }

    fn paragraphs(text: &EmailText) -> impl Iterator<Item = &'static str> {
        text.before.iter().chain(text.after).copied()
    }

    /// The placeholders of a text, sorted.
    fn placeholders(text: &str) -> Vec<&str> {
        let mut found: Vec<_> =
            text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
        found.sort_unstable();
        found
    }

    #[test]
    #[expect(clippy::cognitive_complexity, reason = "a list of assertions")]
    fn every_language_has_every_text_with_the_same_placeholders() {
        for texts in LANGUAGES {
            let language = texts.language;
            assert_eq!(placeholders(texts.greeting), ["name"], "{language}");
            for text in [texts.greeting_without_name, texts.below_button] {
                assert_eq!((placeholders(text), text.is_empty()), (vec![], false), "{language}");
            }
            for ((name, text), (_, english)) in emails(texts).into_iter().zip(emails(&en::TEXTS)) {
                assert_eq!(placeholders(text.subject), ["site"], "{language} {name}");
                assert!(placeholders(text.button).is_empty(), "{language} {name}");
                assert_eq!(text.button.is_empty(), english.button.is_empty(), "{language} {name}");
                let counts = |text: &EmailText| (text.before.len(), text.after.len());
                assert_eq!(counts(text), counts(english), "{language} {name}");
                for (paragraph, english) in paragraphs(text).zip(paragraphs(english)) {
                    assert_eq!(placeholders(paragraph), placeholders(english), "{paragraph}");
                }
                let names_site = |text: &str| placeholders(text) == ["site"];
                assert!(text.before.iter().copied().any(names_site), "{language} {name}");
            }
        }
    }

    #[test]
    fn every_text_is_a_line_of_its_own_language() {
        for texts in LANGUAGES {
            for (name, text) in emails(texts) {
                let all = paragraphs(text).chain([text.subject]);
                for line in all {
                    assert!(!line.is_empty() && line.trim() == line, "{line:?}");
                    assert!(!line.contains(['\n', '\r', '<', '>', '&']), "{line:?}");
                }
                for other in LANGUAGES.into_iter().filter(|other| *other != texts) {
                    let (_, other) = emails(other).into_iter().find(|one| one.0 == name).unwrap();
                    assert_ne!(text.subject, other.subject);
                    for paragraph in paragraphs(text) {
                        assert!(!paragraphs(other).any(|one| one == paragraph), "{paragraph}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_language_of_a_locale_decides() {
        for (locale, language) in [
            ("en", "en"),
            ("en_GB", "en"),
            ("de", "de"),
            ("de_AT", "de"),
            ("es_MX", "es"),
            ("fr_CA", "fr"),
            ("it", "en"),
        ] {
            let locale = Locale::parse(locale);
            assert_eq!(Texts::of(locale.as_ref()).language, language, "{locale:?}");
        }
        assert_eq!(Texts::of(None).language, "en");
        let stored = Locale::from_stored("\u{0}\n".to_owned());
        assert_eq!(Texts::of(Some(&stored)).language, "en");
    }
}
