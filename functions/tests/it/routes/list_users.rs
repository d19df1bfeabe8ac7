use serde_json::{Value, json};
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp};

use crate::support::{NOW, invalid, user};

async fn list(app: &TestApp, session: &str, query: &str) -> Value {
    app.get(&format!("/api/user{query}")).session(session).send().await.expect_status(200)
}

fn ids(list: &Value) -> Vec<u64> {
    list.as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect()
}

/// Ada Admin (1), bea Zorn (2), Bea Abel (3), Émile Zola (4), Cy Young (5, deactivated).
async fn five_users() -> TestApp {
    let app = TestApp::new().await;
    for (first, last) in [("bea", "Zorn"), ("Bea", "Abel"), ("Émile", "Zola"), ("Cy", "Young")] {
        app.sso_user(first, last).await;
    }
    app.delete("/api/user/5").session(&app.admin.session).send().await.expect_status(200);
    app
}

#[tokio::test]
async fn an_item_has_groups_and_collections() {
    let app = TestApp::new().await;
    let values = json!({
        "is_superuser": true,
        "last_login": NOW,
        "group_ids": [1, 2],
        "personal_collection_id": 1,
        "tenant_collection_id": null,
    });
    let mut item = user(1, "ada@example.com", ["Ada", "Admin"], values);
    item.as_object_mut().unwrap().remove("user_group_memberships");

    assert_eq!(list(&app, &app.admin.session, "").await, json!([item]));
}

#[tokio::test]
async fn is_ordered_and_filtered() {
    let app = five_users().await;
    let cases: [(&str, &[u64]); 21] = [
        ("", &[1, 3, 2, 4]),
        ("?status=active", &[1, 3, 2, 4]),
        ("?status=deactivated", &[5]),
        ("?status=all", &[1, 3, 2, 5, 4]),
        ("?include_deactivated=True", &[1, 3, 2, 5, 4]),
        ("?include_deactivated=false&status=deactivated", &[5]),
        ("?include_deactivated=true&status=deactivated", &[1, 3, 2, 5, 4]),
        ("?query=BEA", &[3, 2]),
        ("?query=", &[1, 3, 2, 4]),
        ("?query=bea&group_id=1", &[3, 2]),
        ("?query=zo", &[2, 4]),
        ("?query=%C3%89MILE", &[4]),
        ("?query=example.com", &[1, 3, 2, 4]),
        ("?query=bea%20zorn", &[]),
        ("?query=cy&status=all", &[5]),
        ("?group_id=1", &[1, 3, 2, 4]),
        ("?group_id=2", &[1]),
        ("?group_id=77", &[]),
        ("?group_id=77&group_id=2", &[1]),
        ("?group_id=2&query=ada&group_id=1&group_id=2", &[1]),
        ("?group_id=2&query=bea", &[]),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(&list(&app, &app.admin.session, query).await), expected, "{query}");
    }
}

#[tokio::test]
async fn a_page_contains_total_limit_and_offset() {
    let app = five_users().await;
    let cases: [(&str, &[u64], [u64; 3]); 8] = [
        ("?limit=2", &[1, 3], [4, 2, 0]),
        ("?limit=2&offset=2", &[2, 4], [4, 2, 2]),
        ("?offset=3", &[4], [4, 50, 3]),
        ("?limit=2&offset=9", &[], [4, 2, 9]),
        ("?limit=2&offset=3&status=all", &[5, 4], [5, 2, 3]),
        ("?limit=1000&status=deactivated", &[5], [1, 1000, 0]),
        ("?limit=1&query=bea", &[3], [2, 1, 0]),
        ("?limit=1&offset=18446744073709551615", &[], [4, 1, u64::MAX]),
    ];
    for (query, expected, [total, limit, offset]) in cases {
        let page = list(&app, &app.admin.session, query).await;
        assert_eq!(ids(&page["data"]), expected, "{query}");
        let rest = json!({ "total": total, "limit": limit, "offset": offset });
        assert_eq!(crate::support::merge(page.clone(), rest), page, "{query}");
    }
}

