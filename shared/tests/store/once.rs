use shared::{
    domain::Groups,
    http::{ApiError, Call, Event, HttpContext, RequestContext},
    permissions::Admin,
    store::{Conflict, Entry},
};
use testkit::TestApp;

use crate::proofs::{conflict, newcomer};

/// A POST request with a key by the first administrator, and the proof of it.
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
async fn the_leg_of_the_key_refuses_before_all_others() {
    let app = TestApp::new().await;
    let (_, first) = request(&app, "{}").await;
    let (_, twin) = request(&app, "{}").await;
    let new = newcomer(&app, 2, "new@example.com", Groups::default());
    app.store().create_user(&first, &new, &Entry::Elsewhere).await.unwrap();
    let before = app.items().await;

    let result = app.store().create_user(&twin, &new, &Entry::Elsewhere).await;

    assert_eq!(conflict(result), Conflict::Repeated);
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn an_answer_that_was_not_kept_is_not_given_again() {
    let app = TestApp::new().await;
    let (_, first) = request(&app, "{}").await;
    let new = newcomer(&app, 2, "new@example.com", Groups::default());
    app.store().create_user(&first, &new, &Entry::Elsewhere).await.unwrap();

    for (body, expected) in [("{}", "Repeated"), ("{\"a\": 1}", "OtherPayload")] {
        let (call, admin) = request(&app, body).await;
        let work = async { Err(ApiError::Internal("it is not carried out".into())) };
        let refusal = call.once(admin.origin(), work).await.unwrap_err();
        assert_eq!(format!("{refusal:?}"), expected);
    }
}
