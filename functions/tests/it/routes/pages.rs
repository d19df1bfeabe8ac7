//! Limits and offsets of all lists, in both dialects.

use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect, store::Key};
use testkit::TestApp;

use crate::{routes::cursor_pagination::ids, support::invalid};

/// The lists with `limit` and `offset`, for administrators.
///
/// With their number of items. API keys have memberships, too.
const LISTS: [(&str, usize); 4] = [
    ("/api/user", 3),
    ("/api/permissions/group", 3),
    ("/api/api-key", 3),
    ("/api/permissions/membership", 6),
];

/// The number of items of a page.
fn page_len(total: usize, offset: usize, limit: usize) -> usize {
    total.saturating_sub(offset).min(limit)
}

/// An instance with three users, groups and API keys.
async fn app(dialect: Dialect) -> TestApp {
    let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
    for name in ["Bob", "Cy"] {
        app.sso_user(name, "Doe").await;
    }
    app.group("Analysts").await;
    for name in ["A", "B", "C"] {
        app.api_key(name).await;
    }
    app
}

async fn get(app: &TestApp, path: &str, query: &str) -> Value {
    let path = format!("{path}?{query}");
    app.get(&path).session(&app.admin.session).send().await.expect_status(200)
}

/// The number of items in a response.
fn len(body: &Value) -> usize {
    let list = body.get("data").unwrap_or(body);
    list.as_array().map_or_else(|| list.as_object().unwrap().len(), Vec::len)
}

#[tokio::test]
async fn metabase_applies_any_limit_from_zero() {
    let app = app(Dialect::Metabase).await;
    for (path, total) in LISTS {
        for (query, offset, limit) in [
            ("", 0, 99),
            ("limit=0", 0, 0),
            ("limit=0&offset=1", 1, 0),
            ("limit=2", 0, 2),
            ("limit=1001", 0, 99),
            ("limit=5000&offset=1", 1, 99),
            ("limit=2147483648&offset=2", 2, 99),
            ("limit=99999999999999999999", 0, 99),
            ("offset=99999999999999999999", 99, 99),
            ("offset=1", 1, 99),
            ("limit=-1", 0, 99),
            ("limit=x&offset=-5", 0, 99),
            ("limit=1.5", 0, 99),
            ("limit=", 0, 99),
        ] {
            let expected = page_len(total, offset, limit);
            assert_eq!(len(&get(&app, path, query).await), expected, "{path} {query}");
        }
    }
    for query in ["", "&query=doe", "&sort=-id", "&status=all"] {
        for (limit, offset) in [(0, 0), (0, 2), (1_001, 1), (70_000, 0)] {
            let query = format!("limit={limit}&offset={offset}{query}");
            let page = get(&app, "/api/user", &query).await;
            let total = if query.contains("doe") { 2 } else { 3 };
            let rest = json!({ "total": total, "limit": limit, "offset": offset });
            assert_eq!(crate::support::merge(page.clone(), rest), page, "{query}");
        }
    }
}

#[tokio::test]
async fn a_cursor_page_of_metabase_has_any_limit() {
    let app = app(Dialect::Metabase).await;
    let all = get(&app, "/api/user", "cursor=&limit=9223372036854775807").await;
    assert_eq!((len(&all), &all["next_cursor"]), (3, &Value::Null));
    let empty = get(&app, "/api/user", "cursor=&limit=0").await;
    assert_eq!((len(&empty), &empty["next_cursor"]), (0, &json!("")));
    let first = get(&app, "/api/user", "cursor=&limit=1&offset=-1").await;
    assert_eq!(len(&first), 1);
}

#[tokio::test]
async fn documented_limits_are_from_1_to_1000() {
    let app = app(Dialect::Documented).await;
    let limit = "value must be an integer from 1 to 1000.";
    let offset = "value must be an integer of zero or more.";
    for (path, total) in LISTS.into_iter().chain([("/api/user/recipients", 3)]) {
        for (query, field, message) in [
            ("limit=0", "limit", limit),
            ("limit=1001", "limit", limit),
            ("limit=x", "limit", limit),
            ("limit=5&offset=-1", "offset", offset),
        ] {
            let path = format!("{path}?{query}");
            let response = app.get(&path).session(&app.admin.session).send().await;
            assert_eq!(response.status_and_body(), invalid(field, message), "{path}");
        }
        for (query, offset, limit) in
            [("limit=2", 0, 2), ("offset=1", 1, 99), ("limit=1000&offset=2", 2, 99)]
        {
            let expected = page_len(total, offset, limit);
            assert_eq!(len(&get(&app, path, query).await), expected, "{path} {query}");
        }
    }
}

#[tokio::test]
async fn pages_of_memberships_are_in_order_of_users() {
    let app = app(Dialect::Documented).await;
    for (offset, user) in [(0, "1"), (1, "2"), (2, "3")] {
        let query = format!("limit=1&offset={offset}");
        let page = get(&app, "/api/permissions/membership", &query).await;
        assert_eq!(page.as_object().unwrap().keys().collect::<Vec<_>>(), [user]);
    }
}

#[tokio::test]
async fn recipients_have_pages_and_cursors_in_documented() {
    let app = app(Dialect::Documented).await;
    let path = "/api/user/recipients";
    let all = get(&app, path, "").await;
    assert_eq!(ids(&all), [1, 2, 3]);
    let page = get(&app, path, "limit=2&offset=1").await;
    let expected = json!({
        "data": [all[1], all[2]], "total": 3, "limit": 2, "offset": 1,
    });
    assert_eq!(page, expected);
    assert_eq!(get(&app, path, "offset=9").await["data"], json!([]));

    for limit in 1..=4 {
        let (mut listed, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = get(&app, path, &format!("cursor={cursor}&limit={limit}")).await;
            assert_eq!([&page["total"], &page["limit"]], [&json!(3), &json!(limit)]);
            listed.extend(page["data"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(json!(listed), all, "{limit}");
    }
    for (query, message) in [
        (
            "cursor=&offset=1",
            "a cursor cannot be combined with offset, or with a sort other than name.",
        ),
        ("cursor=%20", "value must be the next_cursor of the previous response, or empty."),
    ] {
        let path = format!("{path}?{query}");
        let response = app.get(&path).session(&app.admin.session).send().await;
        assert_eq!(response.status_and_body(), invalid("cursor", message), "{query}");
    }
}

#[tokio::test]
async fn a_page_that_no_response_can_hold_is_an_error() {
    let app = app(Dialect::Metabase).await;
    app.set_number(&Key::user_count(0), "active", 30_000).await;
    for (query, status) in [
        ("limit=13098", 200),
        ("limit=13099", 400),
        ("limit=99999999999&offset=1", 400),
        ("limit=99999999999&offset=20000", 200),
        ("limit=0", 200),
    ] {
        let path = format!("/api/user?{query}");
        let response = app.get(&path).session(&app.admin.session).send().await;
        assert_eq!(response.status, status, "{query}");
    }
}
