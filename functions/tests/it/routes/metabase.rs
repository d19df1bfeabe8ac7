//! The Metabase dialect: responses of the open source edition that differ from its documentation.

use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{ADMIN_EMAIL, PASSWORD, SETUP_TOKEN, TestApp, TestResponse, TestUser};

use crate::support::{get_user, merge, update_user, user};

const ALL_USERS_ERROR: &str = "You cannot add or remove users to/from the 'All Users' group.";

fn settings() -> Settings {
    Settings { dialect: Dialect::Metabase, ..Settings::default() }
}

async fn metabase() -> TestApp {
    TestApp::with(settings()).await
}

fn text(status: u16, text: &str) -> (u16, Value) {
    (status, text.into())
}

fn errors(status: u16, errors: &Value) -> (u16, Value) {
    (status, json!({ "errors": errors }))
}

fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// The fields of every view of a user for the owner and administrators.
fn profile() -> Value {
    let mut profile = user(1, "", ["", ""], json!({}));
    profile.as_object_mut().unwrap().remove("user_group_memberships");
    profile
}

async fn create(app: &TestApp, body: Value) -> TestResponse {
    app.post("/api/user").session(&app.admin.session).json(&body).send().await
}

async fn log_in(app: &TestApp, email: &str, password: &str) -> (u16, Value) {
    let body = json!({ "username": email, "password": password });
    app.post("/api/session").json(&body).send().await.status_and_body()
}

async fn get(app: &TestApp, path: &str, by: &TestUser) -> (u16, Value) {
    app.get(path).session(&by.session).send().await.status_and_body()
}

