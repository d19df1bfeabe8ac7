//! Cursor pagination of the user list.

use serde_json::{Value, json};
use shared::{config::Settings, http::response::RESPONSE_TOO_LARGE, store::Key};
use testkit::TestApp;

use crate::support::invalid;

/// The administrator and 15 users: active and deactivated, with names not in the order of IDs.
pub(crate) async fn sixteen_users_with(settings: Settings) -> TestApp {
    let app = TestApp::with(settings).await;
    for number in 0..15 {
        let id = app.sso_user(&format!("N{:02}", number * 7 % 15), "Doe").await;
        if number % 3 == 0 {
            let request = app.delete(&format!("/api/user/{id}")).session(&app.admin.session);
            request.send().await.expect_status(200);
        }
    }
    app
}

async fn sixteen_users() -> TestApp {
    sixteen_users_with(Settings::default()).await
}

pub(crate) async fn get(app: &TestApp, query: &str) -> Value {
    app.get(&format!("/api/user?{query}"))
        .session(&app.admin.session)
        .send()
        .await
        .expect_status(200)
}

pub(crate) fn ids(data: &Value) -> Vec<u64> {
    data.as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect()
}

/// Follows all cursors of a list. Returns the IDs of all users and the pages.
pub(crate) async fn list_all_pages(app: &TestApp, query: &str) -> (Vec<u64>, Vec<Value>) {
    let mut pages = vec![get(app, &format!("{query}&cursor=")).await];
    while let Some(cursor) = pages.last().unwrap()["next_cursor"].as_str() {
        assert!(pages.len() < 20, "{query} does not end");
        pages.push(get(app, &format!("{query}&cursor={cursor}")).await);
    }
    (pages.iter().flat_map(|page| ids(&page["data"])).collect(), pages)
}

#[tokio::test]
async fn returns_every_user_once_and_in_order() {
    let app = sixteen_users().await;
    for filter_query in [
        "status=active",
        "status=deactivated",
        "status=all",
        "query=n0",
        "group_id=2",
        "status=all&sort=-name",
        "query=n0&sort=-name",
        "status=all&name_prefix=n",
        "status=all&name_prefix=n&sort=-name",
    ] {
        let complete = ids(&get(&app, filter_query).await);
        for limit in [1, 3, 5, 16, 100] {
            let (listed, pages) =
                list_all_pages(&app, &format!("{filter_query}&limit={limit}")).await;
            assert_eq!(listed, complete, "{filter_query} by {limit}");
            assert!(pages.iter().all(|page| ids(&page["data"]).len() <= limit));
            assert_eq!(
                pages.len(),
                complete.len().div_ceil(limit).max(1),
                "{filter_query} by {limit}"
            );
        }
    }
}

#[tokio::test]
async fn contains_the_total_if_it_is_known() {
    let app = sixteen_users().await;
    let (_, pages) = list_all_pages(&app, "status=all&limit=6").await;
    let page_values = |page: &Value| json!([page["total"], page["limit"], page["offset"]]);
    assert_eq!(
        pages.iter().map(page_values).collect::<Vec<_>>(),
        [json!([16, 6, null]), json!([16, 6, null]), json!([16, 6, null])]
    );
    let (_, pages) = list_all_pages(&app, "query=n0&limit=6").await;
    assert_eq!(page_values(&pages[0]), json!([null, 6, null]));
    assert_eq!(get(&app, "cursor=").await["limit"], 50);
}

#[tokio::test]
async fn costs_the_same_at_any_position() {
    let app = sixteen_users().await;
    let mut cursor = String::new();
    for _ in 0..3 {
        app.meter.take();
        let page = get(&app, &format!("limit=3&cursor={cursor}")).await;
        assert_eq!(app.meter.take(), ["BatchGetItem", "Query"]);
        page["next_cursor"].as_str().unwrap().clone_into(&mut cursor);
    }
}

#[tokio::test]
async fn continues_at_its_position_after_creations_and_deletions() {
    let app = sixteen_users().await;
    let page = get(&app, "limit=5&cursor=").await;
    let last = *ids(&page["data"]).last().unwrap();
    let rest = ids(&get(&app, "limit=100&offset=5").await["data"]);
    app.delete(&format!("/api/user/{last}"))
        .session(&app.admin.session)
        .send()
        .await
        .expect_status(200);
    app.sso_user("Aaron", "Aardvark").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(ids(&get(&app, &format!("limit=100&cursor={cursor}")).await["data"]), rest);
}

#[tokio::test]
async fn an_offset_page_has_no_cursor() {
    let app = sixteen_users().await;
    for query in ["limit=2", "offset=1", "limit=2&offset=0", "limit=2&sort=email"] {
        assert!(get(&app, query).await.get("next_cursor").is_none(), "{query}");
    }
}

#[tokio::test]
async fn a_user_without_rights_sees_only_themselves() {
    let app = sixteen_users().await;
    let jane = app.user_with_session("jane").await;
    let cursor = get(&app, "limit=1&cursor=").await["next_cursor"].as_str().unwrap().to_owned();
    for (cursor, listed) in [("", vec![jane.id]), (&cursor, vec![])] {
        let path = format!("/api/user?limit=1&cursor={cursor}");
        let page = app.get(&path).session(&jane.session).send().await.expect_status(200);
        assert_eq!((ids(&page["data"]), &page["next_cursor"]), (listed, &Value::Null));
    }
}

