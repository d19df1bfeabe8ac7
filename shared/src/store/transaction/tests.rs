use super::*;
use crate::{
    aws,
    domain::{Action, Actor, AuthMethod, RequestMeta, Timestamp},
    store::Key,
};

fn classified(codes: &[&str]) -> Option<String> {
    let reason = |code: &&str| CancellationReason::builder().code(*code).build();
    let reasons: Vec<_> = codes.iter().map(reason).collect();
    let conflicts = [None, Some(Conflict::LastAdmin), Some(Conflict::EmailTaken)];
    classify(&reasons, &conflicts).map(|failure| match failure {
        Failure::Retry(error) => format!("retry: {error}"),
        Failure::Fatal(error) => format!("fatal: {error}"),
    })
}

#[test]
fn the_first_failed_condition_is_reported() {
    let failed = "ConditionalCheckFailed";
    let last_admin = Some("fatal: no administrator would be left".to_owned());
    let taken = Some("fatal: the email address is taken".to_owned());
    assert_eq!(classified(&["None", failed, failed]), last_admin);
    assert_eq!(classified(&["None", "None", failed]), taken);
    assert_eq!(classified(&["TransactionConflict", "None", failed]), taken);
    assert_eq!(classified(&["None", failed, "ThrottlingError"]), last_admin);
}

#[test]
fn transaction_conflicts_and_throttling_are_retried() {
    for code in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
        let busy = Some(format!("retry: DynamoDB is unavailable: {code}"));
        assert_eq!(classified(&[code, "None", "None"]), busy);
    }
}

#[test]
fn other_reasons_are_no_conflict() {
    assert_eq!(classified(&["ValidationError", "None", "None"]), None);
    assert_eq!(classified(&["ConditionalCheckFailed", "None", "None"]), None);
    assert_eq!(classified(&[]), None);
}

#[tokio::test]
async fn an_unreachable_database_is_a_transient_failure() {
    let at = Timestamp::parse("2026-01-01").unwrap();
    let request = RequestMeta { at, source_ip: String::new(), request_id: String::new() };
    let actor = Actor { id: None, method: AuthMethod::Password };
    let context = WriteContext::new(actor, request);
    let store = Store::connect(&aws::local("http://127.0.0.1:9"), "users");
    let writes = vec![Write::delete(&Key::admins())];
    let result = store.commit(writes, &context, NewAuditEvent::new(Action::Setup, None)).await;
    assert!(matches!(result, Err(WriteError::Store(error)) if error.is_transient()));
}
