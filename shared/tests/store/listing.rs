use shared::{
    domain::{
        OffsetPage, PageRequest, SearchTerm, StatusFilter, UserCounts, UserFilter, UserPage,
        UserQuery, UserSort,
    },
    http::UserCountsIf,
};
use testkit::TestApp;

use crate::proofs::{admin, caller};

async fn page(app: &TestApp, selection: &UserQuery, limit: usize, offset: usize) -> UserPage {
    let call = app.call(&app.admin.session, 1);
    let (_, counts) = call.authenticate_active(UserCountsIf(true)).await.unwrap();
    let page = PageRequest::Offset(OffsetPage { limit, offset });
    app.store().list_users(&admin(app).await, selection, &page, counts).await.unwrap()
}

fn ids(listed: &UserPage) -> Vec<u64> {
    listed.users.iter().map(|user| user.id.get()).collect()
}

#[tokio::test]
async fn pages_join_to_the_whole_list() {
    let app = TestApp::new().await;
    for number in 0..12 {
        let id = app.sso_user(&format!("N{:02}", number * 7 % 12), "Doe").await;
        if number % 3 == 0 {
            app.delete(&format!("/api/user/{id}"))
                .session(&app.admin.session)
                .send()
                .await
                .expect_status(200);
        }
    }
    for status in [StatusFilter::Active, StatusFilter::Deactivated, StatusFilter::All] {
        for order in ["name", "-name", "-email", "last_login"] {
            let order = UserSort::parse(order).unwrap();
            let filter = UserFilter { status, ..UserFilter::default() };
            let selection = UserQuery { filter, order };
            let (all, counts) = (&PageRequest::All, UserCounts::default());
            let admin = admin(&app).await;
            let complete = app.store().list_users(&admin, &selection, all, counts).await.unwrap();
            let mut joined = Vec::new();
            for offset in (0..13).step_by(5) {
                let page = page(&app, &selection, 5, offset).await;
                assert_eq!(page.total, complete.total);
                joined.extend(ids(&page));
            }
            assert_eq!(joined, ids(&complete));
        }
    }
}

#[tokio::test]
async fn a_page_reads_no_more_than_it_needs() {
    let app = TestApp::new().await;
    for number in 0..20 {
        app.sso_user(&format!("N{number}"), "Doe").await;
    }
    let one = app.units(2).await;
    let all = app.units(1_000).await;
    assert!(one < all, "{one} < {all}");
    app.meter.take();
    let nothing = page(&app, &UserQuery::default(), 5, 21).await;
    assert_eq!((ids(&nothing).len(), nothing.total), (0, Some(21)));
    let filter = UserFilter { search: SearchTerm::parse("n1"), ..UserFilter::default() };
    let found = UserQuery { filter, ..UserQuery::default() };
    assert_eq!(page(&app, &found, 3, 0).await.total, Some(11));
}

#[tokio::test]
async fn a_list_of_more_than_a_megabyte_takes_more_than_one_request() {
    let app = TestApp::new().await;
    let attributes = serde_json::json!({ "a": "x".repeat(60_000) });
    for number in 0..20 {
        let body = serde_json::json!({
            "email": format!("u{number}@example.com"), "first_name": "U", "last_name": "U",
            "sso_source": "saml", "login_attributes": attributes,
        });
        app.post("/api/user")
            .session(&app.admin.session)
            .json(&body)
            .send()
            .await
            .expect_status(200);
    }
    app.meter.take();
    let users = app.store().recipients(&caller(&app).await, &PageRequest::All).await.unwrap();
    assert_eq!(users.users.len(), 21);
    let queries = app.meter.take().into_iter().filter(|operation| operation == "Query").count();
    assert_eq!(queries, 2);
}

/// The basis for the cost of a search in `docs/data-model.md`.
#[tokio::test]
async fn a_user_takes_about_400_bytes_of_the_index() {
    let app = TestApp::new().await;
    for number in 0..99 {
        app.sso_user(&format!("Firstname{number:02}"), "Lastname").await;
    }
    // An eventually consistent read takes half a unit per 4 KB.
    let bytes_each = app.units(1_000).await * 8_192.0 / 100.0;
    assert!((350.0..=450.0).contains(&bytes_each), "{bytes_each}");
}
