use serde_json::{Value, json};
use testkit::{PASSWORD, TestApp, TestUser};

use crate::support::{
    email_taken, forbidden, get_user, invalid, last_admin, merge, not_found, update_user, user,
};

const LATER: &str = "2026-01-01T00:00:05.000000Z";

/// Jane, user 2, created five seconds ago.
async fn with_jane() -> (TestApp, TestUser) {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    app.clock.advance(5);
    (app, jane)
}

#[tokio::test]
async fn changes_what_is_sent_and_nothing_else() {
    let (app, jane) = with_jane().await;
    let body = json!({ "first_name": " Joan ", "locale": "EN-us", "unknown": 1 });

    let response = update_user(&app, &jane, 2, body).await;

    let expected =
        json!({ "locale": "en_US", "last_login": crate::support::NOW, "updated_at": LATER });
    assert_eq!(
        response.status_and_body(),
        (200, user(2, "jane@example.com", ["Joan", "Test"], expected))
    );
}

#[tokio::test]
async fn an_empty_body_changes_nothing() {
    let (app, jane) = with_jane().await;
    let before = app.items().await;

    assert_eq!(
        update_user(&app, &jane, 2, json!({})).await.expect_status(200),
        get_user(&app, 2).await
    );
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn null_clears_what_may_be_empty_and_leaves_the_rest() {
    let (app, _) = with_jane().await;
    let set = json!({ "locale": "es", "login_attributes": { "a": "b" } });
    update_user(&app, &app.admin, 2, set).await.expect_status(200);
    let null = json!({
        "email": null, "first_name": null, "last_name": null, "locale": null,
        "login_attributes": null,
        "is_superuser": null, "group_ids": null, "user_group_memberships": null,
    });

    let body = update_user(&app, &app.admin, 2, null).await.expect_status(200);

    let cleared = json!({
        "email": "jane@example.com",
        "first_name": null,
        "last_name": null,
        "common_name": "jane@example.com",
        "locale": null,
        "login_attributes": null,
        "is_superuser": false,
        "user_group_memberships": [{ "id": 1 }],
    });
    assert_eq!(merge(body.clone(), cleared), body);
}

#[tokio::test]
async fn a_new_email_address_keeps_the_password_and_frees_the_old_one() {
    let (app, jane) = with_jane().await;
    let body = update_user(&app, &jane, 2, json!({ "email": "JOAN@example.com" }))
        .await
        .expect_status(200);
    assert_eq!(body["email"], "joan@example.com");

    app.log_in("joan@example.com", PASSWORD).await;
    let old_login = json!({ "username": "jane@example.com", "password": PASSWORD });
    app.post("/api/session").json(&old_login).send().await.expect_status(401);
    assert!(app.is_session_valid(&jane.session).await);
    app.user_with_session("jane").await;
}

#[tokio::test]
async fn another_case_of_the_same_address_is_no_conflict() {
    let (app, _) = with_jane().await;
    let moved = json!({ "email": "STRASSE@example.com" });
    update_user(&app, &app.admin, 2, moved).await.expect_status(200);
    let same = json!({ "email": "straße@example.com" });

    let body = update_user(&app, &app.admin, 2, same).await.expect_status(200);

    assert_eq!(body["email"], "straße@example.com");
    app.log_in("strasse@example.com", PASSWORD).await;
}

#[tokio::test]
async fn an_email_address_of_another_user_is_rejected_active_or_not() {
    let (app, jane) = with_jane().await;
    let bob = app.sso_user("Bob", "Doe").await;
    let taken = json!({ "email": "BOB.doe@example.com", "first_name": "X" });
    assert_eq!(update_user(&app, &jane, 2, taken.clone()).await.status_and_body(), email_taken());

    let path = format!("/api/user/{bob}");
    app.delete(&path).session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(update_user(&app, &jane, 2, taken).await.status_and_body(), email_taken());
    assert_eq!(get_user(&app, 2).await["first_name"], "jane");
}

#[tokio::test]
async fn rights_and_the_group_of_administrators_are_one_fact() {
    let (app, _) = with_jane().await;
    let both = json!([{ "id": 1 }, { "id": 2 }]);
    let one = json!([{ "id": 1 }]);
    for (body, is_superuser, memberships) in [
        (json!({ "is_superuser": true }), true, &both),
        (json!({ "group_ids": [] }), false, &one),
        (json!({ "user_group_memberships": [{ "id": 2 }] }), true, &both),
        (json!({ "is_superuser": false }), false, &one),
        (json!({ "is_superuser": true, "group_ids": [1, 2] }), true, &both),
        (json!({ "is_superuser": false, "user_group_memberships": [{ "id": 1 }] }), false, &one),
    ] {
        let after = update_user(&app, &app.admin, 2, body.clone()).await.expect_status(200);
        let values = (&after["is_superuser"], &after["user_group_memberships"]);
        assert_eq!(values, (&json!(is_superuser), memberships), "{body}");
    }
}

#[tokio::test]
async fn rights_that_contradict_groups_are_rejected() {
    let (app, _) = with_jane().await;
    let message =
        "Value of is_superuser must correspond to presence of Admin group ID in group_ids.";
    for body in [
        json!({ "is_superuser": true, "group_ids": [1], "first_name": "X" }),
        json!({
            "is_superuser": false, "user_group_memberships": [{ "id": 2 }], "first_name": "X",
        }),
    ] {
        let response = update_user(&app, &app.admin, 2, body).await;
        assert_eq!(response.status_and_body(), invalid("is_superuser", message));
    }
    assert_eq!(get_user(&app, 2).await["first_name"], "jane");
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let (app, jane) = with_jane().await;
    for body in [json!({ "is_superuser": false }), json!({ "group_ids": [1], "first_name": "X" })] {
        assert_eq!(update_user(&app, &app.admin, 1, body).await.status_and_body(), last_admin());
    }
    assert_eq!(get_user(&app, 1).await["first_name"], "Ada");

    update_user(&app, &app.admin, jane.id, json!({ "is_superuser": true }))
        .await
        .expect_status(200);
    update_user(&app, &jane, 1, json!({ "is_superuser": false })).await.expect_status(200);
    let alone = update_user(&app, &jane, jane.id, json!({ "is_superuser": false })).await;
    assert_eq!(alone.status_and_body(), last_admin());
}

#[tokio::test]
async fn a_deactivated_administrator_is_not_an_administrator_left() {
    let (app, jane) = with_jane().await;
    update_user(&app, &app.admin, jane.id, json!({ "is_superuser": true }))
        .await
        .expect_status(200);
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(get_user(&app, 2).await["is_superuser"], true);

    assert_eq!(
        update_user(&app, &app.admin, 1, json!({ "is_superuser": false })).await.status_and_body(),
        last_admin()
    );
}

#[tokio::test]
async fn an_owner_cannot_become_an_admin() {
    let (app, jane) = with_jane().await;
    let privileged = json!({ "is_superuser": true, "login_attributes": { "a": "b" } });

    let body = update_user(&app, &jane, 2, privileged).await.expect_status(200);

    assert_eq!(body, get_user(&app, 2).await);
    let values = (&body["is_superuser"], &body["login_attributes"], &body["updated_at"]);
    assert_eq!(values, (&json!(false), &Value::Null, &json!(crate::support::NOW)));
}

#[tokio::test]
async fn an_owner_may_repeat_their_groups_but_not_change_them() {
    let (app, jane) = with_jane().await;
    for groups in [json!([1]), json!([])] {
        let body = json!({ "group_ids": groups, "first_name": "Joan" });
        assert_eq!(
            update_user(&app, &jane, 2, body).await.expect_status(200)["first_name"],
            "Joan"
        );
    }
    for groups in [json!([1, 2]), json!([77])] {
        let body = json!({ "group_ids": groups, "first_name": "Eve" });
        assert_eq!(update_user(&app, &jane, 2, body).await.status_and_body(), forbidden());
    }
    assert_eq!(get_user(&app, 2).await["first_name"], "Joan");
}

#[tokio::test]
async fn other_and_deactivated_users_cannot_be_updated() {
    let (app, jane) = with_jane().await;
    let rename = || json!({ "first_name": "X" });
    assert_eq!(update_user(&app, &jane, 1, rename()).await.status_and_body(), forbidden());
    assert_eq!(update_user(&app, &jane, 99, rename()).await.status_and_body(), forbidden());
    assert_eq!(update_user(&app, &app.admin, 99, rename()).await.status_and_body(), not_found());

    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(update_user(&app, &app.admin, 2, rename()).await.status_and_body(), not_found());
    assert_eq!(update_user(&app, &app.admin, 2, json!({})).await.status_and_body(), not_found());
}

#[tokio::test]
async fn the_identity_provider_owns_names_and_addresses() {
    let (app, _) = with_jane().await;
    let id = app.sso_user("Sam", "Saml").await;
    let message = "Editing first name is not allowed for SSO users.";
    let renamed = update_user(&app, &app.admin, id, json!({ "first_name": "X" })).await;
    assert_eq!(renamed.status_and_body(), invalid("first_name", message));
    let message = "Editing last name is not allowed for SSO users.";
    let renamed = update_user(&app, &app.admin, id, json!({ "last_name": null })).await;
    assert_eq!(renamed.status_and_body(), invalid("last_name", message));
    update_user(&app, &app.admin, id, json!({ "first_name": "Sam", "locale": "es" }))
        .await
        .expect_status(200);
}

#[tokio::test]
async fn rejects_each_invalid_value_and_all_together() {
    let (app, jane) = with_jane().await;
    let before = app.items().await;
    let name = "nullable value must be a non-blank string.";
    let email = "nullable value must be a valid email address.";
    for (field, value, message) in [
        ("email", json!(""), email),
        ("email", json!([]), email),
        ("first_name", json!(""), name),
        ("last_name", json!(1), name),
        ("is_superuser", json!("true"), "nullable value must be a boolean."),
        ("is_superuser", json!(1), "nullable value must be a boolean."),
        ("login_attributes", json!([]), "nullable value must be a map."),
    ] {
        let response = update_user(&app, &jane, 2, json!({ field: value })).await;
        assert_eq!(response.status_and_body(), invalid(field, message), "{field}: {value}");
    }
    let response =
        update_user(&app, &jane, 2, json!({ "first_name": "", "email": "x", "locale": "es" }))
            .await;
    assert_eq!(
        response.expect_status(400)["errors"],
        json!({ "email": email, "first_name": name })
    );
    assert_eq!(app.items().await, before);
}
