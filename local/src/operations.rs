//! Operations of DynamoDB on the embedded engine, with JSON as request and response.

use dynoxide::{Database, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};

/// The prefix of operation names in the header `x-amz-target`.
pub(crate) const TARGET: &str = "DynamoDB_20120810.";

/// Runs an operation of the service, or one that creates its table.
pub(crate) fn run(
    reader: &Database,
    writer: &Database,
    operation: &str,
    body: &[u8],
) -> Result<Vec<u8>, DynoxideError> {
    match operation {
        "BatchGetItem" => run_json(body, |request| reader.batch_get_item(request)),
        "Query" => run_json(body, |request| reader.query(request)),
        "TransactWriteItems" => run_json(body, |request| writer.transact_write_items(request)),
        "UpdateItem" => run_json(body, |request| writer.update_item(request)),
        "CreateTable" => run_json(body, |request| writer.create_table(request)),
        "DescribeTable" => run_json(body, |request| writer.describe_table(request)),
        "UpdateTimeToLive" => run_json(body, |request| writer.update_time_to_live(request)),
        _ => {
            let message = format!("unsupported operation: {operation:?}");
            Err(DynoxideError::ValidationException(message))
        }
    }
}

/// Runs an operation of the service or of a tool, such as the AWS CLI.
pub(crate) fn run_for_tools(
    database: &Database,
    operation: &str,
    body: &[u8],
) -> Result<Vec<u8>, DynoxideError> {
    match operation {
        "GetItem" => run_json(body, |request| database.get_item(request)),
        "Scan" => run_json(body, |request| database.scan(request)),
        "TransactGetItems" => run_json(body, |request| database.transact_get_items(request)),
        "PutItem" => run_json(body, |request| database.put_item(request)),
        "DeleteItem" => run_json(body, |request| database.delete_item(request)),
        "BatchWriteItem" => run_json(body, |request| database.batch_write_item(request)),
        "ExecuteStatement" => run_json(body, |request| database.execute_statement(request)),
        "ListTables" => run_json(body, |request| database.list_tables(request)),
        "UpdateTable" => run_json(body, |request| database.update_table(request)),
        "DeleteTable" => run_json(body, |request| database.delete_table(request)),
        "DescribeTimeToLive" => run_json(body, |request| database.describe_time_to_live(request)),
        _ => run(database, database, operation, body),
    }
}

fn run_json<Request: DeserializeOwned, Response: Serialize>(
    body: &[u8],
    run: impl FnOnce(Request) -> Result<Response, DynoxideError>,
) -> Result<Vec<u8>, DynoxideError> {
    let invalid_json =
        |error: serde_json::Error| DynoxideError::ValidationException(error.to_string());
    let request = serde_json::from_slice(body).map_err(invalid_json)?;
    serde_json::to_vec(&run(request)?).map_err(invalid_json)
}
