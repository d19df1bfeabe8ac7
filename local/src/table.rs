//! Creation of the table in `docs/data-model.md`.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client, Error,
    error::BuildError,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType, TableStatus, TimeToLiveSpecification,
    },
};
use shared::store::INDEX;

/// The maximum number of polls of a new table.
const POLLS: u32 = 200;
/// The pause between two polls.
const PAUSE: Duration = Duration::from_millis(100);

/// Creates the table if it does not exist.
///
/// # Errors
///
/// Returns an error if DynamoDB rejects a request or is unavailable.
pub async fn ensure(client: &Client, name: &str) -> Result<(), Error> {
    let described = client.describe_table().table_name(name).send().await;
    match described.map_err(Error::from) {
        Ok(_) => Ok(()),
        Err(Error::ResourceNotFoundException(_)) => create(client, name).await,
        Err(error) => Err(error),
    }
}

async fn create(client: &Client, name: &str) -> Result<(), Error> {
    let attributes = ["pk", "sk", "list_pk", "list_sk"].map(attribute);
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes.into_iter().collect::<Result<_, _>>()?))
        .set_key_schema(Some(keys("pk", "sk")?))
        .global_secondary_indexes(index()?)
        .send()
        .await?;
    wait_until_active(client, name).await?;
    enable_ttl(client, name).await
}

/// Waits until the table is active. In the embedded engine it is active at once.
async fn wait_until_active(client: &Client, name: &str) -> Result<(), Error> {
    for _ in 0..POLLS {
        let table = client.describe_table().table_name(name).send().await?.table;
        if table.and_then(|table| table.table_status) == Some(TableStatus::Active) {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Lets DynamoDB remove expired items, such as sessions and rate limits.
async fn enable_ttl(client: &Client, name: &str) -> Result<(), Error> {
    let expiry = TimeToLiveSpecification::builder().attribute_name("expires_at").enabled(true);
    let request = client.update_time_to_live().table_name(name);
    request.time_to_live_specification(expiry.build()?).send().await?;
    Ok(())
}

fn index() -> Result<GlobalSecondaryIndex, BuildError> {
    GlobalSecondaryIndex::builder()
        .index_name(INDEX)
        .set_key_schema(Some(keys("list_pk", "list_sk")?))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
}

fn attribute(name: &str) -> Result<AttributeDefinition, BuildError> {
    let text = ScalarAttributeType::S;
    AttributeDefinition::builder().attribute_name(name).attribute_type(text).build()
}

fn keys(hash: &str, range: &str) -> Result<Vec<KeySchemaElement>, BuildError> {
    let key = |name, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    Ok(vec![key(hash, KeyType::Hash)?, key(range, KeyType::Range)?])
}
