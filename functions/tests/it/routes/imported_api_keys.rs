//! API keys that were imported from Metabase.

use serde_json::{Value, json};
use testkit::{Request, TestApp};

use crate::support::at_once;

const KEY: &str = "mb_imported+key/of+metabase==";
const PATH: &str = "/api/api-key";

fn current(app: &TestApp, key: &str) -> Request {
    app.get("/api/user/current").header("x-api-key", key)
}

async fn stored(app: &TestApp) -> Value {
    let items = app.items().await;
    let item = &items[&("IMPORTEDKEY#mb_impo".to_owned(), "IMPORTEDKEY".to_owned())];
    json!({ "bcrypt": item["bcrypt"].is_string(), "key_hash": item["key_hash"].is_string() })
}

#[tokio::test]
async fn the_old_key_authenticates_and_is_hashed_anew() {
    let app = TestApp::new().await;
    let id = app.imported_api_key(KEY).await;
    assert_eq!(stored(&app).await, json!({ "bcrypt": true, "key_hash": false }));
    current(&app, "mb_imported+wrong/key").send().await.expect_status(401);

    let user = current(&app, KEY).send().await.expect_status(200);

    assert_eq!(user["id"], id);
    assert_eq!(stored(&app).await, json!({ "bcrypt": false, "key_hash": true }));
    current(&app, "mb_imported+wrong/key").send().await.expect_status(401);
    current(&app, KEY).send().await.expect_status(200);
}

#[tokio::test]
async fn after_the_first_use_an_imported_key_costs_one_more_read() {
    let app = TestApp::new().await;
    let own = app.api_key("Own").await;
    app.imported_api_key(KEY).await;
    for key in [&own, KEY] {
        current(&app, key).send().await.expect_status(200);
    }
    app.meter.take();
    current(&app, &own).send().await.expect_status(200);
    let requests = app.meter.take().len();
    current(&app, KEY).send().await.expect_status(200);
    assert_eq!(app.meter.take().len(), requests + 1);
}

#[tokio::test]
async fn guesses_on_a_known_prefix_are_limited_per_network() {
    let app = TestApp::new().await;
    app.imported_api_key(KEY).await;
    for number in 0..10 {
        current(&app, &format!("mb_imported{number}")).send().await.expect_status(401);
    }
    current(&app, KEY).send().await.expect_status(401);
    assert_eq!(stored(&app).await["bcrypt"], true);

    let other = std::net::Ipv4Addr::new(192, 0, 2, 77);
    current(&app, KEY).from_ip(other).send().await.expect_status(200);
    current(&app, KEY).send().await.expect_status(200);
}

#[tokio::test]
async fn the_limit_ends_after_an_hour() {
    let app = TestApp::new().await;
    app.imported_api_key(KEY).await;
    for number in 0..11 {
        current(&app, &format!("mb_imported{number}")).send().await.expect_status(401);
    }
    current(&app, KEY).send().await.expect_status(401);
    app.clock.advance(3_600);
    current(&app, KEY).send().await.expect_status(200);
}

#[tokio::test]
async fn a_replaced_or_deleted_key_is_invalid_before_and_after_its_first_use() {
    for is_used in [false, true] {
        for (method, path) in [("PUT", "/regenerate"), ("DELETE", "")] {
            let app = TestApp::new().await;
            let id = app.imported_api_key(KEY).await;
            if is_used {
                current(&app, KEY).send().await.expect_status(200);
            }
            let request = app.request(method, &format!("{PATH}/{id}{path}"));
            let response = request.session(&app.admin.session).json(&json!({})).send().await;
            assert!(response.status < 300, "{method}");
            current(&app, KEY).send().await.expect_status(401);
        }
    }
}

#[tokio::test]
async fn concurrent_first_uses_all_succeed() {
    let app = TestApp::new().await;
    app.imported_api_key(KEY).await;
    let responses = at_once((0..6).map(|_| current(&app, KEY)).collect()).await;
    for response in responses {
        response.expect_status(200);
    }
}

#[tokio::test]
async fn an_imported_key_is_listed_renamed_and_repeats_requests() {
    let app = TestApp::new().await;
    let id = app.imported_api_key(KEY).await;
    let session = app.admin.session.clone();
    let list = app.get(PATH).session(&session).send().await.expect_status(200);
    assert_eq!(list[0]["masked_key"], format!("mb_impo{}", "*".repeat(20)));
    let rename = json!({ "name": "Renamed", "group_id": 2 });
    let path = format!("{PATH}/{id}");
    app.put(&path).session(&session).json(&rename).send().await.expect_status(200);

    let group = json!({ "name": "Robots" });
    let create = || {
        let request = app.post("/api/permissions/group").header("x-api-key", KEY);
        request.header("idempotency-key", "once").json(&group)
    };
    let first = create().send().await.expect_status(200);
    assert_eq!(create().send().await.expect_status(200)["id"], first["id"]);
}

#[tokio::test]
async fn texts_that_cannot_be_a_key_are_not_looked_up() {
    let app = TestApp::new().await;
    for key in ["", "mb_short", "mb_with space in it"] {
        app.meter.take();
        current(&app, key).send().await.expect_status(401);
        assert_eq!(app.meter.take().len(), 0, "{key:?}");
    }
}
