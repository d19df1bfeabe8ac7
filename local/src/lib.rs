//! The service on a laptop: the handlers that are deployed, behind a gateway that speaks as API
//! Gateway does, on an embedded DynamoDB engine.

mod direct;
pub mod engine;
pub mod gateway;
pub mod paths;
pub mod table;
