use std::collections::BTreeMap;

use super::*;
use crate::{
    config::DynamoDbConfig,
    domain::{Action, AuditContext, AuthMethod, RequestMeta, Timestamp, UserId},
};

fn store() -> Store {
    Store::connect(DynamoDbConfig::local("http://127.0.0.1:9".to_owned(), "users"))
}

/// An item with a key and nothing else.
fn nothing() -> BTreeMap<String, String> {
    BTreeMap::new()
}

fn reasons(codes: &[&str]) -> Vec<CancellationReason> {
    codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect()
}

/// What the reasons mean for three legs: one without a condition, and two with.
fn meaning(codes: &[&str]) -> Option<String> {
    let store = store();
    let key = Key::user(UserId::INSTALLER);
    let transaction = store
        .transaction()
        .put(&key, &nothing(), None)
        .and_then(|transaction| transaction.create(&Key::admins(), &nothing(), Conflict::LastAdmin))
        .and_then(|transaction| {
            transaction.create(&Key::instance(), &nothing(), Conflict::EmailTaken)
        })
        .unwrap();
    transaction.classify(&reasons(codes)).map(|failure| match failure {
        Failure::Retry(error) => format!("again: {error}"),
        Failure::Fatal(error) => format!("final: {error}"),
    })
}

#[test]
fn the_first_condition_that_failed_is_the_answer() {
    let failed = "ConditionalCheckFailed";
    let last_admin = Some("final: no administrator would be left".to_owned());
    let taken = Some("final: the address is taken".to_owned());
    assert_eq!(meaning(&["None", failed, failed]), last_admin);
    assert_eq!(meaning(&["None", "None", failed]), taken);
    assert_eq!(meaning(&["TransactionConflict", "None", failed]), taken);
    assert_eq!(meaning(&["None", failed, "ThrottlingError"]), last_admin);
}

#[test]
fn a_meeting_and_throttling_are_tried_again() {
    for code in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
        let busy = Some(format!("again: DynamoDB is not available: {code}"));
        assert_eq!(meaning(&[code, "None", "None"]), busy);
    }
}

#[test]
fn anything_else_is_nobodys_conflict() {
    assert_eq!(meaning(&["ValidationError", "None", "None"]), None);
    assert_eq!(meaning(&["ConditionalCheckFailed", "None", "None"]), None);
    assert_eq!(meaning(&[]), None);
}

#[tokio::test]
async fn a_database_that_is_away_is_a_transient_failure() {
    let at = Timestamp::parse("2026-01-01").unwrap();
    let arrival = RequestMeta { at, source_ip: String::new(), request_id: String::new() };
    let origin = AuditContext::new(None, AuthMethod::Password, arrival);
    let deed = NewAuditEvent::new(&origin, Action::Setup, None);
    let store = store();
    let transaction = store.transaction().put(&Key::admins(), &nothing(), None).unwrap();
    let result = transaction.commit(deed).await;
    assert!(matches!(result, Err(WriteError::Store(error)) if error.is_transient()));
}
