use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{PASSWORD, TestApp, TestResponse};

use crate::support::{email_taken, forbidden, invalid, merge, user};

fn jane() -> Value {
    json!({
        "email": "jane@example.com", "first_name": "Jane", "last_name": "Doe", "password": PASSWORD,
    })
}

async fn create(app: &TestApp, body: Value) -> TestResponse {
    app.post("/api/user").session(&app.admin.session).json(&body).send().await
}

async fn create_with(app: &TestApp, differs: Value) -> TestResponse {
    create(app, merge(jane(), differs)).await
}

#[tokio::test]
async fn creates_an_account_that_can_log_in() {
    let app = TestApp::new().await;

    let response = create(&app, jane()).await;

    let view = user(2, "jane@example.com", ["Jane", "Doe"], json!({}));
    assert_eq!(response.status_and_body(), (200, view));
    app.log_in("JANE@example.com", PASSWORD).await;
}

#[tokio::test]
async fn normalizes_values() {
    let app = TestApp::new().await;
    let submitted = json!({
        "email": "  JANE@Example.com ",
        "first_name": " Jane ",
        "locale": "es-mx",
        "login_attributes": { "level": 42, "on": true, "ratio": 2.5 },
        "is_superuser": true,
        "unknown": [{}],
    });
    let expected = json!({
        "locale": "es_MX",
        "login_attributes": { "level": "42", "on": "true", "ratio": "2.5" },
    });

    let response = create_with(&app, submitted).await;

    assert_eq!(
        response.status_and_body(),
        (200, user(2, "jane@example.com", ["Jane", "Doe"], expected))
    );
}

#[tokio::test]
async fn a_member_of_administrators_is_an_administrator() {
    let app = TestApp::new().await;
    for (number, groups) in [
        json!({ "group_ids": [2] }),
        json!({ "user_group_memberships": [{ "id": 2 }, { "id": 1 }] }),
        json!({
            "group_ids": [1, 2],
            "user_group_memberships": [{ "id": 2, "is_group_manager": false }],
        }),
    ]
    .into_iter()
    .enumerate()
    {
        let email = json!({ "email": format!("a{number}@example.com") });
        let body = create_with(&app, merge(groups, email)).await.expect_status(200);
        assert_eq!(body["is_superuser"], true);
        assert_eq!(body["user_group_memberships"], json!([{ "id": 1 }, { "id": 2 }]));
    }
}

