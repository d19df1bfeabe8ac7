//! The database that the options select: the embedded engine, an emulator, or an AWS account.

use aws_sdk_dynamodb::{
    Client,
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::BeforeSerializationInterceptorContextRef,
    },
    error::BoxError,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use local::{engine::Engine, table};
use shared::{aws, config, store::client_config};

use crate::{
    options::Options,
    start_error::{StartError, cause},
};

/// The operations that change nothing.
const READS: [&str; 3] = ["BatchGetItem", "DescribeTable", "Query"];

/// An open database, with its table.
pub(crate) struct Database {
    /// The client of the table.
    pub(crate) client: Client,
    /// The embedded engine, unless another DynamoDB is selected.
    pub(crate) engine: Option<Engine>,
    /// The AWS account of the table.
    pub(crate) account: Option<Account>,
}

/// The AWS account of a table.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// The number of the account.
    pub(crate) id: String,
    /// The region of the table.
    pub(crate) region: String,
    /// Whether requests may change the table.
    pub(crate) is_writable: bool,
}

impl Database {
    /// Opens the database and creates the table, except in an AWS account.
    pub(crate) async fn open(options: &Options) -> Result<Self, StartError> {
        if options.aws {
            return Self::in_account(options).await;
        }
        let (engine, client) = if let Some(endpoint) = options.endpoint() {
            (None, Client::from_conf(client_config(&aws::local(endpoint)).build()))
        } else {
            let engine = start_engine(options)?;
            let client = engine.client();
            (Some(engine), client)
        };
        let created = table::ensure(&client, &options.table).await;
        created.map_err(|error| StartError::table(options, &error))?;
        Ok(Self { client, engine, account: None })
    }

    /// Opens the table of the AWS account that environment and profile select.
    async fn in_account(options: &Options) -> Result<Self, StartError> {
        let aws = aws::loader(config::root_certificates()).load().await;
        let region = aws.region().ok_or_else(|| {
            StartError::new(
                "no AWS region: set AWS_REGION, or a region in the profile",
                "`aws configure list-profiles` lists the profiles.",
            )
        })?;
        let identity = aws_sdk_sts::Client::new(&aws).get_caller_identity().send().await;
        let identity = identity.map_err(|error| {
            let problem = format!("cannot sign in to AWS: {}", cause(&error));
            StartError::new(problem, "Check AWS_PROFILE, or run `aws sso login`.")
        })?;
        let account = Account {
            id: identity.account.unwrap_or_default(),
            region: region.to_string(),
            is_writable: options.write,
        };
        let config = client_config(&aws);
        let config = if options.write { config } else { config.interceptor(ReadOnly) };
        let client = Client::from_conf(config.build());
        let described = client.describe_table().table_name(&options.table).send().await;
        described.map_err(|error| StartError::table(options, &error))?;
        Ok(Self { client, engine: None, account: Some(account) })
    }
}

impl Database {
    /// Whether requests may not change the table.
    pub(crate) fn is_read_only(&self) -> bool {
        self.account.as_ref().is_some_and(|account| !account.is_writable)
    }
}

fn start_engine(options: &Options) -> Result<Engine, StartError> {
    let engine =
        if options.in_memory { Engine::in_memory() } else { Engine::in_directory(&options.data) };
    engine.map_err(|error| StartError::data(&options.data, &error))
}

/// Rejects every request that could change the table, before it is sent.
#[derive(Debug)]
struct ReadOnly;

impl Intercept for ReadOnly {
    fn name(&self) -> &'static str {
        "ReadOnly"
    }

    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = bag.load::<Metadata>().map_or("", Metadata::name);
        if READS.contains(&operation) {
            return Ok(());
        }
        Err(format!("{operation} needs --write").into())
    }
}
