//! The service on a laptop: the handlers that are deployed, behind a gateway that speaks as API
//! Gateway does, on an embedded DynamoDB engine.

pub mod engine;
pub mod gateway;
mod in_process;
pub mod mail_directory;
pub mod route_table;
pub mod table;
