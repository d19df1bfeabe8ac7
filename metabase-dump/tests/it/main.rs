//! Reads dumps of every version in every format, and hostile ones.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop"
)]

mod archives;
mod copy;
mod csv;
mod h2;
mod hostile;
mod model;
mod mysql;
mod round_trip;
mod shown;
mod versions;
mod writers;
