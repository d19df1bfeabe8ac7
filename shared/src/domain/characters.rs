//! Invisible characters, by the properties of Unicode.

use icu_properties::{CodePointSetData, props::DefaultIgnorableCodePoint};
use unicode_normalization::char::is_combining_mark;

/// A character that a viewer sees as a space: `White_Space`, and symbols without a shape.
const fn is_blank(c: char) -> bool {
    c.is_whitespace() || is_blank_symbol(c)
}

/// The empty Braille pattern, and fillers of other notations.
const fn is_blank_symbol(c: char) -> bool {
    matches!(c, '\u{2800}' | '\u{16FE4}' | '\u{1D159}')
}

/// Whether a text has a visible character.
pub(super) fn is_visible(text: &str) -> bool {
    text.chars().any(|c| !is_blank(c) && !is_invisible(c) && !is_combining_mark(c))
}

/// Whether every character of a text may stand in a name: none is invisible, except joiners between
/// letters that need them.
pub(super) fn are_allowed(text: &str) -> bool {
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_between = is_joined(before) && is_joined(chars.peek().copied());
        if is_invisible(c) && !(is_joiner(c) && is_between) {
            return false;
        }
        before = Some(c);
    }
    true
}

/// The text for a comparison of names: without invisible characters and surrounding blanks, and
/// with one space for each run of blanks.
pub(super) fn without_invisible(text: &str) -> String {
    let visible: String = text.chars().filter(|c| is_blank(*c) || !is_invisible(*c)).collect();
    visible.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether a character is an accent: a mark that a search ignores. Marks of Indic scripts are
/// vowels, so they are none.
pub(super) const fn is_accent(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{36F}'
            | '\u{483}'..='\u{487}'
            | '\u{591}'..='\u{5BD}'
            | '\u{5BF}'
            | '\u{5C1}'..='\u{5C2}'
            | '\u{5C4}'..='\u{5C5}'
            | '\u{5C7}'
            | '\u{64B}'..='\u{65F}'
            | '\u{670}'
            | '\u{1AB0}'..='\u{1AFF}'
            | '\u{1DC0}'..='\u{1DFF}'
            | '\u{20D0}'..='\u{20FF}'
            | '\u{FE20}'..='\u{FE2F}'
    )
}

/// The base letters of a lower-case letter that Unicode does not decompose, such as the Turkish
/// dotless i.
pub(super) const fn base_letters(c: char) -> Option<&'static str> {
    Some(match c {
        'ı' => "i",
        'ł' => "l",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => return None,
    })
}

/// A control or format character, or a filler: general category `Cc`, line and paragraph
/// separators, `Default_Ignorable_Code_Point`, and other characters that only affect the layout.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || is_default_ignorable(c)
        || is_blank_symbol(c)
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{FFF9}'..='\u{FFFB}' | '\u{13430}'..='\u{1343F}'
        )
}

/// The property `Default_Ignorable_Code_Point`, which includes all bidirectional controls.
fn is_default_ignorable(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// The zero width joiner and non-joiner.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// Whether a character is a letter or a mark of a script with joiners: Arabic and its relatives,
/// and the scripts of South and Southeast Asia.
fn is_joined(c: Option<char>) -> bool {
    c.is_some_and(|c| {
        let is_of_script = matches!(
            c,
            '\u{600}'..='\u{109F}'
                | '\u{1700}'..='\u{1CFF}'
                | '\u{A800}'..='\u{ABFF}'
                | '\u{FB50}'..='\u{FEFC}'
                | '\u{10A00}'..='\u{11FFF}'
                | '\u{1E900}'..='\u{1E95F}'
        );
        is_of_script && !is_invisible(c) && (c.is_alphabetic() || is_combining_mark(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Controls, fillers, joiners, bidirectional controls, variation selectors and tags.
    const INVISIBLE: &str = concat!(
        "\0\n\u{7f}\u{85}\u{ad}\u{34f}\u{61c}\u{115f}\u{17b4}\u{180e}\u{200b}\u{200c}",
        "\u{200d}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}",
        "\u{206f}\u{2800}\u{3164}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{1bca0}\u{1d173}",
        "\u{e0001}\u{e0041}\u{e0100}",
    );

    #[test]
    fn invisible_characters_are_not_allowed() {
        for c in INVISIBLE.chars() {
            for text in [format!("Ja{c}ne"), format!("{c}Jane"), format!("Jane{c}"), c.to_string()]
            {
                assert!(!are_allowed(&text), "{text:?}");
            }
        }
        for text in ["Zoë O'Neil-Smith", "名前", "Ōe\u{a0}K.", "é", "e\u{301}", "\u{1f600}"] {
            assert!(are_allowed(text) && is_visible(text), "{text:?}");
        }
    }

    #[test]
    fn joiners_stand_between_letters_of_a_script_that_needs_them() {
        for text in ["می\u{200c}خواهم", "ක්\u{200d}රි", "क्\u{200d}ष", "শ্\u{200d}য"]
        {
            assert!(are_allowed(text), "{text:?}");
        }
        for text in [
            "Ja\u{200d}ne",
            "\u{200c}می",
            "می\u{200c}",
            "می\u{200c}\u{200c}خ",
            "می\u{200c} خ",
            "م\u{200c}a",
            "\u{1f468}\u{200d}\u{1f469}",
        ] {
            assert!(!are_allowed(text), "{text:?}");
        }
    }

    #[test]
    fn a_text_of_blanks_or_marks_is_not_visible() {
        for text in
            ["", " ", "\u{2800}", "\u{2800} \u{a0}\u{3000}", "\u{1d159}", "\u{301}", "\u{3164}"]
        {
            assert!(!is_visible(text), "{text:?}");
        }
    }

    #[test]
    fn comparison_ignores_what_nobody_sees() {
        let same = |text: &str| without_invisible(text) == "Data Team";
        for text in
            ["Data Team", "Data\u{a0}Team", " Data \u{2800} Team\u{3000}", "Da\u{200b}ta Team"]
        {
            assert!(same(text), "{text:?}");
        }
        assert!(!same("DataTeam"));
    }
}
