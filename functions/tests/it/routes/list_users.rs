use serde_json::{Value, json};
use shared::{domain::UserId, store::Key};
use testkit::{ADMIN_EMAIL, PASSWORD, TestApp};

use crate::support::{NOW, api_key_id, invalid, user};

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
    let cases: [(&str, &[u64]); 24] = [
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
        ("?query=bea%20zorn", &[2]),
        ("?query=zorn%C2%A0BEA", &[2]),
        ("?query=emile%20zola", &[4]),
        ("?query=bea%20nobody", &[]),
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

#[tokio::test]
async fn data_studio_is_open_to_administrators() {
    let app = TestApp::new().await;
    app.user_with_session("jane").await;
    app.second_admin("zoe").await;
    let list = |value: &str| {
        let path = format!("/api/user?sort=id&can_access_data_studio={value}");
        app.get(&path).session(&app.admin.session).send()
    };
    let ids = |list: Value| {
        let ids = list.as_array().unwrap().iter().map(|user| user["id"].as_u64().unwrap());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(list("true").await.expect_status(200)), [1, 3]);
    assert_eq!(ids(list("False").await.expect_status(200)), [2]);
    let page = app.get("/api/user?limit=1&can_access_data_studio=true");
    let page = page.session(&app.admin.session).send().await.expect_status(200);
    assert_eq!((&page["total"], page["data"].as_array().unwrap().len()), (&json!(2), 1));
    let message = "value must be a valid boolean string ('true' or 'false').";
    for nonsense in ["maybe", "1", ""] {
        let rejected = list(nonsense).await.status_and_body();
        assert_eq!(rejected, invalid("can_access_data_studio", message), "{nonsense}");
    }
}

/// Creates users with these first and last names, from ID 2.
async fn named(names: &[(&str, &str)]) -> TestApp {
    let app = TestApp::new().await;
    for (number, (first, last)) in names.iter().enumerate() {
        let body = json!({
            "email": format!("u{number}@example.com"), "first_name": first, "last_name": last,
            "sso_source": "saml",
        });
        let request = app.post("/api/user").session(&app.admin.session).json(&body);
        request.send().await.expect_status(200);
    }
    app
}

#[tokio::test]
async fn a_search_ignores_accents_and_the_order_of_words() {
    let names = [
        ("Işıl", "Çağrı"),
        ("İnci", "Yılmaz"),
        ("Łukasz", "Żółć"),
        ("Nguyễn", "Thị Đào"),
        ("Mary Ann", "O’Neil-Smith"),
        ("Zoë", "Straße"),
    ];
    let app = named(&names).await;
    for (query, expected) in [
        ("isil", 2),
        ("IŞIL", 2),
        ("ISIL", 2),
        ("ışıl çağrı", 2),
        ("cagri isil", 2),
        ("inci", 3),
        ("INCI YILMAZ", 3),
        ("İNCİ", 3),
        ("lukasz zolc", 4),
        ("dao nguyen", 5),
        ("smith ann mary", 6),
        ("mary\u{3000}o’neil", 6),
        ("  ann  mary  ", 6),
        ("strasse zoe", 7),
        ("STRAẞE u5@", 7),
        ("m a r y n e i l s h o", 6),
    ] {
        let encoded = query.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
        let found = list(&app, &app.admin.session, &format!("?query={encoded}")).await;
        assert_eq!(ids(&found), [expected], "{query}");
    }
    for query in ["isil+yilmaz", "mary+mary+zoe", "m+a+r+y+n+e+i+l+s+h+o+z"] {
        let found = list(&app, &app.admin.session, &format!("?query={query}")).await;
        assert_eq!(ids(&found), [0; 0], "{query}");
    }
}

#[tokio::test]
async fn the_order_ignores_accents() {
    let names = [("Zoe", "A"), ("Émile", "B"), ("Emma", "C"), ("Øystein", "D"), ("Çelik", "E")];
    let app = named(&names).await;
    let all = [1, 6, 3, 4, 5, 2];
    assert_eq!(ids(&list(&app, &app.admin.session, "").await), all);
    let page = list(&app, &app.admin.session, "?limit=3&offset=1").await;
    assert_eq!(ids(&page["data"]), all[1..4]);
}

#[tokio::test]
async fn a_registered_email_address_selects_its_user() {
    let app = five_users().await;
    let list = |query: &'static str| list(&app, &app.admin.session, query);
    let emails = list("?status=all&sort=id").await;
    let email = |id: usize| emails[id - 1]["email"].as_str().unwrap().replace('+', "%2B");
    assert_eq!(ids(&list(format!("?query={}", email(2)).leak()).await), [2]);
    assert_eq!(ids(&list(format!("?query={}", email(2).to_uppercase()).leak()).await), [2]);
    assert_eq!(ids(&list(format!("?query={}&group_id=2", email(2)).leak()).await), [0; 0]);
    assert_eq!(ids(&list(format!("?query={}", email(5)).leak()).await), [0; 0]);
    assert_eq!(ids(&list(format!("?query={}&status=all", email(5)).leak()).await), [5]);
    let page = list(format!("?query={}&limit=10&offset=0", email(2)).leak()).await;
    assert_eq!((&page["total"], ids(&page["data"])), (&json!(1), vec![2]));
    let page = list(format!("?query={}&limit=10&offset=1", email(2)).leak()).await;
    assert_eq!((&page["total"], ids(&page["data"])), (&json!(1), vec![]));
    let part = email(2);
    assert_eq!(ids(&list(format!("?query={}", &part[1..]).leak()).await), [2]);
}

/// Stores a user as earlier versions did, which kept accents in the index.
async fn store_as_earlier_version(app: &TestApp, id: u64, first: &str, last: &str) {
    let key = Key::user(UserId::try_from(id).unwrap());
    let [first, last] = [first, last].map(str::to_lowercase);
    app.set_text(&key, "list_sk", &format!("{first}\u{1}{last}\u{1}{id:019}")).await;
    app.set_text(&key, "search", &format!("{first}\n{last}\nu@example.com")).await;
    app.set_bool(&key, "folded", false).await;
}

#[tokio::test]
async fn users_of_an_earlier_version_are_found_and_listed_once() {
    let names = [("Zoe", "A"), ("Émile", "B"), ("Frank", "C"), ("Éva", "D"), ("Emma", "E")];
    let app = named(&names).await;
    for (id, first, last) in [(3, "Émile", "B"), (5, "Éva", "D")] {
        store_as_earlier_version(&app, id, first, last).await;
    }
    let all = list(&app, &app.admin.session, "").await;
    assert_eq!(ids(&all), [1, 3, 6, 5, 4, 2], "a complete list is in the new order");
    assert_eq!(ids(&list(&app, &app.admin.session, "?query=%C3%A9mile").await), [3]);

    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let query = format!("?limit=1&cursor={cursor}");
        let page = list(&app, &app.admin.session, &query).await;
        seen.extend(ids(&page["data"]));
        assert!(seen.len() < 10, "{seen:?}");
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = next.to_owned();
    }
    assert_eq!(seen, [1, 6, 4, 2, 3, 5], "a page is in the order of the index");

    let rename = app.put("/api/user/5").session(&app.admin.session);
    rename.json(&json!({ "locale": "de" })).send().await.expect_status(200);
    assert_eq!(ids(&list(&app, &app.admin.session, "?query=eva").await), [5]);
    let page = list(&app, &app.admin.session, "?limit=10&offset=0").await;
    assert_eq!(ids(&page["data"]), [1, 6, 5, 4, 2, 3]);
}

