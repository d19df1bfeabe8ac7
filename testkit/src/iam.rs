//! The role of each function, as `template.yaml` grants it: what it lacks, no test gets past.
//!
//! An interceptor does what IAM does in the cloud. A request of the SDK that is made while a
//! function answers is held to the function's policy, and what was used is noted, so that a test can
//! find what a policy grants for nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    future::Future,
    sync::{Arc, LazyLock, Mutex},
};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextRef,
    },
    error::BoxError,
};
use serde_json::Value;
use shared::store::INDEX;

use crate::{meter::operation, template::template};

tokio::task_local! {
    /// The function that is answering.
    static FUNCTION: String;
}

/// One thing that IAM is asked: an action on items whose partition key has a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IamRequest {
    /// The action, as policies name it.
    pub action: String,
    /// The table or its index, as `template.yaml` names it.
    pub resource: String,
    /// The partition key.
    pub key: String,
}

/// One thing that a policy allows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    action: String,
    resource: String,
    /// A partition key, or the beginning of one with an asterisk.
    pattern: String,
}

impl Grant {
    /// Whether the policy allows this because of this grant.
    #[must_use]
    pub fn allows(&self, access: &IamRequest) -> bool {
        let key = match self.pattern.strip_suffix('*') {
            Some(beginning) => access.key.starts_with(beginning),
            None => access.key == self.pattern,
        };
        key && self.action == access.action && self.resource == access.resource
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.action, self.resource, self.pattern)
    }
}

/// What each function's policy grants.
pub static POLICIES: LazyLock<BTreeMap<String, BTreeSet<Grant>>> = LazyLock::new(|| {
    template().functions().map(|(name, function)| (name, grants(&function["Policies"]))).collect()
});

fn grants(policies: &Value) -> BTreeSet<Grant> {
    let statements = list(policies).flat_map(|policy| list(&policy["Statement"]));
    statements
        .map(granted)
        .filter(|statement| is_of_table(statement))
        .flat_map(of_statement)
        .collect()
}

/// A statement, also where `!If` puts it under a condition of the template.
fn granted(statement: &Value) -> &Value {
    match statement.as_array().map(Vec::as_slice) {
        None => statement,
        Some([_, statement, nothing]) if nothing == "AWS::NoValue" => statement,
        Some(other) => panic!("neither a statement nor a condition: {other:?}"),
    }
}

/// Letters go past the SDK's client of the table, so they are not held to a policy here.
fn is_of_table(statement: &Value) -> bool {
    list(&statement["Action"]).all(|action| text(action) != "ses:SendEmail")
}

fn of_statement(statement: &Value) -> Vec<Grant> {
    assert_eq!(statement["Effect"], "Allow");
    let condition = statement["Condition"].as_object().expect("a condition");
    assert_eq!(condition.len(), 1, "one condition: {condition:?}");
    let keys = &condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
    let mut grants = Vec::new();
    for action in list(&statement["Action"]).map(text) {
        for resource in list(&statement["Resource"]).map(text) {
            grants.extend(list(keys).map(text).map(|pattern| Grant {
                action: action.clone(),
                resource: resource.clone(),
                pattern,
            }));
        }
    }
    grants
}

/// IAM takes one value for a list of one.
fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// What the functions have used of their rights.
#[derive(Debug, Clone, Default)]
pub struct IamEnforcer(Arc<Mutex<BTreeMap<String, BTreeSet<IamRequest>>>>);

impl IamEnforcer {
    /// Runs something as a function.
    pub async fn as_function<F: Future>(function: &str, work: F) -> F::Output {
        FUNCTION.scope(function.to_owned(), work).await
    }

    /// What each function has used so far.
    #[must_use]
    pub fn used(&self) -> BTreeMap<String, BTreeSet<IamRequest>> {
        self.0.lock().expect("no test panicked with the lock").clone()
    }
}

impl Intercept for IamEnforcer {
    fn name(&self) -> &'static str {
        "Roles"
    }

    fn read_before_attempt(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // What a test does to the store itself is nobody's request.
        let Ok(function) = FUNCTION.try_with(Clone::clone) else { return Ok(()) };
        let request = context.request();
        let operation = operation(request.headers().get("x-amz-target"));
        let body = serde_json::from_slice(request.body().bytes().unwrap_or_default())?;
        let accesses = accesses(&operation, &body);
        let grants = &POLICIES[&function];
        for access in &accesses {
            let allowed = grants.iter().any(|grant| grant.allows(access));
            assert!(allowed, "template.yaml does not let {function} do {access:?}");
        }
        let mut used = self.0.lock().expect("no test panicked with the lock");
        used.entry(function).or_default().extend(accesses);
        Ok(())
    }
}

/// What IAM is asked for one request of the SDK. A transaction is asked for leg by leg.
fn accesses(operation: &str, body: &Value) -> Vec<IamRequest> {
    let access = |action: &str, resource: &str, key: &Value| IamRequest {
        action: format!("dynamodb:{action}"),
        resource: resource.to_owned(),
        key: key["S"].as_str().expect("a key is a text").to_owned(),
    };
    let on_table = |action: &str, key: &Value| access(action, "Table.Arn", key);
    match operation {
        "BatchGetItem" => {
            let tables = body["RequestItems"].as_object().expect("tables").values();
            let keys = tables.flat_map(|table| list(&table["Keys"]));
            keys.map(|key| on_table(operation, &key["pk"])).collect()
        }
        "Query" => {
            let partition = &body["ExpressionAttributeValues"][":partition"];
            match body.get("IndexName") {
                None => vec![on_table(operation, partition)],
                Some(index) => {
                    assert_eq!(index, INDEX);
                    let index = format!("${{Table.Arn}}/index/{INDEX}");
                    vec![access(operation, &index, partition)]
                }
            }
        }
        "TransactWriteItems" => list(&body["TransactItems"])
            .flat_map(|leg| leg.as_object().expect("a leg"))
            .map(|(kind, leg)| {
                let key = if kind == "Put" { &leg["Item"]["pk"] } else { &leg["Key"]["pk"] };
                on_table(&format!("{kind}Item"), key)
            })
            .collect(),
        "UpdateItem" => vec![on_table(operation, &body["Key"]["pk"])],
        other => panic!("no function may {other}"),
    }
}
