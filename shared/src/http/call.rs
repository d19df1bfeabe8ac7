//! A request and the operations of its handler.

mod api_key;
mod audit;
mod authenticate;
mod body;
mod browser;
mod facts;
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

use super::{
    ApiError, AppState, Dialect, FieldErrors, Fields, FromFields, RouteKey, Unreadable,
    field_value::POSITIVE_INTEGER, request,
};
use crate::{
    config::Settings,
    domain::{Actor, AuthMethod, RequestMeta, SiteUrl, Timestamp, User, UserId, WriteContext},
    mail::MailSite,
    store::Store,
};

pub use facts::{EmailOwner, InstanceAttributes};
pub use load::{
    Deferred, HasInvitedUsers, Load, PathApiKey, PathGroup, PathGroupId, PathGroupToDelete,
    PathMembership, PathUser, PathUserWithInvitation, ReferencedGroup, ReferencedUser, SetupTime,
    UserAndAdminCounts, UserCountsIf,
};

/// A request, together with the state of the service. It is cheap to clone. `Debug` shows only the
/// method, because headers and body contain secrets.
#[derive(Clone)]
pub struct Call {
    app: AppState,
    store: Store,
    request: Arc<Request>,
    client_ip: Arc<str>,
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
        let client_ip = request::client_ip(&request, app.settings().trusted_proxy.as_ref());
        let (request, client_ip) = (Arc::new(request), client_ip.into());
        Self { app, store, request, client_ip, now, actor: Arc::default() }
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

    /// The client IP: the peer of the front door, or what a trusted proxy reports. An IPv4 address
    /// in IPv6 form is the IPv4 address.
    #[must_use]
    pub fn client_ip(&self) -> &str {
        &self.client_ip
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

    /// The site for an email. Reads the name and the language of the instance.
    ///
    /// An email without them is better than none, so a failed read is only logged.
    pub async fn mail_site(&self) -> MailSite {
        let instance = self.store().instance().await.unwrap_or_else(|error| {
            tracing::error!(%error, "failed to read the name of the site");
            None
        });
        MailSite::new(self.site_url(), instance)
    }

    /// Reads a user who has just signed in, for an email. A failed read is only logged.
    pub async fn signed_in_user(&self, id: UserId) -> Option<User> {
        self.store().signed_in_user(id).await.unwrap_or_else(|error| {
            tracing::error!(%error, "failed to read the user of a sign-in");
            None
        })
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
        Fields::read_query(self.raw_query(), self.settings())
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

    pub(crate) fn method(&self) -> &str {
        self.request.method().as_str()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        request::header(self.request.headers(), name)
    }

    /// A header without which the request means something else.
    fn binding_header(&self, name: &str) -> Option<&str> {
        request::binding_header(self.request.headers(), name)
    }
}
