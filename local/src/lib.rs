//! The user API on one machine: the deployed handlers behind a gateway like API Gateway, on an
//! embedded DynamoDB engine.

pub mod engine;
pub mod gateway;
mod in_process;
pub mod mail_directory;
pub mod route_table;
pub mod table;
