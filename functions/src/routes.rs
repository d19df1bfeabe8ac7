//! The routes: the one place where one is added.
//!
//! The local gateway serves this table, and tests hold the binaries and the permission matrix to it.

use std::{future::Future, pin::Pin};

use shared::http::{ApiResult, Call};

use crate::{
    api_keys::{
        count_api_keys, create_api_key, delete_api_key, list_api_keys, regenerate_api_key,
        update_api_key,
    },
    documentation::{docs, openapi},
    groups::{clear_group, create_group, delete_group, get_group, list_groups, update_group},
    instance::{health, list_audit, session_properties, setup},
    memberships::{create_membership, delete_membership, list_memberships, update_membership},
    passwords::{
        check_reset_token, forgot_password, password_check, password_reset_url, reset_password,
        update_password,
    },
    sessions::{list_sessions, login, logout, revoke_session, revoke_sessions},
    users::{
        anonymize_user, create_user, current_user, deactivate_user, dismiss_modal, get_user,
        list_recipients, list_users, reactivate_user, send_invite, update_user,
    },
};

/// What a handler returns, whatever its own type.
pub type HandlerFuture = Pin<Box<dyn Future<Output = ApiResult> + Send>>;

/// A method and a path, and the function that answers them.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The method in upper case.
    pub method: &'static str,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// The name of the function and of its binary.
    pub function: &'static str,
    /// The handler.
    pub handler: fn(Call) -> HandlerFuture,
}

macro_rules! routes {
    ($($method:ident $path:literal $function:literal $module:ident;)*) => {
        &[$(Route {
            method: stringify!($method),
            path: $path,
            function: $function,
            handler: |call| Box::pin($module::handler(call)),
        }),*]
    };
}

/// Every route.
pub const ROUTES: &[Route] = routes! {
    GET    "/api/user"                               "list-users"         list_users;
    POST   "/api/user"                               "create-user"        create_user;
    GET    "/api/user/current"                       "current-user"       current_user;
    GET    "/api/user/recipients"                    "list-recipients"    list_recipients;
    GET    "/api/user/{id}"                          "get-user"           get_user;
    PUT    "/api/user/{id}"                          "update-user"        update_user;
    DELETE "/api/user/{id}"                          "deactivate-user"    deactivate_user;
    PUT    "/api/user/{id}/password"                 "update-password"    update_password;
    POST   "/api/user/{id}/password-reset-url"       "password-reset-url" password_reset_url;
    POST   "/api/user/{id}/send_invite"              "send-invite"        send_invite;
    PUT    "/api/user/{id}/send_invite"              "send-invite"        send_invite;
    PUT    "/api/user/{id}/reactivate"               "reactivate-user"    reactivate_user;
    POST   "/api/user/{id}/anonymize"                "anonymize-user"     anonymize_user;
    PUT    "/api/user/{id}/modal/{modal}"            "dismiss-modal"      dismiss_modal;
    GET    "/api/user/{id}/sessions"                 "list-sessions"      list_sessions;
    DELETE "/api/user/{id}/sessions"                 "revoke-sessions"       revoke_sessions;
    DELETE "/api/user/{id}/sessions/{session}"       "revoke-session"        revoke_session;
    GET    "/api/permissions/group"                  "list-groups"        list_groups;
    POST   "/api/permissions/group"                  "create-group"       create_group;
    GET    "/api/permissions/group/{id}"             "get-group"          get_group;
    PUT    "/api/permissions/group/{id}"             "update-group"       update_group;
    DELETE "/api/permissions/group/{id}"             "delete-group"       delete_group;
    GET    "/api/permissions/membership"             "list-memberships"   list_memberships;
    POST   "/api/permissions/membership"             "create-membership"  create_membership;
    PUT    "/api/permissions/membership/{id}"        "update-membership"  update_membership;
    DELETE "/api/permissions/membership/{id}"        "delete-membership"  delete_membership;
    PUT    "/api/permissions/membership/{id}/clear"  "clear-group"        clear_group;
    GET    "/api/api-key"                            "list-api-keys"      list_api_keys;
    GET    "/api/api-key/count"                      "count-api-keys"     count_api_keys;
    POST   "/api/api-key"                            "create-api-key"     create_api_key;
    PUT    "/api/api-key/{id}"                       "update-api-key"     update_api_key;
    PUT    "/api/api-key/{id}/regenerate"            "regenerate-api-key" regenerate_api_key;
    DELETE "/api/api-key/{id}"                       "delete-api-key"     delete_api_key;
    POST   "/api/session"                            "login"              login;
    DELETE "/api/session"                            "logout"             logout;
    GET    "/api/session/properties"                 "session-properties" session_properties;
    POST   "/api/session/password-check"             "password-check"     password_check;
    GET    "/api/session/password_reset_token_valid" "check-reset-token"  check_reset_token;
    POST   "/api/session/forgot_password"            "forgot-password"    forgot_password;
    POST   "/api/session/reset_password"             "reset-password"     reset_password;
    POST   "/api/setup"                              "setup"              setup;
    GET    "/api/audit"                              "list-audit"         list_audit;
    GET    "/api/health"                             "health"             health;
    GET    "/api/openapi.json"                       "openapi"            openapi;
    HEAD   "/api/openapi.json"                       "openapi"            openapi;
    GET    "/api/docs"                               "docs"               docs;
    HEAD   "/api/docs"                               "docs"               docs;
    GET    "/api/docs/{asset}"                       "docs"               docs;
    HEAD   "/api/docs/{asset}"                       "docs"               docs;
};