#[tokio::test]
async fn ids_select_users_in_one_read() {
    let app = TestApp::new().await;
    for name in ["Zoe", "Bea", "Ann"] {
        app.sso_user(name, "Test").await;
    }
    let robot = api_key_id(&app.api_key("Robot").await);
    app.delete("/api/user/3").session(&app.admin.session).send().await.expect_status(200);
    let session = &app.admin.session;
    app.meter.take();
    let found = list(&app, session, &format!("?ids=2,4,3,999,{robot}")).await;
    assert_eq!(app.meter.take(), ["BatchGetItem", "BatchGetItem"]);
    assert_eq!(ids(&found), [4, 2]);
    for (query, expected) in [
        ("?ids=2,4,3&status=all", &[4, 3, 2][..]),
        ("?ids=2,4,3&status=all&sort=id", &[2, 3, 4]),
        ("?ids=2,4&query=zoe", &[2]),
    ] {
        assert_eq!(ids(&list(&app, session, query).await), expected, "{query}");
    }
    let page = list(&app, session, "?ids=2,4&limit=1&offset=1").await;
    assert_eq!((page["total"].as_u64(), page["data"][0]["id"].as_u64()), (Some(2), Some(2)));
    for query in ["ids=", "ids=x", "ids=1,,2", "ids=0", "ids=1&cursor="] {
        let path = format!("/api/user?{query}");
        app.get(&path).session(&app.admin.session).send().await.expect_status(400);
    }
    let other = app.user_with_session("own").await;
    assert_eq!(list(&app, &other.session, "?ids=1,2").await, json!([]));
}
