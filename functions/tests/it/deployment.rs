//! The template, the router of `cargo lambda watch` and `events/` agree with the routes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use aws_sdk_dynamodb::types::{AttributeDefinition, KeySchemaElement, TableDescription};
use functions::routes::{ROUTES, Route};
use serde_json::{Value, json};
use shared::{mail::MailError, timing::REQUEST_TIMEOUT};
use testkit::{TestApp, rest_api_template, template};

mod events;
mod front_doors;
mod lambda;
mod policies;
mod request_counts;
mod scale;
mod sharding;
mod versions;
mod wiring;

/// Methods and paths by function.
type Wiring = BTreeMap<String, BTreeSet<String>>;

/// Maximum integration timeout of API Gateway, in seconds.
const GATEWAY_TIMEOUT: u64 = 30;

/// Functions that send emails.
pub(crate) const MAILING: [&str; 9] = [
    "create-api-key",
    "create-user",
    "forgot-password",
    "login",
    "reset-password",
    "send-invite",
    "test-email",
    "update-password",
    "update-user",
];

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a string"))
}

/// The methods and paths of each function, with and without a trailing slash.
fn routes() -> Wiring {
    let mut wiring = Wiring::new();
    for route @ Route { function, .. } in ROUTES {
        for method in route.methods() {
            let wired = route.paths().into_iter().map(|path| format!("{method} {path}"));
            wiring.entry((*function).to_owned()).or_default().extend(wired);
        }
    }
    wiring
}

/// The operations of the HTTP API: method, path, and the function in the template.
fn http_api() -> BTreeSet<(String, String, String)> {
    let api = &template().section("Resources")["Api"]["Properties"]["DefinitionBody"];
    let mut operations = BTreeSet::new();
    for (path, methods) in api["paths"].as_object().unwrap() {
        // `!If [condition, methods, AWS::NoValue]`
        let condition = methods.get(0);
        for (method, operation) in methods.get(1).unwrap_or(methods).as_object().unwrap() {
            let integration = &operation["x-amazon-apigateway-integration"];
            let fixed =
                ["type", "httpMethod", "payloadFormatVersion"].map(|name| &integration[name]);
            assert_eq!(fixed, ["aws_proxy", "POST", "2.0"]);
            let uri = text(&integration["uri"]).strip_suffix("Aliaslive}/invocations").unwrap();
            let (_, function) = uri.split_once(":lambda:path/2015-03-31/functions/${").unwrap();
            let resource = &template().section("Resources")[function];
            assert_eq!(condition, resource.get("Condition"), "{path} has another condition");
            operations.insert((method.to_ascii_uppercase(), path.clone(), function.to_owned()));
        }
    }
    operations
}

#[test]
fn the_template_has_every_function_at_its_route_with_and_without_slash() {
    let resources = template().section("Resources");
    let mut deployed = Wiring::new();
    for (method, path, function) in http_api() {
        let code = text(&resources[&function]["Properties"]["CodeUri"]);
        let name = code.strip_prefix("target/lambda/").unwrap().trim_end_matches('/');
        deployed.entry(name.to_owned()).or_default().insert(format!("{method} {path}"));
    }
    assert_eq!(deployed, routes());
    assert!(template().functions().all(|(_, function)| function.get("Events").is_none()));
}

#[test]
fn the_http_api_may_call_the_alias_of_each_function_once() {
    let resources = template().section("Resources").as_object().unwrap();
    let mut allowed = BTreeSet::new();
    for permission in resources.values() {
        if permission["Type"] != "AWS::Lambda::Permission" {
            continue;
        }
        let properties = &permission["Properties"];
        assert_eq!(properties["Principal"], "apigateway.amazonaws.com");
        assert!(text(&properties["SourceArn"]).ends_with(":${Api}/*"));
        let function = text(&properties["FunctionName"]).strip_suffix("Aliaslive").unwrap();
        assert_eq!(permission.get("Condition"), resources[function].get("Condition"));
        assert!(allowed.insert(function.to_owned()), "{function} has two permissions");
    }
    let called: BTreeSet<_> = http_api().into_iter().map(|(_, _, function)| function).collect();
    assert_eq!(allowed, called);
}

/// SAM takes a conditional `AllowOrigins` for the whole configuration, so the document has it.
#[test]
fn the_http_api_allows_the_origins_of_the_parameter_only() {
    let api = &template().section("Resources")["Api"]["Properties"];
    assert!(api.get("CorsConfiguration").is_none());
    let [condition, cors, otherwise] =
        api["DefinitionBody"]["x-amazon-apigateway-cors"].as_array().map(Vec::as_slice).unwrap()
    else {
        panic!("not a condition")
    };
    assert_eq!([condition, otherwise], ["HasCors", "AWS::NoValue"]);
    assert_eq!(cors["allowOrigins"], "CorsAllowOrigins");
    assert!(cors.get("allowCredentials").is_none(), "cookies are for the own origin");
}

#[test]
fn the_template_names_and_packages_functions_alike() {
    for (name, function) in template().functions() {
        assert_eq!(function["CodeUri"], format!("target/lambda/{name}/"));
        assert_eq!(function["FunctionName"], format!("${{AWS::StackName}}-{name}"));
    }
}

