//! `userctl key`: API keys.

use clap::Subcommand;
use client::{ApiKey, ApiKeyChanges, ApiKeyWithSecret, Client, ListedApiKey, NewApiKey};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::{
    Context, Failure, clock,
    list::{self, Columns, ListFormat},
    references::NamedRef,
};

/// The commands for API keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// List all API keys
    List {
        #[command(flatten)]
        format: ListFormat,
    },
    /// Create an API key and print its secret, once
    Create {
        /// Name of the key
        name: String,
        /// The group with the permissions of the key: ID or name
        #[arg(long, value_name = "ID|NAME")]
        group: NamedRef,
        /// Expiry, for example 2026-12-31
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
    },
    /// Rename an API key
    Rename {
        /// ID or name of the key
        key: NamedRef,
        /// New name
        name: String,
    },
    /// Replace the secret of an API key and print the new one, once
    Rotate {
        /// ID or name of the key
        key: NamedRef,
    },
    /// Delete an API key
    Delete {
        /// ID or name of the key
        key: NamedRef,
    },
}

const COLUMNS: Columns<ListedApiKey> = Columns {
    table: &["id", "name", "group", "key", "owner", "valid", "expires", "last used"],
    cells,
    csv: &["id", "name", "group", "masked_key", "owner", "is_active", "expires_at", "last_used_at"],
    csv_cells: cells,
};

fn cells(listed: &ListedApiKey) -> Vec<String> {
    let ListedApiKey { key, owner, is_active, last_used_at, .. } = listed;
    vec![
        key.id.to_string(),
        key.name.clone(),
        key.group.name.clone(),
        key.masked_key.clone(),
        owner.as_ref().map(|owner| owner.common_name.clone()).unwrap_or_default(),
        is_active.to_string(),
        clock::optional(key.expires_at),
        clock::optional(*last_used_at),
    ]
}

/// Runs a command for API keys.
pub(super) async fn run(context: &Context, command: KeyCommand) -> Result<(), Failure> {
    let client = context.client()?;
    match command {
        KeyCommand::List { format } => {
            list::write(context, &format, &COLUMNS, client.api_keys()).await
        }
        KeyCommand::Create { name, group, expires } => {
            let group_id = group.group(&client).await?;
            let key = NewApiKey { name, group_id, expires_at: expires };
            print_secret(context, &client.create_api_key(&key).await?)
        }
        KeyCommand::Rename { key, name } => rename(context, &client, &key, name).await,
        KeyCommand::Rotate { key } => {
            let id = key.api_key(&client).await?;
            print_secret(context, &client.regenerate_api_key(id).await?)
        }
        KeyCommand::Delete { key } => {
            let id = key.api_key(&client).await?;
            client.delete_api_key(id).await?;
            let value = json!({ "id": id, "result": "deleted" });
            context.output.result(&value, &format!("Deleted API key {id}."))
        }
    }
}

async fn rename(
    context: &Context,
    client: &Client,
    key: &NamedRef,
    name: String,
) -> Result<(), Failure> {
    let id = key.api_key(client).await?;
    let changes = ApiKeyChanges { name: Some(name), group_id: None };
    let key: ApiKey = client.update_api_key(id, &changes).await?;
    context.output.result(&key, &format!("API key {id} is named {}.", key.name))
}

/// Prints a secret to standard output, and everything else to standard error.
fn print_secret(context: &Context, created: &ApiKeyWithSecret) -> Result<(), Failure> {
    let ApiKeyWithSecret { key, secret } = created;
    let output = &context.output;
    if output.is_json() {
        let mut value = serde_json::to_value(key)?;
        if let Some(object) = value.as_object_mut() {
            object.insert("secret".to_owned(), secret.expose_secret().into());
        }
        return output.json(&value);
    }
    output.hint(&format!("API key {} ({}). This is its secret, shown once:", key.id, key.name));
    output.line(secret.expose_secret())
}