/// Zoe (2), bob (3) and Ada (1) logged in at 00:10, 00:20 and 00:30; Cy (4) never did.
async fn users_with_logins() -> TestApp {
    let app = TestApp::new().await;
    for name in ["Zoe", "bob"] {
        app.clock.advance(600);
        app.user_with_session(name).await;
    }
    app.clock.advance(600);
    app.log_in(ADMIN_EMAIL, PASSWORD).await;
    let cy = app.sso_user("Cy", "Doe").await;
    let first = json!({ "email": "aaron@example.com" });
    crate::support::update_user(&app, &app.admin, cy, first).await.expect_status(200);
    app
}

#[tokio::test]
async fn is_sorted_as_requested() {
    let app = users_with_logins().await;
    app.delete("/api/user/3").session(&app.admin.session).send().await.expect_status(200);
    let cases = [
        ("name", [1, 3, 4, 2]),
        ("email", [4, 1, 3, 2]),
        ("last_login", [4, 2, 3, 1]),
        ("date_joined", [1, 2, 3, 4]),
        ("id", [1, 2, 3, 4]),
    ];
    for (order, mut expected) in cases {
        let query = format!("?status=all&sort={order}");
        assert_eq!(ids(&list(&app, &app.admin.session, &query).await), expected, "{order}");
        let query = format!("?status=all&sort=-{order}");
        expected.reverse();
        assert_eq!(ids(&list(&app, &app.admin.session, &query).await), expected, "-{order}");
    }
}

#[tokio::test]
async fn is_filtered_by_last_login() {
    let app = users_with_logins().await;
    let cases: [(&str, &[u64]); 9] = [
        ("?last_login_before=2026-01-01T00:20:00Z", &[4, 2]),
        ("?last_login_after=2026-01-01T00:20:00Z", &[1, 3]),
        ("?last_login_after=2026-01-01T02:20:00%2B02:00", &[1, 3]),
        ("?last_login_after=2026-01-01T00:10:00Z&last_login_before=2026-01-01T00:20:00Z", &[2]),
        ("?last_login_before=2026-01-02", &[1, 3, 4, 2]),
        ("?last_login_before=2026-01-01", &[4]),
        ("?last_login_after=2026-01-01", &[1, 3, 2]),
        ("?last_login_after=2026-01-02", &[]),
        ("?last_login_after=2026-01-01&query=test&sort=-id", &[3, 2]),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(&list(&app, &app.admin.session, query).await), expected, "{query}");
    }
}

#[tokio::test]
async fn a_sorted_page_contains_the_total() {
    let app = users_with_logins().await;
    let cases: [(&str, &[u64], u64); 5] = [
        ("?limit=2&offset=1&sort=-last_login", &[3, 2], 4),
        ("?limit=2&sort=name", &[1, 3], 4),
        ("?limit=2&sort=-name", &[2, 4], 4),
        ("?limit=1&last_login_before=2026-01-01T00:20:00Z", &[4], 2),
        ("?limit=1&offset=1&last_login_after=2026-01-01&sort=id", &[2], 3),
    ];
    for (query, expected, total) in cases {
        let page = list(&app, &app.admin.session, query).await;
        assert_eq!(
            (ids(&page["data"]), &page["total"]),
            (expected.to_vec(), &json!(total)),
            "{query}"
        );
    }
}

#[tokio::test]
async fn other_users_see_only_themselves_with_any_query() {
    let app = five_users().await;
    let jane = app.user_with_session("jane").await;
    let cases: [(&str, &[u64]); 9] = [
        ("", &[6]),
        ("?sort=-id", &[6]),
        ("?last_login_after=2026-01-01", &[6]),
        ("?last_login_before=2026-01-01", &[]),
        ("?status=all", &[6]),
        ("?query=jane", &[6]),
        ("?query=bea", &[]),
        ("?status=deactivated", &[]),
        ("?group_id=2", &[]),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(&list(&app, &jane.session, query).await), expected, "{query}");
    }
    let page = list(&app, &jane.session, "?limit=5").await;
    assert_eq!((ids(&page["data"]), &page["total"]), (vec![6], &json!(1)));
    let page = list(&app, &jane.session, "?offset=1").await;
    assert_eq!((ids(&page["data"]), &page["total"]), (vec![], &json!(1)));
}

