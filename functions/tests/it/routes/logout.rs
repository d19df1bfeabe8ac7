use testkit::{ADMIN_EMAIL, PASSWORD, TestApp};

use crate::support::{forbidden, not_found};

#[tokio::test]
async fn ends_the_session_it_comes_with_and_no_other() {
    let app = TestApp::new().await;
    let other = app.log_in(ADMIN_EMAIL, PASSWORD).await;

    let response = app.delete("/api/session").session(&app.admin.session).send().await;

    assert_eq!(
        response.cookie(),
        Some(
            "metabase.SESSION=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0; \
             Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        )
    );
    assert_eq!(response.header("content-type"), None);
    response.expect_status(204);
    assert!(!app.is_session_valid(&app.admin.session).await);
    assert!(app.is_session_valid(&other).await);
    let again = app.delete("/api/session").session(&app.admin.session).send().await;
    assert_eq!(again.status_and_body(), not_found());
}

#[tokio::test]
async fn finds_no_invalid_session() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    assert_eq!(app.delete("/api/session").send().await.status_and_body(), not_found());
    assert_eq!(
        app.delete("/api/session").session("garbage").send().await.status_and_body(),
        not_found()
    );

    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(
        app.delete("/api/session").session(&jane.session).send().await.status_and_body(),
        not_found()
    );

    app.clock.advance(14 * 24 * 60 * 60);
    let expired = app.delete("/api/session").session(&app.admin.session).send().await;
    assert_eq!(expired.status_and_body(), not_found());
}

#[tokio::test]
async fn works_with_the_cookie_but_not_from_another_site() {
    let app = TestApp::new().await;
    let logout = || app.delete("/api/session").cookie(&app.admin.session);

    let cross_site = logout().header("sec-fetch-site", "cross-site").send().await;
    assert_eq!(cross_site.status_and_body(), forbidden());
    assert!(app.is_session_valid(&app.admin.session).await);

    let response = logout().header("sec-fetch-site", "same-origin").send().await;
    assert_eq!(response.header("clear-site-data"), Some("\"cache\", \"storage\""));
    response.expect_status(204);
    assert!(!app.is_session_valid(&app.admin.session).await);
}

#[tokio::test]
async fn only_a_browser_deletes_the_data_of_the_site() {
    let app = TestApp::new().await;
    for (header, is_expected) in
        [("sec-fetch-mode", true), ("sec-fetch-dest", true), ("accept", false)]
    {
        let session = app.log_in(ADMIN_EMAIL, PASSWORD).await;
        let logout = app.delete("/api/session").session(&session).header(header, "cors");
        let response = logout.send().await;
        assert_eq!(response.header("clear-site-data").is_some(), is_expected, "{header}");
        response.expect_status(204);
    }
    let failed = app.delete("/api/session").header("sec-fetch-mode", "cors").send().await;
    assert_eq!(failed.header("clear-site-data"), None);
}
