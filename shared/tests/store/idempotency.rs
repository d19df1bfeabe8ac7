use lambda_http::http;
use shared::{
    authorization::Admin,
    domain::{GroupSet, WriteContext},
    http::{ApiError, Call},
    store::{Conflict, InitialCredentials},
};
use testkit::TestApp;

use crate::proofs::{conflict, new_user};

/// A POST request with a key by the first administrator, and the proof of it.
async fn request(app: &TestApp, body: &str) -> (Call, Admin, WriteContext) {
    let request = http::Request::post("/")
        .header("x-metabase-session", &app.admin.session)
        .header("idempotency-key", "key");
    let request = request.body(body.into()).unwrap();
    let call = Call::new(app.service().clone(), request);
    let caller = call.caller().await.unwrap();
    let (admin, context) = (caller.admin().unwrap(), caller.write_context().clone());
    (call, admin, context)
}

#[tokio::test]
async fn the_condition_of_the_key_fails_before_all_others() {
    let app = TestApp::new().await;
    let (_, admin, first) = request(&app, "{}").await;
    let (_, _, second) = request(&app, "{}").await;
    let new = new_user(&app, 2, "new@example.com", GroupSet::default());
    app.store().create_user(&admin, &new, &InitialCredentials::None, &first).await.unwrap();
    let before = app.items().await;

    let result = app.store().create_user(&admin, &new, &InitialCredentials::None, &second).await;

    assert_eq!(conflict(result), Conflict::AlreadyProcessed);
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn a_response_that_was_not_stored_is_not_replayed() {
    let app = TestApp::new().await;
    let (_, admin, first) = request(&app, "{}").await;
    let new = new_user(&app, 2, "new@example.com", GroupSet::default());
    app.store().create_user(&admin, &new, &InitialCredentials::None, &first).await.unwrap();

    for (body, expected) in [("{}", "AlreadyProcessed"), ("{\"a\": 1}", "IdempotencyKeyReused")] {
        let (call, _, context) = request(&app, body).await;
        let work = async { Err(ApiError::Internal("it is not carried out".into())) };
        let refusal = call.idempotent(&context, work).await.unwrap_err();
        assert_eq!(format!("{refusal:?}"), expected);
    }
}