#[tokio::test]
async fn a_malformed_query_is_rejected_before_authorization() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let boolean = "value must be a valid boolean string ('true' or 'false').";
    let id = "value must be an integer greater than zero.";
    let status = "value must be active, deactivated or all.";
    let limit = "value must be an integer from 1 to 1000.";
    let offset = "value must be an integer of zero or more.";
    let search = "value must not contain control characters.";
    let sort =
        "value must be name, email, last_login, date_joined or id, optionally with a leading -.";
    let timestamp =
        "value must be a date or a timestamp, e.g. '2026-01-31' or '2026-01-31T12:00:00Z'.";
    let cases = [
        ("limit=0", "limit", limit),
        ("limit=1001", "limit", limit),
        ("limit=ten", "limit", limit),
        ("limit=", "limit", limit),
        ("offset=-1", "offset", offset),
        ("offset=1.5", "offset", offset),
        ("group_id=0", "group_id", id),
        ("group_id=1&group_id=x", "group_id", id),
        ("status=foo", "status", status),
        ("status=", "status", status),
        ("status=Active", "status", status),
        ("group_id=9223372036854775808", "group_id", id),
        ("include_deactivated=yes", "include_deactivated", boolean),
        ("query=%00", "query", search),
        ("sort=", "sort", sort),
        ("sort=common_name", "sort", sort),
        ("sort=id,name", "sort", sort),
        ("last_login_before=", "last_login_before", timestamp),
        ("last_login_before=yesterday", "last_login_before", timestamp),
        ("last_login_after=2026-02-30", "last_login_after", timestamp),
        ("last_login_after=2026-01-31T00:00:00+02:00", "last_login_after", timestamp),
    ];
    for (query, field, message) in cases {
        let path = format!("/api/user?{query}");
        let response = app.get(&path).session(&jane.session).send().await;
        assert_eq!(response.status_and_body(), invalid(field, message), "{query}");
    }
}

#[tokio::test]
async fn a_repeated_group_has_a_limit() {
    let app = TestApp::new().await;
    let groups = |count| (1..=count).map(|id| format!("group_id={id}")).collect::<Vec<_>>();
    let list = |count| {
        let path = format!("/api/user?{}", groups(count).join("&"));
        app.get(&path).session(&app.admin.session).send()
    };
    assert_eq!(ids(&list(100).await.expect_status(200)), [1]);
    let message = "at most 100 values are allowed.";
    assert_eq!(list(101).await.status_and_body(), invalid("group_id", message));
}

#[tokio::test]
async fn the_order_follows_a_change_of_name() {
    let app = five_users().await;
    let renamed = json!({ "first_name": "Dee", "last_name": null });
    crate::support::update_user(&app, &app.admin, 1, renamed).await.expect_status(200);

    assert_eq!(ids(&list(&app, &app.admin.session, "").await), [3, 2, 1, 4]);
    assert_eq!(ids(&list(&app, &app.admin.session, "?query=dee").await), [1]);
    assert_eq!(ids(&list(&app, &app.admin.session, "?query=admin").await), [0; 0]);
}

#[tokio::test]
async fn names_of_any_length_are_listed() {
    let app = TestApp::new().await;
    let long = "ß".repeat(254);
    let body = json!({ "first_name": long, "last_name": long });
    crate::support::update_user(&app, &app.admin, 1, body).await.expect_status(200);

    let listed = list(&app, &app.admin.session, "").await;
    assert_eq!(listed[0]["last_name"], json!(long));
    let found = list(&app, &app.admin.session, "?query=SS").await;
    assert_eq!(ids(&found), [1]);
}
