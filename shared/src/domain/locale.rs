//! Locales: a language of ISO 639-1, alone or with a country of ISO 3166-1 alpha-2.

/// The languages, including the old codes `in`, `iw` and `ji`, which Java still accepts.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce \
    ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv \
    ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it iu iw ja ji jv ka kg ki kj kk kl km \
    kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd \
    ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk \
    sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi \
    vo wa wo xh yi yo za zh zu";

/// The countries.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI \
    BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY \
    CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN \
    GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH \
    KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL \
    PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV \
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN \
    VU WF WS YE YT ZA ZM ZW";

/// A locale in the form `xx` or `xx_YY`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale(String);

impl Locale {
    /// Parses `es`, `es-MX`, `es_MX` and `ES-mx`. Rejects unknown languages and countries.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (language, country) = match text.split_once(['-', '_']) {
            Some((language, country)) => (language, Some(country.to_ascii_uppercase())),
            None => (text, None),
        };
        let language = language.to_ascii_lowercase();
        if !Self::languages().any(|known| known == language) {
            return None;
        }
        match country {
            None => Some(Self(language)),
            Some(country) => {
                let exists = Self::countries().any(|known| known == country);
                exists.then(|| Self(format!("{language}_{country}")))
            }
        }
    }

    /// All languages, in lower case.
    pub fn languages() -> impl Iterator<Item = &'static str> {
        LANGUAGES.split_ascii_whitespace()
    }

    /// All countries, in upper case.
    pub fn countries() -> impl Iterator<Item = &'static str> {
        COUNTRIES.split_ascii_whitespace()
    }

    /// Wraps a locale read from the table.
    pub(crate) const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The locale as `xx` or `xx_YY`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Covers the cases of Metabase's own tests.
    #[test]
    fn normalizes_known_locales_and_rejects_others() {
        for (text, locale) in
            [("es-MX", "es_MX"), ("es_MX", "es_MX"), ("EN-us", "en_US"), ("es", "es")]
        {
            assert_eq!(Locale::parse(text).as_ref().map(Locale::as_str), Some(locale));
        }
        for text in ["id", "en_GB"] {
            assert!(Locale::parse(text).is_some(), "{text}");
        }
        for text in [
            "", "100", "ab/cd", "USA!", "eng", "eng-USA", "zz", "xx", "xx-yy", "en-EN", "en_XX",
            "en_", "e n", "en_US_x", "en ",
        ] {
            assert!(Locale::parse(text).is_none(), "{text:?}");
        }
    }
}
