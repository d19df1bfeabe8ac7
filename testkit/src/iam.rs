//! Enforcement of the IAM policies in `template.yaml`.
//!
//! An interceptor checks each SDK request against the policy of the running function and fails the
//! test if the policy does not allow it. The interceptor also records the used permissions, so a
//! test can find unused ones.

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

/// The ARN of the parameter `ExistingTable`.
const EXISTING_TABLE: &str =
    "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${ExistingTable}";

tokio::task_local! {
    /// Name of the function that handles the current request.
    static FUNCTION: String;
}

/// A request for authorization: an action on one partition key of a table or index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IamRequest {
    /// The action, as in a policy.
    pub action: String,
    /// The table or index, as in `template.yaml`.
    pub resource: String,
    /// The partition key.
    pub key: String,
}

/// One permission of a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    action: String,
    resource: String,
    /// A partition key, or a prefix followed by an asterisk.
    pattern: String,
}

impl Permission {
    /// Whether this permission covers the request.
    #[must_use]
    pub fn allows(&self, access: &IamRequest) -> bool {
        let key = match self.pattern.strip_suffix('*') {
            Some(prefix) => access.key.starts_with(prefix),
            None => access.key == self.pattern,
        };
        key && self.action == access.action && self.resource == access.resource
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.action, self.resource, self.pattern)
    }
}

/// The permissions of each function.
pub static POLICIES: LazyLock<BTreeMap<String, BTreeSet<Permission>>> = LazyLock::new(|| {
    template()
        .functions()
        .map(|(name, function)| (name, permissions(&function["Policies"])))
        .collect()
});

fn permissions(policies: &Value) -> BTreeSet<Permission> {
    let statements = list(policies).flat_map(|policy| list(&policy["Statement"]));
    statements
        .map(unconditional)
        .filter(|statement| is_of_table(statement))
        .flat_map(statement_permissions)
        .collect()
}

/// A statement, unwrapped from `!If`.
fn unconditional(statement: &Value) -> &Value {
    match statement.as_array().map(Vec::as_slice) {
        None => statement,
        Some([_, statement, nothing]) if nothing == "AWS::NoValue" => statement,
        Some(other) => panic!("neither a statement nor a condition: {other:?}"),
    }
}

/// Whether a statement is about the table. SES requests do not pass this interceptor.
fn is_of_table(statement: &Value) -> bool {
    list(&statement["Action"]).all(|action| string(action) != "ses:SendEmail")
}

fn statement_permissions(statement: &Value) -> Vec<Permission> {
    assert_eq!(statement["Effect"], "Allow");
    let condition = statement["Condition"].as_object().expect("a condition");
    assert_eq!(condition.len(), 1, "one condition: {condition:?}");
    let keys = &condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
    let mut permissions = Vec::new();
    for action in list(&statement["Action"]).map(string) {
        permissions.extend(list(keys).map(string).map(|pattern| Permission {
            action: action.clone(),
            resource: resource(&statement["Resource"]),
            pattern,
        }));
    }
    permissions
}

/// The table or index of a statement, as in a stack with its own table.
///
/// The statement must have the same resource of the existing table of another stack.
fn resource(value: &Value) -> String {
    let [condition, own, existing] = value.as_array().expect("a condition").as_slice() else {
        panic!("not a condition: {value}");
    };
    let own = string(own);
    let path = own.trim_start_matches("${Table.Arn}").trim_start_matches("Table.Arn");
    assert_eq!([condition, existing], ["OwnsTable", &format!("{EXISTING_TABLE}{path}")]);
    own
}

/// The values of a list. IAM accepts a single value for a list of one.
fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter()
}

fn string(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Enforces the policies and records the used permissions by function.
#[derive(Debug, Clone, Default)]
pub struct IamEnforcer(Arc<Mutex<BTreeMap<String, BTreeSet<IamRequest>>>>);

impl IamEnforcer {
    /// Runs a future with the policy of a function.
    pub async fn as_function<F: Future>(function: &str, work: F) -> F::Output {
        FUNCTION.scope(function.to_owned(), work).await
    }

    /// Removes and returns the permissions that each function has used since the last call.
    #[expect(clippy::must_use_candidate, reason = "callers also use this as a reset")]
    pub fn take(&self) -> BTreeMap<String, BTreeSet<IamRequest>> {
        std::mem::take(&mut *self.0.lock().expect("no test panicked with the lock"))
    }
}

impl Intercept for IamEnforcer {
    fn name(&self) -> &'static str {
        "IamEnforcer"
    }

    fn read_before_attempt(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Direct calls of a test to the store have no function.
        let Ok(function) = FUNCTION.try_with(Clone::clone) else { return Ok(()) };
        let request = context.request();
        let operation = operation(request.headers().get("x-amz-target"));
        let body = serde_json::from_slice(request.body().bytes().unwrap_or_default())?;
        let accesses = accesses(&operation, &body);
        let permissions = &POLICIES[&function];
        for access in &accesses {
            let allowed = permissions.iter().any(|permission| permission.allows(access));
            assert!(allowed, "template.yaml does not allow {function} {access:?}");
        }
        let mut used = self.0.lock().expect("no test panicked with the lock");
        used.entry(function).or_default().extend(accesses);
        Ok(())
    }
}

/// The authorization requests of one SDK request, one for each key or transaction item.
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
            .flat_map(|item| item.as_object().expect("a transaction item"))
            .map(|(kind, item)| {
                let key = if kind == "Put" { &item["Item"]["pk"] } else { &item["Key"]["pk"] };
                on_table(&format!("{kind}Item"), key)
            })
            .collect(),
        "UpdateItem" => vec![on_table(operation, &body["Key"]["pk"])],
        other => panic!("no function may use {other}"),
    }
}
