//! Errors of DynamoDB: the response reports them, and no partial change remains.

use serde_json::{Value, json};
use testkit::{ADMIN_EMAIL, Fault, PASSWORD, TestApp, TestResponse};

use crate::support::get_user;

mod crash_recovery;
pub(crate) mod matrix;

fn busy() -> (u16, Value) {
    (503, json!({ "error": "The service is busy. Please try again." }))
}

async fn create(app: &TestApp) -> TestResponse {
    let body = json!({
        "email": "jane@example.com", "first_name": "Jane", "last_name": "Doe", "sso_source": "saml",
    });
    app.post("/api/user").session(&app.admin.session).json(&body).send().await
}

#[tokio::test]
async fn a_transaction_conflict_is_retried() {
    let app = TestApp::new().await;
    app.faults.push("TransactWriteItems", Fault::TransactionConflict, 3);
    create(&app).await.expect_status(200);
    assert_eq!(app.faults.left(), 0);
}

#[tokio::test]
async fn permanent_transaction_conflicts_are_reported() {
    let app = TestApp::new().await;
    app.faults.push("TransactWriteItems", Fault::TransactionConflict, 8);
    assert_eq!(create(&app).await.status_and_body(), busy());
    create(&app).await.expect_status(200);
}

#[tokio::test]
async fn a_counter_conflict_is_retried() {
    let app = TestApp::new().await;
    app.faults.push("UpdateItem", Fault::TransactionConflict, 7);
    create(&app).await.expect_status(200);
    app.faults.push("UpdateItem", Fault::TransactionConflict, 8);
    assert_eq!(create(&app).await.status_and_body(), busy());
}

#[tokio::test]
async fn throttling_is_reported_with_retry_after() {
    let app = TestApp::new().await;
    for operation in ["BatchGetItem", "UpdateItem", "TransactWriteItems"] {
        app.faults.push(operation, Fault::Throttled, 3);
        let response = create(&app).await;
        assert_eq!(response.header("retry-after"), Some("1"));
        assert_eq!(response.status_and_body(), busy(), "{operation}");
    }
    create(&app).await.expect_status(200);
}

#[tokio::test]
async fn a_write_with_a_lost_response_takes_effect_once() {
    let app = TestApp::new().await;
    app.faults.push("TransactWriteItems", Fault::LostReply, 1);
    assert_eq!(create(&app).await.expect_status(200)["id"], 2);

    app.faults.push("TransactWriteItems", Fault::LostReply, 1);
    let renamed = json!({ "email": "joan@example.com" });
    crate::support::update_user(&app, &app.admin, 2, renamed).await.expect_status(200);
    assert_eq!(get_user(&app, 2).await["email"], "joan@example.com");

    app.faults.push("TransactWriteItems", Fault::LostReply, 1);
    app.delete("/api/session").session(&app.admin.session).send().await.expect_status(204);
}

#[tokio::test]
async fn a_write_with_a_lost_response_and_a_conflict_takes_effect_once() {
    let app = TestApp::new().await;
    let lose = || {
        app.faults.push("TransactWriteItems", Fault::LostReply, 1);
        app.faults.push("TransactWriteItems", Fault::TransactionConflict, 1);
    };
    lose();
    assert_eq!(create(&app).await.expect_status(200)["id"], 2);

    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    lose();
    app.put("/api/user/2/reactivate").session(&app.admin.session).send().await.expect_status(200);

    lose();
    app.delete("/api/session").session(&app.admin.session).send().await.expect_status(204);
    assert_eq!(app.faults.left(), 0);
}

#[tokio::test]
async fn a_truncated_response_is_retried() {
    let app = TestApp::new().await;
    for operation in ["BatchGetItem", "UpdateItem", "TransactWriteItems"] {
        app.faults.push(operation, Fault::TruncatedResponse, 1);
    }
    create(&app).await.expect_status(200);

    app.faults.push("BatchGetItem", Fault::TruncatedResponse, 3);
    assert_eq!(create(&app).await.status_and_body(), busy());
    app.faults.push("TransactWriteItems", Fault::TruncatedResponse, 1);
    assert_eq!(create(&app).await.status, 409, "a truncated error response is retried");
    assert_eq!(app.faults.left(), 0);
}

#[tokio::test]
async fn a_missing_response_times_out() {
    let (once, lasting) =
        tokio::join!(TestApp::with_production_timeouts(), TestApp::with_production_timeouts());
    once.faults.sequence(0, [Fault::NoResponse]);
    lasting.faults.sequence(0, [Fault::NoResponse; 3]);
    let (once, lasting) = tokio::join!(create(&once), create(&lasting));
    once.expect_status(200);
    assert_eq!(lasting.status_and_body(), busy());
}

#[tokio::test]
async fn a_lost_response_of_the_counter_leaves_a_gap() {
    let app = TestApp::new().await;
    app.faults.push("UpdateItem", Fault::LostReply, 1);
    assert_eq!(create(&app).await.expect_status(200)["id"], 3);
}

#[tokio::test]
async fn unprocessed_keys_are_retried() {
    let app = TestApp::new().await;
    app.faults.push("BatchGetItem", Fault::Unprocessed, 7);
    assert!(app.is_session_valid(&app.admin.session).await);

    app.faults.push("BatchGetItem", Fault::Unprocessed, 8);
    let response = app.get("/api/user/current").session(&app.admin.session).send().await;
    assert_eq!(response.status_and_body(), busy());
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_not_an_empty_one() {
    let app = TestApp::new().await;
    app.faults.push("Query", Fault::Failed, 3);
    let response = app.get("/api/user").session(&app.admin.session).send().await;
    assert_eq!(response.status_and_body(), busy());
}

#[tokio::test]
async fn denied_access_is_an_internal_error_without_details() {
    let app = TestApp::new().await;
    app.faults.push("BatchGetItem", Fault::AccessDenied, 1);
    let body =
        app.get("/api/user/current").session(&app.admin.session).send().await.expect_status(500);
    let id = body["request_id"].as_str().unwrap();
    assert_eq!(body, json!({ "error": "Internal server error", "request_id": id }));
    assert!(!id.is_empty());
}

#[tokio::test]
async fn a_missing_table_is_reported_as_unavailable() {
    let app = TestApp::new().await;
    app.remove_table().await;
    for (method, path) in
        [("GET", "/api/user/current"), ("GET", "/api/user"), ("DELETE", "/api/session")]
    {
        let response = app.request(method, path).session(&app.admin.session).send().await;
        assert_eq!(response.status_and_body(), busy(), "{method} {path}");
    }
}

#[tokio::test]
async fn a_login_failure_that_cannot_be_counted_is_an_error() {
    let app = TestApp::new().await;
    app.faults.push("UpdateItem", Fault::Failed, 9);
    let login = json!({ "username": ADMIN_EMAIL, "password": "wrong pw 1" });
    assert_eq!(app.post("/api/session").json(&login).send().await.status_and_body(), busy());
    let login = json!({ "username": ADMIN_EMAIL, "password": PASSWORD });
    app.post("/api/session").json(&login).send().await.expect_status(200);
}

#[tokio::test]
async fn a_malformed_item_is_an_error_not_an_anonymous_caller() {
    let app = TestApp::new().await;
    let key = shared::store::Key::user(1.try_into().unwrap());
    app.set_number(&key, "email", 7).await;
    app.get("/api/user/current").session(&app.admin.session).send().await.expect_status(500);
}