#[tokio::test]
async fn an_invalid_cursor_or_combination_is_rejected() {
    let app = sixteen_users().await;
    let malformed = "value must be the next_cursor of the previous response, or empty.";
    let exclusive = "a cursor cannot be combined with offset, or with a sort other than name.";
    let long = "A".repeat(1_400);
    for (query, message) in [
        ("cursor=%25", malformed),
        ("cursor=_w", malformed),
        (&format!("cursor={long}"), malformed),
        ("cursor=&offset=1", exclusive),
        ("cursor=&sort=email", exclusive),
    ] {
        let request = app.get(&format!("/api/user?{query}")).session(&app.admin.session);
        assert_eq!(request.send().await.status_and_body(), invalid("cursor", message), "{query}");
    }
    let unknown = get(&app, "cursor=enp6&status=all").await;
    assert_eq!((ids(&unknown["data"]), &unknown["next_cursor"]), (vec![], &Value::Null));
}

#[tokio::test]
async fn a_list_above_the_response_limit_needs_a_cursor() {
    let app = TestApp::new().await;
    app.large_users(110).await;
    let rejected = app.get("/api/user").session(&app.admin.session).send().await;
    assert_eq!(rejected.status_and_body(), (400, json!({ "error": RESPONSE_TOO_LARGE })));
    let (listed, pages) = list_all_pages(&app, "limit=50").await;
    assert_eq!((listed.len(), pages.len()), (111, 3));
}

/// Sets the count of active users in one shard.
async fn set_active_count(app: &TestApp, active: i64) {
    app.set_number(&Key::user_count(0), "active", active).await;
}

#[tokio::test]
async fn a_list_above_the_maximum_count_is_not_read_completely() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    app.large_users(20).await;
    // The limits are 13,098 listed users or 65,493 recipients.
    for (path, maximum, caller) in [
        ("/api/user", 13_098, &app.admin),
        ("/api/user?sort=-name", 13_098, &app.admin),
        ("/api/user/recipients", 65_493, &jane),
    ] {
        // 22 users exist. Other shards count some of them.
        set_active_count(&app, maximum - 22).await;
        app.get(path).session(&caller.session).send().await.expect_status(200);
        set_active_count(&app, maximum + 1).await;
        app.meter.take();
        let rejected = app.get(path).session(&caller.session).send().await;
        assert_eq!(
            rejected.status_and_body(),
            (400, json!({ "error": RESPONSE_TOO_LARGE })),
            "{path}"
        );
        assert_eq!(app.meter.take(), ["BatchGetItem", "Query", "BatchGetItem"], "{path}");
    }
    // Lists of the own user and filtered lists have no such limit.
    let own = app.get("/api/user").session(&jane.session).send().await.expect_status(200);
    assert_eq!(ids(&own), [jane.id]);
    assert_eq!(ids(&get(&app, "query=jane").await), [jane.id]);
}

/// A user with names, and one whose names only contain them.
async fn named_users() -> TestApp {
    let app = TestApp::new().await;
    for (first, last) in [
        ("Zo\u{eb}", "Adams"),
        ("Zoe", "Brown"),
        ("ZOE", "brook"),
        ("Zoey", "Brown"),
        ("Mary Zoe", "Brown"),
        ("Brown", "Zoe"),
    ] {
        app.sso_user(first, last).await;
    }
    app
}

#[tokio::test]
async fn a_prefix_selects_first_names_or_a_first_name_with_last_names() {
    let app = named_users().await;
    for (prefix, expected) in [
        ("zo", vec![2, 4, 3, 5]),
        ("ZO%C3%8B", vec![2, 4, 3, 5]),
        ("zoe%20", vec![2, 4, 3, 5]),
        ("zoe%20br", vec![4, 3]),
        ("zoe%20brow", vec![3]),
        ("zoey", vec![5]),
        ("mary%20z", vec![]),
        ("nobody", vec![]),
    ] {
        for query in ["", "&cursor=", "&limit=50", "&sort=name"] {
            let found = get(&app, &format!("name_prefix={prefix}{query}")).await;
            let data = if found.is_array() { &found } else { &found["data"] };
            assert_eq!(ids(data), expected, "{prefix}{query}");
        }
        let (listed, _) = list_all_pages(&app, &format!("name_prefix={prefix}&limit=1")).await;
        assert_eq!(listed, expected, "{prefix}");
        let path = format!("name_prefix={prefix}&limit=1&sort=-name");
        let (mut listed, _) = list_all_pages(&app, &path).await;
        listed.reverse();
        assert_eq!(listed, expected, "{prefix}");
    }
    assert_eq!(ids(&get(&app, "name_prefix=%20").await).len(), 7);
    assert_eq!(ids(&get(&app, "name_prefix=zoe&query=adams").await), [2]);
    let request = app.get("/api/user?name_prefix=a%00").session(&app.admin.session);
    let message = "value must be at most 254 characters without control characters.";
    assert_eq!(request.send().await.status_and_body(), invalid("name_prefix", message));
}

/// A cursor of another list selects a part of the requested one.
#[tokio::test]
async fn a_cursor_outside_of_the_prefix_skips_everything_or_nothing() {
    let app = named_users().await;
    for (cursor, sort, expected) in [
        ("YQ", "name", vec![2, 4, 3, 5]),
        ("YQ", "-name", vec![]),
        ("enp6", "name", vec![]),
        ("enp6", "-name", vec![5, 3, 4, 2]),
    ] {
        let page = get(&app, &format!("name_prefix=zo&cursor={cursor}&sort={sort}")).await;
        assert_eq!(ids(&page["data"]), expected, "{cursor} {sort}");
    }
}
