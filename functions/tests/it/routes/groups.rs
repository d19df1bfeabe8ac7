//! `/api/permissions/group`

use serde_json::{Value, json};
use shared::{config::Settings, domain::GroupName, http::Dialect, store::Key};
use testkit::{Request, TestApp};

use crate::support::membership;

const PATH: &str = "/api/permissions/group";

fn send(app: &TestApp, method: &str, path: &str) -> Request {
    app.request(method, &format!("{PATH}{path}")).session(&app.admin.session)
}

fn named(name: &str) -> Value {
    json!({ "name": name })
}

/// The view of the group "Analysts".
fn analysts(id: u64) -> Value {
    json!({
        "id": id, "name": "Analysts", "magic_group_type": null, "entity_id": null,
        "is_tenant_group": false,
    })
}

/// The numbers of active members by group name.
async fn counts(app: &TestApp) -> Value {
    let groups = send(app, "GET", "").send().await.expect_status(200);
    let groups = groups.as_array().unwrap().iter();
    groups.map(|group| json!([group["name"], group["member_count"]])).collect()
}

async fn metabase() -> TestApp {
    TestApp::with(Settings { dialect: Dialect::Metabase, ..Settings::default() }).await
}

#[tokio::test]
async fn a_new_instance_has_two() {
    let app = TestApp::new().await;
    let group = |id: u64, name: &str, kind: &str| {
        json!({
            "id": id, "name": name, "magic_group_type": kind, "entity_id": null,
            "is_tenant_group": false, "member_count": 1,
        })
    };
    let expected =
        json!([group(2, "Administrators", "admin"), group(1, "All Users", "all-internal-users"),]);
    assert_eq!(send(&app, "GET", "").send().await.status_and_body(), (200, expected));
}

