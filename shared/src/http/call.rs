//! A request and the operations of its handler.

mod audit;
mod authenticate;
mod idempotency;
mod load;
mod preconditions;

use std::{
    borrow::Cow,
    fmt,
    str::FromStr,
    sync::{Arc, OnceLock},
};

use lambda_http::{Request, RequestExt, aws_lambda_events::query_map::QueryMap};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{
    ApiError, AppState, Dialect, FieldErrors, Fields, FromFields, RouteKey, Unreadable,
    field_value::POSITIVE_INTEGER, query, request, strict_json,
};
use crate::{
    auth::cookie::CookiePolicy,
    config::Settings,
    domain::{Actor, AuthMethod, RequestMeta, SiteUrl, Timestamp, UserId, WriteContext},
    store::Store,
};

pub use load::{
    Deferred, HasInvitedUsers, Load, PathApiKey, PathGroup, PathGroupToDelete, PathMembership,
    PathUser, ReferencedGroup, ReferencedUser, SetupTime, UserAndAdminCounts, UserCountsIf,
};

/// The maximum size of a body in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// A request, together with the state of the service. `Debug` shows only the method, because
/// headers and body contain secrets.
pub struct Call {
    app: AppState,
    store: Store,
    request: Request,
    now: Timestamp,
    actor: Arc<OnceLock<Actor>>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({})", self.method())
    }
}

impl Call {
    /// Creates the call of a request that arrives now.
    #[must_use]
    pub fn new(app: AppState, request: Request) -> Self {
        let now = app.now();
        let store = app.store().metered();
        Self { app, store, request, now, actor: Arc::default() }
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

    /// The front door's ID of the request.
    #[must_use]
    pub fn request_id(&self) -> &str {
        request::id(&self.request)
    }

    /// The route, for example `GET /api/user/{id}`, or an empty text for a request without one.
    #[must_use]
    pub fn route(&self) -> &str {
        self.request.extensions().get().map_or("", |RouteKey(key)| key.as_str())
    }

    /// The path as sent by the client.
    #[must_use]
    pub fn raw_path(&self) -> &str {
        self.request.raw_http_path()
    }

    /// The client IP.
    #[must_use]
    pub fn client_ip(&self) -> &str {
        request::source_ip(&self.request)
    }

    /// The reason why the event is not an HTTP request, if it is not.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        self.unreadable().event
    }

    fn unreadable(&self) -> Unreadable {
        self.request.extensions().get().copied().unwrap_or_default()
    }

    /// The URL of the site: the setting `SITE_URL`, or the host name of the gateway.
    ///
    /// Emails contain links to the site, so no header can change it.
    #[must_use]
    pub fn site_url(&self) -> SiteUrl {
        let gateway_url = || SiteUrl::from_host(request::domain_name(&self.request));
        self.settings().site_url.clone().or_else(gateway_url).unwrap_or_default()
    }

    /// Creates the write context of an actor. The log line of the request names the first one.
    #[must_use]
    pub fn write_context(&self, actor: Option<UserId>, method: AuthMethod) -> WriteContext {
        let actor = Actor { id: actor, method };
        self.actor.get_or_init(|| actor);
        WriteContext::new(actor, self.request_meta())
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
        let parameters = self.request.path_parameters_ref();
        let value = parameters.and_then(|parameters| parameters.first(name));
        percent_decode_str(value.unwrap_or_default()).decode_utf8_lossy()
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
        if self.unreadable().query {
            return Err(ApiError::BadRequest("The query is too long."));
        }
        Fields::read(query::object(self.raw_query()), self.settings())
    }

    /// Decodes the body.
    ///
    /// # Errors
    ///
    /// Returns 413 if the body is too large, 415 if its content type is not JSON, and 400 if it is
    /// not a JSON object. Returns 400 with a message for each invalid field.
    pub fn body<T: FromFields>(&self) -> Result<T, ApiError> {
        if self.unreadable().body {
            return Err(ApiError::BadRequest(strict_json::MALFORMED_JSON));
        }
        let bytes = self.request.body().as_ref();
        if bytes.len() > MAX_BODY_BYTES {
            return Err(ApiError::PayloadTooLarge);
        }
        if !self.header("content-type").is_none_or(is_json) {
            return Err(ApiError::UnsupportedMediaType);
        }
        match strict_json::parse(bytes).map_err(ApiError::BadRequest)? {
            Value::Object(object) => Fields::read(object, self.settings()),
            _ => Err(ApiError::BadRequest("The request body must be a JSON object.")),
        }
    }

    /// Everything that a route may read from the request, except headers and body. It must be the
    /// same in a repeated request.
    pub(super) fn parameters(&self) -> Vec<&[u8]> {
        let parameters = self.request.path_parameters_ref().into_iter().flat_map(QueryMap::iter);
        let mut parameters: Vec<_> = parameters.collect();
        parameters.sort_unstable();
        // A REST API and a load balancer change the order of the query.
        let mut query: Vec<_> = self.raw_query().split('&').collect();
        query.sort_unstable();
        let parameters = parameters.into_iter().flat_map(|(name, value)| [name, value]);
        parameters.chain(query).map(str::as_bytes).collect()
    }

    /// The body as sent.
    pub(super) fn raw_body(&self) -> &[u8] {
        self.request.body().as_ref()
    }

    fn raw_query(&self) -> &str {
        self.request.uri().query().unwrap_or_default()
    }

    pub(super) fn method(&self) -> &str {
        self.request.method().as_str()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        request::header(self.request.headers(), name)
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
