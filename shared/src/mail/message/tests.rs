//! Tests of all emails in all languages.

use super::*;
use crate::domain::{
    Instance, Locale, NewUser, PersonName, SessionGeneration, SiteName, SiteUrl, Timestamp, User,
    UserId,
};

const LANGUAGES: [&str; 4] = ["en", "de", "es", "fr"];

fn site() -> MailSite {
    SiteUrl::parse("https://example.com/a&b'c").unwrap().into()
}

fn named(first: &str, last: &str, locale: &str) -> User {
    let new = NewUser {
        first_name: Some(PersonName::from_stored(first.to_owned())),
        last_name: Some(PersonName::from_stored(last.to_owned())),
        locale: Locale::parse(locale),
        ..NewUser::with_email(Email::parse("jane@example.com").unwrap())
    };
    User::new(UserId::INSTALLER, new, Timestamp::from_epoch_seconds(0))
}

/// All emails to a recipient.
fn all(to: &Recipient<'_>) -> Vec<EmailMessage> {
    let site = site();
    let token = ResetToken::generate(UserId::INSTALLER).unwrap();
    let generation = SessionGeneration::default();
    let confirmation = ConfirmationToken::generate(UserId::INSTALLER, generation).unwrap();
    let reversal = ReversalToken::generate(UserId::INSTALLER, generation).unwrap();
    vec![
        EmailMessage::password_reset(to, &site, &token),
        EmailMessage::password_reset_unavailable(to, &site),
        EmailMessage::invitation(to, &site, &token),
        EmailMessage::email_confirmation(to, &site, &confirmation),
        EmailMessage::email_change(to, &site, &reversal),
        EmailMessage::password_changed(to, &site),
        EmailMessage::password_set(to, &site),
        EmailMessage::new_administrator(to, &site),
        EmailMessage::api_key_created(to, &site),
        EmailMessage::new_device(to, &site),
        EmailMessage::test(to, &site),
    ]
}

/// The lines of the plain text with a link.
fn links(message: &EmailMessage) -> Vec<&str> {
    message.text.lines().filter(|line| line.contains("://")).collect()
}

#[test]
#[expect(clippy::cognitive_complexity, reason = "a list of assertions")]
fn every_email_names_person_and_site_in_each_language() {
    let host = "example.com/a&b'c";
    for language in LANGUAGES {
        let user = named("Jane", "Doe", language);
        for message in all(&Recipient::from(&user)) {
            assert_eq!(message.to, user.email);
            assert!(message.subject.contains(host), "{}", message.subject);
            let greeting = message.text.lines().next().unwrap();
            assert!(greeting.contains("Jane Doe"), "{greeting}");
            assert!(message.text.contains(host) && message.text.ends_with('\n'));
            assert!(!message.text.contains(['{', '}', '\r']), "{}", message.text);
            assert!(message.html.contains(&format!("<html lang=\"{language}\">")));
            assert!(message.html.contains("<bdi>Jane Doe</bdi>"), "{}", message.html);
            assert!(message.html.contains("example.com/a&amp;b&#39;c"));
            assert!(!message.html.contains("a&b") && !message.html.contains(['{', '}', '\r']));
        }
    }
}

#[test]
fn a_link_is_ascii_on_a_line_of_its_own_and_the_same_in_html() {
    for language in LANGUAGES {
        let user = named("Jane", "Doe", language);
        let messages = all(&Recipient::from(&user));
        let count = messages.iter().filter(|message| !links(message).is_empty()).count();
        assert_eq!(count, 8, "{language}");
        for message in &messages {
            for link in links(message) {
                assert!(link.starts_with("https://example.com/a&b'c/auth/"), "{link}");
                assert!(link.is_ascii() && !link.contains(' '), "{link}");
                let escaped = link.replace('&', "&amp;").replace('\'', "&#39;");
                assert_eq!(message.html.matches(&format!("href=\"{escaped}\"")).count(), 2);
                assert!(message.html.contains(&format!(">{escaped}</a>")));
            }
        }
    }
}

#[test]
fn a_hostile_name_reaches_neither_text_nor_html() {
    for name in [
        "Jane\r\nBcc: all@example.com\r\n\r\n<script>",
        "</bdi><script>alert(1)</script>",
        "\" onmouseover=\"alert(1)",
        "\u{202e}moc.elpmaxe",
        "Visit https://evil.example",
        &"J".repeat(300),
    ] {
        for (first, last) in [(name, "Doe"), ("Jane", name)] {
            let user = named(first, last, "en");
            for message in all(&Recipient::from(&user)) {
                assert!(message.text.starts_with("Hello,\n\n"), "{}", message.text);
                for text in [&message.subject, &message.text, &message.html] {
                    assert!(!text.contains(name) && !text.contains("Jane"), "{text}");
                    assert!(!text.contains(['\r', '\u{202e}']), "{text}");
                    assert!(!text.contains("Bcc") && !text.contains("script"), "{text}");
                }
                assert!(!message.subject.contains('\n'), "{}", message.subject);
            }
        }
    }
}

#[test]
fn a_name_may_be_in_any_script() {
    for name in ["O’Neil", "D'Arcy", "דוד", "मोहित", "王小明"] {
        let user = named(name, "Smith", "de");
        let message = EmailMessage::new_administrator(&Recipient::from(&user), &site());
        assert!(message.text.starts_with(&format!("Guten Tag {name} Smith,\n\n")));
        let escaped = name.replace('\'', "&#39;");
        assert!(message.html.contains(&format!("<bdi>{escaped} Smith</bdi>,")), "{}", message.html);
    }
}

#[test]
fn without_a_profile_an_email_is_in_english() {
    let email = Email::parse("jane@example.com").unwrap();
    let message =
        EmailMessage::password_reset_unavailable(&Recipient::without_profile(&email), &site());
    assert_eq!(message.subject, "Your password at example.com/a&b'c");
    assert!(message.text.starts_with("Hello,\n\nA new password was requested"));
    assert!(message.html.contains("Hello,</p>"), "{}", message.html);
}

#[test]
fn another_address_keeps_name_and_language() {
    let user = named("Jane", "Doe", "fr");
    let new = Email::parse("new@example.com").unwrap();
    let message = EmailMessage::new_administrator(&Recipient::from(&user).at(&new), &site());
    assert_eq!(message.to, new);
    assert!(message.text.starts_with("Bonjour Jane Doe,\n\n"), "{}", message.text);
}

#[test]
fn the_name_of_the_site_is_in_subject_and_text_and_its_language_is_the_fallback() {
    let instance =
        Instance { site_name: SiteName::parse("R&D <b>"), site_locale: Locale::parse("fr") };
    let site = MailSite::new(SiteUrl::parse("https://example.com").unwrap(), Some(instance));
    for (locale, language, subject) in [
        ("de_AT", "de", "Test-E-Mail von R&D <b>"),
        ("en", "en", "Test email from R&D <b>"),
        ("", "fr", "E-mail de test de R&D <b>"),
    ] {
        let user = named("Jane", "Doe", locale);
        let message = EmailMessage::test(&Recipient::from(&user), &site);
        assert_eq!(message.subject, subject);
        assert!(message.text.contains("R&D <b> (example.com)"), "{}", message.text);
        assert!(message.html.contains(&format!("<html lang=\"{language}\">")));
        assert!(message.html.contains("R&amp;D &lt;b&gt; (example.com)"), "{}", message.html);
    }
}