#[tokio::test]
async fn are_listed_by_name_in_pages() {
    let app = TestApp::new().await;
    for name in ["zebras", "Élan", "analysts"] {
        app.group(name).await;
    }
    let names = async |query: &str| {
        let groups = send(&app, "GET", query).send().await.expect_status(200);
        let groups = groups.as_array().unwrap().iter();
        groups.map(|group| group["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = ["Administrators", "All Users", "analysts", "zebras", "Élan"];
    assert_eq!(names("").await, all);
    assert_eq!(names("?tenancy=internal").await, all);
    assert_eq!(names("?tenancy=external").await, [""; 0]);
    assert_eq!(names("?limit=2&offset=1").await, all[1..3]);
    let response = send(&app, "GET", "?tenancy=all&limit=x").send().await;
    let errors = json!({
        "limit": "value must be an integer from 1 to 1000.",
        "tenancy": "value must be either external or internal.",
    });
    assert_eq!(response.expect_status(400)["errors"], errors);
}

#[tokio::test]
async fn count_active_members() {
    let app = TestApp::new().await;
    let group = app.group("Analysts").await;
    let jane = app.user_with_session_in("jane", &[group]).await;
    app.user_with_session_in("joan", &[2, group]).await;
    let expected_counts = |admins: u64, all: u64, analysts: u64| {
        json!([["Administrators", admins], ["All Users", all], ["Analysts", analysts]])
    };
    assert_eq!(counts(&app).await, expected_counts(2, 3, 2));

    let path = format!("/api/user/{}", jane.id);
    app.delete(&path).session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(counts(&app).await, expected_counts(2, 2, 1));
    let path = format!("{path}/reactivate");
    app.put(&path).session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(counts(&app).await, expected_counts(2, 3, 2));
}

#[tokio::test]
async fn are_created_with_a_unique_name() {
    let app = TestApp::new().await;
    let create = |name: Value| send(&app, "POST", "").json(&json!({ "name": name })).send();
    let created = create(json!(" Analysts ")).await.expect_status(200);
    assert_eq!(created, analysts(created["id"].as_u64().unwrap()));
    let taken = "A group with that name already exists.";
    for name in ["Analysts", "ANALYSTS", "all users", "Administrators"] {
        let expected = json!({ "error": "Invalid value for name.", "errors": { "name": taken } });
        assert_eq!(create(json!(name)).await.status_and_body(), (400, expected), "{name}");
    }
    for name in [json!(null), json!(""), json!("  "), json!(7), json!("a\0b")] {
        let errors = json!({ "name": "value must be a non-blank string." });
        assert_eq!(create(name).await.expect_status(400)["errors"], errors);
    }
    let tenant = json!({ "name": "Others", "is_tenant_group": true });
    send(&app, "POST", "").json(&tenant).send().await.expect_status(402);
}

#[tokio::test]
async fn are_shown_with_their_active_members() {
    let app = TestApp::new().await;
    let group = app.group("Analysts").await;
    let zoe = app.user_with_session_in("zoe", &[group]).await;
    let deactivated = app.user_with_session_in("gone", &[group]).await;
    app.user_with_session_in("amy", &[group]).await;
    app.delete(&format!("/api/user/{}", deactivated.id)).session(&app.admin.session).send().await;

    let group_view = send(&app, "GET", &format!("/{group}")).send().await.expect_status(200);
    let mut base = analysts(group);
    base["members"] = group_view["members"].clone();
    assert_eq!(group_view, base);
    let names: Vec<_> =
        group_view["members"].as_array().unwrap().iter().map(|one| &one["first_name"]).collect();
    assert_eq!(names, ["amy", "zoe"]);
    let expected = json!({
        "id": zoe.id, "user_id": zoe.id, "group_id": group,
        "membership_id": membership(zoe.id, group), "first_name": "zoe", "last_name": "Test",
        "common_name": "zoe Test",
        "email": "zoe@example.com", "is_superuser": false, "type": "personal",
    });
    assert_eq!(group_view["members"][1], expected);
}

#[tokio::test]
async fn that_are_builtin_have_members_too() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    for (id, members) in [(1, 2), (2, 1)] {
        let group_view = send(&app, "GET", &format!("/{id}")).send().await.expect_status(200);
        assert_eq!(group_view["members"].as_array().unwrap().len(), members);
        assert_eq!(group_view["members"][0]["group_id"], id);
    }
}

#[tokio::test]
async fn can_be_renamed() {
    let app = TestApp::new().await;
    let (analysts, managers) = (app.group("Analysts").await, app.group("Managers").await);
    let rename =
        |id: u64, name: &str| send(&app, "PUT", &format!("/{id}")).json(&named(name)).send();
    assert_eq!(rename(analysts, "ANALYSTS").await.expect_status(200)["name"], "ANALYSTS");
    assert_eq!(rename(analysts, "ANALYSTS").await.expect_status(200)["name"], "ANALYSTS");
    assert_eq!(rename(analysts, "Scientists").await.expect_status(200)["name"], "Scientists");
    rename(analysts, "managers").await.expect_status(400);
    rename(managers, "Analysts").await.expect_status(200);
    rename(99, "X").await.expect_status(404);
    for (id, name) in [(1, "All Users"), (2, "Administrators")] {
        let error = format!("You cannot edit or delete the '{name}' permissions group!");
        let expected = json!({ "error": error });
        assert_eq!(rename(id, "Mine").await.status_and_body(), (400, expected.clone()));
        assert_eq!(
            send(&app, "DELETE", &format!("/{id}")).send().await.status_and_body(),
            (400, expected)
        );
    }
    send(&app, "PUT", &format!("/{analysts}")).json(&json!({})).send().await.expect_status(400);
}

#[tokio::test]
async fn are_deleted_with_their_memberships() {
    let app = TestApp::new().await;
    let group = app.group("Analysts").await;
    let other = app.group("Managers").await;
    let jane = app.user_with_session_in("jane", &[group, other]).await;
    let path = format!("/{group}");
    send(&app, "DELETE", &path).send().await.expect_status(204);
    let jane_path = format!("/api/user/{}", jane.id);
    let user = app.get(&jane_path).session(&jane.session).send().await.expect_status(200);
    assert_eq!(user["user_group_memberships"], json!([{ "id": 1 }, { "id": other }]));
    send(&app, "GET", &path).send().await.expect_status(404);
    send(&app, "DELETE", &path).send().await.expect_status(404);
    assert!(app.group("Analysts").await > other, "IDs are not reused");
    let deleted = json!({ "group_ids": [group] });
    let response = app.put(&jane_path).session(&app.admin.session).json(&deleted).send().await;
    response.expect_status(400);
}

#[tokio::test]
async fn are_deleted_with_any_number_of_members() {
    let app = TestApp::new().await;
    let group = app.group_over_batch_size("everybody").await;
    send(&app, "DELETE", &format!("/{group}")).send().await.expect_status(204);
    let items = app.items().await;
    assert!(!items.keys().any(|(_, sk)| sk.starts_with("MEMBER#")));
    let users = items.iter().filter(|((_, sk), _)| sk == "PROFILE");
    assert!(users.clone().count() > 44);
    assert!(
        users
            .into_iter()
            .all(|(_, user)| !user["groups"].as_array().unwrap().contains(&json!(group)))
    );
}

#[tokio::test]
async fn have_the_errors_of_metabase() {
    let app = metabase().await;
    app.group("Analysts").await;
    let taken = send(&app, "POST", "").json(&named("ANALYSTS")).send().await;
    assert_eq!(taken.status_and_body(), (400, json!("A group with that name already exists.")));
    let builtin = send(&app, "DELETE", "/1").send().await;
    let text = "You cannot edit or delete the 'All Users' permissions group!";
    assert_eq!(builtin.status_and_body(), (400, json!(text)));
    assert_eq!(
        send(&app, "GET", "/x").send().await.status_and_body(),
        (404, json!("API endpoint does not exist."))
    );
    assert_eq!(send(&app, "GET", "/99").send().await.status_and_body(), (404, json!("Not found.")));
    let blank = send(&app, "POST", "").json(&named("")).send().await.expect_status(400);
    assert_eq!(blank["errors"], json!({ "name": "value must be a non-blank string." }));
}

#[tokio::test]
async fn names_that_look_the_same_are_the_same() {
    let app = TestApp::new().await;
    let create = |name: &str| send(&app, "POST", "").json(&json!({ "name": name })).send();
    create("Data Team").await.expect_status(200);
    for name in ["data\u{a0}team", "Data  Team", "Data\u{3000}Team", "All\u{a0}Users"] {
        let taken = create(name).await.expect_status(400);
        assert_eq!(taken["errors"]["name"], "A group with that name already exists.", "{name:?}");
    }
    let group = create("Datenschutz").await.expect_status(200)["id"].as_u64().unwrap();
    for name in
        ["Data\u{200b} Team", "\u{202e}Data Team", "Data\u{3164}Team", "\u{2800}", "\u{3164}"]
    {
        let body = json!({ "name": name });
        let message = json!({ "name": "value must be a non-blank string." });
        assert_eq!(create(name).await.expect_status(400)["errors"], message, "{name:?}");
        let renamed = send(&app, "PUT", &format!("/{group}")).json(&body).send().await;
        assert_eq!(renamed.expect_status(400)["errors"], message, "{name:?}");
    }
    create("تیم\u{200c}داده").await.expect_status(200);
    create("تیمداده").await.expect_status(400);
    app.assert_invariants().await;
}

/// A valid name with a key that differs from that of earlier versions.
const EARLIER: &str = "Data  Team";

#[tokio::test]
async fn a_name_of_an_earlier_version_can_be_changed_and_deleted() {
    let app = TestApp::new().await;
    let earlier = Key::earlier_group_name(&GroupName::parse(EARLIER).unwrap()).unwrap();
    let create = |name: &str| send(&app, "POST", "").json(&json!({ "name": name })).send();
    for action in ["PUT", "DELETE"] {
        let id = create("Temporary").await.expect_status(200)["id"].as_u64().unwrap();
        app.set_text(&Key::group(id.try_into().unwrap()), "name", EARLIER).await;
        app.remove(&Key::group_name(&GroupName::parse("Temporary").unwrap())).await;
        app.set_number(&earlier, "group_id", id.try_into().unwrap()).await;
        let request = send(&app, action, &format!("/{id}")).json(&json!({ "name": "Other" }));
        let status = request.send().await.status;
        assert!(matches!(status, 200 | 204), "{action}: {status}");
        app.assert_invariants().await;
    }
}
