//! The operations of the API: method, path and type of the response.

use std::{any::type_name, collections::BTreeMap, marker::PhantomData};

use http::Method;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::{
    ApiKey, ApiKeyWithSecret, CurrentUser, Group, GroupDetails, GroupListItem, GroupMember, Health,
    InstanceProperties, Invitation, ListedApiKey, LoginHistoryEntry, Membership, Page,
    PermissionsGraph, Recipient, Setting, User, UserId, UserListItem, UserSession,
    audit::AuditPage,
    passwords::{PasswordChanged, PasswordResetUrl, TokenCheck},
    sessions::NewSession,
};

/// Whether the client may repeat a request after 503 without an `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// A repetition has no second effect.
    Safe,
    /// A repetition needs an `Idempotency-Key`.
    WithKey,
}

/// An operation with a response of type `R`.
#[derive(Debug)]
pub(crate) struct Operation<R> {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) repeat: Repeat,
    response: PhantomData<fn() -> R>,
}

/// An operation of this client. A test compares it with `openapi.json`.
#[derive(Debug, Clone, Copy)]
pub struct OperationInfo {
    /// Name, the `operationId` of the OpenAPI document.
    pub id: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path with parameters in braces.
    pub path: &'static str,
    /// Rust type of the response.
    pub response: fn() -> &'static str,
    /// Deserializes a response and returns the reason of a failure.
    pub parse: fn(&str) -> Result<(), String>,
}

fn parse<R: DeserializeOwned>(body: &str) -> Result<(), String> {
    serde_json::from_str::<R>(body).map(drop).map_err(|error| error.to_string())
}

macro_rules! operations {
    ($($name:ident: $method:ident $path:literal $id:literal $repeat:ident => $response:ty;)+) => {
        $(pub(crate) const $name: Operation<$response> = Operation {
            method: Method::$method,
            path: $path,
            repeat: Repeat::$repeat,
            response: PhantomData,
        };)+

        /// All operations of this client.
        #[must_use]
        pub fn operations() -> Vec<OperationInfo> {
            vec![$(OperationInfo {
                id: $id,
                method: stringify!($method),
                path: $path,
                response: type_name::<$response>,
                parse: parse::<$response>,
            }),+]
        }
    };
}

