//! The user API on one machine: the deployed handlers behind a gateway like API Gateway, on an
//! embedded DynamoDB engine.

pub mod engine;
mod engine_listener;
pub mod gateway;
pub mod hosts;
mod in_process;
pub mod mail_directory;
mod operations;
pub mod owner_only;
pub mod route_table;
pub mod table;
