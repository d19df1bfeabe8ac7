//! Tests of the files with emails.

use shared::{
    domain::{Email, Locale, NewUser, PersonName, SiteUrl, Timestamp, User, UserId},
    mail::Recipient,
};

use super::*;

fn file(message: &EmailMessage) -> String {
    let to = message.to.as_str().to_owned();
    String::from_utf8(internet_message(to, message).unwrap()).unwrap()
}

fn user(email: &str, locale: &str) -> User {
    let new = NewUser {
        first_name: PersonName::parse("Jürgen"),
        locale: Locale::parse(locale),
        ..NewUser::with_email(Email::parse(email).unwrap())
    };
    User::new(UserId::INSTALLER, new, Timestamp::from_epoch_seconds(0))
}

fn password_changed(email: &str, locale: &str) -> EmailMessage {
    let site = SiteUrl::parse("https://users.example.com").unwrap();
    EmailMessage::password_changed(&Recipient::from(&user(email, locale)), &site.into())
}

#[test]
fn a_file_has_headers_plain_text_and_html_in_this_order() {
    let file = file(&password_changed("jane@example.com", "en"));
    assert!(
        file.starts_with(
            "To: jane@example.com\r\n\
             Subject: Your password at users.example.com was changed\r\n\
             From: no-reply@localhost\r\n"
        ),
        "{file}"
    );
    for header in ["Message-ID: <", "Date: ", "MIME-Version: 1.0\r\n"] {
        assert_eq!(file.matches(&format!("\r\n{header}")).count(), 1, "{file}");
    }
    assert_eq!(file.matches("\r\nContent-Type: multipart/alternative;").count(), 1, "{file}");
    let (plain, html) = (file.find("text/plain").unwrap(), file.find("text/html").unwrap());
    assert!(plain < html);
    assert!(file.contains("\r\n\r\nHello Jürgen,\r\n\r\nThe password of your account"), "{file}");
}

#[test]
fn a_search_finds_the_link_once_on_a_line_of_its_own() {
    for locale in ["en", "de", "es", "fr"] {
        let file = file(&password_changed("jane@example.com", locale));
        let link = "https://users.example.com/auth/forgot_password";
        assert_eq!(file.lines().filter(|line| *line == link).count(), 1, "{file}");
        assert_eq!(file.matches(link).count(), 1, "{file}");
    }
}

#[test]
fn lines_end_with_crlf_and_are_short_enough() {
    for locale in ["en", "de", "es", "fr"] {
        let file = file(&password_changed("jane@example.com", locale));
        assert!(!file.replace("\r\n", "").contains(['\r', '\n']), "{file:?}");
        assert!(file.split("\r\n").all(|line| line.len() <= 998), "{file}");
        let (headers, _) = file.split_once("\r\n\r\n").unwrap();
        assert!(headers.is_ascii() && headers.lines().all(|line| line.len() <= 78), "{headers}");
    }
}

#[test]
fn a_recipient_or_subject_cannot_add_a_header() {
    let message = EmailMessage {
        subject: "Hello\r\nBcc: all@example.com\r\n\r\nbody".to_owned(),
        ..password_changed("jürgen@example.com", "en")
    };
    let to = "jürgen@example.com\r\nBcc: all@example.com".to_owned();
    let file = String::from_utf8(internet_message(to, &message).unwrap()).unwrap();
    let (headers, _) = file.split_once("\r\n\r\n").unwrap();
    assert!(!headers.lines().any(|line| line.starts_with("Bcc")), "{headers}");
    assert!(headers.contains("\r\nFrom: no-reply@localhost\r\n"), "{headers}");
    assert!(headers.contains("\r\nContent-Type: multipart/alternative;"), "{headers}");
}
