//! A request and the operations of its handler.

mod authenticate;
mod idempotency;
mod load;
mod preconditions;

use std::{borrow::Cow, str::FromStr};

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{
    ApiError, AppState, Dialect, Event, FieldErrors, Fields, FromFields,
    field_value::POSITIVE_INTEGER, query, strict_json,
};
use crate::{
    auth::cookie::CookiePolicy,
    config::Settings,
    domain::{AuthMethod, RequestMeta, SiteUrl, Timestamp, UserId, WriteContext},
    store::Store,
};

pub use load::{
    Deferred, HasInvitedUsers, Load, PathApiKey, PathGroup, PathGroupToDelete, PathMembership,
    PathUser, ReferencedGroup, ReferencedUser, SetupTime, UserAndAdminCounts, UserCountsIf,
};

/// The maximum size of a body in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// A request, together with the state of the service.
#[derive(Debug)]
pub struct Call {
    app: AppState,
    store: Store,
    event: Event,
    now: Timestamp,
}

impl Call {
    /// Creates the call of a request that arrives now.
    #[must_use]
    pub fn new(app: AppState, event: Event) -> Self {
        let now = app.now();
        let store = app.store().metered();
        Self { app, store, event, now }
    }

    /// The table. It counts the DynamoDB usage of this request.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The operator's settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        self.app.settings()
    }

    /// The dialect of the API.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.settings().dialect
    }

    /// The arrival time of the request. It is the current time for everything the request does.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The gateway's ID of the request.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.event.request_context.request_id
    }

    /// The gateway's name of the route, for example `GET /api/user/{id}`, without a trailing slash.
    #[must_use]
    pub fn route(&self) -> &str {
        let key = self.event.route_key.as_str();
        key.strip_suffix('/').unwrap_or(key)
    }

    /// The client IP.
    #[must_use]
    pub fn client_ip(&self) -> &str {
        &self.event.request_context.http.source_ip
    }

    /// The URL of the site: the setting `SITE_URL`, or the host name of the gateway.
    ///
    /// Emails contain links to the site, so no header can change it.
    #[must_use]
    pub fn site_url(&self) -> SiteUrl {
        let gateway_url = || SiteUrl::from_host(&self.event.request_context.domain_name);
        self.settings().site_url.clone().or_else(gateway_url).unwrap_or_default()
    }

    /// Creates the write context of an actor.
    #[must_use]
    pub fn write_context(&self, actor: Option<UserId>, method: AuthMethod) -> WriteContext {
        WriteContext::new(actor, method, self.request_meta())
    }

    /// The arrival time, client IP and ID of the request.
    #[must_use]
    pub fn request_meta(&self) -> RequestMeta {
        RequestMeta {
            at: self.now,
            source_ip: self.client_ip().to_owned(),
            request_id: self.request_id().to_owned(),
        }
    }

    /// The attributes of cookies in the response.
    #[must_use]
    pub fn cookie_policy(&self, remember: bool) -> CookiePolicy {
        CookiePolicy {
            secure: self.header("x-forwarded-proto") == Some("https"),
            max_age_minutes: remember.then_some(self.settings().session_ttl_minutes),
        }
    }

    /// The decoded value of a path parameter.
    #[must_use]
    pub fn path(&self, name: &str) -> Cow<'_, str> {
        let parameters = self.event.path_parameters.as_ref();
        let value = parameters.and_then(|parameters| parameters.get(name));
        percent_decode_str(value.map_or("", String::as_str)).decode_utf8_lossy()
    }

    /// The ID in the path.
    pub(crate) fn path_id<T: FromStr>(&self) -> Result<T, ApiError> {
        let id = self.path("id");
        let digits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        let out_of_range = || FieldErrors::single("id", POSITIVE_INTEGER).into();
        id.parse().map_err(|_| if digits { out_of_range() } else { ApiError::InvalidPathId })
    }

    /// Decodes the query.
    ///
    /// # Errors
    ///
    /// Returns 400 with a message for each invalid field.
    pub fn query<T: FromFields>(&self) -> Result<T, ApiError> {
        Fields::read(query::object(&self.event.raw_query_string), self.settings())
    }

    /// Decodes the body.
    ///
    /// # Errors
    ///
    /// Returns 413 if the body is too large, 415 if its content type is not JSON, and 400 if it is
    /// not a JSON object. Returns 400 with a message for each invalid field.
    pub fn body<T: FromFields>(&self) -> Result<T, ApiError> {
        let bytes = self.event.body().ok_or(ApiError::BadRequest(strict_json::MALFORMED_JSON))?;
        if bytes.len() > MAX_BODY_BYTES {
            return Err(ApiError::PayloadTooLarge);
        }
        if !self.header("content-type").is_none_or(is_json) {
            return Err(ApiError::UnsupportedMediaType);
        }
        match strict_json::parse(&bytes).map_err(ApiError::BadRequest)? {
            Value::Object(object) => Fields::read(object, self.settings()),
            _ => Err(ApiError::BadRequest("The request body must be a JSON object.")),
        }
    }

    /// Everything that a route may read from the request, except the headers. It must be the same
    /// in a repeated request.
    pub(super) fn payload(&self) -> Vec<Cow<'_, [u8]>> {
        let mut parameters: Vec<_> = self.event.path_parameters.iter().flatten().collect();
        parameters.sort();
        let parameters = parameters.into_iter().flat_map(|(name, value)| [name, value]);
        let text_parts = parameters.chain([&self.event.raw_query_string]);
        let body = self.event.body().unwrap_or_default();
        text_parts.map(|text| text.as_bytes().into()).chain([body]).collect()
    }

    pub(super) fn method(&self) -> &str {
        &self.event.request_context.http.method
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.event.headers.get(name).map(String::as_str)
    }

    pub(crate) fn cookies(&self) -> &[String] {
        self.event.cookies.as_deref().unwrap_or_default()
    }

    /// Whether a browser sent this write for a page of another site.
    ///
    /// Browsers send `Sec-Fetch-Site`, and older ones `Origin`. A client without both is not a
    /// browser. Go's `net/http.CrossOriginProtection` has the same rule.
    pub(crate) fn is_cross_site_write(&self) -> bool {
        if matches!(self.method(), "GET" | "HEAD") {
            return false;
        }
        match (self.header("sec-fetch-site"), self.header("origin")) {
            (Some(site), _) => !matches!(site, "same-origin" | "none"),
            (None, Some(origin)) => {
                let host = origin.split_once("://").map(|(_, host)| host);
                host.is_none() || host != self.header("host")
            }
            (None, None) => false,
        }
    }
}

/// Whether a content type is empty, `application/json` or has the suffix `+json`. Ignores
/// parameters.
fn is_json(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media.is_empty()
        || media == "application/json"
        || (media.starts_with("application/") && media.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_content_types_are_recognized() {
        for media in
            ["application/json", "Application/JSON; charset=UTF-8", "application/a+json", ""]
        {
            assert!(is_json(media), "{media}");
        }
        for media in
            ["text/plain", "application/x-www-form-urlencoded", "text/json", "json", "x+json"]
        {
            assert!(!is_json(media), "{media}");
        }
    }
}