operations! {
    LIST_USERS: GET "/api/user" "list-users" Safe => Page<UserListItem>;
    CREATE_USER: POST "/api/user" "create-user" WithKey => User;
    CONFIRM_EMAIL: POST "/api/user/confirm-email" "confirm-email" WithKey => IgnoredAny;
    CURRENT_USER: GET "/api/user/current" "current-user" Safe => CurrentUser;
    LIST_RECIPIENTS: GET "/api/user/recipients" "list-recipients" Safe => Page<Recipient>;
    REVERT_EMAIL: POST "/api/user/revert-email" "revert-email" WithKey => IgnoredAny;
    GET_USER: GET "/api/user/{id}" "get-user" Safe => User;
    UPDATE_USER: PUT "/api/user/{id}" "update-user" Safe => User;
    DEACTIVATE_USER: DELETE "/api/user/{id}" "deactivate-user" Safe => IgnoredAny;
    ANONYMIZE_USER: POST "/api/user/{id}/anonymize" "anonymize-user" Safe => User;
    DISMISS_MODAL: PUT "/api/user/{id}/modal/{modal}" "dismiss-modal" Safe => IgnoredAny;
    REACTIVATE_USER: PUT "/api/user/{id}/reactivate" "reactivate-user" WithKey => User;
    SEND_INVITE: POST "/api/user/{id}/send_invite" "send-invite" WithKey => Invitation;

    FORGOT_PASSWORD: POST "/api/session/forgot_password" "forgot-password" WithKey => IgnoredAny;
    CHECK_PASSWORD: POST "/api/session/password-check" "password-check" Safe => IgnoredAny;
    CHECK_RESET_TOKEN: GET "/api/session/password_reset_token_valid" "check-reset-token" Safe
        => TokenCheck;
    RESET_PASSWORD: POST "/api/session/reset_password" "reset-password" WithKey
        => PasswordChanged;
    UPDATE_PASSWORD: PUT "/api/user/{id}/password" "update-password" WithKey
        => Option<PasswordChanged>;
    PASSWORD_RESET_URL: POST "/api/user/{id}/password-reset-url" "password-reset-url" WithKey
        => PasswordResetUrl;

    LIST_LOGIN_HISTORY: GET "/api/login-history/current" "list-login-history" Safe
        => Vec<LoginHistoryEntry>;
    LOGIN: POST "/api/session" "login" Safe => NewSession;
    LOGOUT: DELETE "/api/session" "logout" Safe => IgnoredAny;
    LIST_SESSIONS: GET "/api/user/{id}/sessions" "list-sessions" Safe => Vec<UserSession>;
    REVOKE_SESSIONS: DELETE "/api/user/{id}/sessions" "revoke-sessions" Safe => IgnoredAny;
    RELEASE_RATE_LIMITS: DELETE "/api/user/{id}/rate-limits" "release-rate-limits" Safe
        => IgnoredAny;
    REVOKE_SESSION: DELETE "/api/user/{id}/sessions/{session}" "revoke-session" Safe
        => IgnoredAny;

    GET_PERMISSIONS_GRAPH: GET "/api/permissions/graph" "get-permissions-graph" Safe
        => PermissionsGraph;
    UPDATE_PERMISSIONS_GRAPH: PUT "/api/permissions/graph" "update-permissions-graph" Safe
        => PermissionsGraph;
    GET_GROUP_PERMISSIONS: GET "/api/permissions/graph/group/{id}" "get-group-permissions" Safe
        => PermissionsGraph;
    LIST_GROUPS: GET "/api/permissions/group" "list-groups" Safe => Vec<GroupListItem>;
    CREATE_GROUP: POST "/api/permissions/group" "create-group" WithKey => Group;
    GET_GROUP: GET "/api/permissions/group/{id}" "get-group" Safe => GroupDetails;
    UPDATE_GROUP: PUT "/api/permissions/group/{id}" "update-group" Safe => Group;
    DELETE_GROUP: DELETE "/api/permissions/group/{id}" "delete-group" Safe => IgnoredAny;
    CLEAR_GROUP: PUT "/api/permissions/membership/{id}/clear" "clear-group" Safe => IgnoredAny;

    LIST_MEMBERSHIPS: GET "/api/permissions/membership" "list-memberships" Safe
        => BTreeMap<UserId, Vec<Membership>>;
    CREATE_MEMBERSHIP: POST "/api/permissions/membership" "create-membership" WithKey
        => Vec<GroupMember>;
    DELETE_MEMBERSHIP: DELETE "/api/permissions/membership/{id}" "delete-membership" Safe
        => IgnoredAny;

    LIST_API_KEYS: GET "/api/api-key" "list-api-keys" Safe => Vec<ListedApiKey>;
    CREATE_API_KEY: POST "/api/api-key" "create-api-key" WithKey => ApiKeyWithSecret;
    COUNT_API_KEYS: GET "/api/api-key/count" "count-api-keys" Safe => u64;
    UPDATE_API_KEY: PUT "/api/api-key/{id}" "update-api-key" Safe => ApiKey;
    DELETE_API_KEY: DELETE "/api/api-key/{id}" "delete-api-key" Safe => IgnoredAny;
    REGENERATE_API_KEY: PUT "/api/api-key/{id}/regenerate" "regenerate-api-key" Safe
        => ApiKeyWithSecret;

    LIST_AUDIT: GET "/api/audit" "list-audit" Safe => AuditPage;
    TEST_EMAIL: POST "/api/email/test" "test-email" WithKey => IgnoredAny;
    HEALTH: GET "/api/health" "health" Safe => Health;
    SESSION_PROPERTIES: GET "/api/session/properties" "session-properties" Safe
        => InstanceProperties;
    LIST_SETTINGS: GET "/api/setting" "list-settings" Safe => Vec<Setting>;
    UPDATE_SETTING: PUT "/api/setting/{key}" "update-setting" Safe => IgnoredAny;
    SETUP: POST "/api/setup" "setup" WithKey => NewSession;
    OPENAPI: GET "/api/openapi.json" "openapi" Safe => serde_json::Value;
}
