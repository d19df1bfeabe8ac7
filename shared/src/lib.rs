//! Shared library of the Lambda functions and of the local server.
//!
//! | Module | Contents |
//! | --- | --- |
//! | [`domain`] | rules for users, groups and sessions, without I/O |
//! | [`auth`] | tokens, cookies, passwords, and the check of a session |
//! | [`authorization`] | proofs that a caller may do something |
//! | [`http`] | requests, bodies, queries, responses and errors |
//! | [`store`] | the table: keys, items, reads and transactions |
//! | [`mail`] | emails and their delivery |
//! | [`lambda`] | start-up and request loop of every function, and its events |
//! | `operator` | actions of programs with direct access to the table |
//! | [`telemetry`] | log line and metrics of every request |
//! | [`app`] | state of the process, and the response to one request |
//! | [`config`], [`aws`] | settings, and the configuration of AWS clients |
//! | [`clock`], [`random`], [`timing`] | time, random bytes and time limits |
//!
//! Only `store` sends requests to DynamoDB.

pub mod app;
pub mod auth;
pub mod authorization;
pub mod aws;
pub mod clock;
pub mod config;
pub mod domain;
pub mod http;
pub mod lambda;
pub mod mail;
#[cfg(feature = "operator")]
pub mod operator;
pub mod random;
pub mod store;
pub mod telemetry;
pub mod timing;