#[test]
fn a_function_gives_up_before_lambda_does_and_lambda_before_the_gateway() {
    let timeout = template().section("Globals")["Function"]["Timeout"].as_u64().unwrap();
    assert!(REQUEST_TIMEOUT.as_secs() < timeout && timeout < GATEWAY_TIMEOUT);
    assert!(template().functions().all(|(_, function)| function.get("Timeout").is_none()));
}

#[test]
fn without_setup_its_function_only_reads_and_counts() {
    for (name, function) in template().functions() {
        let statements = function["Policies"][0]["Statement"].as_array().unwrap();
        let (conditional, kept): (Vec<_>, Vec<_>) =
            statements.iter().partition(|statement| statement[0] == "AllowsSetup");
        assert_eq!(conditional.len(), usize::from(name == "setup"), "{name}");
        if name == "setup" {
            let actions = kept.iter().map(|statement| statement["Action"].as_str().unwrap());
            let writes: Vec<_> =
                actions.filter(|action| *action != "dynamodb:BatchGetItem").collect();
            assert_eq!(writes, ["dynamodb:ConditionCheckItem", "dynamodb:UpdateItem"]);
        }
    }
}

#[test]
fn hashing_functions_have_memory_and_public_ones_have_limits() {
    let with_session = ["create-user", "update-user"];
    let public = ["login", "reset-password", "revert-email", "setup", "update-password"];
    let hashing = [&with_session[..], &public].concat();
    let limits = &template().section("Resources")["Api"]["Properties"]["RouteSettings"];
    let mut limited = BTreeSet::new();
    for (name, function) in template().functions() {
        let memory = function["MemorySize"].as_u64().unwrap_or(256);
        assert_eq!(memory > 1_024, hashing.contains(&name.as_str()), "{name}");
        let has_reserved_concurrency = function.get("ReservedConcurrentExecutions").is_some();
        let is_public = public.contains(&name.as_str());
        assert_eq!(has_reserved_concurrency, is_public || name == "forgot-password", "{name}");
        if has_reserved_concurrency {
            limited.extend(routes().remove(&name).unwrap());
        }
    }
    let settings = limits.as_object().unwrap().keys().cloned().collect();
    assert_eq!(limited, settings);
}

/// A limit of the gateway is one bucket for all clients. Requests that the service itself rejects
/// are cheap, so the bucket must hold many more of them than one client sends.
#[test]
fn one_client_cannot_easily_use_up_the_rate_limit_of_all() {
    let default = |name: &str| template().section("Parameters")[name]["Default"].as_u64().unwrap();
    assert!(default("HashRateLimit") >= 1_000 && default("RateLimit") >= 1_000);
    let nested = &rest_api_template().section("Parameters")["HashRateLimit"]["Default"];
    assert_eq!(nested.as_u64(), Some(default("HashRateLimit")));
    // 25 hashes a second and function: every permitted login finds a free one.
    assert!(default("ReservedConcurrency") * 25 >= default("HashRateLimit"));
}

#[test]
fn an_alarm_watches_the_rejected_requests_of_both_apis() {
    let alarm = &template().section("Resources")["ClientErrorsAlarm"]["Properties"];
    assert_eq!(alarm["Namespace"], "AWS/ApiGateway");
    assert_eq!(alarm["MetricName"], json!(["IsRest", "4XXError", "4xx"]));
    let dimension = |name: &str, value: &str| json!({ "Name": name, "Value": value });
    let apis = ["IsRest", "ApiName", "ApiId"];
    let expected =
        json!([[apis[0], dimension(apis[1], "AWS::StackName"), dimension(apis[2], "Api")]]);
    assert_eq!(alarm["Dimensions"], expected);
    let servers = &template().section("Resources")["ServerErrorsAlarm"]["Properties"];
    for list in ["AlarmActions", "OKActions"] {
        assert_eq!(alarm[list], servers[list]);
    }
}

#[test]
fn the_setup_token_comes_from_a_secret_and_reaches_only_two_functions() {
    let with_token: Vec<_> = template()
        .functions()
        .filter_map(|(name, function)| {
            Some((name, function["Environment"]["Variables"].get("SETUP_TOKEN")?))
        })
        .collect();
    let secret = json!("{{resolve:secretsmanager:${SetupTokenSecret}}}");
    let published = json!(["IsMetabase", secret, "AWS::NoValue"]);
    let expected = [("session-properties".to_owned(), &published), ("setup".to_owned(), &secret)];
    assert_eq!(with_token, expected);
    assert!(template().section("Parameters")["SetupTokenSecret"].get("Default").is_none());
}

