use shared::{
    authorization::Admin,
    domain::GroupSet,
    http::{ApiError, Call, Event, HttpContext, RequestContext},
    store::{Conflict, InitialCredentials},
};
use testkit::TestApp;

use crate::proofs::{conflict, new_user};

/// A POST request of the first administrator with an idempotency key, and its proof.
async fn request(app: &TestApp, body: &str) -> (Call, Admin) {
    let headers = [("x-metabase-session", app.admin.session.as_str()), ("idempotency-key", "key")];
    let event = Event {
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: Some(body.to_owned()),
        request_context: RequestContext {
            http: HttpContext { method: "POST".to_owned(), source_ip: String::new() },
            ..RequestContext::default()
        },
        ..Event::default()
    };
    let call = Call::new(app.service().clone(), event);
    let admin = call.caller().await.unwrap().admin().unwrap();
    (call, admin)
}

#[tokio::test]
async fn the_condition_of_the_key_fails_before_all_others() {
    let app = TestApp::new().await;
    let (_, first) = request(&app, "{}").await;
    let (_, duplicate) = request(&app, "{}").await;
    let new = new_user(&app, 2, "new@example.com", GroupSet::default());
    app.store().create_user(&first, &new, &InitialCredentials::None).await.unwrap();
    let before = app.items().await;

    let result = app.store().create_user(&duplicate, &new, &InitialCredentials::None).await;

    assert_eq!(conflict(result), Conflict::AlreadyProcessed);
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn a_response_that_was_not_stored_is_not_replayed() {
    let app = TestApp::new().await;
    let (_, first) = request(&app, "{}").await;
    let new = new_user(&app, 2, "new@example.com", GroupSet::default());
    app.store().create_user(&first, &new, &InitialCredentials::None).await.unwrap();

    for (body, expected) in [("{}", "AlreadyProcessed"), ("{\"a\": 1}", "IdempotencyKeyReused")] {
        let (call, admin) = request(&app, body).await;
        let work = async { Err(ApiError::Internal("not executed".into())) };
        let error = call.idempotent(admin.origin(), work).await.unwrap_err();
        assert_eq!(format!("{error:?}"), expected);
    }
}
