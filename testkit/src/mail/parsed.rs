//! The format of the emails in the mail directory: RFC 5322 and MIME, as far as the service uses
//! them. Every other format is a panic.

use aws_smithy_types::base64;

/// An email in its file.
#[derive(Debug)]
pub(super) struct Parsed {
    to: String,
    subject: String,
    text: String,
    html: String,
}

impl Parsed {
    pub(super) fn new(file: &str) -> Self {
        assert!(!file.replace("\r\n", "").contains(['\r', '\n']), "a bare line end: {file:?}");
        assert!(file.split("\r\n").all(|line| line.len() <= 998), "a long line: {file}");
        let (headers, body) = file.split_once("\r\n\r\n").expect("headers and a body");
        let headers = headers.replace("\r\n ", " ").replace("\r\n\t", " ");
        for name in ["From", "Date", "Message-ID"] {
            assert!(!header(&headers, name).is_empty(), "{headers}");
        }
        assert_eq!(header(&headers, "MIME-Version"), "1.0");
        let content_type = header(&headers, "Content-Type");
        let boundary = content_type
            .strip_prefix("multipart/alternative; boundary=\"")
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or_else(|| panic!("{content_type}"));
        let body = format!("\r\n{body}");
        let delimiter = format!("\r\n--{boundary}");
        let parts: Vec<&str> = body.split(&delimiter).collect();
        let ["", text, html, "--\r\n"] = parts[..] else { panic!("{parts:?}") };
        let html = base64::decode(part(html, "text/html", "base64").replace("\r\n", ""));
        Self {
            to: header(&headers, "To").to_owned(),
            subject: decoded(header(&headers, "Subject")),
            text: part(text, "text/plain", "8bit").replace("\r\n", "\n"),
            html: String::from_utf8(html.expect("Base64")).expect("UTF-8").replace("\r\n", "\n"),
        }
    }

    /// Recipient, subject and plain text, in this order. The HTML must have the same link.
    pub(super) fn into_text(self) -> String {
        let Self { to, subject, text, html } = self;
        for link in text.lines().filter(|line| line.starts_with("http")) {
            let link = link.replace('&', "&amp;");
            assert!(html.contains(&format!("href=\"{link}\"")), "{link} is not in {html}");
        }
        format!("To: {to}\nSubject: {subject}\n\n{text}")
    }
}

/// The value of the only header with a name.
fn header<'a>(headers: &'a str, name: &str) -> &'a str {
    let prefix = format!("{name}: ");
    let values: Vec<_> =
        headers.split("\r\n").filter_map(|line| line.strip_prefix(&prefix)).collect();
    let [value] = values[..] else { panic!("{name} in {headers}") };
    value
}

/// The content of a part with a type and an encoding.
fn part<'a>(part: &'a str, content_type: &str, encoding: &str) -> &'a str {
    let (headers, content) = part.split_once("\r\n\r\n").expect("headers and a content");
    let actual = header(headers, "Content-Type").replace('"', "");
    assert_eq!(actual, format!("{content_type}; charset=utf-8"));
    assert_eq!(header(headers, "Content-Transfer-Encoding"), encoding);
    content
}

/// A header with its encoded words (RFC 2047) decoded.
fn decoded(value: &str) -> String {
    assert!(value.is_ascii(), "{value}");
    let words = value.split(' ').map(|word| {
        let Some(inner) = word.strip_prefix("=?").and_then(|rest| rest.strip_suffix("?=")) else {
            return word.to_owned() + " ";
        };
        let parts: Vec<_> = inner.split('?').collect();
        let bytes = match parts[..] {
            ["utf-8", "B", text] => base64::decode(text).expect("Base64"),
            ["utf-8", "Q", text] => decoded_q(text),
            _ => panic!("{word}"),
        };
        String::from_utf8(bytes).expect("UTF-8")
    });
    words.collect::<String>().trim_end().to_owned()
}

fn decoded_q(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        bytes.push(match first {
            b'_' => b' ',
            b'=' => {
                let (digits, tail) = tail.split_at(2);
                rest = tail;
                let digits = std::str::from_utf8(digits).expect("ASCII");
                u8::from_str_radix(digits, 16).expect("two hexadecimal digits")
            }
            other => *other,
        });
    }
    bytes
}
