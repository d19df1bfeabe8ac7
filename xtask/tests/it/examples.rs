//! The examples match their schemas, and the service accepts and returns them.

use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{ADMIN_EMAIL, ExtraKeys, PASSWORD, Request, SETUP_TOKEN, TestApp, description};
use xtask::DOCUMENTS;

use crate::document::{Operation, operations};

/// The examples of a body, by name.
fn examples(content: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let examples = content.get("examples").into_iter().flat_map(|all| all.as_object().unwrap());
    examples.map(|(name, example)| (name, &example["value"]))
}

/// The content object of a request body.
fn content<'d>(operation: &Operation<'d>) -> Option<&'d Value> {
    operation.json.pointer("/requestBody/content/application~1json")
}

#[test]
fn every_example_matches_its_schema() {
    for (dialect, _) in DOCUMENTS {
        let document = description(dialect);
        let mut count = 0;
        for operation in operations(document.json()) {
            let bodies = operation.json["responses"].as_object().unwrap().values();
            let shared = document.json()["components"]["responses"].as_object().unwrap().values();
            let bodies = bodies.chain(shared).chain(operation.json.get("requestBody"));
            let contents = bodies.filter_map(|body| body["content"].as_object());
            for content in contents.flat_map(|content| content.values()) {
                for (name, value) in examples(content) {
                    let wrong =
                        document.validation_errors(&content["schema"], value, ExtraKeys::Allowed);
                    assert!(wrong.is_empty(), "{} {name}: {wrong:#?}", operation.id());
                    count += 1;
                }
            }
        }
        assert!(count > 100, "{count}");
    }
}

/// An instance for all examples: user 2 is Jane with the password of the examples, group 3 exists,
/// and 3 is the ID of an API key.
async fn instance(dialect: Dialect) -> (TestApp, String) {
    let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
    let jane = json!({
        "email": "newuser@example.com",
        "first_name": "Jane",
        "last_name": "Smith",
        "password": "SecurePassword123!",
    });
    app.post("/api/user").session(&app.admin.session).json(&jane).send().await.expect_status(200);
    app.group("Managers").await;
    let key = json!({ "name": "Hourly sync", "group_id": 3 });
    app.post("/api/api-key").session(&app.admin.session).json(&key).send().await.expect_status(200);
    let session = app.log_in("newuser@example.com", "SecurePassword123!").await;
    (app, session)
}

/// The body of an example, with a new email address and with valid tokens.
async fn body(app: &TestApp, operation: &str, example: &Value) -> Value {
    let mut body = example.clone();
    match operation {
        "reset-password" => {
            let url = app.post("/api/user/2/password-reset-url").session(&app.admin.session);
            let response = url.send().await.expect_status(200);
            let link = response["password_reset_url"].as_str().unwrap();
            body["token"] = link.rsplit('/').next().unwrap().into();
        }
        "confirm-email" | "revert-email" => {
            let [confirm, revert] =
                app.email_links(&app.admin.session, 1, "moved@example.com").await;
            body["token"] = if operation == "confirm-email" { confirm } else { revert }.into();
        }
        "create-user" => body["email"] = json!("new@example.com"),
        "setup" => body["token"] = json!(SETUP_TOKEN),
        _ => {}
    }
    body
}

/// The path of an operation, with the ID of an existing object.
fn path(id: &str, path: &str) -> String {
    let object = match id {
        "update-group" | "update-api-key" => "3",
        "update-membership" => "18",
        _ => "2",
    };
    path.replace("{id}", object).replace("{key}", "site-name")
}

async fn send(dialect: Dialect, operation: &Operation<'_>, example: &Value) {
    let id = operation.id();
    let app;
    let session;
    if id == "setup" {
        app = TestApp::without_setup_with(Settings { dialect, ..Settings::default() }).await;
        session = String::new();
    } else {
        (app, session) = instance(dialect).await;
    }
    let session = if id == "update-password" { &session } else { &app.admin.session };
    let request = app.request(&operation.method, &path(id, operation.path)).session(session);
    let request: Request = request.json(&body(&app, id, example).await);
    request.send().await.expect_status(match id {
        "update-membership" => 402,
        "confirm-email" | "forgot-password" | "revert-email" | "update-setting" => 204,
        _ => 200,
    });
}

#[tokio::test]
async fn every_request_example_is_accepted() {
    for (dialect, _) in DOCUMENTS {
        for operation in operations(description(dialect).json()) {
            for (_, example) in content(&operation).into_iter().flat_map(examples) {
                send(dialect, &operation, example).await;
            }
        }
    }
}

#[tokio::test]
async fn a_missing_required_field_is_rejected() {
    for (dialect, _) in DOCUMENTS {
        let (app, _) = instance(dialect).await;
        for operation in operations(description(dialect).json()) {
            let Some(content) = content(&operation) else { continue };
            for (_, example) in examples(content) {
                for field in required(dialect, &content["schema"]) {
                    let mut body = example.clone();
                    body.as_object_mut().unwrap().remove(&field);
                    let path = path(operation.id(), operation.path);
                    let request = app.request(&operation.method, &path);
                    let request = request.session(&app.admin.session).json(&body);
                    let error = request.send().await.expect_status(400);
                    assert!(error["errors"].get(&field).is_some(), "{path} {field}: {error}");
                }
            }
        }
    }
}

/// The required fields of a body.
fn required(dialect: Dialect, schema: &Value) -> Vec<String> {
    let pointer = schema["$ref"].as_str().unwrap().trim_start_matches('#');
    let schema = description(dialect).json().pointer(pointer).unwrap();
    serde_json::from_value(schema["required"].clone()).unwrap_or_default()
}

#[tokio::test]
async fn responses_have_the_fields_of_the_examples() {
    for (dialect, _) in DOCUMENTS {
        let (app, _) = instance(dialect).await;
        assert_eq!(ADMIN_EMAIL, "ada@example.com");
        app.log_in(ADMIN_EMAIL, PASSWORD).await;
        let got =
            app.get("/api/user/2").session(&app.admin.session).send().await.expect_status(200);
        let path = "/paths/~1api~1user~1{id}/get/responses/200/content/application~1json";
        let content = description(dialect).json().pointer(path).unwrap();
        let (_, example) = examples(content).next().unwrap();
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&got), keys(example));
    }
}
