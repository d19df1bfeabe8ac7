use serde_json::Value;
use shared::{
    domain::{ApiKeyName, ApiKeyPatch},
    http::PathApiKey,
};
use testkit::TestApp;

use crate::proofs::{admin, context, id};

/// An update from a read before the regeneration does not restore the old secret.
#[tokio::test]
async fn a_concurrently_regenerated_key_keeps_its_new_secret() {
    let app = TestApp::new().await;
    app.api_key("Robot").await;
    let admin = admin(&app).await;
    let call = app.call(&app.admin.session, 2);
    let (_, read) = call.authenticate_active(PathApiKey).await.unwrap();
    let path = "/api/api-key/2/regenerate";
    let new = app.put(path).session(&app.admin.session).send().await.expect_status(200);
    let name = ApiKeyName::parse("Other");
    let change = ApiKeyPatch { by: id(1), now: call.now(), name, group: None };

    let key = read.require(&admin).unwrap();
    app.store().update_api_key(&admin, key, &change, &context(&app)).await.unwrap();

    let secret = new["unmasked_key"].as_str().unwrap();
    app.get("/api/user/current").header("x-api-key", secret).send().await.expect_status(200);
    let keys = app.get("/api/api-key").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(
        (&keys[0]["name"], &keys[0]["masked_key"]),
        (&Value::from("Other"), &new["masked_key"])
    );
    app.assert_invariants().await;
}
