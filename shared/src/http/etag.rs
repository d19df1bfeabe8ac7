//! Entity tags of accounts, and what requests make depend on them (RFC 9110, sections 8.8.3 and 13).
//!
//! A tag is `"<account>.<version>.<digest of the body>"`. The digest makes it honest: two answers with
//! one tag are the same bytes, whatever shows them. What a write is held to is the state alone, so the
//! tag of any answer about an account will do.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{ApiError, ApiResult, Call, Response};
use crate::domain::{Preconditions, UserVersion, VersionMatch};

/// The tag of an answer that shows an account.
pub(super) fn of(revision: UserVersion, body: &str) -> String {
    let digest = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(body));
    format!("\"{}.{}.{digest}\"", revision.user, revision.version)
}

/// A tag that a client sent, without its quotation marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct EntityTag<'a> {
    is_weak: bool,
    opaque: &'a str,
}

/// What a header has to say about tags.
#[derive(Debug, PartialEq, Eq)]
enum EntityTagList<'a> {
    /// An asterisk: whatever there is.
    Any,
    OneOf(Vec<EntityTag<'a>>),
}

impl<'a> EntityTagList<'a> {
    /// What is no list names no tag: such a condition on a write fails, and one on a read does nothing.
    fn parse(field: &'a str) -> Self {
        match field.trim() {
            "*" => Self::Any,
            list => Self::OneOf(parse_entity_tags(list).unwrap_or_default()),
        }
    }

    /// Those that count where a weak tag is like no other.
    fn strong(self) -> Self {
        match self {
            Self::Any => Self::Any,
            Self::OneOf(tags) => Self::OneOf(tags.into_iter().filter(|tag| !tag.is_weak).collect()),
        }
    }

    /// Whether an answer's tag is among them.
    fn contains(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|each| each.opaque == tag.trim_matches('"')),
        }
    }

    /// The states of accounts that they stand for.
    fn user_versions(&self) -> VersionMatch {
        match self {
            Self::Any => VersionMatch::Any,
            Self::OneOf(tags) => {
                VersionMatch::OneOf(tags.iter().filter_map(EntityTag::user_version).collect())
            }
        }
    }
}

impl EntityTag<'_> {
    /// The state, if the tag is one of ours.
    fn user_version(&self) -> Option<UserVersion> {
        let (user, rest) = self.opaque.split_once('.')?;
        let (version, _) = rest.split_once('.')?;
        Some(UserVersion { user: user.parse().ok()?, version: version.parse().ok()? })
    }
}

/// Tags between commas. Items may be empty, and a comma may be in a tag.
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

impl Call {
    /// The states in which this request wants to meet the account that it changes.
    pub(crate) fn preconditions(&self) -> Preconditions {
        let any = Preconditions::default();
        let revisions = |tags: EntityTagList<'_>| tags.user_versions();
        Preconditions {
            if_match: self.if_match().map_or(any.if_match, revisions),
            if_none_match: self.if_none_match().map_or(any.if_none_match, revisions),
        }
    }

    /// The answer to a read, or 304 where the client has it already.
    ///
    /// # Errors
    ///
    /// [`ApiError::Outdated`] when the client wanted another one or none.
    pub fn with_preconditions(&self, reply: Response) -> ApiResult {
        let tag = reply.etag().unwrap_or_default();
        if self.if_match().is_some_and(|tags| !tags.contains(tag)) {
            return Err(ApiError::PreconditionFailed);
        }
        Ok(if self.is_not_modified(tag) { reply.not_modified() } else { reply })
    }

    /// Whether the client has what a tag stands for.
    pub(super) fn is_not_modified(&self, tag: &str) -> bool {
        self.if_none_match().is_some_and(|tags| tags.contains(tag))
    }

    fn if_match(&self) -> Option<EntityTagList<'_>> {
        self.header("if-match").map(|field| EntityTagList::parse(field).strong())
    }

    fn if_none_match(&self) -> Option<EntityTagList<'_>> {
        self.header("if-none-match").map(EntityTagList::parse)
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
