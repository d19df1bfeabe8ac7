use shared::{
    domain::{Group, GroupId, GroupName},
    store::Conflict,
};
use testkit::TestApp;

use crate::proofs::{admin, conflict, context};

fn group(id: u64, name: &str) -> Group {
    Group::new(GroupId::try_from(id).unwrap(), GroupName::parse(name).unwrap())
}

/// A reset counter would issue duplicate IDs.
#[tokio::test]
async fn a_duplicate_id_creates_no_second_group() {
    let app = TestApp::new().await;
    let admin = admin(&app).await;
    app.store().create_group(&admin, &group(3, "One"), &context(&app)).await.unwrap();
    let before = app.items().await;
    let again = app.store().create_group(&admin, &group(3, "Other"), &context(&app)).await;
    assert_eq!(conflict(again), Conflict::GroupIdTaken);
    let taken = app.store().create_group(&admin, &group(4, "ONE"), &context(&app)).await;
    assert_eq!(conflict(taken), Conflict::GroupNameTaken);
    assert_eq!(app.items().await, before);
}