#[tokio::test]
async fn an_email_address_is_unique_in_any_case_and_after_deactivation() {
    let app = TestApp::new().await;
    create(&app, jane()).await.expect_status(200);
    let profile_count =
        async || app.items().await.into_keys().filter(|(_, sk)| sk == "PROFILE").count();

    for email in ["jane@example.com", "JANE@EXAMPLE.COM", " Jane@example.com"] {
        assert_eq!(
            create_with(&app, json!({ "email": email })).await.status_and_body(),
            email_taken()
        );
    }
    app.delete("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
    assert_eq!(create(&app, jane()).await.status_and_body(), email_taken());
    assert_eq!(profile_count().await, 2);
}

#[tokio::test]
async fn addresses_are_the_same_after_folding_and_composition() {
    let app = TestApp::new().await;
    for (first, again) in [
        ("straße@example.com", "STRASSE@example.com"),
        ("ren\u{e9}@example.com", "RENE\u{301}@example.com"),
        ("σίσυφος@example.com", "ΣΊΣΥΦΟΣ@example.com"),
    ] {
        create_with(&app, json!({ "email": first })).await.expect_status(200);
        assert_eq!(
            create_with(&app, json!({ "email": again })).await.status_and_body(),
            email_taken()
        );
    }
}

#[tokio::test]
async fn reports_all_invalid_fields_at_once() {
    let app = TestApp::new().await;
    let name = "value must be a non-blank string.";
    assert_eq!(
        create(&app, json!({})).await.status_and_body(),
        (
            400,
            json!({
                "error": "Invalid value for email, first_name, last_name, password.",
                "errors": {
                    "email": "value must be a valid email address.",
                    "first_name": name,
                    "last_name": name,
                    "password": "password is too common.",
                },
            })
        )
    );
}

#[tokio::test]
async fn rejects_each_invalid_value() {
    let app = TestApp::new().await;
    let before = app.items().await;
    let (email, name) =
        ("value must be a valid email address.", "value must be a non-blank string.");
    let locale = "nullable String must be a valid two-letter ISO language or \
                  language-country code e.g. 'en' or 'en_US'.";
    let id = "value must be an integer greater than zero.";
    let long_name = "x".repeat(255);
    let long_email = format!("{}@{}.com", "a".repeat(60), vec!["b".repeat(60); 4].join("."));
    let cases = [
        ("email", json!("jane"), email),
        ("email", json!(null), email),
        ("email", json!(7), email),
        ("email", json!(long_email), email),
        ("first_name", json!(" "), name),
        ("first_name", json!(null), name),
        ("last_name", json!(["x"]), name),
        ("last_name", json!(long_name), name),
        ("last_name", json!("a\0b"), name),
        ("last_name", json!("a\nb"), name),
        ("password", json!("123456"), "password is too common."),
        ("password", json!("nodigits"), "password is too common."),
        ("password", json!("a1b2c\0d3"), "password is too common."),
        ("password", json!(123_456), "password is too common."),
        ("password", json!("x1".repeat(513)), "password must not be longer than 1024 bytes."),
        ("locale", json!("xx"), locale),
        ("login_attributes", json!("x"), "nullable value must be a map."),
        ("login_attributes", json!({ "@x": 1 }), "login attribute keys must not start with `@`"),
        ("group_ids", json!(["2"]), id),
        ("group_ids", json!(2), id),
        ("user_group_memberships", json!([2]), id),
        ("user_group_memberships", json!([{ "id": 0 }]), id),
    ];
    for (field, value, message) in cases {
        let response = create_with(&app, json!({ field: value })).await;
        assert_eq!(response.status_and_body(), invalid(field, message), "{field}: {value}");
    }
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn a_whole_number_is_one_however_it_is_written() {
    let app = TestApp::new().await;
    let id = "value must be an integer greater than zero.";
    for groups in [json!([2.5]), json!([-2.0]), json!([1e300]), json!([0.0])] {
        let response = create_with(&app, json!({ "group_ids": groups })).await;
        assert_eq!(response.status_and_body(), invalid("group_ids", id), "{groups}");
    }
    let body = create_with(&app, json!({ "group_ids": [2.0] })).await.expect_status(200);
    assert_eq!(body["user_group_memberships"], json!([{ "id": 1 }, { "id": 2 }]));
}

#[tokio::test]
async fn groups_must_exist_and_agree() {
    let app = TestApp::new().await;
    let before = app.items().await.len();
    let expected_errors = |message: &str| {
        let errors = json!({ "group_ids": message, "user_group_memberships": message });
        let error = "Invalid value for group_ids, user_group_memberships.";
        (400, json!({ "error": error, "errors": errors }))
    };

    let unknown = create_with(&app, json!({ "group_ids": [1, 77] })).await;
    assert_eq!(unknown.status_and_body(), expected_errors("There is no group 77."));

    let differ = json!({ "group_ids": [2], "user_group_memberships": [{ "id": 1 }] });
    let message = "group_ids and user_group_memberships must list the same groups.";
    assert_eq!(create_with(&app, differ).await.status_and_body(), expected_errors(message));
    assert_eq!(app.items().await.len(), before);
}

#[tokio::test]
async fn an_sso_user_needs_no_password() {
    let app = TestApp::new().await;
    let body = json!({
        "email": "jane@example.com",
        "first_name": "Jane",
        "last_name": "Doe",
        "sso_source": "google",
    });
    let expected = json!({ "sso_source": "google" });
    let view = user(2, "jane@example.com", ["Jane", "Doe"], expected);
    assert_eq!(create(&app, body).await.status_and_body(), (200, view));

    let weak = json!({ "email": "joe@example.com", "sso_source": "google", "password": "x" });
    assert_eq!(
        create_with(&app, weak).await.status_and_body(),
        invalid("password", "password is too common.")
    );

    let login = json!({ "username": "jane@example.com", "password": PASSWORD });
    app.post("/api/session").json(&login).send().await.expect_status(401);
}

#[tokio::test]
async fn checks_session_then_body_then_permission() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;

    let malformed = |session: &str| app.post("/api/user").session(session).json(&json!([])).send();
    malformed("garbage").await.expect_status(401);
    malformed(&jane.session).await.expect_status(400);
    let well_formed = app.post("/api/user").session(&jane.session);
    let body = merge(self::jane(), json!({ "email": "new@example.com" }));
    assert_eq!(well_formed.json(&body).send().await.status_and_body(), forbidden());
}

#[tokio::test]
async fn ids_increase_and_a_failed_creation_leaves_a_gap() {
    let app = TestApp::new().await;
    create(&app, jane()).await.expect_status(200);
    create(&app, jane()).await.expect_status(409);
    let next = create_with(&app, json!({ "email": "joe@example.com" })).await.expect_status(200);
    let lost = next["id"].as_u64().unwrap() - 1;
    app.get(&format!("/api/user/{lost}"))
        .session(&app.admin.session)
        .send()
        .await
        .expect_status(404);
}

#[tokio::test]
async fn a_name_has_no_invisible_characters() {
    let app = TestApp::new().await;
    let create = |first: &str, last: &str, number: u32| {
        let body = json!({
            "email": format!("u{number}@example.com"), "first_name": first, "last_name": last,
            "password": PASSWORD,
        });
        app.post("/api/user").session(&app.admin.session).json(&body).send()
    };
    let message = "value must be a non-blank string.";
    for name in [
        "\u{3164}",
        "\u{2800}",
        "\u{200b}",
        "\u{301}",
        "Ja\u{200b}ne",
        "Jane\u{2028}Doe",
        "\u{202e}enaJ",
        "Ja\u{ad}ne",
        "Jane\u{feff}",
        "Ja\u{200d}ne",
        "Jane\u{fe0f}",
        "Jane\u{e0041}",
    ] {
        let errors = |field: &str| json!({ field: message });
        let first = create(name, "Doe", 1).await.expect_status(400);
        assert_eq!(first["errors"], errors("first_name"), "{name:?}");
        let last = create("Jane", name, 1).await.expect_status(400);
        assert_eq!(last["errors"], errors("last_name"), "{name:?}");
        let update = app.put("/api/user/1").session(&app.admin.session);
        let update = update.json(&json!({ "first_name": name })).send().await;
        assert_eq!(update.status, 400, "{name:?}");
    }
    for (number, name) in
        ["می\u{200c}خواهم", "ක්\u{200d}රිස්", "O’Neil", "名\u{3000}前"].iter().enumerate()
    {
        let user = create(name, "Doe", u32::try_from(number).unwrap() + 2).await;
        assert_eq!(user.expect_status(200)["first_name"], *name);
    }
}

#[tokio::test]
async fn numbers_in_attributes_keep_their_digits() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
        let attributes = r#"{"price": 1.10, "huge": 1e400, "id": 12345678901234567890,
            "list": [1.10, {"deep": [-0.0]}], "text": "1.1", "null": null}"#;
        let expected = json!({
            "price": "1.10", "huge": "1e400", "id": "12345678901234567890",
            "list": "[1.10,{\"deep\":[-0.0]}]", "text": "1.1", "null": "",
        });
        let body = format!(
            r#"{{"email": "a@example.com", "first_name": "A", "last_name": "B",
                "sso_source": "saml", "login_attributes": {attributes}}}"#
        );
        let create = app.post("/api/user").session(&app.admin.session).bytes(body);
        assert_eq!(create.send().await.expect_status(200)["login_attributes"], expected);
        let body = format!(r#"{{"login_attributes": {attributes}}}"#);
        let update = app.put("/api/user/1").session(&app.admin.session).bytes(body);
        assert_eq!(update.send().await.expect_status(200)["login_attributes"], expected);
    }
}

#[tokio::test]
async fn errors_of_attributes_nest_by_name_in_metabase() {
    let app = TestApp::with(Settings { dialect: Dialect::Metabase, ..Settings::default() }).await;
    let message = "nullable map from <login attribute keys must be a keyword or string, and login \
        attribute keys must not start with `@`> to <anything>";
    let attributes = json!({ "@foo": 1, "good": "x", "@bar": "y", "": "z" });
    let body = json!({ "email": "a@example.com", "login_attributes": attributes });
    for request in [app.post("/api/user"), app.put("/api/user/1")] {
        let response = request.session(&app.admin.session).json(&body).send().await;
        let expected = json!({ "@foo": message, "@bar": message, "": message });
        assert_eq!(response.expect_status(400)["errors"], json!({ "login_attributes": expected }));
    }
}
