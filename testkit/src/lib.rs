//! Development only: the service as tests use it.
//!
//! A [`TestApp`] is the local gateway and every handler over an embedded engine of its own, behind
//! the real SDK, with a clock that stands still. Requests are counted, faults can be put between the
//! SDK and the engine, and the table can be read and changed behind the service's back.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on must stop, and says where"
)]

mod app;
mod clock;
mod conformance;
mod event;
mod faults;
mod gate;
mod lambda;
mod mail;
mod meter;
mod people;
mod request;
mod role;
mod ses;
mod sound;
mod table;
mod template;
mod watch;
mod wire;
mod world;

pub use app::TestApp;
pub use clock::{TestClock, moment};
pub use conformance::{Document, Keys, description};
pub use faults::{Fault, Faults};
pub use gate::Moment;
pub use mail::Letters;
pub use meter::{Bytes, Meter};
pub use people::{ADMIN_EMAIL, PASSWORD, Person, SETUP_TOKEN};
pub use request::{Answer, Request};
pub use role::{Access, GRANTS, Grant, Roles};
pub use ses::{Manner, Ses};
pub use sound::assert_sound;
pub use table::{Item, Items, Snapshot, items, texts};
pub use template::{Template, template};
pub use world::world;
