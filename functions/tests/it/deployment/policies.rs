//! Each function's policy in `template.yaml` grants what the function uses, and nothing else.
//!
//! That it grants enough, every test of this suite shows: `testkit::Roles` stops what is not
//! granted.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::{config::Settings, lambda::warm_up};
use testkit::{ADMIN_EMAIL, IamEnforcer, PASSWORD, POLICIES, Request, TestApp};

use crate::support::{functions, membership, reset_token, update_user};

#[tokio::test]
async fn no_permission_is_unused() {
    let app = TestApp::with_mail(Settings::default()).await;
    app.large_users(20).await;
    reads(&app).await;
    resets(&app).await;
    let jane = changes(&app).await;
    passwords_and_access(&app, jane).await;
    sessions(&app, jane).await;
    logins(&app).await;
    groups(&app).await;
    api_keys(&app).await;
    anonymization(&app, jane).await;
    with_keys(&app).await;
    a_refused_letter(&app).await;
    for route in functions() {
        IamEnforcer::as_function(route.function, warm_up(app.service())).await;
    }

    let used = app.iam.used();
    for (function, permissions) in &*POLICIES {
        let used = &used[function];
        let idle = permissions
            .iter()
            .filter(|permission| !used.iter().any(|access| permission.allows(access)));
        let idle: Vec<_> = idle.map(ToString::to_string).collect();
        assert!(idle.is_empty(), "{function} never uses {idle:#?}");
    }
    assert_eq!(used.len(), POLICIES.len());
}

async fn reads(app: &TestApp) {
    for path in [
        "/api/user?status=all",
        "/api/user?limit=1",
        "/api/user/current",
        "/api/user/recipients",
        "/api/user/1",
        "/api/session/properties",
        "/api/audit",
        "/api/health",
    ] {
        app.get(path).session(&app.admin.session).send().await.expect_status(200);
    }
}

/// The account `joan@example.com`, after changes of its groups, rights and address.
async fn changes(app: &TestApp) -> u64 {
    let group = app.group("Analysts").await;
    let jane = app.user_with_session_in("jane", &[1, 2, group]).await;
    let id = jane.id;
    for change in [
        json!({ "group_ids": [1, 2] }),
        json!({ "group_ids": [1, 2, group], "email": "joan@example.com" }),
        json!({ "email": "J\u{17f}@example.com" }),
        json!({ "email": "js@example.com" }),
        json!({ "email": "joan@example.com" }),
        json!({ "is_superuser": false }),
        json!({ "is_superuser": true }),
    ] {
        update_user(app, &app.admin, id, change).await.expect_status(200);
    }
    id
}

/// A request about groups and memberships.
fn of_groups(app: &TestApp, method: &str, path: &str, body: &Value) -> Request {
    let request = app.request(method, &format!("/api/permissions{path}"));
    request.session(&app.admin.session).json(body)
}

/// What can happen to groups, among them one with more members than leave at once.
async fn groups(app: &TestApp) {
    let jane = app.user_with_session("jane").await.id;
    let group = app.group("Managers").await;
    let rename = json!({ "name": "Bosses" });
    of_groups(app, "PUT", &format!("/group/{group}"), &rename).send().await.expect_status(200);
    memberships(app, jane, group).await;
    let full = app.group_over_batch_size("Everybody").await;
    let nothing = json!({});
    for path in ["/group", "/group/1", "/group/2", &format!("/group/{full}"), "/membership"] {
        of_groups(app, "GET", path, &nothing).send().await.expect_status(200);
    }
    of_groups(app, "DELETE", &format!("/group/{full}"), &nothing).send().await.expect_status(204);
}

async fn memberships(app: &TestApp, user: u64, group: u64) {
    let nothing = json!({});
    let join = |group: u64| {
        let body = json!({ "user_id": user, "group_id": group });
        of_groups(app, "POST", "/membership", &body).send()
    };
    for group in [group, 2] {
        join(group).await.expect_status(200);
        let path = format!("/membership/{}", membership(user, group));
        let manager = json!({ "is_group_manager": true });
        of_groups(app, "PUT", &path, &manager).send().await.expect_status(402);
        of_groups(app, "DELETE", &path, &nothing).send().await.expect_status(204);
    }
    join(group).await.expect_status(200);
    let path = format!("/membership/{group}/clear");
    of_groups(app, "PUT", &path, &nothing).send().await.expect_status(204);
}

async fn api_keys(app: &TestApp) {
    let send = |method: &str, path: &str| {
        app.request(method, &format!("/api/api-key{path}")).session(&app.admin.session)
    };
    let group = app.group("Robots").await;
    let new = json!({ "name": "Robot", "group_id": group });
    let id = send("POST", "").json(&new).send().await.expect_status(200)["id"].as_u64().unwrap();
    for change in [json!({ "name": "Machine", "group_id": 1 }), json!({ "group_id": group })] {
        send("PUT", &format!("/{id}")).json(&change).send().await.expect_status(200);
    }
    send("PUT", &format!("/{id}/regenerate")).send().await.expect_status(200);
    send("GET", "").send().await.expect_status(200);
    send("GET", "/count").send().await.expect_status(200);
    send("DELETE", &format!("/{id}")).send().await.expect_status(204);
}

