//! Bulk loading of hundreds of thousands of users through the store itself.
//!
//! `Store::create_user` builds the transaction of each user as usual. Its HTTP client takes the
//! items from the transactions, so the engine can import them in batches. It also adds up the
//! counter updates.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_dynamodb::{
    Client,
    config::{
        HttpClient, RuntimeComponents,
        http::{HttpRequest, HttpResponse},
    },
    types::AttributeValue,
};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_types::body::SdkBody;
use dynoxide::{Database, ImportOptions, types::Item};
use serde_json::{Value, json};
use shared::{
    authorization::Caller,
    aws,
    domain::{Email, NewUser, PersonName, SsoSource, Timestamp, User, UserId},
    store::{InitialCredentials, Store, client_config},
};

use crate::BoxError;

const TABLE: &str = "users";
/// Users per import into the engine.
const BATCH: u64 = 20_000;

/// The intercepted writes of the transactions.
#[derive(Debug, Clone, Default)]
struct InterceptingClient(Arc<Mutex<Writes>>);

#[derive(Debug, Default)]
struct Writes {
    items: Vec<Item>,
    /// Counter updates and the number of their repetitions.
    counts: HashMap<String, (Value, i64)>,
    fault: Option<String>,
}

/// Writes the users `from` to `to` and updates the counters.
pub(crate) async fn load(
    database: &Database,
    endpoint: &str,
    caller: &Caller,
    (from, to, now): (u64, u64, Timestamp),
) -> Result<(), BoxError> {
    let (admin, context) = (caller.admin()?, caller.write_context());
    let writes = InterceptingClient::default();
    let aws = aws::local(endpoint);
    let config = client_config(&aws).http_client(writes.clone()).build();
    let store = Store::new(Client::from_conf(config), TABLE);
    let client = Client::from_conf(client_config(&aws).build());
    database.enable_bulk_loading()?;
    for number in from..=to {
        store.create_user(&admin, &user(number, now)?, &InitialCredentials::None, context).await?;
        if number % BATCH == 0 || number == to {
            writes.import_into(database)?;
        }
    }
    database.disable_bulk_loading()?;
    for (update, count) in writes.take_counts() {
        add(&client, &update, count).await?;
    }
    let key = HashMap::from([("pk", "COUNTER#user"), ("sk", "COUNTER")]);
    let key = key.into_iter().map(|(name, value)| (name.to_owned(), text(value))).collect();
    let request = client.update_item().table_name(TABLE).set_key(Some(key));
    let request =
        request.update_expression("SET #last = :last").expression_attribute_names("#last", "last");
    request.expression_attribute_values(":last", AttributeValue::N(to.to_string())).send().await?;
    Ok(())
}

/// A generated user. First names are distributed evenly, so pages exist at every list position.
fn user(number: u64, now: Timestamp) -> Result<User, BoxError> {
    let named = |name: String| PersonName::parse(&name).ok_or("no name");
    let email = Email::parse(&format!("first.last{number}@example.com")).ok_or("no email")?;
    let new = NewUser {
        first_name: Some(named(format!("First{:03}", number % 997))?),
        last_name: Some(named(format!("Last{number}"))?),
        sso_source: SsoSource::parse("saml"),
        ..NewUser::with_email(email)
    };
    Ok(User::new(UserId::try_from(number)?, new, now))
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// Applies all repetitions of a counter update as one update.
async fn add(client: &Client, update: &Value, count: i64) -> Result<(), BoxError> {
    let members = |name: &str| update[name].as_object().into_iter().flatten();
    let mut request = client.update_item().table_name(TABLE);
    request = request.set_update_expression(update["UpdateExpression"].as_str().map(str::to_owned));
    for (name, value) in members("Key") {
        request = request.key(name, text(value["S"].as_str().unwrap_or_default()));
    }
    for (name, value) in members("ExpressionAttributeNames") {
        request = request.expression_attribute_names(name, value.as_str().unwrap_or_default());
    }
    for (name, value) in members("ExpressionAttributeValues") {
        let each: i64 = value["N"].as_str().ok_or("an update without a number")?.parse()?;
        let sum = AttributeValue::N((each * count).to_string());
        request = request.expression_attribute_values(name, sum);
    }
    request.send().await?;
    Ok(())
}

impl InterceptingClient {
    fn import_into(&self, database: &Database) -> Result<(), BoxError> {
        let mut writes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fault) = writes.fault.take() {
            return Err(fault.into());
        }
        let items = std::mem::take(&mut writes.items);
        database.import_items(TABLE, items, ImportOptions::default())?;
        Ok(())
    }

    fn take_counts(&self) -> Vec<(Value, i64)> {
        let mut writes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut writes.counts).into_values().collect()
    }

    fn intercept(&self, body: &[u8]) {
        let mut writes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = writes.transaction(body) {
            writes.fault = Some(error.to_string());
        }
    }
}

impl Writes {
    fn transaction(&mut self, body: &[u8]) -> Result<(), BoxError> {
        let mut request: Value = serde_json::from_slice(body)?;
        let items = request["TransactItems"].as_array_mut().ok_or("not a transaction")?;
        for item in items {
            if let Some(put) = item.get_mut("Put") {
                self.items.push(serde_json::from_value(put["Item"].take())?);
            } else if let Some(update) = item.get_mut("Update") {
                let key = update["Key"].to_string()
                    + update["UpdateExpression"].as_str().unwrap_or_default();
                self.counts.entry(key).or_insert_with(|| (update.take(), 0)).1 += 1;
            } else if item.get("ConditionCheck").is_none() {
                return Err(format!("unknown transaction item: {item}").into());
            }
        }
        Ok(())
    }
}

impl HttpClient for InterceptingClient {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InterceptingClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.intercept(request.body().bytes().unwrap_or_default());
        let status = 200
            .try_into()
            .map(|status| HttpResponse::new(status, SdkBody::from(json!({}).to_string())));
        HttpConnectorFuture::ready(status.map_err(|error| {
            aws_smithy_runtime_api::client::result::ConnectorError::other(Box::new(error), None)
        }))
    }
}
