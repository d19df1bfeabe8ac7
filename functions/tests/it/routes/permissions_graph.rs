use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{TestApp, TestResponse};

use crate::support::{invalid, invalid_id};

const GRAPH: &str = "/api/permissions/graph";

fn empty() -> Value {
    json!({ "revision": 0, "groups": {} })
}

async fn put(app: &TestApp, query: &str, body: &Value) -> TestResponse {
    let request = app.put(&format!("{GRAPH}{query}")).session(&app.admin.session);
    request.json(body).send().await
}

async fn metabase() -> TestApp {
    TestApp::with(Settings { dialect: Dialect::Metabase, ..Settings::default() }).await
}

#[tokio::test]
async fn is_empty_in_both_dialects() {
    for app in [TestApp::new().await, metabase().await] {
        let group = app.group("Analysts").await;
        for path in ["", "/group/1", "/group/999", &format!("/group/{group}")] {
            let response = app.get(&format!("{GRAPH}{path}")).session(&app.admin.session).send();
            assert_eq!(response.await.expect_status(200), empty(), "{path}");
        }
    }
}

#[tokio::test]
async fn the_id_of_a_group_is_a_positive_number() {
    let app = TestApp::new().await;
    for id in ["0", "x", "99999999999999999999"] {
        let path = format!("{GRAPH}/group/{id}");
        let response = app.get(&path).session(&app.admin.session).send().await;
        assert_eq!(response.status_and_body(), invalid_id(), "{id}");
    }
}

#[tokio::test]
async fn an_unchanged_graph_is_accepted() {
    for app in [TestApp::new().await, metabase().await] {
        let graph = app.get(GRAPH).session(&app.admin.session).send().await.expect_status(200);
        assert_eq!(put(&app, "", &graph).await.expect_status(200), empty());
        let groups = json!({ "1": {}, "2": null, "3": { "1": {} } });
        let spelled_out = json!({ "revision": 0, "groups": groups, "sandboxes": [] });
        assert_eq!(put(&app, "", &spelled_out).await.expect_status(200), empty());
        let skipped = put(&app, "?skip-graph=true", &graph).await;
        assert_eq!(skipped.expect_status(200), json!({ "revision": 0 }));
    }
}

#[tokio::test]
async fn an_outdated_revision_is_a_conflict_unless_forced() {
    let sentence = "Looks like someone else edited the permissions and your data is out of date. \
        Please fetch new data and try again.";
    for revision in [json!(1), json!(null)] {
        let outdated = json!({ "revision": revision, "groups": {} });
        let app = TestApp::new().await;
        let response = put(&app, "", &outdated).await.status_and_body();
        assert_eq!(response, (409, json!({ "error": sentence })));
        assert_eq!(put(&app, "?force=true", &outdated).await.expect_status(200), empty());
        let response = put(&metabase().await, "", &outdated).await.status_and_body();
        assert_eq!(response, (409, json!(sentence)));
    }
}

#[tokio::test]
async fn a_change_is_rejected() {
    let app = TestApp::new().await;
    let change = |permissions: Value| json!({ "revision": 0, "groups": { "3": permissions } });
    let message = "There are no databases, so groups cannot have permissions on them.";
    for permissions in [
        json!({ "1": { "create-queries": "query-builder" } }),
        json!({ "1": {}, "7": { "view-data": "unrestricted" } }),
    ] {
        let rejected = put(&app, "?force=true", &change(permissions)).await.status_and_body();
        assert_eq!(rejected, invalid("groups", message));
    }
    for field in ["sandboxes", "impersonations"] {
        let mut body = empty();
        body[field] = json!([{ "group_id": 3, "table_id": 1 }]);
        assert_eq!(put(&app, "", &body).await.status, 402, "{field}");
    }
}

#[tokio::test]
async fn a_malformed_graph_is_400() {
    let app = TestApp::new().await;
    let message = "value must be a map of group IDs to maps of database IDs to permissions.";
    for groups in [
        json!(null),
        json!([]),
        json!({ "x": {} }),
        json!({ "0": {} }),
        json!({ "3": [] }),
        json!({ "3": { "sample": {} } }),
        json!({ "3": { "1": "all" } }),
    ] {
        let body = json!({ "revision": 0, "groups": groups });
        let response = put(&app, "", &body).await.status_and_body();
        assert_eq!(response, invalid("groups", message), "{body}");
    }
    let response = put(&app, "", &json!({ "revision": "x", "groups": {} })).await;
    let message = "nullable value must be an integer of zero or more.";
    assert_eq!(response.status_and_body(), invalid("revision", message));
    assert_eq!(put(&app, "?force=maybe", &empty()).await.status, 400);
    let jane = app.user_with_session("jane").await;
    let malformed = app.put(GRAPH).session(&jane.session).json(&json!({})).send().await;
    assert_eq!(malformed.status, 400);
}
