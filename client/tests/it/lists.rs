//! Lists of many pages.

use client::{UserListItem, UserQuery, UserStatus};
use testkit::TestApp;

use crate::{every_route::collect, service::Service};

fn names(users: &[UserListItem]) -> Vec<&str> {
    users.iter().filter_map(|user| user.first_name.as_deref()).collect()
}

#[tokio::test]
async fn streams_have_all_pages_in_order() {
    let app = TestApp::new().await;
    for name in ["dora", "anna", "carl", "bert"] {
        app.user_with_session(name).await;
    }
    let service = Service::start(app).await;
    let client = service.admin();
    let query = UserQuery { page_size: Some(2), ..UserQuery::default() };
    let by_name = collect(client.users(query.clone())).await;
    assert_eq!(names(&by_name), ["Ada", "anna", "bert", "carl", "dora"]);
    let reversed = UserQuery { sort: Some("-email".to_owned()), ..query.clone() };
    let reversed = collect(client.users(reversed)).await;
    assert_eq!(names(&reversed), ["dora", "carl", "bert", "anna", "Ada"]);
    let page = client.user_page(&query, "").await.unwrap();
    let next = client.user_page(&query, page.next_cursor.as_deref().unwrap()).await.unwrap();
    assert_eq!(next.data, by_name[2..4]);
    let deactivated = UserQuery { status: UserStatus::Deactivated, ..query };
    assert_eq!(collect(client.users(deactivated)).await, []);
}

#[tokio::test]
async fn filters_reach_the_service() {
    let app = TestApp::new().await;
    let group = app.group("Analysts").await;
    app.user_with_session_in("anna", &[group]).await;
    app.user_with_session("b+ert").await;
    let service = Service::start(app).await;
    let client = service.admin();
    let query = UserQuery { group_ids: vec![client::GroupId::new(group)], ..UserQuery::default() };
    assert_eq!(names(&collect(client.users(query)).await), ["anna"]);
    let query = UserQuery { query: Some("b+e & r".to_owned()), ..UserQuery::default() };
    assert_eq!(names(&collect(client.users(query)).await), [""; 0]);
    assert_eq!(
        client.user_by_email("B+ert@example.com").await.unwrap().unwrap().email,
        "b+ert@example.com"
    );
    let query =
        UserQuery { last_login_after: Some("2030-01-01".to_owned()), ..UserQuery::default() };
    assert_eq!(collect(client.users(query)).await, []);
}
