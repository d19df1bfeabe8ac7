//! One request on its way through a handler.

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

/// The largest body that is read, in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// A request and the service that it came to.
#[derive(Debug)]
pub struct Call {
    app: AppState,
    store: Store,
    event: Event,
    now: Timestamp,
}

impl Call {
    /// A request that arrives now.
    #[must_use]
    pub fn new(app: AppState, event: Event) -> Self {
        let now = app.now();
        let store = app.store().metered();
        Self { app, store, event, now }
    }

    /// The table, which counts what this request asks of it.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// What the operator decided.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        self.app.settings()
    }

    /// Which API is spoken.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.settings().dialect
    }

    /// When the request arrived; the same moment for all that it does.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The gateway's number for the request.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.event.request_context.request_id
    }

    /// The route as the gateway names it, `GET /api/user/{id}`; its twin with a slash is the same.
    #[must_use]
    pub fn route(&self) -> &str {
        let key = self.event.route_key.as_str();
        key.strip_suffix('/').unwrap_or(key)
    }

    /// The address that the request came from.
    #[must_use]
    pub fn client_ip(&self) -> &str {
        &self.event.request_context.http.source_ip
    }

    /// Where people find the service: where the operator says, or where the gateway was found. A letter
    /// may have a link there, so no header of the client's is believed.
    #[must_use]
    pub fn site_url(&self) -> SiteUrl {
        let gateway = || SiteUrl::from_host(&self.event.request_context.domain_name);
        self.settings().site_url.clone().or_else(gateway).unwrap_or_default()
    }

    /// The circumstances of the writes of an actor.
    #[must_use]
    pub fn write_context(&self, actor: Option<UserId>, method: AuthMethod) -> WriteContext {
        WriteContext::new(actor, method, self.request_meta())
    }

    /// When and from where the request came.
    #[must_use]
    pub fn request_meta(&self) -> RequestMeta {
        RequestMeta {
            at: self.now,
            source_ip: self.client_ip().to_owned(),
            request_id: self.request_id().to_owned(),
        }
    }

    /// How cookies are set in the answer to this request.
    #[must_use]
    pub fn cookie_policy(&self, remember: bool) -> CookiePolicy {
        CookiePolicy {
            secure: self.header("x-forwarded-proto") == Some("https"),
            max_age_minutes: remember.then_some(self.settings().session_ttl_minutes),
        }
    }

    /// What a part of the path in braces matched, decoded.
    #[must_use]
    pub fn path(&self, name: &str) -> Cow<'_, str> {
        let parameters = self.event.path_parameters.as_ref();
        let value = parameters.and_then(|parameters| parameters.get(name));
        percent_decode_str(value.map_or("", String::as_str)).decode_utf8_lossy()
    }

    /// The number in the path.
    pub(crate) fn path_id<T: FromStr>(&self) -> Result<T, ApiError> {
        let id = self.path("id");
        let digits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        let out_of_range = || FieldErrors::single("id", POSITIVE_INTEGER).into();
        id.parse().map_err(|_| if digits { out_of_range() } else { ApiError::InvalidPathId })
    }

    /// The query, as a handler wants it.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] naming every field that is wrong.
    pub fn query<T: FromFields>(&self) -> Result<T, ApiError> {
        Fields::read(query::object(&self.event.raw_query_string), self.settings())
    }

    /// The body, as a handler wants it.
    ///
    /// # Errors
    ///
    /// [`ApiError::TooLarge`], [`ApiError::UnsupportedMediaType`], [`ApiError::BadRequest`] for what
    /// is no JSON object, and [`ApiError::Invalid`] naming every field that is wrong.
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

    /// All that a route may read of a request but its headers: what must be the same when it is sent
    /// again.
    pub(super) fn payload(&self) -> Vec<Cow<'_, [u8]>> {
        let mut parameters: Vec<_> = self.event.path_parameters.iter().flatten().collect();
        parameters.sort();
        let parameters = parameters.into_iter().flat_map(|(name, value)| [name, value]);
        let texts = parameters.chain([&self.event.raw_query_string]);
        let body = self.event.body().unwrap_or_default();
        texts.map(|text| text.as_bytes().into()).chain([body]).collect()
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
    /// Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; what sends neither is no
    /// browser. The same rule as Go's `net/http.CrossOriginProtection`.
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

/// `application/json`, or a type that is JSON by its suffix; parameters do not matter.
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
    fn json_is_what_calls_itself_so() {
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
