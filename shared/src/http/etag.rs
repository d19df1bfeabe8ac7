//! Entity tags of users (RFC 9110, section 8.8.3).
//!
//! A tag is `"<user ID>.<version>.<digest of the body>"`. The digest makes it a strong tag: two
//! responses with the same tag have the same bytes. A write compares only the user ID and the
//! version, so the tag of any response about the user is accepted.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::domain::{UserVersion, VersionMatch};

/// Returns the tag of a response that shows a user.
pub(super) fn of(revision: UserVersion, body: &str) -> String {
    let digest = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(body));
    format!("\"{}.{}.{digest}\"", revision.user, revision.version)
}

/// A tag sent by a client, without its quotation marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EntityTag<'a> {
    is_weak: bool,
    opaque: &'a str,
}

/// The value of an `If-Match` or `If-None-Match` header.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum EntityTagList<'a> {
    /// An asterisk, which matches every tag.
    Any,
    /// A list of tags.
    OneOf(Vec<EntityTag<'a>>),
}

impl<'a> EntityTagList<'a> {
    /// Parses a header. A malformed list contains no tag, so `If-Match` fails and `If-None-Match`
    /// has no effect.
    pub(super) fn parse(field: &'a str) -> Self {
        match field.trim() {
            "*" => Self::Any,
            list => Self::OneOf(parse_entity_tags(list).unwrap_or_default()),
        }
    }

    /// Removes the weak tags, which never match in a strong comparison.
    pub(super) fn strong(self) -> Self {
        match self {
            Self::Any => Self::Any,
            Self::OneOf(tags) => Self::OneOf(tags.into_iter().filter(|tag| !tag.is_weak).collect()),
        }
    }

    /// Whether the list contains the tag of a response.
    pub(super) fn contains(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|each| each.opaque == tag.trim_matches('"')),
        }
    }

    /// The user versions in the tags.
    pub(super) fn user_versions(&self) -> VersionMatch {
        match self {
            Self::Any => VersionMatch::Any,
            Self::OneOf(tags) => {
                VersionMatch::OneOf(tags.iter().filter_map(EntityTag::user_version).collect())
            }
        }
    }
}

impl EntityTag<'_> {
    /// The user version, if the tag is one of this service.
    fn user_version(&self) -> Option<UserVersion> {
        let (user, rest) = self.opaque.split_once('.')?;
        let (version, _) = rest.split_once('.')?;
        Some(UserVersion { user: user.parse().ok()?, version: version.parse().ok()? })
    }
}

/// Parses tags separated by commas. Items may be empty, and a tag may contain a comma.
fn parse_entity_tags(mut rest: &str) -> Option<Vec<EntityTag<'_>>> {
    let mut tags = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Some(tags);
        }
        let weak = rest.strip_prefix("W/");
        let (opaque, after) = weak.unwrap_or(rest).strip_prefix('"')?.split_once('"')?;
        rest = after.trim_start_matches([' ', '\t']);
        let ends = rest.is_empty() || rest.starts_with(',');
        if !ends || opaque.contains(|c: char| c.is_ascii_control() || c == ' ') {
            return None;
        }
        tags.push(EntityTag { is_weak: weak.is_some(), opaque });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strong(opaque: &str) -> EntityTag<'_> {
        EntityTag { is_weak: false, opaque }
    }

    fn weak(opaque: &str) -> EntityTag<'_> {
        EntityTag { is_weak: true, opaque }
    }

    #[test]
    fn lists_are_those_of_rfc_9110() {
        for (field, tags) in [
            (r#""xyzzy""#, vec![strong("xyzzy")]),
            (r#"W/"xyzzy""#, vec![weak("xyzzy")]),
            (
                r#"W/"xyzzy", W/"r2d2xxxx", "c3""#,
                vec![weak("xyzzy"), weak("r2d2xxxx"), strong("c3")],
            ),
            (r#" , "a,b" ,,"","ü" , "#, vec![strong("a,b"), strong(""), strong("ü")]),
            ("", vec![]),
        ] {
            assert_eq!(EntityTagList::parse(field), EntityTagList::OneOf(tags), "{field}");
        }
        assert_eq!(EntityTagList::parse(" * "), EntityTagList::Any);
    }

    #[test]
    fn what_is_no_list_names_no_tag() {
        for field in [
            "x",
            "\"",
            "\"a",
            "a\"",
            "w/\"a\"",
            "W/ \"a\"",
            "\"a\" \"b\"",
            "\"a\", *",
            "*, \"a\"",
            "\"a\"b",
            "\"a b\"",
            "\"a\tb\"",
            "**",
        ] {
            assert_eq!(EntityTagList::parse(field), EntityTagList::OneOf(vec![]), "{field}");
        }
    }

    #[test]
    fn a_tag_of_ours_stands_for_a_state() {
        let revision = UserVersion { user: crate::domain::UserId::INSTALLER, version: 7 };
        let tag = of(revision, "{}");
        let tags = EntityTagList::parse(&tag);
        assert_eq!(tags.user_versions(), VersionMatch::OneOf(vec![revision]));
        assert_ne!(tag, of(revision, "{ }"));
        for other in ["", "1", "1.7", "0.7.x", "1.x.x", "-1.7.x", "1.-7.x"] {
            assert_eq!(strong(other).user_version(), None, "{other}");
        }
    }

    #[test]
    fn a_list_of_tags_is_searched() {
        let tag = "\"own\"";
        for list in [tag, "\"x\", \"own\"", "W/\"own\"", "*"] {
            assert!(EntityTagList::parse(list).contains(tag), "{list}");
        }
        for list in ["", "\"x\"", "own"] {
            assert!(!EntityTagList::parse(list).contains(tag), "{list}");
        }
    }

    #[test]
    fn only_strong_tags_compare_strongly() {
        let tags = || EntityTagList::parse(r#"W/"a", "b""#);
        assert!(tags().contains("\"a\"") && !tags().strong().contains("\"a\""));
        assert!(tags().strong().contains("\"b\""));
    }
}
