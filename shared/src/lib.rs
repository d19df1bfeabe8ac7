//! What the functions of the user service share.
//!
//! | module | holds |
//! | --- | --- |
//! | [`domain`] | the rules of accounts, groups and sessions, without I/O |
//! | [`auth`] | tokens, cookies, passwords, and the check of a session |
//! | [`permissions`] | proof that a caller may do something |
//! | [`http`] | the request as a handler sees it, bodies and queries, answers and errors |
//! | [`store`] | the table: keys, items, reads and transactions; the only user of DynamoDB's SDK |
//! | [`mail`] | letters, and where they go |
//! | [`lambda`] | start-up and the request loop of every binary |
//! | [`telemetry`] | the line that is logged of every request |
//! | [`app`], [`config`], [`clock`], [`random`], [`pace`] | what a process has one of |

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
pub mod random;
pub mod store;
pub mod telemetry;
pub mod timing;
