//! Email addresses with a domain or a local part outside ASCII.

use serde_json::{Value, json};
use shared::{
    config::Settings,
    domain::{Email, UserId},
    http::Dialect,
    store::Key,
};
use testkit::{PASSWORD, TestApp, TestResponse};

use crate::support::{RESET_PAGE, email_taken, invalid};

/// One address in several spellings.
const SPELLINGS: [&str; 5] = [
    "jane@bücher.example",
    "JANE@BÜCHER.EXAMPLE",
    "jane@xn--bcher-kva.example",
    "Jane@XN--BCHER-KVA.Example",
    "jane@bücher。example",
];

async fn create(app: &TestApp, email: &str) -> TestResponse {
    let body = json!({
        "email": email, "first_name": "Jane", "last_name": "Doe", "password": PASSWORD,
    });
    app.post("/api/user").session(&app.admin.session).json(&body).send().await
}

async fn log_in(app: &TestApp, email: &str) -> u16 {
    let body = json!({ "username": email, "password": PASSWORD });
    app.post("/api/session").json(&body).send().await.status
}

async fn invite(app: &TestApp, id: &Value) -> TestResponse {
    let path = format!("/api/user/{id}/send_invite");
    app.post(&path).session(&app.admin.session).send().await
}

#[tokio::test]
async fn both_forms_of_a_domain_are_one() {
    let app = TestApp::new().await;
    let joan = create(&app, "joan@example.com").await.expect_status(200)["id"].clone();
    for (number, stored) in SPELLINGS.into_iter().enumerate() {
        let created = create(&app, stored).await.expect_status(200);
        assert_eq!(created["email"], "jane@bücher.example");
        let update = app.put(&format!("/api/user/{joan}")).session(&app.admin.session);
        for other in SPELLINGS {
            assert_eq!(create(&app, other).await.status_and_body(), email_taken(), "{other}");
            assert_eq!(log_in(&app, other).await, 200, "{other}");
        }
        let update = update.json(&json!({ "email": SPELLINGS[4 - number] })).send().await;
        assert_eq!(update.status_and_body(), email_taken());
        let path = format!("/api/user/{}/anonymize", created["id"]);
        app.post(&path).session(&app.admin.session).send().await.expect_status(200);
    }
    app.assert_invariants().await;
}

#[tokio::test]
async fn a_domain_that_violates_idna_is_400() {
    let app = TestApp::new().await;
    for email in [
        "jane@xn--a.example",
        "jane@xn--bücher.example",
        "jane@xn--.example",
        "jane@bü_cher.example",
        "jane@bücher-.example",
        "jane@bücher\u{200d}.example",
    ] {
        let response = create(&app, email).await.status_and_body();
        assert_eq!(response, invalid("email", "value must be a valid email address."), "{email}");
    }
}

/// Stores the credentials and the profile of Jane as earlier versions did, with Punycode.
async fn store_as_earlier_version(app: &TestApp, id: u64) {
    let user = UserId::try_from(id).unwrap();
    let email = Email::parse(SPELLINGS[0]).unwrap();
    let current = Key::credentials(&email);
    let item = app.item(&current).await.unwrap();
    let earlier = Key::earlier_credentials(&email).unwrap();
    for name in ["email", "password_hash"] {
        app.set_text(&earlier, name, item[name].as_str().unwrap()).await;
    }
    for name in ["user_id", "generation"] {
        app.set_number(&earlier, name, item[name].as_i64().unwrap()).await;
    }
    app.set_bool(&earlier, "enabled", true).await;
    app.set_text(&earlier, "email", SPELLINGS[2]).await;
    app.set_text(&Key::user(user), "email", SPELLINGS[2]).await;
    app.remove(&current).await;
}

#[tokio::test]
async fn an_address_of_an_earlier_version_is_found_and_can_be_changed() {
    let app = TestApp::new().await;
    let id = create(&app, SPELLINGS[0]).await.expect_status(200)["id"].as_u64().unwrap();
    store_as_earlier_version(&app, id).await;
    for email in SPELLINGS {
        assert_eq!(log_in(&app, email).await, 200, "{email}");
        assert_eq!(create(&app, email).await.status_and_body(), email_taken(), "{email}");
    }
    let list = app.get("/api/user?query=jane@xn--bcher-kva.example");
    let list = list.session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(list[0]["id"], id);
    let path = format!("/api/user/{id}");
    let update = app.put(&path).session(&app.admin.session);
    let updated = update.json(&json!({ "email": SPELLINGS[0] })).send().await.expect_status(200);
    assert_eq!(updated["email"], SPELLINGS[0]);
    assert_eq!(log_in(&app, SPELLINGS[3]).await, 200);
    app.assert_invariants().await;
}

#[tokio::test]
async fn an_email_goes_out_to_punycode() {
    let app = TestApp::with_mail(Settings::default()).await;
    let id = &create(&app, SPELLINGS[0]).await.expect_status(200)["id"];
    invite(&app, id).await.expect_status(200);
    let forgot = app.post("/api/session/forgot_password").json(&json!({ "email": SPELLINGS[1] }));
    forgot.send().await.expect_status(204);
    let emails = app.emails.drain();
    assert_eq!(emails.len(), 2);
    for email in emails {
        assert!(email.starts_with("To: jane@xn--bcher-kva.example\n"), "{email}");
        assert!(email.contains(RESET_PAGE));
    }
}

#[tokio::test]
async fn an_address_to_which_no_email_can_be_sent_is_rejected_at_the_door() {
    let message = "Emails can only be sent to an address with an ASCII local part, before the `@`.";
    let app = TestApp::with_mail(Settings::default()).await;
    let id = &create(&app, "jürgen@bücher.example").await.expect_status(200)["id"];
    let rejected = invite(&app, id).await.status_and_body();
    assert_eq!(rejected, (400, json!({ "error": message })));
    let mut statuses = Vec::new();
    for email in ["jürgen@bücher.example", "nobody@bücher.example"] {
        let forgot = app.post("/api/session/forgot_password").json(&json!({ "email": email }));
        statuses.push(forgot.send().await.status_and_body());
    }
    assert_eq!(statuses[0], statuses[1]);
    assert_eq!(statuses[0].0, 204);

    let settings = Settings { dialect: Dialect::Metabase, ..Settings::default() };
    let app = TestApp::with_mail(settings).await;
    let body = json!({ "email": "用户@example.com" });
    let invited = app.post("/api/user").session(&app.admin.session).json(&body).send().await;
    let expected = (400, json!({ "errors": { "email": message } }));
    assert_eq!(invited.status_and_body(), expected);
    create(&app, "用户@example.com").await.expect_status(200);
}