#[test]
fn only_mailing_functions_may_send_and_only_from_the_sender_address() {
    let statement = json!({
        "Effect": "Allow",
        "Action": "ses:SendEmail",
        "Resource": "MailIdentityArn",
        "Condition": { "StringEquals": { "ses:FromAddress": "MailFrom" } },
    });
    let mut mailing = BTreeSet::new();
    let mut with_sender = BTreeSet::new();
    for (name, function) in template().functions() {
        let statements = function["Policies"][0]["Statement"].as_array().unwrap();
        let ses_statements: Vec<_> =
            statements.iter().filter(|one| one.to_string().contains("ses:")).collect();
        if !ses_statements.is_empty() {
            assert_eq!(ses_statements, [&json!(["HasMail", statement, "AWS::NoValue"])], "{name}");
            mailing.insert(name.clone());
        }
        if function["Environment"]["Variables"].get("MAIL_FROM").is_some() {
            with_sender.insert(name);
        }
    }
    // It tells clients whether there are emails, and sends none.
    assert!(with_sender.remove("session-properties"));
    assert_eq!(with_sender, mailing);
    assert_eq!(mailing, MAILING.map(str::to_owned).into());
}

#[test]
fn cargo_lambda_watch_serves_every_route_with_and_without_slash() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(workspace())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut served = Wiring::new();
    for (path, routes) in metadata["metadata"]["lambda"]["watch"]["router"].as_object().unwrap() {
        // The router has another notation for a greedy parameter.
        let path = path.replace("{*proxy}", "{proxy+}");
        for route in routes.as_array().unwrap() {
            let [method, function] = ["method", "function"].map(|name| text(&route[name]));
            served.entry(function.to_owned()).or_default().insert(format!("{method} {path}"));
        }
    }
    assert_eq!(served, routes());
}

/// The example event of a function behind the HTTP API, from `events/`.
pub(crate) fn event(function: &str) -> String {
    fs::read_to_string(workspace().join(format!("events/{function}.json"))).unwrap()
}

fn attributes(table: &TableDescription) -> Value {
    let attribute = |attribute: &AttributeDefinition| {
        let kind = attribute.attribute_type().as_str();
        json!({ "AttributeName": attribute.attribute_name(), "AttributeType": kind })
    };
    table.attribute_definitions().iter().map(attribute).collect()
}

fn keys(schema: &[KeySchemaElement]) -> Value {
    let key = |key: &KeySchemaElement| {
        let kind = key.key_type().as_str();
        json!({ "AttributeName": key.attribute_name(), "KeyType": kind })
    };
    schema.iter().map(key).collect()
}

#[tokio::test]
async fn the_table_is_that_of_the_tests() {
    let deployed = &template().section("Resources")["Table"]["Properties"];
    let (table, expiry) = TestApp::without_setup().await.table().await;
    assert_eq!(deployed["AttributeDefinitions"], attributes(&table));
    assert_eq!(deployed["KeySchema"], keys(table.key_schema()));
    let [index] = table.global_secondary_indexes() else { panic!("not one index") };
    let projection = index.projection().unwrap().projection_type().unwrap();
    let expected = json!([{
        "IndexName": index.index_name(),
        "KeySchema": keys(index.key_schema()),
        "Projection": { "ProjectionType": projection.as_str() },
    }]);
    assert_eq!(deployed["GlobalSecondaryIndexes"], expected);
    assert_eq!(
        deployed["TimeToLiveSpecification"],
        json!({ "AttributeName": expiry, "Enabled": true })
    );
}

/// The name of the table in use.
fn table_name() -> Value {
    json!(["OwnsTable", "Table", "ExistingTable"])
}

#[test]
fn a_table_of_the_stack_survives_it_and_an_existing_one_takes_its_place() {
    let table = &template().section("Resources")["Table"];
    for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
        assert_eq!(table[policy], "Retain");
    }
    assert_eq!(table["Condition"], "OwnsTable");
    let variables = &template().section("Globals")["Function"]["Environment"]["Variables"];
    assert_eq!(variables["TABLE_NAME"], table_name());
    assert_eq!(template().section("Outputs")["TableName"]["Value"], table_name());
}

#[test]
fn alarms_watch_reads_and_writes_of_the_table_in_use_and_of_its_index() {
    let resources = template().section("Resources").as_object().unwrap().values();
    let properties = resources.map(|resource| &resource["Properties"]);
    let watched: Vec<_> = properties
        .filter_map(|alarm| {
            let dimensions = alarm["Dimensions"].as_array()?;
            let table = dimensions.iter().find(|one| one["Name"] == "TableName")?;
            assert_eq!(table["Value"], table_name());
            Some((text(&alarm["MetricName"]), dimensions.len()))
        })
        .collect();
    let (reads, writes) = ("ReadThrottleEvents", "WriteThrottleEvents");
    assert_eq!(watched, [(reads, 2), (writes, 2), (reads, 1), (writes, 1)]);
}

#[test]
fn the_metric_of_failed_emails_counts_the_log_lines_of_the_code() {
    let pattern = &template().section("Resources")["FailedEmails"]["Properties"]["FilterPattern"];
    let rejected = MailError::Ses("code".to_owned()).to_string();
    let rejected = rejected.split(':').next().unwrap();
    let logged = "failed to send email";
    assert_eq!(pattern, &json!(format!("?\"{logged}\" ?\"{rejected}\"")));
    let code = fs::read_to_string(workspace().join("shared/src/mail.rs")).unwrap();
    assert!(code.contains(&format!("tracing::error!(%error, \"{logged}\")")));
}
