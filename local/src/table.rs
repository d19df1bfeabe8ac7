//! The table as `template.yaml` will create it in the cloud.

use aws_sdk_dynamodb::{
    Client, Error,
    error::BuildError,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType,
    },
};
use shared::store::INDEX;

/// Makes the table if it is not there.
///
/// # Errors
///
/// When DynamoDB refuses or is away.
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
