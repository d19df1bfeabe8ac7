//! The program against the real service on a free port.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]

mod apply;
mod export;
mod export_metabase;
mod failures;
mod groups;
mod hostile_backups;
mod hostile_files;
mod import;
mod interruption;
mod login;
mod moving;
mod program;
mod random_people;
mod users;