#[tokio::test]
async fn errors_without_fields_are_plain_text() {
    let app = metabase().await;
    let jane = app.user_with_session("jane").await;
    let anonymous = app.get("/api/user/current").send().await;
    assert_eq!(anonymous.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(anonymous.status_and_body(), text(401, "Unauthenticated"));
    let forbidden = text(403, "You don't have permissions to do that.");
    assert_eq!(get(&app, "/api/user/1", &jane).await, forbidden);
    assert_eq!(get(&app, "/api/user/99", &jane).await, forbidden);
    assert_eq!(get(&app, "/api/user/99", &app.admin).await, text(404, "Not found."));
    let logged_out = app.delete("/api/session").send().await.status_and_body();
    assert_eq!(logged_out, text(404, "Not found."));
    let last = app.delete("/api/user/1").session(&app.admin.session).send().await.status_and_body();
    assert_eq!(last, text(400, "You cannot remove the last member of the 'Admin' group!"));
}

#[tokio::test]
async fn a_path_without_route_or_with_an_invalid_id_does_not_exist() {
    let app = metabase().await;
    let missing = text(404, "API endpoint does not exist.");
    assert_eq!(get(&app, "/api/nothing", &app.admin).await, missing);
    assert_eq!(get(&app, "/api/user/abc", &app.admin).await, missing);
    let (status, body) = get(&app, "/api/user/0", &app.admin).await;
    assert_eq!(status, 400);
    assert_eq!(body["errors"]["id"], "value must be an integer greater than zero.");
    assert_eq!(get(&app, "/elsewhere", &app.admin).await.1, json!({ "message": "Not Found" }));
}

#[tokio::test]
async fn invalid_fields_are_reported_twice_without_their_values() {
    let app = metabase().await;
    let body = json!({ "email": "no-address-at-all", "login_attributes": { "@a": "b" } });
    let (status, response_body) = create(&app, body).await.status_and_body();
    assert_eq!((status, keys(&response_body)), (400, vec!["errors", "specific-errors"]));
    assert_eq!(response_body["errors"]["email"], "value must be a valid email address.");
    assert_eq!(
        response_body["specific-errors"]["email"],
        json!(["value must be a valid email address."])
    );
    assert!(!response_body.to_string().contains("no-address-at-all"));
}

#[tokio::test]
async fn a_list_is_an_envelope_and_for_administrators() {
    let app = metabase().await;
    let jane = app.user_with_session("jane").await;
    let (status, list) = get(&app, "/api/user", &app.admin).await;
    assert_eq!((status, keys(&list)), (200, vec!["data", "limit", "offset", "total"]));
    assert_eq!(
        [&list["total"], &list["limit"], &list["offset"]],
        [&json!(2), &Value::Null, &Value::Null]
    );
    let item = merge(
        profile(),
        json!({ "group_ids": [], "personal_collection_id": 1, "tenant_collection_id": null }),
    );
    assert_eq!(keys(&list["data"][0]), keys(&item));
    let rejected = get(&app, "/api/user?query=jane", &jane).await;
    assert_eq!(rejected, text(403, "You don't have permissions to do that."));
}

#[tokio::test]
async fn an_invalid_status_or_page_is_ignored() {
    let app = metabase().await;
    let queries = ["limit=x", "limit=", "limit=-1", "limit=1.5", "offset=-1", "status=x"];
    for query in queries {
        let (_, list) = get(&app, &format!("/api/user?{query}"), &app.admin).await;
        assert_eq!([&list["limit"], &list["offset"]], [&Value::Null; 2], "{query}");
    }
    let (_, page) = get(&app, "/api/user?limit=1", &app.admin).await;
    assert_eq!([&page["limit"], &page["offset"]], [&json!(1), &json!(0)]);
}

#[tokio::test]
async fn a_filter_without_meaning_is_an_error() {
    let app = metabase().await;
    for query in [
        "sort=x",
        "sort=",
        "last_login_before=x",
        "last_login_after=-1",
        "last_login_after=2026-01-31T00:00:00+02:00",
        "last_login_before=2026-02-30",
        "cursor=%20",
        "group_id=x",
    ] {
        let (status, body) = get(&app, &format!("/api/user?{query}"), &app.admin).await;
        let field = query.split('=').next().unwrap();
        assert_eq!(status, 400, "{query}");
        assert!(body["errors"][field].is_string(), "{query}: {body}");
    }
}

#[tokio::test]
async fn the_first_of_two_groups_applies() {
    let app = metabase().await;
    app.sso_user("Jane", "Doe").await;
    let (_, list) = get(&app, "/api/user?group_id=2&group_id=1", &app.admin).await;
    assert_eq!(list["total"], 1);
}

#[tokio::test]
async fn recipients_are_complete_users_for_administrators() {
    let app = metabase().await;
    let jane = app.user_with_session("jane").await;
    let (_, all) = get(&app, "/api/user/recipients", &app.admin).await;
    assert_eq!([&all["total"], &all["limit"]], [&json!(2), &Value::Null]);
    assert_eq!(keys(&all["data"][0]), keys(&profile()));
    let (_, few) = get(&app, "/api/user/recipients", &jane).await;
    assert_eq!(keys(&few["data"][0]), ["common_name", "email", "first_name", "id", "last_name"]);
}

#[tokio::test]
async fn each_view_of_an_account_has_keys_of_its_own() {
    let app = metabase().await;
    let attributes = json!({ "login_attributes": { "team": "a" } });
    let (_, changed) = update_user(&app, &app.admin, 1, attributes).await.status_and_body();
    let with_memberships = merge(profile(), json!({ "user_group_memberships": [] }));
    assert_eq!(keys(&changed), keys(&with_memberships));

    let found = get_user(&app, 1).await;
    let structured = json!({ "team": { "source": "user", "frozen": false, "value": "a" } });
    assert_eq!(found["structured_attributes"], structured);
    assert_eq!(
        keys(&found),
        keys(&merge(with_memberships, json!({ "structured_attributes": {} })))
    );

    let (_, current) = get(&app, "/api/user/current", &app.admin).await;
    assert!(current.get("user_group_memberships").is_none());
    assert_eq!(keys(&current["permissions"]), ["can_create_native_queries", "can_create_queries"]);
    assert_eq!(current["group_ids"], json!([1, 2]));
}

#[tokio::test]
async fn a_reactivated_account_is_shown_without_groups() {
    let app = metabase().await;
    let jane = app.user_with_session("jane").await;
    let reactivate = || app.put("/api/user/2/reactivate").session(&app.admin.session).send();
    let active = (400, json!({ "message": "Not able to reactivate an active user" }));
    assert_eq!(reactivate().await.status_and_body(), active);
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(keys(&reactivate().await.expect_status(200)), keys(&profile()));
    assert!(!app.is_session_valid(&jane.session).await);
}

#[tokio::test]
async fn an_invitation_needs_only_an_email_address() {
    let app = metabase().await;
    let body = json!({ "email": "Jane@example.com" });
    let jane = create(&app, body.clone()).await.expect_status(200);
    assert_eq!([&jane["email"], &jane["common_name"]], ["jane@example.com"; 2]);
    assert_eq!(jane["first_name"], Value::Null);

    let message = "Email address already in use.";
    let taken = json!({ "errors": { "email": message }, "error_code": "email-already-in-use" });
    assert_eq!(create(&app, body).await.status_and_body(), (400, taken));
    let updated = update_user(&app, &app.admin, 2, json!({ "email": ADMIN_EMAIL })).await;
    let message = "Email address already associated to another user.";
    assert_eq!(updated.status_and_body(), errors(400, &json!({ "email": message })));
}

#[tokio::test]
async fn values_of_another_type_are_understood() {
    let app = metabase().await;
    let body =
        json!({ "email": "a@b.co", "user_group_memberships": [{ "id": "1" }, { "id": "2" }] });
    assert_eq!(create(&app, body).await.expect_status(200)["is_superuser"], true);
    let demoted = update_user(&app, &app.admin, 2, json!({ "is_superuser": "False" })).await;
    assert_eq!(demoted.expect_status(200)["is_superuser"], false);
    let login = json!({ "username": ADMIN_EMAIL, "password": PASSWORD, "remember": "true" });
    let response = app.post("/api/session").json(&login).send().await;
    assert!(response.cookie().unwrap().contains("Max-Age"));
}

#[tokio::test]
async fn memberships_must_name_all_users() {
    let app = metabase().await;
    let jane = app.user_with_session("jane").await;
    let body = |groups: Value| json!({ "email": "a@b.co", "user_group_memberships": groups });
    assert_eq!(create(&app, body(json!([]))).await.status_and_body(), text(400, ALL_USERS_ERROR));
    assert_eq!(status_of_user(&app, 3).await, 404);

    let groups = json!({ "first_name": "J", "user_group_memberships": [{ "id": 2 }] });
    let before = get_user(&app, 2).await;
    let rejected = update_user(&app, &app.admin, 2, groups.clone()).await.status_and_body();
    assert_eq!(rejected, text(400, ALL_USERS_ERROR));
    let forbidden = update_user(&app, &jane, 2, groups).await.status_and_body();
    assert_eq!(forbidden, text(403, "You don't have permissions to do that."));
    assert_eq!(get_user(&app, 2).await, before);
    update_user(&app, &app.admin, 2, json!({ "group_ids": [2] })).await.expect_status(200);

    let unknown = body(json!([{ "id": 1 }, { "id": 77 }]));
    let rejected = "Cannot add non-tenant user to tenant-group or vice versa";
    assert_eq!(create(&app, unknown).await.status_and_body(), text(400, rejected));
}

async fn status_of_user(app: &TestApp, id: u64) -> u16 {
    get(app, &format!("/api/user/{id}"), &app.admin).await.0
}

#[tokio::test]
async fn an_administrator_replaces_their_own_password_without_the_old_one() {
    let app = metabase().await;
    let jane = app.user_with_session("jane").await;
    let put = |id: u64, by: &TestUser, body: Value| {
        app.put(&format!("/api/user/{id}/password")).session(&by.session).json(&body).send()
    };
    let new = json!({ "password": "an0ther secret" });
    let rejected = put(2, &jane, new.clone()).await.status_and_body();
    assert_eq!(rejected, errors(400, &json!({ "old_password": "Invalid password" })));
    let weak = put(2, &jane, json!({ "password": "abc" })).await.status_and_body();
    assert_eq!(weak.1["errors"], json!({ "password": "password is too common." }));
    let own = put(1, &app.admin, new).await.expect_status(200);
    assert!(app.is_session_valid(own["session_id"].as_str().unwrap()).await);
}

#[tokio::test]
async fn a_rejected_login_has_the_messages_of_metabase() {
    let app = metabase().await;
    app.user_with_session("jane").await;
    let wrong = errors(401, &json!({ "password": "did not match stored password" }));
    assert_eq!(log_in(&app, "jane@example.com", "wrong").await, wrong);
    assert_eq!(log_in(&app, "nobody@example.com", "wrong").await, wrong);
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(log_in(&app, "jane@example.com", "wrong").await, wrong);
    let disabled = errors(401, &json!({ "_error": "Your account is disabled." }));
    assert_eq!(log_in(&app, "jane@example.com", PASSWORD).await, disabled);
}

#[tokio::test]
async fn too_many_logins_are_unauthorized() {
    let app = metabase().await;
    for _ in 0..10 {
        log_in(&app, ADMIN_EMAIL, "wrong").await;
    }
    let message = "Too many attempts! You must wait 15 seconds before trying again.";
    let rejected = errors(401, &json!({ "username": message }));
    assert_eq!(log_in(&app, ADMIN_EMAIL, PASSWORD).await, rejected);
}

#[tokio::test]
async fn the_setup_token_is_public_until_it_is_used() {
    let app = TestApp::without_setup_with(settings()).await;
    let properties =
        || async { app.get("/api/session/properties").send().await.expect_status(200) };
    assert_eq!(properties().await["setup-token"], SETUP_TOKEN);
    let setup = |body: Value| app.post("/api/setup").json(&body).send();
    let body = json!({
        "token": SETUP_TOKEN,
        "user": { "email": ADMIN_EMAIL, "password": PASSWORD },
        "prefs": { "site_name": "Test" },
    });
    let (status, unnamed) =
        setup(merge(body.clone(), json!({ "prefs": {} }))).await.status_and_body();
    let response_body = unnamed["errors"]["prefs"].as_str().unwrap();
    assert!(
        response_body.starts_with("map where {:site_name -> <value must be a non-blank string.>")
    );
    assert_eq!(status, 400);
    let (status, wrong) =
        setup(merge(body.clone(), json!({ "token": "wrong" }))).await.status_and_body();
    assert_eq!(status, 400);
    assert_eq!(wrong["errors"], json!({ "token": "Token does not match the setup token." }));

    setup(body.clone()).await.expect_status(200);
    assert_eq!(properties().await["setup-token"], Value::Null);
    let twice = "The /api/setup route can only be used to create the first user, however a user \
                 currently exists.";
    assert_eq!(setup(body).await.status_and_body(), text(403, twice));
}

#[tokio::test]
async fn the_setup_token_is_secret_on_the_page() {
    let app = TestApp::without_setup().await;
    let properties = app.get("/api/session/properties").send().await.expect_status(200);
    assert!(properties.get("setup-token").is_none());
}

#[tokio::test]
async fn an_invitation_says_where_it_comes_from_and_leads_to() {
    let app = metabase().await;
    let invite = |body: Value| {
        let email = json!({ "email": "new@example.com" });
        create(&app, merge(email, body))
    };
    for (field, value) in [
        ("source", json!("elsewhere")),
        ("tenant_id", json!(5)),
        ("invite_target", json!({ "type": "dashboard" })),
        ("invite_target", json!("dashboard")),
        ("user_group_memberships", json!([{ "id": 1, "is_group_manager": "x" }])),
    ] {
        let rejected = invite(json!({ field: value })).await.expect_status(400);
        assert_eq!(rejected["errors"].as_object().unwrap().keys().collect::<Vec<_>>(), [field]);
    }
    let target = json!({ "type": "question", "id": "7", "name": "Sales" });
    let invited =
        invite(json!({ "source": "setup", "invite_target": target })).await.expect_status(200);
    assert_eq!(invited["user_group_memberships"], json!([{ "id": 1 }, { "id": 2 }]));
    assert_eq!(invited["is_superuser"], true);
}

#[tokio::test]
async fn there_are_neither_tenants_nor_analysts() {
    let app = metabase().await;
    let list = |query: &str| app.get(&format!("/api/user?{query}")).session(&app.admin.session);
    for query in ["tenancy=external", "tenant_id=1", "is_data_analyst=true"] {
        assert_eq!(list(query).send().await.expect_status(200)["total"], 0, "{query}");
    }
    for query in ["tenancy=internal", "tenancy=all", "is_data_analyst=False"] {
        assert_eq!(list(query).send().await.expect_status(200)["total"], 1, "{query}");
    }
    for query in ["tenancy=x", "tenant_id=x", "is_data_analyst=x"] {
        list(query).send().await.expect_status(400);
    }
    let both = list("tenancy=all&tenant_id=1").send().await.status_and_body();
    assert_eq!(both, text(400, "You cannot specify both `tenancy` and `tenant_id`"));
}

#[tokio::test]
async fn recipients_echo_their_page_parameters() {
    let app = metabase().await;
    let response_body = get(&app, "/api/user/recipients?limit=1&offset=2", &app.admin).await.1;
    assert_eq!(
        (&response_body["limit"], &response_body["offset"], &response_body["total"]),
        (&json!(1), &json!(2), &json!(1))
    );
    assert_eq!(response_body["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_invalid_setup_token_does_not_match() {
    let app = TestApp::without_setup_with(settings()).await;
    for token in [json!(null), json!(""), json!(7)] {
        let body = json!({
            "token": token,
            "user": { "email": ADMIN_EMAIL, "password": PASSWORD },
            "prefs": { "site_name": "Example" },
        });
        let response_body = app.post("/api/setup").json(&body).send().await.expect_status(400);
        let message = json!({ "token": "Token does not match the setup token." });
        assert_eq!(response_body["errors"], message);
    }
}

#[tokio::test]
async fn the_internal_user_cannot_be_modified() {
    let sentence = "Not able to modify the internal user";
    let requests = [
        ("PUT", "", json!({ "first_name": "X" })),
        ("DELETE", "", json!({})),
        ("PUT", "/reactivate", json!({})),
        ("PUT", "/modal/qbnewb", json!({})),
        ("PUT", "/password", json!({ "password": "an0ther secret" })),
        ("POST", "/send_invite", json!({})),
    ];
    let documented = TestApp::new().await;
    let metabase = metabase().await;
    let jane = metabase.user_with_session("jane").await;
    for (method, rest, body) in requests {
        let path = format!("/api/user/13371338{rest}");
        let send = |app: &TestApp, session: &str| {
            app.request(method, &path).session(session).json(&body).send()
        };
        let response = send(&metabase, &metabase.admin.session).await.status_and_body();
        assert_eq!(response, text(400, sentence), "{method} {path}");
        let body = json!({ "new_password": "an0ther secret" });
        let request = documented.request(method, &path).session(&documented.admin.session);
        let response = request.json(&body).send().await.status_and_body();
        assert_eq!(response, (400, json!({ "error": sentence })), "{method} {path}");
        assert_eq!(send(&metabase, &jane.session).await.status, 403, "{method} {path}");
    }
}

#[tokio::test]
async fn every_response_has_the_version() {
    let app = metabase().await;
    for path in ["/api/health", "/api/user/current", "/api/nothing", "/api/openapi.json"] {
        let response = app.get(path).send().await;
        assert_eq!(response.header("x-metabase-version"), Some("v0.58.0 (0000000)"), "{path}");
    }
    let documented = TestApp::new().await.get("/api/health").send().await;
    assert_eq!(documented.header("x-metabase-version"), None);
}
