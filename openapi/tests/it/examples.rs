//! The examples are what the description says, and the service takes and gives them.

use openapi::FILES;
use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{ADMIN_EMAIL, ExtraKeys, PASSWORD, Request, SETUP_TOKEN, TestApp, description};

use crate::document::{Operation, operations};

/// The examples of a body, by name.
fn examples(content: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let examples = content.get("examples").into_iter().flat_map(|all| all.as_object().unwrap());
    examples.map(|(name, example)| (name, &example["value"]))
}

/// What an operation says of its body, if it takes one.
fn content<'d>(operation: &Operation<'d>) -> Option<&'d Value> {
    operation.json.pointer("/requestBody/content/application~1json")
}

#[test]
fn every_example_is_as_its_schema_says() {
    for (dialect, _) in FILES {
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

/// An instance in which every example succeeds: account 2 is Jane's, with the password of the examples,
/// group 3 is there, and account 3 is that of an API key.
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

/// The body of an example where it must differ: an address is taken once, a setup token is secret.
async fn sent(app: &TestApp, operation: &str, example: &Value) -> Value {
    let mut body = example.clone();
    match operation {
        "reset-password" => {
            let url = app.post("/api/user/2/password-reset-url").session(&app.admin.session);
            let told = url.send().await.expect_status(200);
            let link = told["password_reset_url"].as_str().unwrap();
            body["token"] = link.rsplit('/').next().unwrap().into();
        }
        "create-user" => body["email"] = json!("somebody.new@example.com"),
        "setup" => body["token"] = json!(SETUP_TOKEN),
        _ => {}
    }
    body
}

/// The path of an operation, to what there is.
fn path(id: &str, path: &str) -> String {
    let number = match id {
        "update-group" | "update-api-key" => "3",
        "update-membership" => "18",
        _ => "2",
    };
    path.replace("{id}", number)
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
    let who = if id == "update-password" { &session } else { &app.admin.session };
    let request = app.request(&operation.method, &path(id, operation.path)).session(who);
    let request: Request = request.json(&sent(&app, id, example).await);
    request.send().await.expect_status(match id {
        "update-membership" => 402,
        "forgot-password" => 204,
        _ => 200,
    });
}

#[tokio::test]
async fn every_example_of_a_body_is_taken() {
    for (dialect, _) in FILES {
        for operation in operations(description(dialect).json()) {
            for (_, example) in content(&operation).into_iter().flat_map(examples) {
                send(dialect, &operation, example).await;
            }
        }
    }
}

#[tokio::test]
async fn a_field_that_is_required_is_asked_for() {
    for (dialect, _) in FILES {
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
                    let told = request.send().await.expect_status(400);
                    assert!(told["errors"].get(&field).is_some(), "{path} {field}: {told}");
                }
            }
        }
    }
}

/// The fields without which a body is refused.
fn required(dialect: Dialect, schema: &Value) -> Vec<String> {
    let pointer = schema["$ref"].as_str().unwrap().trim_start_matches('#');
    let schema = description(dialect).json().pointer(pointer).unwrap();
    serde_json::from_value(schema["required"].clone()).unwrap_or_default()
}

#[tokio::test]
async fn answers_are_those_of_the_examples() {
    for (dialect, _) in FILES {
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
