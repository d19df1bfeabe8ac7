//! Domains of email addresses: Unicode for comparison, Punycode for mail servers.

use std::borrow::Cow;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

const HYPHENS: Hyphens = Hyphens::CheckFirstLast;

/// The Unicode form of a domain in lower case. Returns `None` for a domain that violates IDNA.
///
/// Both forms of an internationalized domain have the same Unicode form. Other dots, such as the
/// ideographic full stop, become ASCII dots.
pub(super) fn to_unicode(domain: &str) -> Option<Cow<'_, str>> {
    if domain.is_ascii() && !domain.split('.').any(|label| label.starts_with("xn--")) {
        return Some(domain.into());
    }
    let ascii = to_ascii(domain)?;
    let (unicode, result) = Uts46::new().to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, HYPHENS);
    result.ok()?;
    Some(unicode.into_owned().into())
}

/// The Punycode form of a domain. Returns `None` for a domain that violates IDNA.
pub(super) fn to_ascii(domain: &str) -> Option<Cow<'_, str>> {
    if domain.is_ascii() && !domain.contains("xn--") {
        return Some(domain.into());
    }
    let bytes = domain.as_bytes();
    Uts46::new().to_ascii(bytes, AsciiDenyList::STD3, HYPHENS, DnsLength::Verify).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_a_domain_have_one_unicode_form() {
        for domain in [
            "bücher.example",
            "xn--bcher-kva.example",
            "bu\u{308}cher.example",
            "bücher。example",
            "bücher．example",
            "ｂücher｡example",
        ] {
            assert_eq!(to_unicode(domain).as_deref(), Some("bücher.example"), "{domain}");
            assert_eq!(to_ascii(domain).as_deref(), Some("xn--bcher-kva.example"), "{domain}");
        }
        assert_eq!(to_unicode("例え.テスト").as_deref(), Some("例え.テスト"));
        assert_eq!(to_unicode("xn--r8jz45g.xn--zckzah").as_deref(), Some("例え.テスト"));
        assert_eq!(to_unicode("straße.example").as_deref(), Some("straße.example"));
        assert_eq!(to_unicode("a--b.example").as_deref(), Some("a--b.example"));
    }

    #[test]
    fn a_domain_that_violates_idna_has_no_form() {
        for domain in [
            "xn--.example",
            "xn--a.example",
            "xn--abc-.example",
            "xn--bcher-kvb-zzzzzzzz.example",
            "xn--ls8h=.example",
            "-bü.example",
            "bü-.example",
            "bü..example",
            "\u{301}bü.example",
            "bü\u{200d}cher.example",
            "bü_cher.example",
        ] {
            assert_eq!(to_unicode(domain), None, "{domain}");
        }
    }
}
