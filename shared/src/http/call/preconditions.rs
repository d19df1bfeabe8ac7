//! Conditional requests (RFC 9110, section 13).

use super::Call;
use crate::{
    domain::Preconditions,
    http::{ApiError, ApiResult, Response, etag::EntityTagList},
};

impl Call {
    /// The user versions that the request accepts.
    pub(crate) fn preconditions(&self) -> Preconditions {
        let any = Preconditions::default();
        let versions = |tags: EntityTagList<'_>| tags.user_versions();
        Preconditions {
            if_match: self.if_match().map_or(any.if_match, versions),
            if_none_match: self.if_none_match().map_or(any.if_none_match, versions),
        }
    }

    /// Applies the preconditions of a read: returns 304 if the client has the response already.
    ///
    /// # Errors
    ///
    /// Returns [`ApiError::PreconditionFailed`] if `If-Match` names other responses only.
    pub fn with_preconditions(&self, response: Response) -> ApiResult {
        let tag = response.etag().unwrap_or_default();
        if self.if_match().is_some_and(|tags| !tags.contains(tag)) {
            return Err(ApiError::PreconditionFailed);
        }
        Ok(if self.is_not_modified(tag) { response.not_modified() } else { response })
    }

    /// Whether `If-None-Match` names an entity tag.
    pub(in crate::http) fn is_not_modified(&self, tag: &str) -> bool {
        self.if_none_match().is_some_and(|tags| tags.contains(tag))
    }

    fn if_match(&self) -> Option<EntityTagList<'_>> {
        self.binding_header("if-match").map(|field| EntityTagList::parse(field).strong())
    }

    fn if_none_match(&self) -> Option<EntityTagList<'_>> {
        self.binding_header("if-none-match").map(EntityTagList::parse)
    }
}