async fn resets(app: &TestApp) {
    let id = app.sso_user("Sam", "Saml").await;
    let token = reset_token(app, id).await;
    let valid = format!("/api/session/password_reset_token_valid?token={token}");
    app.get(&valid).send().await.expect_status(200);
    let reset = |token: &str| {
        let body = json!({ "token": token, "password": PASSWORD });
        app.post("/api/session/reset_password").json(&body)
    };
    reset("x").send().await.expect_status(400);
    reset(&token).send().await.expect_status(200);
    let invite = format!("/api/user/{id}/send_invite");
    app.post(&invite).session(&app.admin.session).send().await.expect_status(200);
    let forgot = json!({ "email": ADMIN_EMAIL });
    app.post("/api/session/forgot_password").json(&forgot).send().await.expect_status(204);
}

/// What is carried out once, however often it comes.
async fn with_keys(app: &TestApp) {
    let user = app.sso_user("Key", "Holder").await;
    let group = app.group("Key holders").await;
    for (path, body) in [
        (
            "user",
            json!({ "email": "k@b.co", "first_name": "K", "last_name": "K", "sso_source": "saml" }),
        ),
        ("permissions/group", json!({ "name": "Once" })),
        ("permissions/membership", json!({ "user_id": user, "group_id": group })),
        ("api-key", json!({ "name": "Once", "group_id": group })),
        (&format!("user/{user}/password-reset-url"), json!({})),
        (&format!("user/{user}/send_invite"), json!({})),
        (&format!("user/{user}/anonymize"), json!({})),
    ] {
        let request = app.post(&format!("/api/{path}")).session(&app.admin.session).json(&body);
        request.header("idempotency-key", "key").send().await.expect_status(200);
    }
}

/// A letter that is not taken lets the request be carried out again.
async fn a_refused_letter(app: &TestApp) {
    let id = app.sso_user("Un", "Reachable").await;
    app.emails.fail();
    let invite = app.post(&format!("/api/user/{id}/send_invite")).session(&app.admin.session);
    invite.header("idempotency-key", "another").send().await.expect_status(503);
    app.emails.recover();
}

async fn passwords_and_access(app: &TestApp, id: u64) {
    let path = |rest: &str| format!("/api/user/{id}{rest}");
    let put = |rest: &str| app.put(&path(rest)).session(&app.admin.session);
    put("/modal/qbnewb").send().await.expect_status(200);
    put("/password").json(&json!({ "password": "an0ther secret" })).send().await.expect_status(204);
    let session = app.log_in("joan@example.com", "an0ther secret").await;
    let wrong = json!({ "password": "wrong pw 1", "new_password": PASSWORD });
    app.put(&path("/password")).session(&session).json(&wrong).send().await.expect_status(400);
    let own = json!({ "password": "an0ther secret", "new_password": PASSWORD });
    app.put(&path("/password")).session(&session).json(&own).send().await.expect_status(200);
    app.delete(&path("")).session(&app.admin.session).send().await.expect_status(200);
    put("/reactivate").send().await.expect_status(200);
}

async fn sessions(app: &TestApp, id: u64) {
    let path = format!("/api/user/{id}/sessions");
    app.log_in("joan@example.com", PASSWORD).await;
    let list = app.get(&path).session(&app.admin.session).send().await.expect_status(200);
    let one = format!("{path}/{}", list[0]["id"].as_str().unwrap());
    app.delete(&one).session(&app.admin.session).send().await.expect_status(204);
    app.delete(&path).session(&app.admin.session).send().await.expect_status(204);
}

async fn anonymization(app: &TestApp, id: u64) {
    update_user(app, &app.admin, id, json!({ "is_superuser": true })).await.expect_status(200);
    let path = format!("/api/user/{id}/anonymize");
    app.post(&path).session(&app.admin.session).send().await.expect_status(200);
}

async fn logins(app: &TestApp) {
    let user = json!({ "email": ADMIN_EMAIL, "password": PASSWORD });
    let setup = json!({ "token": "wrong", "user": user });
    app.post("/api/setup").json(&setup).send().await.expect_status(400);
    let login = |password: &str| {
        app.post("/api/session").json(&json!({ "username": ADMIN_EMAIL, "password": password }))
    };
    login("wrong").send().await.expect_status(401);
    login(PASSWORD).send().await.expect_status(200);
    app.downgrade_hash(ADMIN_EMAIL).await;
    let session = app.log_in(ADMIN_EMAIL, PASSWORD).await;
    app.delete("/api/session").session(&session).send().await.expect_status(204);
}

#[test]
fn no_function_can_change_the_audit_log() {
    let told: Vec<String> = POLICIES
        .iter()
        .flat_map(|(function, permissions)| {
            permissions.iter().map(move |permission| format!("{function} {permission}"))
        })
        .filter(|permission| {
            permission.contains("AUDIT#") && !permission.contains("dynamodb:PutItem")
        })
        .collect();
    assert_eq!(told, ["list-audit dynamodb:Query Table.Arn AUDIT#*"]);
}

#[test]
fn only_functions_that_need_credentials_can_access_them() {
    let reaching: BTreeSet<&str> = POLICIES
        .iter()
        .filter(|(_, permissions)| {
            permissions.iter().any(|permission| permission.to_string().contains("LOGIN#"))
        })
        .map(|(function, _)| function.as_str())
        .collect();
    let expected = [
        "anonymize-user",
        "create-user",
        "deactivate-user",
        "revoke-sessions",
        "forgot-password",
        "login",
        "reactivate-user",
        "reset-password",
        "setup",
        "update-password",
        "update-user",
    ];
    assert_eq!(reaching, BTreeSet::from(expected));
}
